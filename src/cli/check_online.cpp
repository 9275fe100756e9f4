#include "cli/check_online.h"

#include <algorithm>
#include <iostream>
#include <map>
#include <nlohmann/json.hpp>
#include <tuple>

#include "cli/auth_exchange.h"
#include "cli/loaded.h"
#include "cli/table_text.h"
#include "engine/walk_plan.h"
#include "os/curl_client.h"
#include "triggerd/account/authorization.h"
#include "triggerd/catalog/request.h"
#include "triggerd/config/sign_in.h"
#include "triggerd/poll/reply_kind.h"

namespace triggerd {

namespace {

constexpr std::chrono::microseconds kWait{1'000'000};
constexpr std::chrono::milliseconds kAnswerMax{20'000};

bool level_fits(const Operation& operation, const Account& account) {
  return operation.token == TokenLevel::any || account.level == TokenLevel::any ||
         operation.token == account.level;
}

// Nothing that only a user could give is missing.
bool needs_nothing(const Operation& operation, const nlohmann::json& values) {
  const auto given = [&](const std::string& name) { return values.contains(name); };
  const bool required =
      std::all_of(operation.params.begin(), operation.params.end(),
                  [&](const Param& param) { return !param.required || given(param.name); });
  return required && (operation.one_of.empty() ||
                      std::any_of(operation.one_of.begin(), operation.one_of.end(), given));
}

nlohmann::json question(const Operation& operation, const Account& account) {
  nlohmann::json values = param_values(operation, nlohmann::json::object(), account);
  const Paging& paging = operation.read->paging;
  const Param* size = operation.find_param(paging.size_param);
  // One record is answer enough, where the app does not ask for more.
  if (size != nullptr) {
    values[size->name] =
        check_param_value(*size, 1).empty() ? nlohmann::json(1) : nlohmann::json(paging.size);
  }
  return values;
}

bool can_ask(const Operation& operation, const Account& account) {
  return operation.kind == OperationKind::read && operation.read && !operation.deprecated &&
         !operation.read->window && level_fits(operation, account) &&
         needs_nothing(operation, question(operation, account));
}

bool names_scope(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return text.find("scope") != std::string::npos;
}

std::string listed_scopes(const Operation& operation) {
  std::string text;
  for (const std::string& scope : operation.scopes) text += (text.empty() ? "" : ", ") + scope;
  return text;
}

void judge(OnlineResult& result, const HttpReply& reply, const Operation& operation,
           const Account& account) {
  const ReplyMeaning meaning = read_reply(reply, operation, *account.connector);
  result.reason = meaning.reason;
  switch (meaning.kind) {
    case ReplyKind::page:
    case ReplyKind::not_modified:
      result.result = "ok";
      result.reason.clear();
      return;
    case ReplyKind::unauthorised:
    case ReplyKind::refused:
    case ReplyKind::absent:
      result.result = names_scope(reply.body) ? "no scope" : "refused";
      if (result.result == "no scope" && !operation.scopes.empty()) {
        result.reason += "; it asks for " + listed_scopes(operation);
      }
      return;
    case ReplyKind::throttled:
    case ReplyKind::transient:
    case ReplyKind::not_understood:
      result.result = "no answer";
      return;
  }
}

// Starts the question; the result says at once why there is none.
std::optional<HttpTicket> ask(OnlineResult& result, const Operation& operation,
                              const Account& account, HttpClient& http) {
  result.operation = operation.full_name;
  auto request = build_request(operation, question(operation, account));
  if (!request) {
    result.result = "not asked";
    result.reason = request.error();
    return std::nullopt;
  }
  request->pool = account.pool;
  request->limits.total = kAnswerMax;
  authorise_request(*request, account, operation);
  return http.start(std::move(*request));
}

// The stored token as it is; it is not renewed for this question.
bool has_token(const Account& account, const std::string& directory) {
  if (account.sign_in == nullptr || !account.sign_in->now.access.empty()) return true;
  if (account.auth->kind != AuthKind::oauth2_code) return false;
  const TokenState state = TokenStore(directory, account.name).read(account);
  if (state.file != TokenState::File::found) return false;
  account.sign_in->now = {state.token.grant.access, 1};
  return true;
}

}  // namespace

const Operation* harmless_read(const Config& config, const Account& account) {
  for (const Operation& operation : account.connector->operations) {
    const bool named = operation.name == account.connector->check;
    if (named && can_ask(operation, account)) return &operation;
  }
  for (const Trigger& trigger : config.triggers) {
    const bool polls =
        std::binary_search(trigger.accounts.begin(), trigger.accounts.end(), account.name);
    if (polls && trigger.enabled && trigger.operation != nullptr &&
        can_ask(*trigger.operation, account)) {
      return trigger.operation;
    }
  }
  const Operation* best = nullptr;
  const auto cost = [](const Operation& one) {
    return std::tuple(!one.confirmed, one.method != "GET",
                      one.read->shape != Shape::object && one.read->shape != Shape::list,
                      one.read->paging.kind != PagingKind::none, one.params.size());
  };
  for (const Operation& operation : account.connector->operations) {
    if (!can_ask(operation, account)) continue;
    if (best == nullptr || cost(operation) < cost(*best)) best = &operation;
  }
  return best;
}

Result<std::vector<OnlineResult>, std::string> check_online(const CommandOptions& options,
                                                            const Config& config) {
  CurlClient http;
  std::shared_ptr<const Config> moved;
  if (!options.sandbox.empty()) {
    const std::string wrong = check_sandbox_url(options.sandbox);
    if (!wrong.empty()) return Failure<std::string>(wrong);
    auto sandbox = move_to_sandbox(config, options.sandbox, http);
    if (!sandbox) return Failure<std::string>(sandbox.error());
    moved = sandbox->config;
  }
  const Config& asked = moved == nullptr ? config : *moved;
  std::vector<OnlineResult> results;
  results.reserve(asked.accounts.size());
  std::map<HttpTicket, std::pair<std::size_t, const Operation*>> waiting;
  for (const auto& [name, account] : asked.accounts) {
    results.push_back({name, "", "not asked", "no read operation needs no values"});
    if (!has_token(account, tokens_directory(state_directory(options, asked)))) {
      results.back().reason = "it has no token yet: `triggerd auth status` says why";
      continue;
    }
    const Operation* operation =
        account.connector == nullptr ? nullptr : harmless_read(asked, account);
    if (operation == nullptr) continue;
    if (const auto ticket = ask(results.back(), *operation, account, http)) {
      waiting[*ticket] = {results.size() - 1, operation};
    }
  }
  // Every request has a deadline of its own, so this ends.
  while (!waiting.empty()) {
    for (const HttpFinished& finished : http.finished(kWait)) {
      const auto found = waiting.find(finished.ticket);
      if (found == waiting.end()) continue;
      const auto [index, operation] = found->second;
      judge(results[index], finished.reply, *operation, *asked.account(results[index].account));
      waiting.erase(found);
    }
  }
  return results;
}

void print_online(const std::vector<OnlineResult>& results) {
  for (const OnlineResult& one : results) {
    std::cout << "online " << one.account << ": "
              << coloured(one.result, one.result == "ok" ? 32 : 31);
    if (!one.operation.empty()) std::cout << " (" << one.operation << ')';
    if (!one.reason.empty()) std::cout << ": " << one.reason;
    std::cout << '\n';
  }
}

nlohmann::json online_json(const std::vector<OnlineResult>& results) {
  nlohmann::json list = nlohmann::json::array();
  for (const OnlineResult& one : results) {
    list.push_back({{"account", one.account},
                    {"operation", one.operation},
                    {"result", one.result},
                    {"reason", one.reason}});
  }
  return list;
}

}  // namespace triggerd
