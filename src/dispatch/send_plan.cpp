#include "dispatch/send_plan.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "dispatch/render_parts.h"
#include "dispatch/url_text.h"
#include "triggerd/account/authorization.h"
#include "triggerd/config/sign_in.h"
#include "triggerd/dispatch/signature.h"
#include "triggerd/json_text.h"

namespace triggerd {
namespace {

using nlohmann::json;
using Planned = Result<SendPlan, std::string>;

constexpr std::int64_t kWebhookAnswerBytesMax = 1024 * 1024;
constexpr std::chrono::milliseconds kConnectMax{10'000};

std::string text_of(const json& object, std::string_view name) {
  return plain_text(member(object, name));
}

Result<Secret, std::string> read_secret(const json& written, const SecretSources& sources) {
  Result<json, std::string> resolved = resolve_secrets(written, sources);
  if (!resolved) return Failure<std::string>(resolved.error());
  return Secret(plain_text(*resolved));
}

// The members of a map of texts and {"secret": ...}, resolved.
struct Texts {
  struct One {
    std::string name;
    Secret text;
    bool secret = false;
  };
  std::vector<One> all;
};

Result<Texts, std::string> read_texts(const json& map, const SecretSources& sources) {
  Texts texts;
  if (!map.is_object()) return texts;
  for (const auto& [name, value] : map.items()) {
    const bool secret = value.is_object();
    if (!secret) {
      texts.all.push_back({name, Secret(plain_text(value)), false});
      continue;
    }
    Result<Secret, std::string> text = read_secret(member(value, "secret"), sources);
    if (!text) return Failure<std::string>(name + ": " + text.error());
    texts.all.push_back({name, *std::move(text), true});
  }
  return texts;
}

void bound_request(HttpRequest& request, const Step& step) {
  request.limits.total = step.timeout;
  request.limits.connect = std::min(kConnectMax, step.timeout);
}

Planned not_ready(SendPlan plan, std::string reason) {
  plan.send.what = NotReady{std::move(reason)};
  return plan;
}

Planned plan_webhook(const json& request, const Step& step, const SendSources& sources) {
  SendPlan plan;
  HttpRequest http;
  http.method = text_of(request, "method");
  http.url = text_of(request, "url");
  plan.send.endpoint = url_origin(http.url);
  http.pool = "webhook " + plan.send.endpoint;
  if (!sources.settings.sandbox_url.empty()) {
    http.url = sink_url(sources.settings.sandbox_url, http.url);
  }
  http.body = text_of(request, "body");
  bound_request(http, step);
  http.limits.body_bytes_max = kWebhookAnswerBytesMax;
  const Result<Texts, std::string> headers =
      read_texts(member(request, "headers"), sources.secrets);
  if (!headers) return not_ready(std::move(plan), "with.headers." + headers.error());
  for (const Texts::One& one : headers->all) {
    http.headers.push_back({one.name, one.text.reveal(), one.secret});
    if (one.secret) plan.secrets.push_back(one.text);
  }
  if (request.contains("secret")) {
    Result<Secret, std::string> secret = read_secret(member(step.with, "secret"), sources.secrets);
    if (!secret) return not_ready(std::move(plan), "with.secret: " + secret.error());
    if (const std::string problem = signing_problem(*secret); !problem.empty()) {
      return Failure<std::string>("with.secret: it " + problem);
    }
    plan.secrets.push_back(*secret);
    plan.signing = *std::move(secret);
  }
  plan.send.what = std::move(http);
  return plan;
}

// What is kept of a request names its secrets only; they are put in when it is sent. A problem, or
// nothing.
std::string put_secrets(const Operation& operation, const Step& step, const SecretSources& sources,
                        HttpRequest& http, SendPlan& plan) {
  for (const Param& param : operation.params) {
    for (const std::string& at : param.secret_at) {
      const json* written = find_at(member(step.with, param.name), at);
      if (written == nullptr || written->is_null()) continue;
      Result<Secret, std::string> secret = read_secret(plain_text(*written), sources);
      if (!secret) return "with." + param.name + ": " + secret.error();
      Result<json, JsonProblem> body = parse_json(http.body);
      if (!body || !set_at(*body, param.body_at + at, secret->reveal())) {
        return "with." + param.name + ": has no place in the body";
      }
      http.body = compact_json(*body);
      plan.secrets.push_back(*std::move(secret));
    }
  }
  return {};
}

Planned plan_operation(const json& request, const Step& step, const SendSources& sources) {
  SendPlan plan;
  plan.send.account = text_of(request, "account");
  plan.send.endpoint = "account " + plan.send.account;
  const Account* account = sources.config.account(plan.send.account);
  const Operation* operation = sources.config.catalog->operation(step.action);
  if (operation == nullptr) {
    return Failure<std::string>("no connector has an operation " + step.action);
  }
  if (account == nullptr) {
    std::string reason = "there is no account " + plan.send.account + " now";
    return not_ready(std::move(plan), std::move(reason));
  }
  plan.send.limit_group = operation->limit_group;
  HttpRequest http;
  http.method = text_of(request, "method");
  http.url = text_of(request, "path");
  http.body = text_of(request, "body");
  for (const auto& [name, value] : member(request, "headers").items()) {
    http.headers.push_back({name, plain_text(value), false});
  }
  const std::string problem = put_secrets(*operation, step, sources.secrets, http, plan);
  if (!problem.empty()) return not_ready(std::move(plan), problem);
  bound_request(http, step);
  authorise_request(http, *account, *operation);
  for (const auto& [field, secret] : account->secrets) plan.secrets.push_back(secret);
  if (account->sign_in != nullptr) plan.secrets.push_back(account->sign_in->now.access);
  if (operation->write) {
    plan.idempotency_header = operation->write->idempotency_header;
    plan.repeat_harms = !operation->write->repeats_safely(member(request, "params"));
  }
  plan.send.what = std::move(http);
  return plan;
}

Planned plan_exec(const json& request, const Step& step, const SendSources& sources) {
  SendPlan plan;
  SpawnRequest program;
  for (const json& word : member(request, "command")) program.argv.push_back(plain_text(word));
  if (program.argv.empty()) return Failure<std::string>("with.command: is missing");
  plan.send.endpoint = "program " + program.argv.front();
  const Result<Texts, std::string> texts = read_texts(member(request, "env"), sources.secrets);
  if (!texts) return not_ready(std::move(plan), "with.env." + texts.error());
  for (const Texts::One& one : texts->all) {
    program.environment.emplace_back(one.name, one.text.reveal());
    if (one.secret) plan.secrets.push_back(one.text);
  }
  // A script finds the ordinary programs; nothing else of our own environment reaches it (S-24).
  const auto has = [&](std::string_view name) {
    return std::any_of(program.environment.begin(), program.environment.end(),
                       [&](const auto& variable) { return variable.first == name; });
  };
  if (!has("PATH")) {
    program.environment.emplace_back("PATH",
                                     "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:"
                                     "/sbin:/bin");
  }
  if (!has("LANG")) program.environment.emplace_back("LANG", "C.UTF-8");
  program.input = text_of(request, "input");
  program.deadline = step.timeout;
  plan.send.what = std::move(program);
  return plan;
}

bool has_header(const HttpRequest& http, std::string_view name) {
  const auto same = [](char a, char b) { return (a | 0x20) == (b | 0x20); };
  return std::any_of(http.headers.begin(), http.headers.end(), [&](const HttpHeader& one) {
    return std::equal(one.name.begin(), one.name.end(), name.begin(), name.end(), same);
  });
}

void stamp_http(HttpRequest& http, const SendPlan& plan, const Attempt& attempt, const RunRow& run,
                WallTime now) {
  if (!plan.send.account.empty()) {
    if (!plan.idempotency_header.empty()) {
      http.headers.push_back({plan.idempotency_header, attempt.key, false});
    }
    return;
  }
  for (HttpHeader& header :
       webhook_headers(attempt.key, now, http.body, plan.signing, attempt.number)) {
    // Of these names the operator can have set Idempotency-Key alone; that one stands.
    if (!has_header(http, header.name)) http.headers.push_back(std::move(header));
  }
  http.headers.push_back({"X-Triggerd-Event", run.event_id, false});
  const json& replayed = member(member(run.event, "event"), "replay_of");
  if (replayed.is_string()) {
    http.headers.push_back({"X-Triggerd-Replay", replayed.get<std::string>(), false});
  }
}

}  // namespace

std::string endpoint_of(const Step& step, const std::string& run_account) {
  if (step.action == "webhook") return url_origin(plain_text(member(step.with, "url")));
  if (step.action == "file" || step.action == "log" || step.action == kLinkAction) return {};
  if (step.action == "exec") {
    const json& command = member(step.with, "command");
    if (!command.is_array() || command.empty()) return {};
    return "program " + plain_text(command.front());
  }
  return "account " + (step.account.empty() ? run_account : step.account);
}

Planned plan_send(const json& request, const Step& step, const RunRow& run,
                  const SendSources& sources) {
  if (step.action == "webhook") return plan_webhook(request, step, sources);
  if (step.action == "exec") return plan_exec(request, step, sources);
  if (step.action != "file" && step.action != "log") return plan_operation(request, step, sources);
  SendPlan plan;
  if (step.action == "file") {
    FileSend file;
    file.path = text_of(request, "path");
    file.append = text_of(request, "mode") != "per_event";
    file.text = text_of(request, "text");
    plan.send.what = std::move(file);
  } else {
    plan.send.what = LogSend{run.trigger, run.key, text_of(request, "message")};
  }
  return plan;
}

void stamp_send(SendPlan& plan, const Attempt& attempt, const RunRow& run, WallTime now) {
  plan.send.attempt = attempt;
  plan.send.trigger = run.trigger;
  if (auto* http = std::get_if<HttpRequest>(&plan.send.what)) {
    stamp_http(*http, plan, attempt, run, now);
  } else if (auto* program = std::get_if<SpawnRequest>(&plan.send.what)) {
    auto& variables = program->environment;
    variables.emplace_back("TRIGGERD_KEY", attempt.key);
    variables.emplace_back("TRIGGERD_ATTEMPT", std::to_string(attempt.number));
    variables.emplace_back("TRIGGERD_EVENT", run.event_id);
    variables.emplace_back("TRIGGERD_TRIGGER", run.trigger);
    variables.emplace_back("TRIGGERD_RECORD", run.key);
  } else if (auto* file = std::get_if<FileSend>(&plan.send.what)) {
    file->key = attempt.key;
    file->repeat = attempt.number > 1;
  }
}

}  // namespace triggerd
