#include "fixture.h"

namespace triggerd::sandbox::tests {
namespace {

using nlohmann::json;

Settings standing(Settings settings) {
  settings.speed = 0;
  settings.start = kStart;
  return settings;
}

Seen seen(Reply reply) {
  Seen answer;
  answer.status = reply.status;
  answer.body = json::parse(reply.body, nullptr, false);
  answer.reply = std::move(reply);
  return answer;
}

}  // namespace

World60::World60(Settings settings)
    : sandbox(standing(settings),
              [this](const std::string& line) { lines.push_back(json::parse(line)); }) {
  location_token = control("POST", "/accounts", {{"location_id", kFirstLocation}}).body["token"];
  company_token = control("POST", "/accounts", {{"company_id", kFirstCompany}}).body["token"];
}

Seen World60::send(const Request& request) {
  Call call;
  const std::size_t mark = request.path.find('?');
  call.method = request.method;
  call.path = "/highlevel" + request.path.substr(0, mark);
  if (mark != std::string::npos) call.query = request.path.substr(mark + 1);
  call.headers["authorization"] =
      "Bearer " + (request.token.empty() ? location_token : request.token);
  if (!request.version.empty()) call.headers["version"] = request.version;
  if (!request.body.is_null()) {
    call.body = request.body.dump();
    call.headers["content-type"] = request.content_type;
  }
  return seen(sandbox.answer(call));
}

Seen World60::control(const std::string& method, const std::string& path, const json& body) {
  Call call;
  const std::size_t mark = path.find('?');
  call.method = method;
  call.path = "/control" + path.substr(0, mark);
  if (mark != std::string::npos) call.query = path.substr(mark + 1);
  if (!body.is_null()) call.body = body.dump();
  return seen(sandbox.answer(call));
}

json World60::records(const std::string& collection) {
  const std::string query = "?location=" + std::string(kFirstLocation) + "&collection=";
  return control("GET", "/record" + query + collection).body["records"];
}

void World60::advance(double seconds) { control("POST", "/clock", {{"advance_seconds", seconds}}); }

void World60::fault(const std::string& operation, const std::string& kind, json options) {
  if (options.is_null()) options = json::object();
  options["operation"] = operation;
  options["kind"] = kind;
  control("POST", "/faults", options);
}

std::string header_of(const Reply& reply, const std::string& name) {
  for (const auto& [key, value] : reply.headers) {
    if (key == name) return value;
  }
  return "";
}

}  // namespace triggerd::sandbox::tests
