// connector try: one real request of a read operation, and what the connector file makes of the
// answer. Keeps nothing; secrets come by reference, as in triggers.yaml.
#include <algorithm>
#include <iostream>
#include <nlohmann/json.hpp>

#include "cli/connector_file.h"
#include "cli/loaded.h"
#include "cli/one_answer.h"
#include "cli/outcome.h"
#include "engine/walk_plan.h"
#include "os/curl_client.h"
#include "os/system_clock.h"
#include "triggerd/account/authorization.h"
#include "triggerd/account/tokens.h"
#include "triggerd/catalog/request.h"
#include "triggerd/config/sign_in.h"
#include "triggerd/json_text.h"
#include "triggerd/poll/cycle.h"

namespace triggerd {

namespace {

using nlohmann::json;

constexpr std::size_t kRecordsShown = 20;
constexpr std::chrono::milliseconds kAnswerMax{30'000};
constexpr const char* kAccount = "try";

std::string upper(const std::string& text) {
  std::string big;
  for (const char c : text) {
    const bool small = c >= 'a' && c <= 'z';
    big += small ? static_cast<char>(c - 32) : (c == '-' ? '_' : c);
  }
  return big;
}

// A JSON text is a text of YAML, too, whatever is in it.
std::string quoted(const std::string& text) {
  return json(text).dump(-1, ' ', false, json::error_handler_t::replace);
}

Result<std::map<std::string, std::string>, std::string> pairs_of(
    const std::vector<std::string>& words) {
  std::map<std::string, std::string> pairs;
  for (const std::string& word : words) {
    const std::size_t equals = word.find('=');
    if (equals == std::string::npos || equals == 0) {
      return Failure<std::string>("`" + word + "` is not of the form NAME=VALUE");
    }
    pairs[word.substr(0, equals)] = word.substr(equals + 1);
  }
  return pairs;
}

const AuthRule* chosen_rule(const Connector& connector, const std::string& kind) {
  for (const AuthRule& rule : connector.auth) {
    if (kind.empty() || rule.name == kind) return &rule;
  }
  return nullptr;
}

// The account as triggers.yaml would hold it, so that the rules for credentials are the same. A
// credential that is not given is looked for in the environment: ACME_TOKEN.
std::string account_text(const Connector& connector, const AuthRule* rule,
                         std::map<std::string, std::string> given) {
  std::string text = "version: 1\naccounts:\n  " + std::string(kAccount) +
                     ":\n    connector: " + connector.name + "\n";
  std::string auth;
  if (rule != nullptr && rule->kind != AuthKind::none) {
    auth = "    auth:\n      kind: " + quoted(rule->name) + "\n";
    for (const std::string& field : rule->fields) {
      const auto found = given.find(field);
      auth += "      " + field + ": " +
              quoted(found != given.end()
                         ? found->second
                         : "${env:" + upper(connector.name) + "_" + upper(field) + "}") +
              "\n";
      if (found != given.end()) given.erase(found);
    }
  }
  for (const auto& [name, value] : given) text += "    " + name + ": " + quoted(value) + "\n";
  return text + auth + "triggers: {}\n";
}

// Gets the token of an account that signs in by a request; a sentence when there is none.
std::string sign_in(std::shared_ptr<const Config> config, HttpClient& http) {
  const Account& account = *config->account(kAccount);
  if (account.sign_in == nullptr) return {};
  if (account.auth->kind == AuthKind::oauth2_code || account.auth->kind == AuthKind::derived) {
    return "signing in by `" + account.auth->name +
           "` needs an account of triggers.yaml: use `triggerd auth login` and `triggerd test`";
  }
  SystemClock clock;
  Tokens tokens("");
  tokens.follow(config, clock.wall(), clock.steady());
  for (const TokenCall& call : tokens.due(clock.wall(), clock.steady(), false)) {
    const HttpReply reply = one_answer(http, call.request);
    tokens.answered(call.account, reply, clock.wall(), clock.steady());
  }
  if (!account.sign_in->now.access.empty()) return {};
  std::string reason = "the app gave no token";
  for (const TokenStanding& standing : tokens.changed(clock.steady())) {
    if (!standing.reason.empty()) reason = standing.reason;
  }
  return reason;
}

json shown_record(const Record& record) {
  json shown = {{"id", record.key}, {"bytes", record.raw.size()}};
  if (record.updated) shown["updated"] = to_iso8601(*record.updated);
  if (record.created) shown["created"] = to_iso8601(*record.created);
  shown["record"] = parse_json(record.raw).value_or(json(nullptr));
  return shown;
}

void show_page(json& outcome, const PageRead& read) {
  outcome["result"] = "page";
  outcome["count"] = read.page.records.size();
  outcome["passed_over"] = read.page.passed_over;
  outcome["records"] = json::array();
  for (const Record& record : read.page.records) {
    if (outcome["records"].size() < kRecordsShown)
      outcome["records"].push_back(shown_record(record));
  }
  outcome["odd"] = json::array();
  for (const OddRecord& odd : read.page.odd) {
    if (outcome["odd"].size() < kRecordsShown) outcome["odd"].push_back(odd.reason);
  }
  outcome["next"] = read.last ? json(nullptr) : read.cursor;
  if (read.cut) outcome["cut"] = read.reason;
}

// True when the answer was understood.
bool show_step(json& outcome, const WalkStep& step) {
  if (const auto* read = std::get_if<PageRead>(&step)) {
    show_page(outcome, *read);
    return !read->cut || !read->cursor.is_null();
  }
  if (const auto* failure = std::get_if<WalkFailure>(&step)) {
    outcome["result"] = to_text(failure->kind);
    outcome["reason"] = failure->reason;
    return false;
  }
  outcome["result"] = "absent";
  return true;
}

void print_page(const json& outcome) {
  for (const json& record : outcome["records"]) {
    std::cout << "  " << record.value("id", "");
    if (record.contains("updated")) std::cout << "  updated " << record.value("updated", "");
    std::cout << "  " << compact_json(record["record"]).substr(0, 160) << '\n';
  }
  const std::size_t count = outcome["count"];
  if (count > kRecordsShown) std::cout << "  ... and " << count - kRecordsShown << " more\n";
  for (const json& odd : outcome["odd"]) {
    std::cout << "  not usable: " << odd.get<std::string>() << '\n';
  }
  std::cout << count << " records";
  if (outcome["passed_over"] != 0) {
    std::cout << ", " << compact_json(outcome["passed_over"])
              << " passed over by `where` or `gone`";
  }
  if (outcome.contains("cut")) {
    std::cout << "; the walk would stop: " << outcome["cut"].get<std::string>() << '\n';
  } else if (outcome["next"].is_null()) {
    std::cout << "; this is the last page\n";
  } else {
    std::cout << "; next page: " << compact_json(outcome["next"]) << '\n';
  }
}

void print_outcome(const json& outcome) {
  std::cout << outcome.value("request", "") << "\nstatus " << compact_json(outcome["status"])
            << ", " << outcome.value("result", "");
  const std::string reason = outcome.value("reason", "");
  std::cout << (reason.empty() ? "" : ": " + reason) << '\n';
  if (outcome.contains("records")) print_page(outcome);
}

struct Trial {
  std::shared_ptr<const Config> config;
  const Operation* operation = nullptr;
  json params = json::object();
};

// To a look-alike, tokens included: no credential goes to the app then.
void move_account(Account& account, const std::string& url) {
  account.base_url = url;
  if (account.sign_in == nullptr) return;
  account.sign_in = std::make_shared<SignIn>(*account.sign_in);
  std::string& token_url = account.sign_in->request.url;
  const std::size_t host = token_url.find("://");
  const std::size_t path = host == std::string::npos ? host : token_url.find('/', host + 3);
  token_url = url + (path == std::string::npos ? "" : token_url.substr(path));
}

int ask(const CommandOptions& options, const Trial& trial) {
  CurlClient http;
  auto config = trial.config;
  if (!options.url.empty()) {
    auto moved = std::make_shared<Config>(*config);
    move_account(moved->accounts.at(kAccount), options.url);
    config = moved;
  }
  const Account& account = *config->account(kAccount);
  if (const std::string wrong = sign_in(config, http); !wrong.empty()) {
    return fail(options, kExitFailed, wrong);
  }
  WalkPlan plan;
  plan.connector = account.connector;
  plan.operation = trial.operation;
  plan.values = param_values(*trial.operation, trial.params, account);
  Cycle cycle(plan, WalkStart{});
  auto request = cycle.next_request();
  if (!request) return fail(options, kExitUsage, request.error());
  json outcome = {{"operation", trial.operation->full_name},
                  {"request", request->method + " " + account.base_url + request->url}};
  if (!request->body.empty()) outcome["body"] = request->body;
  request->limits.total = kAnswerMax;
  authorise_request(*request, account, *trial.operation);
  HttpReply reply = one_answer(http, std::move(*request));
  outcome["status"] = reply.status;
  const bool understood = show_step(outcome, cycle.take(std::move(reply)));
  if (options.json) {
    std::cout << outcome.dump(2, ' ', false, json::error_handler_t::replace) << '\n';
  } else {
    print_outcome(outcome);
  }
  return understood ? kExitOk : kExitFailed;
}

// The operation that is named, with or without its connector; null after a word on stderr.
const Operation* find_read(const CommandOptions& options, const CatalogLoad& load, int& code) {
  std::vector<std::string> names;
  for (const Connector* connector : connectors_in(load, options.connectors)) {
    for (const Operation& operation : connector->operations) {
      const bool named =
          operation.name == options.trigger || operation.full_name == options.trigger;
      if (named && operation.kind == OperationKind::read) return &operation;
      if (named) {
        code =
            fail(options, kExitUsage, "`" + options.trigger + "` writes; only reads can be tried");
        return nullptr;
      }
      if (operation.kind == OperationKind::read) names.push_back(operation.name);
    }
  }
  code = fail_unknown(options, "operation", options.trigger, names);
  return nullptr;
}

}  // namespace

int command_connector_try(const CommandOptions& options) {
  const CatalogLoad load = load_catalog_with(options.connectors);
  if (load.catalog == nullptr) return fail_problems(options, load.problems, load.texts);
  print_problems(load.problems, load.texts);
  Trial trial;
  int code = kExitOk;
  trial.operation = find_read(options, load, code);
  if (trial.operation == nullptr) return code;
  const std::string wrong_url = options.url.empty() ? "" : check_sandbox_url(options.url);
  if (!wrong_url.empty()) return fail(options, kExitUsage, "--url: only this machine is allowed");
  const auto params = pairs_of(options.params);
  const auto fields = pairs_of(options.fields);
  if (!params || !fields) {
    return fail(options, kExitUsage, params ? fields.error() : params.error());
  }
  for (const auto& [name, value] : *params) {
    const bool structured = value.starts_with('[') || value.starts_with('{');
    trial.params[name] = structured ? parse_json(value).value_or(json(value)) : json(value);
  }
  const Connector& connector = *load.catalog->connector(trial.operation->connector);
  const AuthRule* rule = chosen_rule(connector, options.kind);
  if (rule == nullptr && !connector.auth.empty()) {
    return fail(options, kExitUsage,
                connector.name + " has no way to sign in called `" + options.kind + "`");
  }
  const std::string text = account_text(connector, rule, *fields);
  const ConfigLoad config = load_config("--account", text, load.catalog, process_secrets());
  trial.config = config.config;
  if (config.config == nullptr)
    return fail_problems(options, config.problems, {{"--account", text}});
  return ask(options, trial);
}

}  // namespace triggerd
