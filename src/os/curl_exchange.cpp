#include "os/curl_exchange.h"

#include <sys/socket.h>

#include <algorithm>
#include <cstring>
#include <memory>
#include <utility>

#include "os/address_rules.h"
#include "os/request_rules.h"
#include "triggerd/check.h"

namespace triggerd {
namespace {

constexpr std::int64_t kRatioMax = 200;                // decoded to received bytes
constexpr std::int64_t kRatioFreeBytes = 1024 * 1024;  // not looked at below this
constexpr long kReceiveBytes = 64 * 1024;
constexpr long kLowSpeedBytes = 100;  // a second

template <typename Value>
void set(CURL* easy, CURLoption option, Value value) {
  TRIGGERD_CHECK(curl_easy_setopt(easy, option, value) == CURLE_OK);
}

std::string_view trimmed(std::string_view text) {
  const std::size_t first = std::min(text.find_first_not_of(" \t\r\n"), text.size());
  return text.substr(first, text.find_last_not_of(" \t\r\n") + 1 - first);
}

HttpFailure failure_of(CURLcode code) {
  switch (code) {
    case CURLE_OK:
      return HttpFailure::none;
    case CURLE_UNSUPPORTED_PROTOCOL:
    case CURLE_URL_MALFORMAT:
      return HttpFailure::refused_url;
    case CURLE_COULDNT_RESOLVE_HOST:
    case CURLE_COULDNT_RESOLVE_PROXY:
      return HttpFailure::resolve;
    case CURLE_COULDNT_CONNECT:
    case CURLE_INTERFACE_FAILED:
      return HttpFailure::connect;
    case CURLE_SSL_CONNECT_ERROR:
    case CURLE_SSL_ENGINE_NOTFOUND:
    case CURLE_SSL_CERTPROBLEM:
    case CURLE_SSL_CIPHER:
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_CACERT_BADFILE:
    case CURLE_SSL_ISSUER_ERROR:
    case CURLE_SSL_INVALIDCERTSTATUS:
      return HttpFailure::tls;
    case CURLE_OPERATION_TIMEDOUT:
      return HttpFailure::timeout;
    case CURLE_FILESIZE_EXCEEDED:
      return HttpFailure::too_large;
    case CURLE_PARTIAL_FILE:
    case CURLE_GOT_NOTHING:
    case CURLE_RECV_ERROR:
    case CURLE_SEND_ERROR:
    case CURLE_SEND_FAIL_REWIND:
    case CURLE_BAD_CONTENT_ENCODING:
    case CURLE_HTTP2:
    case CURLE_HTTP2_STREAM:
      return HttpFailure::cut_short;
    default:  // libcurl has a hundred codes, and more with each release
      return HttpFailure::broken;
  }
}

// libcurl's message tells more where no text of the other side can be in it.
std::string reason_of(HttpFailure failure, CURLcode code, const char* message) {
  const bool own_words = failure == HttpFailure::tls || failure == HttpFailure::resolve ||
                         failure == HttpFailure::connect || failure == HttpFailure::timeout;
  if (code == CURLE_SEND_FAIL_REWIND) {
    return "connection closed before an answer came";
  }
  return own_words && *message != '\0' ? message : curl_easy_strerror(code);
}

}  // namespace

CurlExchange::CurlExchange(HttpRequest request) : request_(std::move(request)) {}

CurlExchange::~CurlExchange() { curl_slist_free_all(headers_); }

void CurlExchange::attach(CURL* easy, CURLSH* share, const CurlOptions& options) {
  easy_ = easy;
  public_only_ = !options.allow_private_addresses && origin_of(request_.url).rfind("https", 0) == 0;
  low_speed_seconds_ = options.low_speed_seconds;
  set(easy_, CURLOPT_URL, request_.url.c_str());
  set(easy_, CURLOPT_SHARE, share);
  set_rules(options);
  set_limits();
  set_method();
  set_headers();
}

void CurlExchange::set_rules(const CurlOptions& options) {
  set(easy_, CURLOPT_PROTOCOLS_STR, "http,https");
  set(easy_, CURLOPT_FOLLOWLOCATION, 0L);
  set(easy_, CURLOPT_PROXY, "");  // also none of the environment
  set(easy_, CURLOPT_NETRC, static_cast<long>(CURL_NETRC_IGNORED));
  set(easy_, CURLOPT_NOSIGNAL, 1L);
  set(easy_, CURLOPT_SSL_VERIFYPEER, 1L);
  set(easy_, CURLOPT_SSL_VERIFYHOST, 2L);
  set(easy_, CURLOPT_SSLVERSION, static_cast<long>(CURL_SSLVERSION_TLSv1_2));
  if (!options.ca_file.empty()) {
    set(easy_, CURLOPT_CAINFO, options.ca_file.c_str());
    set(easy_, CURLOPT_CAPATH, static_cast<const char*>(nullptr));
  }
  set(easy_, CURLOPT_ACCEPT_ENCODING, "gzip");
  // Decoded here: libcurl takes a text that was cut for a whole one.
  set(easy_, CURLOPT_HTTP_CONTENT_DECODING, 0L);
  set(easy_, CURLOPT_USERAGENT, options.user_agent.c_str());
  set(easy_, CURLOPT_MAXLIFETIME_CONN, options.connection_seconds_max);
  set(easy_, CURLOPT_TCP_KEEPALIVE, 1L);
  set(easy_, CURLOPT_ERRORBUFFER, message_.data());
  set(easy_, CURLOPT_OPENSOCKETFUNCTION, &CurlExchange::on_open);
  set(easy_, CURLOPT_OPENSOCKETDATA, this);
  set(easy_, CURLOPT_HEADERFUNCTION, &CurlExchange::on_header);
  set(easy_, CURLOPT_HEADERDATA, this);
  set(easy_, CURLOPT_WRITEFUNCTION, &CurlExchange::on_body);
  set(easy_, CURLOPT_WRITEDATA, this);
}

void CurlExchange::set_limits() {
  const HttpLimits& limits = request_.limits;
  set(easy_, CURLOPT_CONNECTTIMEOUT_MS, static_cast<long>(limits.connect.count()));
  set(easy_, CURLOPT_TIMEOUT_MS, static_cast<long>(limits.total.count()));
  set(easy_, CURLOPT_BUFFERSIZE, kReceiveBytes);
  // Refuses an announced size at once; what is decoded or not announced is counted in take_body.
  set(easy_, CURLOPT_MAXFILESIZE_LARGE, static_cast<curl_off_t>(limits.body_bytes_max));
}

void CurlExchange::set_method() {
  const std::string& method = request_.method;
  const bool sends_body =
      !request_.body.empty() || method == "POST" || method == "PUT" || method == "PATCH";
  if (method == "HEAD") {
    set(easy_, CURLOPT_NOBODY, 1L);
    return;
  }
  if (sends_body) {
    set(easy_, CURLOPT_POST, 1L);
    set(easy_, CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(request_.body.size()));
    set(easy_, CURLOPT_READFUNCTION, &CurlExchange::on_send);
    set(easy_, CURLOPT_READDATA, this);
  }
  if (method != "GET" && request_.body.empty()) {
    // libcurl sends a request again, on its own, when a reused connection closes without an answer.
    // The first one may have been carried out. With a body it cannot, since on_send gives it only
    // once; without one only a fresh connection keeps it from that.
    set(easy_, CURLOPT_FRESH_CONNECT, 1L);
  }
  set(easy_, CURLOPT_CUSTOMREQUEST, method.c_str());
}

void CurlExchange::set_headers() {
  const auto add = [this](const std::string& line) {
    curl_slist* longer = curl_slist_append(headers_, line.c_str());
    if (longer == nullptr) {
      throw std::bad_alloc();
    }
    headers_ = longer;
  };
  bool has_type = false;
  for (const HttpHeader& header : request_.headers) {
    has_type = has_type || lower_text(header.name) == "content-type";
    // In libcurl's list "Name:" would remove a header and "Name;" sends an empty one.
    add(trimmed(header.value).empty() ? header.name + ";" : header.name + ": " + header.value);
  }
  if (!has_type) {
    add("Content-Type:");  // libcurl would say that the body is a form
  }
  add("Expect:");  // or it would wait a second for receivers that never say "100 Continue"
  set(easy_, CURLOPT_HTTPHEADER, headers_);
}

curl_socket_t CurlExchange::on_open(void* self, curlsocktype, curl_sockaddr* address) {
  auto& exchange = *static_cast<CurlExchange*>(self);
  if (exchange.public_only_ && !is_public_address(address->addr)) {
    exchange.fail(HttpFailure::refused_url, "the name resolves to an address that is not public");
    return CURL_SOCKET_BAD;
  }
  return socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
}

std::size_t CurlExchange::on_send(char* bytes, std::size_t size, std::size_t count, void* self) {
  auto& exchange = *static_cast<CurlExchange*>(self);
  const std::string& body = exchange.request_.body;
  const std::size_t part = std::min(size * count, body.size() - exchange.sent_);
  std::memcpy(bytes, body.data() + exchange.sent_, part);
  exchange.sent_ += part;
  return part;
}

std::size_t CurlExchange::on_header(char* bytes, std::size_t, std::size_t count, void* self) {
  return static_cast<CurlExchange*>(self)->take_header({bytes, count}) ? count : 0;
}

std::size_t CurlExchange::on_body(char* bytes, std::size_t, std::size_t count, void* self) {
  // Another number than `count` ends the exchange, for an empty piece as well.
  return static_cast<CurlExchange*>(self)->take_body({bytes, count}) ? count : count + 1;
}

bool CurlExchange::take_header(std::string_view line) {
  header_bytes_ += static_cast<std::int64_t>(line.size());
  if (header_bytes_ > request_.limits.header_bytes_max) {
    return fail(HttpFailure::too_large, "headers above the limit");
  }
  if (line.rfind("HTTP/", 0) == 0) {
    return take_status_line(line);
  }
  if (body_begun_ || trimmed(line).empty()) {
    return true;  // a trailer, or the end of the headers
  }
  const std::size_t colon = line.find(':');
  if (colon == std::string_view::npos || !is_token(line.substr(0, colon))) {
    return fail(HttpFailure::broken, "a header that is not one name and one value");
  }
  HttpHeader header{std::string(line.substr(0, colon)),
                    std::string(trimmed(line.substr(colon + 1)))};
  if (header.value.find_first_of(std::string_view("\r\0", 2)) != std::string::npos) {
    return fail(HttpFailure::broken, "a header with a line break or NUL inside");
  }
  if (auto refusal = refused_header(header)) {
    return fail(HttpFailure::broken, std::move(*refusal));
  }
  reply_.headers.push_back(std::move(header));
  return true;
}

// The announced size is only believed as far as memory is concerned, and not beyond this.
void CurlExchange::make_room() {
  constexpr curl_off_t kRoomMax = 256 * 1024;
  curl_off_t length = -1;
  curl_easy_getinfo(easy_, CURLINFO_CONTENT_LENGTH_DOWNLOAD_T, &length);
  if (length <= 0 || gzip_) return;
  // And a little, since readers of JSON want room behind the text.
  constexpr curl_off_t kBehind = 64;
  reply_.body.reserve(static_cast<std::size_t>(std::min(length, kRoomMax) + kBehind));
}

bool CurlExchange::take_status_line(std::string_view line) {
  // The headers so far belonged to an interim answer (1xx).
  reply_.headers.clear();
  content_length_.clear();
  gzip_.reset();
  chunked_ = false;
  const std::size_t space = line.find(' ');
  long status = 0;
  curl_easy_getinfo(easy_, CURLINFO_RESPONSE_CODE, &status);
  if (space == std::string_view::npos || status < 100 || status > 599) {
    return fail(HttpFailure::broken, "a status line without a valid status");
  }
  reply_.status = static_cast<int>(status);
  // From the first byte of an answer on. Before it a slow answer may take the whole time.
  curl_easy_setopt(easy_, CURLOPT_LOW_SPEED_LIMIT, kLowSpeedBytes);
  curl_easy_setopt(easy_, CURLOPT_LOW_SPEED_TIME, low_speed_seconds_);
  return true;
}

// Two lengths, or a length beside chunks, are how one answer is smuggled into another. Encodings
// that were not offered are not read.
std::optional<std::string> CurlExchange::refused_header(const HttpHeader& header) {
  const std::string name = lower_text(header.name);
  const std::string value = lower_text(header.value);
  if (name == "content-length") {
    if (!content_length_.empty() && content_length_ != value) {
      return "two different lengths of the body";
    }
    content_length_ = value;
  }
  if (name == "transfer-encoding") {
    if (value != "chunked" || chunked_) {
      return "a transfer encoding other than chunked";
    }
    chunked_ = true;
  }
  if (chunked_ && !content_length_.empty()) {
    return "both a length of the body and chunks";
  }
  if (name == "content-encoding") {
    const bool again = !reply_.header("content-encoding").empty();
    if (again || (value != "gzip" && value != "x-gzip" && value != "identity" && !value.empty())) {
      return "a content encoding that was not offered";
    }
    if (value.ends_with("gzip")) gzip_ = std::make_unique<GzipReader>();
  }
  return std::nullopt;
}

bool CurlExchange::take_body(std::string_view bytes) {
  if (!body_begun_) make_room();
  body_begun_ = true;
  received_ += static_cast<std::int64_t>(bytes.size());
  return gzip_ ? take_gzip(bytes) : take_text(bytes);
}

bool CurlExchange::take_gzip(std::string_view bytes) {
  const auto take = [this](std::string_view text) {
    const auto size = static_cast<std::int64_t>(reply_.body.size() + text.size());
    if (size > kRatioFreeBytes && size > received_ * kRatioMax) {
      return fail(HttpFailure::too_large, "body compressed by more than 200 to 1");
    }
    return take_text(text);
  };
  switch (gzip_->read(bytes, take)) {
    case GzipReader::Step::going_on:
      return true;
    case GzipReader::Step::refused:
      return false;
    case GzipReader::Step::broken:
      return fail(HttpFailure::cut_short, "a body that is not the gzip text it should be");
  }
  return false;
}

bool CurlExchange::take_text(std::string_view text) {
  const auto size = static_cast<std::int64_t>(reply_.body.size() + text.size());
  if (size > request_.limits.body_bytes_max) {
    return fail(
        HttpFailure::too_large,
        "body above the limit of " + std::to_string(request_.limits.body_bytes_max) + " bytes");
  }
  reply_.body += text;
  return true;
}

bool CurlExchange::fail(HttpFailure failure, std::string reason) {
  reply_.failure = failure;
  reply_.reason = std::move(reason);
  return false;
}

HttpReply CurlExchange::finish(CURLcode code) {
  if (code != CURLE_OK && reply_.failure == HttpFailure::none) {
    reply_.failure = failure_of(code);
    reply_.reason = reason_of(reply_.failure, code, message_.data());
  }
  // One address may have been refused before another one was taken.
  if (code == CURLE_OK) {
    reply_.failure = HttpFailure::none;
    reply_.reason.clear();
    const bool cut = gzip_ && received_ > 0 && !gzip_->ended();
    if (cut) fail(HttpFailure::cut_short, "the gzip text ends too early");
  }
  if (reply_.failure != HttpFailure::none) reply_.body.clear();
  return std::move(reply_);
}

}  // namespace triggerd
