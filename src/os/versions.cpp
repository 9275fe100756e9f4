#include "os/versions.h"

#include <curl/curl.h>

namespace triggerd {

namespace {

// Below it, limits on protocols and on the size of headers are not what os/curl_exchange relies on.
constexpr unsigned kCurlMin = 0x075500;  // 7.85.0

}  // namespace

LibraryVersion network_library() {
  const curl_version_info_data* info = curl_version_info(CURLVERSION_NOW);
  LibraryVersion found{"libcurl", info->version, ""};
  if (info->ssl_version != nullptr) found.version += std::string(" with ") + info->ssl_version;
  if (info->version_num < kCurlMin) found.note = "older than 7.85.0";
  return found;
}

}  // namespace triggerd
