// The part of a URL that decides where a request, and with it a secret, goes.
#include <algorithm>

#include "config/loading.h"

namespace triggerd {
namespace {

bool is_host_char(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' ||
         c == '-' || c == '_';
}

// HOST, HOST:PORT or [IPv6]:PORT -> the host; nothing when it is none of them.
std::optional<std::string_view> host_of(std::string_view authority) {
  std::string_view host = authority, port;
  if (authority.starts_with("[")) {
    const std::size_t close = authority.find(']');
    if (close == std::string_view::npos) return std::nullopt;
    host = authority.substr(0, close + 1);
    port = authority.substr(close + 1);
    const std::string_view address = host.substr(1, close - 1);
    if (address.empty() ||
        address.find_first_not_of("0123456789abcdefABCDEF:.") != std::string_view::npos) {
      return std::nullopt;
    }
  } else {
    const std::size_t colon = std::min(authority.find(':'), authority.size());
    host = authority.substr(0, colon);
    port = authority.substr(colon);
    if (host.empty() || !std::all_of(host.begin(), host.end(), is_host_char)) return std::nullopt;
  }
  if (port.empty()) return host;
  port.remove_prefix(1);
  if (authority[host.size()] != ':' || port.empty() || port.size() > 5 ||
      port.find_first_not_of("0123456789") != std::string_view::npos) {
    return std::nullopt;
  }
  return host;
}

}  // namespace

bool is_loopback_host(std::string_view host) {
  if (host == "localhost" || host == "[::1]" || host == "::1") return true;
  if (!host.starts_with("127.")) return false;
  return std::count(host.begin(), host.end(), '.') == 3 &&
         host.find_first_not_of("0123456789.") == std::string_view::npos && host.back() != '.';
}

std::string url_fault(std::string_view url) {
  const bool https = url.starts_with("https://");
  if (!https && !url.starts_with("http://")) return "must begin with https://";
  const std::string_view rest = url.substr(https ? 8 : 7);
  const std::string_view authority = rest.substr(0, rest.find_first_of("/?#"));
  // S-19: data must never choose where a request goes.
  if (authority.find("${") != std::string_view::npos) {
    return "must have a fixed scheme, host and port; expressions may stand behind them";
  }
  if (authority.find('@') != std::string_view::npos) return "must hold no user or password";
  const std::optional<std::string_view> host = host_of(authority);
  if (!host) return "has no valid host and port";
  if (!https && !is_loopback_host(*host)) {
    return "must begin with https:// (http is for loopback addresses only)";
  }
  return {};
}

}  // namespace triggerd
