#include "gzip.h"

#include <zlib.h>

#include <algorithm>
#include <array>
#include <stdexcept>

namespace triggerd::sandbox {
namespace {

constexpr int kGzipWindow = 15 + 16;  // zlib's way to ask for the gzip header

class Deflater {
 public:
  Deflater() {
    if (deflateInit2(&stream_, Z_BEST_SPEED, Z_DEFLATED, kGzipWindow, 8, Z_DEFAULT_STRATEGY) !=
        Z_OK) {
      throw std::runtime_error("zlib refuses to start");
    }
  }
  ~Deflater() { deflateEnd(&stream_); }
  Deflater(const Deflater&) = delete;
  Deflater& operator=(const Deflater&) = delete;

  void feed(std::string_view plain, bool last) {
    // zlib declares its input as writable but only reads it.
    stream_.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(plain.data()));
    stream_.avail_in = static_cast<uInt>(plain.size());
    do {
      stream_.next_out = room_.data();
      stream_.avail_out = static_cast<uInt>(room_.size());
      deflate(&stream_, last ? Z_FINISH : Z_NO_FLUSH);
      packed_.append(reinterpret_cast<const char*>(room_.data()), room_.size() - stream_.avail_out);
    } while (stream_.avail_out == 0);
  }

  std::string take() { return std::move(packed_); }

 private:
  z_stream stream_{};
  std::array<Bytef, 16384> room_{};
  std::string packed_;
};

}  // namespace

std::string gzip(std::string_view plain) {
  Deflater deflater;
  deflater.feed(plain, true);
  return deflater.take();
}

std::string gzip_bomb(std::size_t size) {
  const std::string blanks(65536, ' ');
  Deflater deflater;
  deflater.feed("\"", false);
  for (std::size_t sent = 0; sent < size; sent += blanks.size()) {
    deflater.feed(std::string_view(blanks).substr(0, std::min(blanks.size(), size - sent)), false);
  }
  deflater.feed("\"", true);
  return deflater.take();
}

}  // namespace triggerd::sandbox
