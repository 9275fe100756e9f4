// What travels between the HTTP server and the sandbox: one call, one reply, and how the reply goes
// onto the wire, which faults may spoil. Plain values; no HTTP library here.
#pragma once

#include <cstdint>
#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>
#include <vector>

namespace triggerd::sandbox {

struct Call {
  std::string method;
  std::string path;                            // decoded
  std::string query;                           // raw, without the question mark
  std::map<std::string, std::string> headers;  // lower-case names
  std::string body;
};

enum class WireMode {
  whole,  // as it is
  hang,   // nothing is sent until faults are cleared, then the connection closes
  close,  // the connection closes without an answer
  reset,  // the connection is reset without an answer
  cut,    // `cut_at` bytes of the body, then the connection closes
  drip,   // `chunk` bytes each `pause_ms`
};

struct Wire {
  WireMode mode = WireMode::whole;
  std::size_t cut_at = 0;
  bool chunked = false;
  std::size_t chunk = 1;
  std::int64_t pause_ms = 1000;
  std::int64_t delay_ms = 0;  // before the first byte; real time, as all of the wire's times
};

struct Reply {
  int status = 200;
  std::string content_type = "application/json; charset=utf-8";
  std::vector<std::pair<std::string, std::string>> headers;
  std::string body;
  Wire wire;
  std::string log_type;     // empty: not logged
  nlohmann::json log_line;  // written once the bytes have left
};

std::string percent_decoded(std::string_view text);
// Decoded pairs in their order; a plus sign is a space, as in HTML forms.
std::vector<std::pair<std::string, std::string>> parse_query(std::string_view raw);

}  // namespace triggerd::sandbox
