// Compression of answers, and the small body that decompresses to a huge one. Uses zlib.
#pragma once

#include <string>
#include <string_view>

namespace triggerd::sandbox {

std::string gzip(std::string_view plain);
// The gzip form of `size` blanks between the quotes of a JSON text.
std::string gzip_bomb(std::size_t size);

}  // namespace triggerd::sandbox
