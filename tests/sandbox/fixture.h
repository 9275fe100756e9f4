// A sandbox without sockets, on a clock that stands until it is moved, with its truth log in
// memory; and calls to it with the headers that each operation wants. Used by all sandbox tests.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "sandbox.h"

namespace triggerd::sandbox::tests {

// 2026-11-16T12:00:00Z, a Monday.
inline constexpr Millis kStart = 1'794'830'400'000;

struct Seen {
  int status = 0;
  nlohmann::json body;  // discarded when the answer is no JSON
  Reply reply;
};

struct Request {
  std::string method = "GET";
  std::string path;  // with the query
  nlohmann::json body = {};
  std::string version = "2021-07-28";
  std::string token = {};
  std::string content_type = "application/json";  // of a body
};

class World60 {  // one location with 60 contacts
 public:
  explicit World60(Settings settings = {});

  Seen send(const Request& request);
  Seen control(const std::string& method, const std::string& path, const nlohmann::json& body = {});
  // All records of a collection of the first location.
  nlohmann::json records(const std::string& collection);
  nlohmann::json first(const std::string& collection) { return records(collection).at(0); }
  void advance(double seconds);
  // Switches a fault on for the operation's next answers.
  void fault(const std::string& operation, const std::string& kind, nlohmann::json options = {});

  const nlohmann::json& last_line() const { return lines.back(); }

  std::vector<nlohmann::json> lines;  // of the truth log
  Sandbox sandbox;
  std::string location_token;
  std::string company_token;
};

std::string header_of(const Reply& reply, const std::string& name);

}  // namespace triggerd::sandbox::tests
