#include "dispatch/read_answer.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "triggerd/account/rate_gate.h"
#include "triggerd/json_text.h"
#include "triggerd/poll/reply_kind.h"

namespace triggerd {
namespace {

using nlohmann::json;

constexpr std::size_t kExcerptBytesMax = 200;
constexpr std::size_t kExcerptSourceMax = 8 * 1024;
constexpr std::size_t kSecretBytesMin = 4;  // a shorter one would cut ordinary text to pieces

SendEnd ended_as(SendClass end, int status, std::string reason) {
  SendEnd result;
  result.end = end;
  result.status = status;
  result.reason = std::move(reason);
  return result;
}

std::string without_secrets(std::string text, const std::vector<Secret>* secrets) {
  if (secrets == nullptr) return text;
  for (const Secret& secret : *secrets) {
    const std::string& bytes = secret.reveal();
    if (bytes.size() < kSecretBytesMin) continue;
    for (std::size_t at = 0; (at = text.find(bytes, at)) != std::string::npos; at += 3) {
      text.replace(at, bytes.size(), "***");
    }
  }
  return text;
}

// JSON where it is JSON, else the text.
json body_value(const std::string& body) {
  if (body.empty()) return nullptr;
  Result<json, JsonProblem> parsed = parse_json(body);
  return parsed ? *std::move(parsed) : json(body);
}

std::string answer_text(const json& value) {
  std::string text = compact_json(value);
  if (text.size() <= kAnswerBytesMax) return text;
  return compact_json(json{{"left_out", true}, {"bytes", text.size()}});
}

bool counts_as_true(const json& value) {
  return !value.is_null() && !(value.is_boolean() && !value.get<bool>());
}

// ---- by status

SendClass class_of_status(int status) {
  if (status >= 200 && status < 300) return SendClass::succeeded;
  if (status == 410) return SendClass::gone;
  if (status == 429) return SendClass::throttled;
  if (status == 408 || status == 425 || status >= 500 || status < 200) return SendClass::transient;
  return SendClass::permanent;  // redirects too: they are not followed
}

SendEnd transport_end(const HttpReply& reply) {
  const SendClass end =
      reply.failure == HttpFailure::refused_url ? SendClass::permanent : SendClass::transient;
  std::string reason(to_text(reply.failure));
  if (!reply.reason.empty()) reason += ": " + reply.reason;
  return ended_as(end, reply.status, std::move(reason));
}

// Whether it may have been carried out although no success came back.
bool end_is_unknown(const HttpReply& reply, const SendEnd& end) {
  switch (reply.failure) {
    case HttpFailure::none:
      break;
    case HttpFailure::refused_url:
    case HttpFailure::resolve:
    case HttpFailure::connect:
    case HttpFailure::tls:
      return false;  // no byte of the request went out
    case HttpFailure::timeout:
    case HttpFailure::too_large:
    case HttpFailure::cut_short:
    case HttpFailure::broken:
      return true;
  }
  if (end.end == SendClass::auth || end.end == SendClass::throttled) return false;
  return reply.status == 408 || reply.status >= 500 || reply.status < 200;
}

// 500 and 503 are the app's own word that it failed, and are repeated like that of any server. 408,
// 502, 504 and what proxies add above them pass on that its answer never came.
bool is_lost(const HttpReply& reply, const SendEnd& end) {
  return end.unknown && reply.status != 500 && reply.status != 503;
}

SendEnd webhook_end(const HttpReply& reply, const AnswerRules& rules) {
  const bool accepted = reply.status >= 200 && reply.status < 300;
  // The receiver has said yes; that its answer is a book does not undo it.
  if (reply.failure == HttpFailure::too_large && accepted) {
    SendEnd end = ended_as(SendClass::succeeded, reply.status, {});
    end.answer = R"({"left_out":true})";
    return end;
  }
  if (reply.failure != HttpFailure::none) return transport_end(reply);
  SendEnd end = ended_as(class_of_status(reply.status), reply.status, {});
  if (end.end == SendClass::succeeded) return end;
  end.reason = "HTTP " + std::to_string(reply.status);
  if (!reply.body.empty()) end.reason += ": " + excerpt(reply.body, rules.secrets);
  if (end.end == SendClass::throttled || end.end == SendClass::transient) {
    end.wait = retry_after(reply);
  }
  return end;
}

// ---- operations

// Whether the step says what to do when nobody knows if it was carried out: ask, or repeat.
bool knows_better(const AnswerRules& rules) {
  return rules.step != nullptr &&
         (rules.step->confirm.has_value() || rules.step->step.retry.when_unsure);
}

SendClass class_of_kind(ReplyKind kind, const AnswerRules& rules) {
  const std::optional<WriteRules>& write = rules.operation->write;
  switch (kind) {
    case ReplyKind::page:
      return SendClass::succeeded;
    case ReplyKind::throttled:
      return SendClass::throttled;
    case ReplyKind::unauthorised:
      return SendClass::auth;
    case ReplyKind::transient:
      return SendClass::transient;
    case ReplyKind::absent:
      // A write says so only where its connector does: what was to go is gone, or nothing is found.
      return write ? SendClass::succeeded : SendClass::permanent;
    case ReplyKind::not_modified:
    case ReplyKind::refused:
      return SendClass::permanent;
    case ReplyKind::not_understood:
      // It may have been done. Where repeating does no harm, or the app is asked first, it is
      // repeated, else a human decides.
      return !write || (write->retry_safe && !rules.repeat_harms) || knows_better(rules)
                 ? SendClass::transient
                 : SendClass::permanent;
  }
  return SendClass::permanent;
}

SendEnd operation_end(const HttpReply& reply, const AnswerRules& rules) {
  const Operation& operation = *rules.operation;
  const bool accepted =
      reply.failure == HttpFailure::none && reply.status >= 200 && reply.status < 300;
  const std::string success_at = operation.write ? operation.write->success_at : "";
  // Many writes answer with nothing (204); there is no body to misunderstand then.
  if (operation.write && accepted && reply.body.empty() && success_at.empty()) {
    return ended_as(SendClass::succeeded, reply.status, {});
  }
  ReplyMeaning meaning = read_reply(reply, operation, *rules.connector);
  SendEnd end = ended_as(class_of_kind(meaning.kind, rules), reply.status,
                         excerpt(meaning.reason, rules.secrets));
  end.wait = meaning.wait;
  if (meaning.kind == ReplyKind::absent && (rules.asks || operation.write)) {
    end.end = SendClass::succeeded;
    end.reason.clear();
    end.answer = "null";
    return end;
  }
  // An answer of 2xx that is not understood may be a proxy's; what stands behind it may have acted.
  end.unknown = operation.write && meaning.kind == ReplyKind::not_understood;
  if (end.end == SendClass::succeeded && !success_at.empty()) {
    const json body = body_value(reply.body);
    const json* flag = find_at(body, success_at);
    if (flag == nullptr || !counts_as_true(*flag)) {
      end.end = SendClass::permanent;
      end.reason = "the app answered without success (" + success_at +
                   "): " + excerpt(reply.body, rules.secrets);
    }
  }
  return end;
}

// What later steps see of an answer: the object that the operation names, where there is one.
const json& shown_part(const json& body, const AnswerRules& rules) {
  if (rules.operation == nullptr || !rules.operation->write) return body;
  for (const std::string& pointer : rules.operation->write->result) {
    const json* part = find_at(body, pointer);
    if (part != nullptr && !part->is_null()) return *part;
  }
  return body;
}

// ---- success_when

// Decides anew for an answer that came whole, whatever its status says: 409 may be a success, 200 a
// failure.
void apply_success_when(SendEnd& end, const AnswerRules& rules, const json& view) {
  if (rules.step == nullptr || !rules.step->success_when || rules.expressions == nullptr) return;
  const auto values = rules.expressions->run(*rules.step->success_when, view);
  if (!values || values->size() > 1) {
    end.end = SendClass::permanent;
    end.reason = "success_when: " +
                 (values ? "gives several values" : excerpt(values.error(), rules.secrets));
    return;
  }
  const bool success = !values->empty() && counts_as_true(values->front());
  if (success) {
    end.end = SendClass::succeeded;
    end.reason.clear();
    end.wait.reset();
  } else if (end.end == SendClass::succeeded) {
    end.end = SendClass::transient;
    end.reason = "success_when says no (" + std::to_string(end.status) + ")";
  }
}

json header_view(const HttpReply& reply) {
  json headers = json::object();
  for (const HttpHeader& header : reply.headers) {
    std::string name = header.name;
    std::transform(name.begin(), name.end(), name.begin(), [](char c) {
      return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c;
    });
    if (!headers.contains(name)) headers[name] = header.value;
  }
  return headers;
}

SendClass class_of_exit(const SpawnEnd& end) {
  switch (end.kind) {
    case SpawnEnd::Kind::not_started:
      return end.passes ? SendClass::transient : SendClass::permanent;
    case SpawnEnd::Kind::signalled:
    case SpawnEnd::Kind::timed_out:
      return SendClass::transient;
    case SpawnEnd::Kind::exited:
      if (end.code == 0) return SendClass::succeeded;
      if (end.code == 75) return SendClass::transient;
      return end.code >= 64 && end.code <= 78 ? SendClass::permanent : SendClass::transient;
  }
  return SendClass::transient;
}

std::string exit_reason(const SpawnEnd& end) {
  switch (end.kind) {
    case SpawnEnd::Kind::not_started:
      return "not started: " + end.reason;
    case SpawnEnd::Kind::signalled:
      return "ended by signal " + std::to_string(end.code);
    case SpawnEnd::Kind::timed_out:
      return "stopped at its deadline";
    case SpawnEnd::Kind::exited:
      return "exit code " + std::to_string(end.code);
  }
  return {};
}

}  // namespace

SendEnd read_http_end(const HttpReply& reply, const AnswerRules& rules) {
  SendEnd end =
      rules.operation != nullptr ? operation_end(reply, rules) : webhook_end(reply, rules);
  if (end.end != SendClass::succeeded) end.unknown = end.unknown || end_is_unknown(reply, end);
  end.lost = is_lost(reply, end);
  if (reply.failure != HttpFailure::none) return end;
  const json body = body_value(without_secrets(reply.body, rules.secrets));
  apply_success_when(end, rules,
                     {{"status", reply.status}, {"body", body}, {"headers", header_view(reply)}});
  if (end.end == SendClass::succeeded) {
    end.unknown = end.lost = false;
    if (end.answer.empty()) end.answer = answer_text(shown_part(body, rules));
  }
  return end;
}

SendEnd read_spawn_end(const SpawnEnd& end, const AnswerRules& rules) {
  SendEnd result = ended_as(class_of_exit(end), end.code, {});
  result.unknown = end.kind == SpawnEnd::Kind::signalled || end.kind == SpawnEnd::Kind::timed_out;
  if (result.end != SendClass::succeeded) {
    result.reason = excerpt(exit_reason(end), rules.secrets);
    if (!end.errors.empty()) result.reason += ": " + excerpt(end.errors, rules.secrets);
  }
  const json output = body_value(without_secrets(end.output, rules.secrets));
  if (end.kind == SpawnEnd::Kind::exited) {
    apply_success_when(result, rules,
                       {{"status", end.code}, {"body", output}, {"headers", json::object()}});
  }
  if (result.end == SendClass::succeeded) {
    result.answer = answer_text({{"code", end.code}, {"output", output}});
  }
  return result;
}

std::string excerpt(std::string_view text, const std::vector<Secret>* secrets) {
  std::string line = without_secrets(std::string(text.substr(0, kExcerptSourceMax)), secrets);
  for (char& c : line) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte < 0x20 || byte == 0x7f) c = ' ';
  }
  if (line.size() > kExcerptBytesMax) {
    std::size_t end = kExcerptBytesMax;
    while (end > 0 && (static_cast<unsigned char>(line[end]) & 0xC0) == 0x80) --end;
    line.resize(end);
    line += "...";
  }
  const std::size_t last = line.find_last_not_of(' ');
  line.resize(last == std::string::npos ? 0 : last + 1);
  // Through JSON text, which replaces what is no UTF-8.
  const Result<json, JsonProblem> clean = parse_json(compact_json(json(line)));
  return clean && clean->is_string() ? clean->get<std::string>() : std::string{};
}

}  // namespace triggerd
