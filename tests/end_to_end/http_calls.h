// Calls of the sandbox's control endpoints. The HTTP library is included in http_calls.cpp alone.
#pragma once

#include <nlohmann/json.hpp>
#include <string>

namespace triggerd::end_to_end {

// The JSON answer; fails the test when there is none or its status is not 2xx.
nlohmann::json http_call(const std::string& method, const std::string& url, const std::string& path,
                         const std::string& body);

struct HttpText {
  int status = 0;
  std::string text;
};
// Whatever it answers; fails the test when there is no answer.
HttpText http_get(const std::string& url, const std::string& path);

}  // namespace triggerd::end_to_end
