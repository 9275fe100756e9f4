#include "end_to_end/http_calls.h"

#include <doctest/doctest.h>
#include <httplib.h>

namespace triggerd::end_to_end {

nlohmann::json http_call(const std::string& method, const std::string& url, const std::string& path,
                         const std::string& body) {
  httplib::Client client(url);
  client.set_read_timeout(30);
  httplib::Request request;
  request.method = method;
  request.path = path;
  request.body = body;
  if (!body.empty()) request.set_header("Content-Type", "application/json");
  const httplib::Result result = client.send(request);
  REQUIRE_MESSAGE(result, method << " " << path << " is not answered");
  REQUIRE_MESSAGE(result->status / 100 == 2,
                  method << " " << path << " " << body << ": " << result->body);
  return nlohmann::json::parse(result->body);
}

HttpText http_get(const std::string& url, const std::string& path) {
  httplib::Client client(url);
  client.set_read_timeout(30);
  const httplib::Result result = client.Get(path);
  REQUIRE_MESSAGE(result, url << path << " is not answered");
  return {result->status, result->body};
}

}  // namespace triggerd::end_to_end
