#include "os/request_rules.h"

#include <curl/curl.h>

#include <algorithm>
#include <memory>

namespace triggerd {
namespace {

constexpr std::string_view kTokenMarks = "!#$%&'*+-.^_`|~";

// The parts of a URL as libcurl itself sees them, so that checks and connection cannot disagree.
class Url {
 public:
  explicit Url(const std::string& text) : url_(curl_url(), curl_url_cleanup) {
    valid_ = url_ != nullptr && curl_url_set(url_.get(), CURLUPART_URL, text.c_str(),
                                             CURLU_NON_SUPPORT_SCHEME) == CURLUE_OK;
  }

  bool valid() const { return valid_; }

  std::string part(CURLUPart which, unsigned flags = 0) const {
    char* text = nullptr;
    if (curl_url_get(url_.get(), which, &text, flags) != CURLUE_OK) {
      return {};
    }
    std::string result = text;
    curl_free(text);
    return result;
  }

 private:
  std::unique_ptr<CURLU, void (*)(CURLU*)> url_;
  bool valid_ = false;
};

bool is_loopback_name(const std::string& host) {
  // libcurl has brought every spelling of an address of version 4 into the form with four numbers.
  const bool address4 =
      host.rfind("127.", 0) == 0 && host.find_first_not_of("0123456789.") == std::string::npos;
  return address4 || host == "[::1]" || lower_text(host) == "localhost";
}

}  // namespace

bool is_token(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           kTokenMarks.find(c) != std::string_view::npos;
  });
}

std::string lower_text(std::string_view text) {
  std::string result(text);
  std::transform(result.begin(), result.end(), result.begin(), [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  });
  return result;
}

std::optional<std::string> refused_request(const HttpRequest& request) {
  const Url url(request.url);
  if (!url.valid() || request.url.find('\0') != std::string::npos) {
    return "not a valid URL";
  }
  const std::string scheme = url.part(CURLUPART_SCHEME);
  const std::string host = url.part(CURLUPART_HOST);
  if (scheme != "https" && scheme != "http") {
    return "only https is allowed, not " + scheme;
  }
  if (scheme == "http" && !is_loopback_name(host)) {
    return "plain http is allowed to loopback addresses only, not to " + host;
  }
  if (!url.part(CURLUPART_USER).empty() || !url.part(CURLUPART_PASSWORD).empty()) {
    return "a URL with a user or password";
  }
  if (!is_token(request.method)) {
    return "not a valid method";
  }
  for (const HttpHeader& header : request.headers) {
    const std::string name = lower_text(header.name);
    if (!is_token(header.name)) {
      return "a header name with a character that is not allowed";
    }
    if (name == "content-length" || name == "transfer-encoding" || name == "accept-encoding") {
      return "the header " + header.name + " is set by the client itself";
    }
    if (header.value.find_first_of(std::string_view("\r\n\0", 3)) != std::string::npos) {
      return "the header " + header.name + " holds a line break or NUL";
    }
  }
  return std::nullopt;
}

std::string origin_of(const std::string& url) {
  const Url parts(url);
  return parts.part(CURLUPART_SCHEME) + "://" + lower_text(parts.part(CURLUPART_HOST)) + ":" +
         parts.part(CURLUPART_PORT, CURLU_DEFAULT_PORT);
}

}  // namespace triggerd
