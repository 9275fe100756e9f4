#include "cli/loaded.h"

#include <algorithm>
#include <iostream>

#include "cli/outcome.h"
#include "engine/agency_list.h"
#include "os/system_clock.h"
#include "triggerd/config/sign_in.h"
#include "triggerd/json_text.h"
#include "triggerd/store/database.h"
#include "triggerd/yaml/reader.h"

namespace triggerd {

namespace {

constexpr std::chrono::microseconds kSandboxWait{10'000'000};

struct SandboxAccount {
  std::string token, base_url;
  std::optional<WallTime> now;
  nlohmann::json answer;
};

Result<SandboxAccount, std::string> ask_sandbox(const Account& account, const std::string& url,
                                                HttpClient& http) {
  nlohmann::json body{{"connector", account.connector->name}};
  for (const auto& [name, text] : account.keys) body[name] = text;
  if (account.sign_in != nullptr && account.auth->kind == AuthKind::oauth2_code) {
    body["oauth"] = true;
  }
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
                            now == nullptr ? std::nullopt : parse_iso8601(plain_text(*now)),
                            *answer};
    }
  }
  return Failure<std::string>("the sandbox at " + url + " does not answer in time");
}

// A sandbox names what is no token, such as the user's name of HTTP Basic.
std::string secret_for(const std::string& field, const SandboxAccount& given) {
  const nlohmann::json* named = find_at(given.answer, "/secrets/" + field);
  return named == nullptr ? given.token : plain_text(*named);
}

// The sandbox signs everyone in: by a code that is exchanged as a real one, or with a token that it
// hands out.
void sign_in_at_sandbox(Account& account, const SandboxAccount& given) {
  SignIn& sign_in = *(account.sign_in = std::make_shared<SignIn>(*account.sign_in));
  const auto text = [&given](const char* name) {
    const nlohmann::json* found = find_at(given.answer, std::string("/") + name);
    return found == nullptr ? std::string() : plain_text(*found);
  };
  sign_in.request.refresh_url.clear();
  switch (account.auth->kind) {
    case AuthKind::oauth2_code:
      sign_in.request.url = text("token_url");
      sign_in.authorize_url = text("authorize_url");
      sign_in.code = Secret(text("code"));
      account.secrets[account.auth->fields.at(0)] = Secret(text("client_id"));
      account.secrets[account.auth->fields.at(1)] = Secret(text("client_secret"));
      break;
    case AuthKind::derived:
      sign_in.request.url = given.base_url + "/oauth/locationToken";
      break;
    case AuthKind::none:
    case AuthKind::basic:
    case AuthKind::bearer:
    case AuthKind::header_key:
    case AuthKind::query_key:
    case AuthKind::body_key:
    case AuthKind::oauth2_client:
    case AuthKind::login:
      sign_in.given = true;
      sign_in.now = {Secret(given.token), 1};
      break;
  }
}

// The key that a path such as "triggers.hot.leads.poll: ..." ends at, or the deepest one that is
// there. Names may hold dots, so the longest that fits is taken.
std::optional<Place> place_of_path(const YamlNode& root, std::string_view path) {
  std::optional<Place> place;
  const YamlNode* node = &root;
  while (node != nullptr) {
    const YamlMember* next = nullptr;
    for (const YamlMember& member : node->members) {
      const std::string& name = member.key.text;
      const bool fits = path.starts_with(name) && path.size() > name.size() &&
                        (path[name.size()] == '.' || path[name.size()] == ':');
      if (fits && (next == nullptr || name.size() > next->key.text.size())) next = &member;
    }
    if (next == nullptr) break;
    place = next->key.place;
    const char behind = path[next->key.text.size()];
    path.remove_prefix(next->key.text.size() + 1);
    node = behind == '.' ? &next->value : nullptr;
  }
  return place;
}

}  // namespace

SecretSources secrets_for(const CommandOptions& options) {
  SecretSources sources = process_secrets();
  sources.sandbox = !options.sandbox.empty();
  return sources;
}

Loaded load_for(const CommandOptions& options, bool look_only) {
  Loaded loaded;
  CatalogLoad catalog = load_catalog_with(options.connectors);
  loaded.catalog = catalog.catalog;
  if (loaded.catalog == nullptr) {
    loaded.errors = catalog.problems.size();
    fail_problems(options, catalog.problems, catalog.texts);
    return loaded;
  }
  print_problems(catalog.problems, catalog.texts);
  SecretSources secrets = secrets_for(options);
  secrets.sandbox = secrets.sandbox || look_only;
  ConfigLoad config = load_config_file(options.config, loaded.catalog, secrets);
  loaded.config = config.config;
  loaded.text = config.text;
  for (const Problem& problem : config.problems) loaded.errors += problem.warning ? 0 : 1;
  if (loaded.config == nullptr) {
    fail_problems(options, config.problems, {{options.config, config.text}});
  } else if (!look_only) {
    print_problems(config.problems, {{options.config, config.text}});
  }
  return loaded;
}

std::shared_ptr<const Config> load_quietly(const CommandOptions& options) {
  const CatalogLoad catalog = load_catalog_with(options.connectors);
  if (catalog.catalog == nullptr) return nullptr;
  SecretSources secrets = secrets_for(options);
  secrets.sandbox = true;
  return load_config_file(options.config, catalog.catalog, secrets).config;
}

std::shared_ptr<const Config> load_unchanged(const CommandOptions& options,
                                             const std::string& text) {
  const CatalogLoad catalog = load_catalog_with(options.connectors);
  if (catalog.catalog == nullptr) return nullptr;
  const ConfigLoad loaded = load_config_file(options.config, catalog.catalog, secrets_for(options));
  return loaded.text == text ? loaded.config : nullptr;
}

void place_problems(std::vector<Problem>& problems, const std::string& text) {
  std::vector<Problem> ignored;
  const std::optional<YamlDocument> document = parse_yaml("", text, ignored);
  if (!document) return;
  for (Problem& problem : problems) {
    if (const auto place = place_of_path(document->root, problem.what)) problem.place = *place;
  }
  sort_problems(problems);
}

std::shared_ptr<const Config> with_stored_accounts(std::shared_ptr<const Config> config,
                                                   const std::string& state) {
  if (config->followed.empty()) return config;
  try {
    DatabaseOptions how;
    how.read_only = true;
    Database database = Database::open(state, how, SystemClock().wall());
    return with_found_accounts(config, polled_in(read_agency_lists(database)));
  } catch (const StoreFailure&) {
    return config;  // not run yet, or not readable: `doctor` says more
  }
}

std::string state_directory(const CommandOptions& options, const Config& config) {
  if (!options.state.empty()) return options.state;
  return options.sandbox.empty() ? config.engine.state : config.engine.state + "-sandbox";
}

std::string check_sandbox_url(const std::string& url) {
  for (const char* start : {"http://127.0.0.1:", "http://localhost:", "http://[::1]:"}) {
    if (!url.starts_with(start)) continue;
    // Nothing but a port: `:80@host` would name another machine.
    const std::string port = url.substr(std::string(start).size());
    if (!port.empty() && port.find_first_not_of("0123456789") == std::string::npos) return "";
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
    for (auto& [field, secret] : account.secrets) secret = Secret(secret_for(field, *answer));
    if (account.sign_in != nullptr) sign_in_at_sandbox(account, *answer);
    for (const AccountKey& key : account.connector->account_keys) {
      if (!key.start_of.empty()) account.keys.erase(key.name);
    }
    fill_key_starts(account);
    const auto followed = moved->followed.find(name);
    if (followed != moved->followed.end()) {
      followed->second.sample.base_url = answer->base_url;
      sign_in_at_sandbox(followed->second.sample, *answer);
    }
    now = answer->now;
  }
  return MovedConfig{std::move(moved), now};
}

}  // namespace triggerd
