#include "cli/auth_exchange.h"

#include <poll.h>

#include <nlohmann/json.hpp>
#include <optional>

#include "cli/command_line.h"
#include "cli/one_answer.h"
#include "triggerd/config/sign_in.h"
#include "triggerd/json_text.h"

namespace triggerd {

namespace {

using nlohmann::json;

constexpr int kLockTries = 300, kLockPauseMs = 100;

Failure<AuthTrouble> state_trouble(const std::string& what) {
  return Failure<AuthTrouble>(AuthTrouble{kExitState, what});
}

Result<void, AuthTrouble> take_lock(TokenStore& store) {
  for (int i = 0; i < kLockTries; ++i) {
    const auto mine = store.try_lock();
    if (!mine) return state_trouble(mine.error());
    if (*mine) return {};
    ::poll(nullptr, 0, kLockPauseMs);
  }
  return state_trouble("another process is renewing the token and does not come to its end");
}

// "location_id" -> "locationId": as apps spell in JSON what our keys name.
std::string camel_case(const std::string& name) {
  std::string text;
  bool up = false;
  for (const char c : name) {
    if (c != '_') text += up && c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c;
    up = c == '_';
  }
  return text;
}

// A person may choose another location than the account's: its records would be taken for this
// one's.
std::string other_place(const Account& account, const std::string& body) {
  const auto parsed = parse_json(body);
  if (!parsed) return {};
  for (const AccountKey& key : account.connector->account_keys) {
    const auto own = account.keys.find(key.name);
    const json* given = find_at(*parsed, "/" + camel_case(key.name));
    if (own == account.keys.end() || key.level != account.level || given == nullptr) continue;
    if (given->is_string() && given->get<std::string>() != own->second) {
      return "you signed in for " + key.name + " " + given->get<std::string>() + ", but `" +
             account.name + "` is " + own->second + ": sign in again and choose that one";
    }
  }
  return {};
}

}  // namespace

std::string tokens_directory(const std::string& state) { return state + "/tokens"; }

Result<json, AuthTrouble> exchange_code(const Account& account, TokenStore& store,
                                        const CodeGiven& given, HttpClient& http,
                                        const Clock& clock) {
  if (const auto locked = take_lock(store); !locked) return Failure<AuthTrouble>(locked.error());
  const TokenState before = store.read(account);
  if (before.file == TokenState::File::refused) return state_trouble(before.reason);
  const auto noted =
      store.note_intent({client_name(account), "authorization_code", clock.wall()}, before);
  if (!noted) return state_trouble(noted.error());
  TokenMembers members = {{"grant_type", "authorization_code"},
                          {"code", given.code},
                          {"redirect_uri", given.redirect_uri}};
  if (!given.verifier.empty()) members.emplace_back("code_verifier", given.verifier);
  const HttpReply reply = one_answer(http, token_request(account, members));
  const TokenReply meaning = read_token_reply(reply, account);
  const std::string other =
      meaning.verdict == TokenVerdict::granted ? other_place(account, reply.body) : "";
  if (meaning.verdict != TokenVerdict::granted || !other.empty()) {
    const std::string what = other.empty() ? "the app gave no token: " + meaning.reason : other;
    // The tokens that were there hold as before.
    static_cast<void>(
        store.note_failure(before.journal == TokenState::Journal::lost, what, clock.wall()));
    store.unlock();
    return Failure<AuthTrouble>(AuthTrouble{kExitFailed, what});
  }
  auto written = store.note_answer(reply.status, reply.body, clock.wall());
  if (written) written = store.commit();
  if (!written) return state_trouble(written.error());
  const TokenState now = store.read(account);
  store.unlock();
  return token_row(account, now, clock.wall());
}

json token_row(const Account& account, const TokenState& state, WallTime now) {
  json row = {{"state", "ok"},     {"valid_until", nullptr}, {"sign_in_until", nullptr},
              {"scopes", nullptr}, {"renewed", nullptr},     {"reason", nullptr}};
  const std::string login = "run `triggerd auth login " + account.name + "`";
  if (state.file == TokenState::File::refused) {
    row["state"] = "unreadable";
    row["reason"] = state.reason;
    return row;
  }
  if (state.file == TokenState::File::absent) {
    row["state"] = "not signed in";
    row["reason"] = login;
    return row;
  }
  const TokenGrant& grant = state.token.grant;
  row["renewed"] = to_iso8601(state.token.received);
  const Millis refresh_life = account.sign_in->request.refresh_life;
  if (refresh_life > Millis{0} && !grant.refresh.empty()) {
    row["sign_in_until"] = to_iso8601(state.token.received + refresh_life);
  }
  if (!grant.scope.empty()) row["scopes"] = grant.scope;
  if (grant.life) row["valid_until"] = to_iso8601(state.token.received + *grant.life);
  if (grant.life && state.token.received + *grant.life <= now) row["state"] = "expired";
  if (state.journal == TokenState::Journal::asked) row["state"] = "uncertain";
  if (state.journal == TokenState::Journal::lost) {
    row["state"] = "reauth_required";
    row["reason"] = state.journal_reason + ": " + login;
  }
  // A look without secrets (a listing) cannot tell whose it is.
  if (state.journal != TokenState::Journal::lost && !state.journal_reason.empty()) {
    row["reason"] = state.journal_reason;
  }
  return row;
}

}  // namespace triggerd
