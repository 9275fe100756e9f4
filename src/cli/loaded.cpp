#include "cli/loaded.h"

#include <algorithm>
#include <iostream>

#include "triggerd/json_text.h"

namespace triggerd {

namespace {

constexpr std::chrono::microseconds kSandboxWait{10'000'000};

struct SandboxAccount {
  std::string token, base_url;
  std::optional<WallTime> now;
};

Result<SandboxAccount, std::string> ask_sandbox(const Account& account, const std::string& url,
                                                HttpClient& http) {
  nlohmann::json body{{"connector", account.connector->name}};
  for (const auto& [name, text] : account.keys) body[name] = text;
  HttpRequest request;
  request.method = "POST";
  request.url = url + "/control/accounts";
  request.headers.push_back({"Content-Type", "application/json", false});
  request.body = compact_json(body);
  const HttpTicket ticket = http.start(std::move(request));
  for (int tries = 0; tries < 100; ++tries) {
    for (const HttpFinished& finished : http.finished(kSandboxWait)) {
      if (finished.ticket != ticket) continue;
      if (finished.reply.failure != HttpFailure::none) {
        return Failure<std::string>("the sandbox at " + url +
                                    " does not answer: " + finished.reply.reason);
      }
      const auto answer = parse_json(finished.reply.body);
      const nlohmann::json* token = answer ? find_at(*answer, "/token") : nullptr;
      const nlohmann::json* base = answer ? find_at(*answer, "/base_url") : nullptr;
      if (finished.reply.status != 200 || token == nullptr || base == nullptr) {
        return Failure<std::string>("the sandbox has no account for `" + account.name +
                                    "`: status " + std::to_string(finished.reply.status));
      }
      const nlohmann::json* now = find_at(*answer, "/now");
      return SandboxAccount{plain_text(*token), plain_text(*base),
                            now == nullptr ? std::nullopt : parse_iso8601(plain_text(*now))};
    }
  }
  return Failure<std::string>("the sandbox at " + url + " does not answer in time");
}

}  // namespace

void print_problems(const std::vector<Problem>& problems,
                    const std::map<std::string, std::string>& texts) {
  for (const Problem& problem : problems) {
    const auto text = texts.find(problem.file);
    std::cerr << render_problem(problem, text == texts.end() ? "" : text->second);
  }
}

SecretSources secrets_for(const CommandOptions& options) {
  SecretSources sources = process_secrets();
  sources.sandbox = !options.sandbox.empty();
  return sources;
}

Loaded load_for(const CommandOptions& options, bool look_only) {
  Loaded loaded;
  CatalogLoad catalog = load_catalog_with(options.connectors);
  print_problems(catalog.problems, catalog.texts);
  loaded.catalog = catalog.catalog;
  if (loaded.catalog == nullptr) return loaded;
  SecretSources secrets = secrets_for(options);
  secrets.sandbox = secrets.sandbox || look_only;
  ConfigLoad config = load_config_file(options.config, loaded.catalog, secrets);
  std::vector<Problem> shown = config.problems;
  if (look_only && config.config != nullptr) shown.clear();
  print_problems(shown, {{options.config, config.text}});
  loaded.config = config.config;
  return loaded;
}

std::string state_directory(const CommandOptions& options, const Config& config) {
  if (!options.state.empty()) return options.state;
  return options.sandbox.empty() ? config.engine.state : config.engine.state + "-sandbox";
}

std::string check_sandbox_url(const std::string& url) {
  for (const char* start : {"http://127.0.0.1:", "http://localhost:", "http://[::1]:"}) {
    if (url.starts_with(start) && url.find('/', std::string(start).size()) == std::string::npos) {
      return "";
    }
  }
  return "--sandbox takes the address that triggerd-sandbox prints, such as "
         "http://127.0.0.1:8080; only this machine is allowed";
}

Result<MovedConfig, std::string> move_to_sandbox(const Config& config,
                                                 const std::string& sandbox_url, HttpClient& http) {
  auto moved = std::make_shared<Config>(config);
  std::optional<WallTime> now;
  for (auto& [name, account] : moved->accounts) {
    const auto answer = ask_sandbox(account, sandbox_url, http);
    if (!answer) return Failure<std::string>(answer.error());
    account.base_url = answer->base_url;
    for (auto& [field, secret] : account.secrets) secret = Secret(answer->token);
    now = answer->now;
  }
  return MovedConfig{std::move(moved), now};
}

}  // namespace triggerd
