#include "os/gzip_reader.h"

#include <zlib.h>

#include <array>
#include <new>

namespace triggerd {

struct GzipReader::Stream : z_stream {};

GzipReader::GzipReader() : stream_(std::make_unique<Stream>()) {
  constexpr int kGzipWindow = 15 + 16;  // zlib's way to ask for the gzip header
  if (inflateInit2(stream_.get(), kGzipWindow) != Z_OK) throw std::bad_alloc();
}

GzipReader::~GzipReader() { inflateEnd(stream_.get()); }

GzipReader::Step GzipReader::read(std::string_view bytes,
                                  const std::function<bool(std::string_view)>& take) {
  std::array<char, 32 * 1024> text;
  // zlib declares its input as writable but only reads it.
  stream_->next_in = reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data()));
  stream_->avail_in = static_cast<uInt>(bytes.size());
  bool full = false;  // there may be more text without further bytes
  while (stream_->avail_in > 0 || full) {
    if (ended_) return Step::broken;
    stream_->next_out = reinterpret_cast<Bytef*>(text.data());
    stream_->avail_out = static_cast<uInt>(text.size());
    const int code = inflate(stream_.get(), Z_NO_FLUSH);
    if (code != Z_OK && code != Z_STREAM_END && code != Z_BUF_ERROR) return Step::broken;
    const std::size_t size = text.size() - stream_->avail_out;
    if (size > 0 && !take({text.data(), size})) return Step::refused;
    ended_ = code == Z_STREAM_END;
    full = !ended_ && stream_->avail_out == 0;
  }
  return Step::going_on;
}

}  // namespace triggerd
