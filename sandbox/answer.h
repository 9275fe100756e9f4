// What an operation answers before the wire: a status and JSON, or bytes of another kind, and the
// refusals in the error shapes that HighLevel documents. Built by route functions, turned into
// a reply by the server.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

namespace triggerd::sandbox {

struct Answer {
  int status = 200;
  nlohmann::json body;  // ignored when `bytes` carries the answer
  std::string bytes = {};
  std::string content_type = "application/json; charset=utf-8";
  std::string file_name = {};  // for Content-Disposition
  bool is_bytes = false;
};

Answer ok(nlohmann::json body);
Answer created(nlohmann::json body);
Answer file(std::string bytes, std::string content_type, std::string file_name);

Answer bad_request(std::string message);                  // 400 {statusCode, message}
Answer unauthorized(std::string message);                 // 401 {statusCode, message, error}
Answer forbidden(std::string message);                    // 403, same shape
Answer not_found(const std::string& what);                // 404 {statusCode, message}
Answer unsupported_media_type();                          // 415
Answer unprocessable(std::vector<std::string> messages);  // 422 {statusCode, message[], error}

}  // namespace triggerd::sandbox
