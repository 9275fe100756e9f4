// Accounts that sign in by OAuth, a place for their tokens, and answers of a token endpoint.
#pragma once

#include <doctest/doctest.h>
#include <sys/stat.h>

#include <filesystem>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "triggerd/account/token_store.h"
#include "triggerd/account/tokens.h"
#include "triggerd/config/sign_in.h"

namespace triggerd {

// A folder of its own, gone with the test; in memory where there is such a place.
class TokenFolder {
 public:
  TokenFolder() {
    const std::filesystem::path base =
        std::filesystem::exists("/dev/shm") ? "/dev/shm" : std::filesystem::temp_directory_path();
    std::string pattern = (base / "triggerd-tokens-XXXXXX").string();
    path_ = mkdtemp(pattern.data());
  }
  ~TokenFolder() { std::filesystem::remove_all(path_); }
  TokenFolder(const TokenFolder&) = delete;
  TokenFolder& operator=(const TokenFolder&) = delete;
  std::string tokens() const { return path_ + "/tokens"; }
  std::string at(const std::string& name) const { return tokens() + "/" + name; }

 private:
  std::string path_;
};

inline const Connector& oauth_app() {
  static const Connector app = [] {
    Connector made;
    made.name = "app";
    made.account_keys = {{"place", "", TokenLevel::any}};
    AuthRule code;
    code.kind = AuthKind::oauth2_code;
    code.name = "oauth";
    code.fields = {"client_id", "client_secret"};
    code.token = TokenRequest{};
    code.token->url = "https://app.example/token";
    code.token->send = nlohmann::json::object();
    AuthRule client = code;
    client.kind = AuthKind::oauth2_client;
    client.name = "client";
    AuthRule derived = code;
    derived.kind = AuthKind::derived;
    derived.name = "agency";
    derived.fields = {"agency"};
    derived.token->url = "https://app.example/derived";
    derived.token->send = {{"place", "{place}"}};
    made.auth = {code, client, derived};
    ErrorRule passes;
    passes.statuses = {400};
    passes.at = "/message";
    passes.contains = {"Location is not active"};
    passes.means = ErrorClass::transient;
    made.errors = {passes};
    return made;
  }();
  return app;
}

inline Account oauth_account(const std::string& name, std::size_t rule = 0) {
  Account account;
  account.name = name;
  account.connector = &oauth_app();
  account.auth = &oauth_app().auth.at(rule);
  account.secrets["client_id"] = Secret("client-1");
  account.secrets["client_secret"] = Secret("the-client-secret");
  account.pool = "app/" + name;
  account.base_url = "https://app.example";
  account.sign_in = std::make_shared<SignIn>();
  account.sign_in->request = *account.auth->token;
  return account;
}

inline std::shared_ptr<const Config> accounts_of(const std::vector<Account>& accounts) {
  auto config = std::make_shared<Config>();
  for (const Account& account : accounts) {
    Account own = account;
    own.sign_in = std::make_shared<SignIn>(*account.sign_in);
    config->accounts[account.name] = own;
  }
  return config;
}

inline HttpReply reply_of(int status, const nlohmann::json& body) {
  HttpReply reply;
  reply.status = status;
  reply.body = body.is_string() ? body.get<std::string>() : body.dump();
  return reply;
}

inline HttpReply lost_reply(HttpFailure failure) {
  HttpReply reply;
  reply.failure = failure;
  reply.reason = "lost";
  return reply;
}

inline nlohmann::json pair_of(const std::string& name, std::int64_t seconds = 86'400) {
  return {{"access_token", "at-" + name},
          {"refresh_token", "rt-" + name},
          {"expires_in", seconds},
          {"scope", "contacts.readonly"}};
}

inline const HttpReply kInvalidGrant =
    reply_of(400, {{"error", "invalid_grant"}, {"error_description", "Invalid grant"}});

// Puts a first pair on the disk, as `auth login` does.
inline void store_pair(const TokenFolder& folder, const Account& account, const std::string& name,
                       WallTime at, std::int64_t seconds = 86'400) {
  TokenStore store(folder.tokens(), account.name);
  REQUIRE(store.try_lock().value());
  const TokenState before = store.read(account);
  REQUIRE(store.note_intent({client_name(account), "authorization_code", at}, before));
  REQUIRE(store.note_answer(200, pair_of(name, seconds).dump(), at));
  REQUIRE(store.commit());
}

inline mode_t mode_of(const std::string& path) {
  struct stat found {};
  return ::lstat(path.c_str(), &found) == 0 ? found.st_mode & 07777U : 0;
}

}  // namespace triggerd
