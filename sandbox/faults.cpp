#include "faults.h"

#include <algorithm>
#include <array>

#include "answer.h"
#include "gzip.h"

namespace triggerd::sandbox {
namespace {

using nlohmann::json;

constexpr std::size_t kBodyMax = 512U << 20U;  // the sandbox's own memory stays bounded
constexpr std::size_t kBombMax = 16ULL << 30U;
constexpr std::size_t kNestingMax = 10'000'000;

struct Name {
  FaultKind kind;
  std::string_view name;
};

constexpr auto kNames = std::to_array<Name>({{FaultKind::status, "status"},
                                             {FaultKind::throttle, "throttle"},
                                             {FaultKind::hang, "hang"},
                                             {FaultKind::delay, "delay"},
                                             {FaultKind::truncate, "truncate"},
                                             {FaultKind::drip, "drip"},
                                             {FaultKind::html, "html"},
                                             {FaultKind::empty_body, "empty_body"},
                                             {FaultKind::null_body, "null_body"},
                                             {FaultKind::empty_object, "empty_object"},
                                             {FaultKind::empty_list, "empty_list"},
                                             {FaultKind::invalid_json, "invalid_json"},
                                             {FaultKind::deep_nesting, "deep_nesting"},
                                             {FaultKind::duplicate_keys, "duplicate_keys"},
                                             {FaultKind::huge_body, "huge_body"},
                                             {FaultKind::gzip_bomb, "gzip_bomb"},
                                             {FaultKind::redirect, "redirect"},
                                             {FaultKind::repeat_cursor, "repeat_cursor"},
                                             {FaultKind::endless_cursor, "endless_cursor"},
                                             {FaultKind::echo_cursor, "echo_cursor"},
                                             {FaultKind::shuffle, "shuffle"},
                                             {FaultKind::wrong_location, "wrong_location"},
                                             {FaultKind::stale, "stale"},
                                             {FaultKind::bad_id, "bad_id"},
                                             {FaultKind::future_date, "future_date"},
                                             {FaultKind::unauthorized, "unauthorized"},
                                             {FaultKind::forbidden, "forbidden"},
                                             {FaultKind::reset, "reset"},
                                             {FaultKind::lost_after_effect, "lost_after_effect"}});

std::string text_option(const json& options, const char* name, const std::string& fallback) {
  const auto found = options.find(name);
  if (found == options.end()) return fallback;
  return found->is_string() ? found->get<std::string>() : found->dump();
}

std::int64_t number_option(const json& options, const char* name, std::int64_t fallback) {
  const auto found = options.find(name);
  return found != options.end() && found->is_number() ? found->get<std::int64_t>() : fallback;
}

std::size_t size_option(const json& options, const char* name, std::size_t fallback,
                        std::size_t most) {
  const std::int64_t given = number_option(options, name, static_cast<std::int64_t>(fallback));
  return std::min(most, static_cast<std::size_t>(std::max<std::int64_t>(given, 0)));
}

Reply from_answer(const Answer& answer) {
  Reply reply;
  reply.status = answer.status;
  reply.body = answer.body.dump();
  return reply;
}

Reply throttled(const json& options) {
  Reply reply;
  reply.status = 429;
  reply.body = json{{"statusCode", 429}, {"message", "Too Many Requests"}}.dump();
  if (options.contains("retry_after")) {
    reply.headers.emplace_back("Retry-After", text_option(options, "retry_after", ""));
  }
  return reply;
}

Reply given_status(const json& options) {
  Reply reply;
  reply.status = static_cast<int>(number_option(options, "status", 500));
  reply.body = text_option(options, "body",
                           json{{"statusCode", reply.status}, {"message", "Sandbox fault"}}.dump());
  const auto headers = options.find("headers");
  if (headers != options.end() && headers->is_object()) {
    for (const auto& [name, value] : headers->items()) {
      reply.headers.emplace_back(name, value.is_string() ? value.get<std::string>() : value.dump());
    }
  }
  return reply;
}

Reply redirected(const json& options) {
  Reply reply;
  reply.status = static_cast<int>(number_option(options, "status", 302));
  reply.content_type = "text/plain";
  reply.headers.emplace_back("Location",
                             text_option(options, "location", "http://127.0.0.1:9/elsewhere"));
  return reply;
}

Reply with_body(std::string body, std::string content_type = "application/json; charset=utf-8") {
  Reply reply;
  reply.body = std::move(body);
  reply.content_type = std::move(content_type);
  return reply;
}

Reply bomb(const json& options) {
  Reply reply = with_body(gzip_bomb(size_option(options, "bytes", 300U << 20U, kBombMax)));
  reply.headers.emplace_back("Content-Encoding", "gzip");
  return reply;
}

Reply on_wire(WireMode mode) {
  Reply reply;
  reply.wire.mode = mode;
  return reply;
}

std::string nested(std::size_t depth) {
  return R"({"contacts":)" + std::string(depth, '[') + std::string(depth, ']') + "}";
}

}  // namespace

std::string_view name_of(FaultKind kind) {
  for (const Name& one : kNames) {
    if (one.kind == kind) return one.name;
  }
  return "";
}

std::optional<FaultKind> fault_kind(std::string_view name) {
  for (const Name& one : kNames) {
    if (one.name == name) return one.kind;
  }
  return std::nullopt;
}

std::optional<std::string> Faults::add(const json& wanted) {
  const auto kind = fault_kind(text_option(wanted, "kind", ""));
  if (!kind) return "unknown kind of fault";
  Fault fault;
  fault.kind = *kind;
  fault.operation = text_option(wanted, "operation", "");
  if (fault.operation.empty()) return "operation is missing (an operation, \"sink\" or \"*\")";
  fault.path_contains = text_option(wanted, "path_contains", "");
  fault.count = static_cast<int>(number_option(wanted, "count", 1));
  fault.after = static_cast<int>(number_option(wanted, "after", 0));
  fault.options = wanted;
  faults_.push_back(std::move(fault));
  return std::nullopt;
}

std::optional<Fault> Faults::take(std::string_view operation, std::string_view path) {
  for (auto fault = faults_.begin(); fault != faults_.end(); ++fault) {
    if (fault->operation != "*" && fault->operation != operation) continue;
    if (path.find(fault->path_contains) == std::string_view::npos) continue;
    if (fault->after > 0) {
      --fault->after;
      continue;
    }
    Fault hit = *fault;
    if (fault->count > 0 && --fault->count == 0) faults_.erase(fault);
    return hit;
  }
  return std::nullopt;
}

json Faults::shown() const {
  json list = json::array();
  for (const Fault& fault : faults_) {
    json one = fault.options;
    one["count"] = fault.count;
    one["after"] = fault.after;
    list.push_back(std::move(one));
  }
  return list;
}

bool replaces_answer(FaultKind kind) {
  switch (kind) {
    case FaultKind::status:
    case FaultKind::throttle:
    case FaultKind::hang:
    case FaultKind::html:
    case FaultKind::empty_body:
    case FaultKind::null_body:
    case FaultKind::empty_object:
    case FaultKind::deep_nesting:
    case FaultKind::huge_body:
    case FaultKind::gzip_bomb:
    case FaultKind::redirect:
    case FaultKind::unauthorized:
    case FaultKind::forbidden:
    case FaultKind::reset:
      return true;
    case FaultKind::delay:
    case FaultKind::truncate:
    case FaultKind::drip:
    case FaultKind::empty_list:
    case FaultKind::invalid_json:
    case FaultKind::duplicate_keys:
    case FaultKind::repeat_cursor:
    case FaultKind::endless_cursor:
    case FaultKind::echo_cursor:
    case FaultKind::shuffle:
    case FaultKind::wrong_location:
    case FaultKind::stale:
    case FaultKind::bad_id:
    case FaultKind::future_date:
    case FaultKind::lost_after_effect:
      return false;
  }
  return false;
}

Reply fault_reply(const Fault& fault) {
  const json& options = fault.options;
  switch (fault.kind) {
    case FaultKind::throttle:
      return throttled(options);
    case FaultKind::hang:
      return on_wire(WireMode::hang);
    case FaultKind::reset:
      return on_wire(WireMode::reset);
    case FaultKind::html:
      return with_body(
          "<!DOCTYPE html><html><head><title>Log in</title></head><body><form "
          "action=\"/login\"><input name=\"email\"></form></body></html>",
          "text/html; charset=utf-8");
    case FaultKind::empty_body:
      return with_body("");
    case FaultKind::null_body:
      return with_body("null");
    case FaultKind::empty_object:
      return with_body("{}");
    case FaultKind::deep_nesting:
      return with_body(nested(size_option(options, "depth", 100'000, kNestingMax)));
    case FaultKind::huge_body:
      return with_body("{\"filler\":\"" +
                       std::string(size_option(options, "bytes", 32U << 20U, kBodyMax), 'x') +
                       "\"}");
    case FaultKind::gzip_bomb:
      return bomb(options);
    case FaultKind::redirect:
      return redirected(options);
    case FaultKind::unauthorized:
      return from_answer(unauthorized("Invalid JWT"));
    case FaultKind::forbidden:
      return from_answer(forbidden("The token does not have access to this location."));
    case FaultKind::status:
    case FaultKind::delay:
    case FaultKind::truncate:
    case FaultKind::drip:
    case FaultKind::empty_list:
    case FaultKind::invalid_json:
    case FaultKind::duplicate_keys:
    case FaultKind::repeat_cursor:
    case FaultKind::endless_cursor:
    case FaultKind::echo_cursor:
    case FaultKind::shuffle:
    case FaultKind::wrong_location:
    case FaultKind::stale:
    case FaultKind::bad_id:
    case FaultKind::future_date:
    case FaultKind::lost_after_effect:
      return given_status(options);
  }
  return given_status(options);
}

void spoil_wire(const Fault& fault, Reply& reply) {
  const json& options = fault.options;
  if (fault.kind == FaultKind::delay) {
    reply.wire.delay_ms = number_option(options, "milliseconds", 1000);
  } else if (fault.kind == FaultKind::truncate) {
    reply.wire.mode = WireMode::cut;
    reply.wire.cut_at = size_option(options, "at", reply.body.size() / 2, reply.body.size());
    reply.wire.chunked = options.value("chunked", json(false)) == json(true);
  } else if (fault.kind == FaultKind::drip) {
    reply.wire.mode = WireMode::drip;
    reply.wire.chunk = std::max<std::size_t>(size_option(options, "bytes", 1, kBodyMax), 1);
    reply.wire.pause_ms = number_option(options, "milliseconds", 1000);
  } else if (fault.kind == FaultKind::lost_after_effect) {
    reply.wire.mode = WireMode::close;
  }
}

}  // namespace triggerd::sandbox
