// One gzip text, decoded piece by piece as it arrives. The one home of zlib. Used by curl_exchange,
// since libcurl takes a text that was cut for a whole one. It has no limits of its own: who takes
// the text says when it is enough. Loop thread only.
#pragma once

#include <functional>
#include <memory>
#include <string_view>

namespace triggerd {

class GzipReader {
 public:
  GzipReader();
  ~GzipReader();
  GzipReader(const GzipReader&) = delete;
  GzipReader& operator=(const GzipReader&) = delete;

  enum class Step { going_on, refused, broken };
  // Decodes more bytes and gives the text on, until `take` refuses it. Broken: no gzip, a wrong
  // checksum, or bytes behind the end.
  Step read(std::string_view bytes, const std::function<bool(std::string_view text)>& take);
  // The text has come whole, its checksum included.
  bool ended() const { return ended_; }

 private:
  struct Stream;
  std::unique_ptr<Stream> stream_;
  bool ended_ = false;
};

}  // namespace triggerd
