// auth login, auth status: the only place where a person takes part in a sign-in. The tokens go
// into the files that a running daemon reads, under the same lock; it notices by itself.
#include <poll.h>

#include <algorithm>
#include <iostream>

#include "cli/auth_exchange.h"
#include "cli/loaded.h"
#include "cli/outcome.h"
#include "cli/sign_in_page.h"
#include "cli/table_text.h"
#include "os/curl_client.h"
#include "os/loopback_listener.h"
#include "os/random_seed.h"
#include "os/system_clock.h"
#include "store/state_directory.h"
#include "triggerd/config/sign_in.h"
#include "triggerd/json_text.h"

namespace triggerd {

namespace {

constexpr std::chrono::minutes kPersonMax{10};
constexpr std::size_t kRandomBytes = 64;

std::vector<std::string> account_names(const Config& config) {
  std::vector<std::string> names;
  for (const auto& [name, account] : config.accounts) names.push_back(name);
  return names;
}

Result<std::string, std::string> pasted_code(const SignInPage& page) {
  std::cerr << "Open this page, sign in, and paste the address that the browser is sent to, or "
               "the code in it:\n\n  "
            << page.url << "\n\n> " << std::flush;
  std::string line;
  if (!std::getline(std::cin, line)) return Failure<std::string>("nothing was pasted");
  return code_of_text(page, std::move(line));
}

// `redirect_uri` becomes the address that was sent: the port may be the kernel's choice.
Result<std::string, std::string> listened_code(const CommandOptions& options,
                                               const Account& account, std::string_view random,
                                               SignInPage& page) {
  std::string uri = account.sign_in->redirect_uri;
  const auto place = local_place(uri);
  if (!place) return Failure<std::string>(place.error());
  const bool given = !uri.empty();
  auto listener = LoopbackListener::open(given ? place->port : options.port);
  if (!listener) return Failure<std::string>(listener.error());
  if (!given) uri = "http://127.0.0.1:" + std::to_string(listener->port()) + place->path;
  page = sign_in_page(account, uri, random);
  std::cerr << "Open this page in a browser on this machine and sign in:\n\n  " << page.url
            << "\n\nwaiting at " << uri << " for " << kPersonMax.count() << " minutes\n"
            << std::flush;
  Result<std::string, std::string> code = Failure<std::string>("nobody signed in");
  listener->wait(place->path, kPersonMax, [&](const std::string& query) -> std::string {
    auto found = code_of_query(page, query);
    const auto members = query_members(query);
    const auto state = members.find("state");
    // What carries another state is not ours: the wait goes on.
    if (state == members.end() || state->second != page.state) return "";
    code = std::move(found);
    return code ? "The sign-in has arrived; see the terminal. This page can be closed."
                : "The sign-in was refused; see the terminal.";
  });
  return code;
}

Result<std::string, std::string> ask_person(const CommandOptions& options, const Account& account,
                                            SignInPage& page) {
  const std::string random = random_bytes(kRandomBytes);
  if (!options.paste) return listened_code(options, account, random, page);
  const std::string& uri = account.sign_in->redirect_uri;
  page = sign_in_page(account, uri.empty() ? "http://127.0.0.1/callback" : uri, random);
  return pasted_code(page);
}

// With --sandbox, a copy that points there; `http` carries that and the exchange.
Result<std::shared_ptr<const Config>, std::string> as_asked(const CommandOptions& options,
                                                            std::shared_ptr<const Config> config,
                                                            HttpClient& http) {
  if (options.sandbox.empty()) return config;
  const std::string wrong = check_sandbox_url(options.sandbox);
  if (!wrong.empty()) return Failure<std::string>(wrong);
  auto moved = move_to_sandbox(*config, options.sandbox, http);
  if (!moved) return Failure<std::string>(moved.error());
  return moved->config;
}

std::string kind_of(const Account& account) {
  return account.auth == nullptr ? "none" : account.auth->name;
}

nlohmann::json shown(const Account& account, const std::string& directory, WallTime now) {
  nlohmann::json row = {{"account", account.name},  {"connector", account.connector->name},
                        {"kind", kind_of(account)}, {"state", "fixed"},
                        {"valid_until", nullptr},   {"sign_in_until", nullptr},
                        {"scopes", nullptr},        {"renewed", nullptr},
                        {"reason", nullptr}};
  if (account.sign_in == nullptr) return row;
  if (account.auth->kind != AuthKind::oauth2_code) {
    row["state"] = "by request";
    if (!account.sign_in->agency.empty()) row["reason"] = "from " + account.sign_in->agency;
    return row;
  }
  TokenStore store(directory, account.name);
  const TokenState state = store.read(account);
  row.update(token_row(account, state, now));
  return row;
}

}  // namespace

int command_auth_login(const CommandOptions& options) {
  const Loaded loaded = load_for(options, false);
  if (loaded.config == nullptr) return kExitConfiguration;
  CurlClient http;
  const auto config = as_asked(options, loaded.config, http);
  if (!config) return fail(options, kExitFailed, config.error());
  const Account* account = (*config)->account(options.trigger);
  if (account == nullptr) {
    return fail_unknown(options, "account", options.trigger, account_names(**config));
  }
  if (account->sign_in == nullptr || account->auth->kind != AuthKind::oauth2_code) {
    return fail(options, kExitUsage,
                "account `" + account->name + "` signs in by `" + kind_of(*account) +
                    "`: there is nothing for a person to do");
  }
  const auto directory = prepare_state_directory(state_directory(options, **config));
  if (!directory) return fail(options, kExitState, directory.error());
  TokenStore store(tokens_directory(*directory), account->name);
  // Before anyone is asked to sign in: a file that cannot be read stays where it is.
  if (const TokenState state = store.read(*account); state.file == TokenState::File::refused) {
    return fail(options, kExitState, state.reason);
  }
  SignInPage page;
  const auto code = ask_person(options, *account, page);
  if (!code) return fail(options, kExitFailed, code.error());
  const auto stored = exchange_code(*account, store, {*code, page.redirect_uri, page.verifier},
                                    http, SystemClock());
  if (!stored) return fail(options, stored.error().exit, stored.error().what);
  if (options.json) {
    std::cout << compact_json({{"ok", true}, {"token", *stored}}) << '\n';
    return kExitOk;
  }
  std::cout << account->name << " is signed in";
  if (const auto& until = (*stored)["valid_until"]; until.is_string()) {
    std::cout << "; the token holds until " << until.get<std::string>()
              << " and is renewed by itself";
  }
  std::cout << '\n';
  return kExitOk;
}

int command_auth_status(const CommandOptions& options) {
  const Loaded loaded = load_for(options, true);
  if (loaded.config == nullptr) return kExitConfiguration;
  const std::string directory = tokens_directory(state_directory(options, *loaded.config));
  const auto config = with_stored_accounts(loaded.config, state_directory(options, *loaded.config));
  Listing listing;
  bool unreadable = false;
  for (const auto& [name, account] : config->accounts) {
    if (!options.trigger.empty() && options.trigger != name) continue;
    listing.rows.push_back(shown(account, directory, SystemClock().wall()));
    unreadable = unreadable || listing.rows.back()["state"] == "unreadable";
  }
  if (!options.trigger.empty() && listing.rows.empty()) {
    return fail_unknown(options, "account", options.trigger, account_names(*config));
  }
  print_listing(listing,
                {"account", "connector", "kind", "state", "valid_until", "sign_in_until", "renewed",
                 "scopes", "reason"},
                options.json, "the file has no accounts");
  return unreadable ? kExitState : kExitOk;
}

}  // namespace triggerd
