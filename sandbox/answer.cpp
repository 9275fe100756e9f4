#include "answer.h"

namespace triggerd::sandbox {
namespace {

using nlohmann::json;

Answer plain(int status, json body) {
  Answer answer;
  answer.status = status;
  answer.body = std::move(body);
  return answer;
}

}  // namespace

Answer ok(json body) { return plain(200, std::move(body)); }

Answer created(json body) { return plain(201, std::move(body)); }

Answer file(std::string bytes, std::string content_type, std::string file_name) {
  Answer answer;
  answer.bytes = std::move(bytes);
  answer.content_type = std::move(content_type);
  answer.file_name = std::move(file_name);
  answer.is_bytes = true;
  return answer;
}

Answer bad_request(std::string message) {
  return plain(400, {{"statusCode", 400}, {"message", std::move(message)}});
}

Answer unauthorized(std::string message) {
  return plain(401,
               {{"statusCode", 401}, {"message", std::move(message)}, {"error", "Unauthorized"}});
}

Answer forbidden(std::string message) {
  return plain(403, {{"statusCode", 403}, {"message", std::move(message)}, {"error", "Forbidden"}});
}

Answer not_found(const std::string& what) {
  return plain(404, {{"statusCode", 404}, {"message", what + " not found"}});
}

Answer unsupported_media_type() {
  return plain(415, {{"statusCode", 415}, {"message", "Unsupported Media Type"}});
}

Answer unprocessable(std::vector<std::string> messages) {
  return plain(
      422,
      {{"statusCode", 422}, {"message", std::move(messages)}, {"error", "Unprocessable Entity"}});
}

}  // namespace triggerd::sandbox
