#include "account/credential.h"

#include <algorithm>

#include "triggerd/hash.h"
#include "triggerd/log.h"

namespace triggerd {
namespace {

constexpr Millis kBusyWait{1'000};  // another process holds the lock
constexpr Millis kWriteAgain{1'000};
constexpr Millis kLookEvery{5'000};  // for a person who signs in beside us
constexpr Millis kTemporaryFirst{30'000}, kTemporaryMax{15 * 60'000};
constexpr Millis kUnclearFirst{60'000}, kUnclearMax{60 * 60'000};
constexpr Millis kRefusedFirst{15 * 60'000}, kRefusedMax{60 * 60'000};
constexpr Millis kLifeUnknown{24LL * 3600 * 1000};
constexpr Millis kHoldShort{1'000}, kHoldLong{60'000};

std::string how_to_sign_in(const Account& account) {
  return "run `triggerd auth login " + account.name + "`";
}

}  // namespace

Credential::Credential(std::shared_ptr<const Config> from, const Account& of,
                       const std::string& directory)
    : config(std::move(from)), account(&of), client(client_name(of)) {
  if (of.auth->kind != AuthKind::oauth2_code) return;
  unkept = directory.empty();
  if (!unkept) store = std::make_unique<TokenStore>(directory, of.name);
}

void Credential::open(WallTime wall, SteadyTime now) {
  wanted = true;
  if (!is_kept()) return;
  const auto mine = store->try_lock();
  if (!mine) return cannot_write(mine.error(), now);
  const TokenState state = store->read(*account);
  if (*mine) {
    // At the start, so that a disk that fills up later cannot keep an answer from being written.
    if (state.file != TokenState::File::refused) static_cast<void>(store->prepare());
    store->unlock();
  }
  if (!adopt_stored(state, wall, now)) return;
  // What is open since a crash is settled at once; so is what needs a person told.
  wanted = (ends && *ends <= now) || state.journal != TokenState::Journal::idle;
}

// ---- asking

bool Credential::wants(SteadyTime now) const {
  return phase == Phase::idle && !leaving && now >= not_before &&
         (wanted || (refresh_at && now >= *refresh_at));
}

std::optional<HttpRequest> Credential::begin(WallTime wall, SteadyTime now) {
  if (unkept) {
    needs_person("there is no place for its tokens", now);
    return std::nullopt;
  }
  if (is_kept()) return begin_kept(wall, now);
  phase = Phase::asking;
  TokenMembers members;
  if (account->auth->kind == AuthKind::oauth2_client) {
    // Some apps have a word of their own for it, which the connector sends.
    if (!account->sign_in->request.send.contains("grant_type")) {
      members.emplace_back("grant_type", "client_credentials");
    }
    std::string scopes;
    for (const std::string& scope : account->sign_in->scopes) {
      scopes += (scopes.empty() ? "" : account->auth->scope_separator) + scope;
    }
    if (!scopes.empty()) members.emplace_back("scope", scopes);
  }
  return token_request(*account, members);
}

std::optional<HttpRequest> Credential::begin_kept(WallTime wall, SteadyTime now) {
  const auto mine = store->try_lock();
  if (!mine) {
    cannot_write(mine.error(), now);
    return std::nullopt;
  }
  if (!*mine) {
    not_before = now + kBusyWait;
    return std::nullopt;
  }
  std::optional<HttpRequest> request;
  const TokenState state = store->read(*account);
  const bool another = state.file == TokenState::File::found && state.token.client == client &&
                       state.token.generation != generation;
  if (another && adopt_stored(state, wall, now) && !(ends && *ends <= now)) {
    wanted = false;  // another process was faster
  } else {
    request = ask(state, wall, now);
  }
  if (!request) store->unlock();
  return request;
}

std::optional<HttpRequest> Credential::ask(const TokenState& state, WallTime wall, SteadyTime now) {
  if (state.file == TokenState::File::refused) {
    needs_person(state.reason, now);
    unreadable = true;
    return std::nullopt;
  }
  SignIn& sign_in = *account->sign_in;
  const bool ours = state.file == TokenState::File::found && state.token.client == client;
  const bool refreshes =
      ours && state.journal != TokenState::Journal::lost && !state.token.grant.refresh.empty();
  if (!refreshes && sign_in.code.empty()) {
    std::string reason = "not signed in";
    if (state.file == TokenState::File::found && !ours) {
      reason = "the stored token belongs to another client or location";
    } else if (state.journal == TokenState::Journal::lost) {
      reason = "the refresh token is not valid any more";
    } else if (ours) {
      reason = "the app gave no refresh token";
    }
    needs_person(reason + ": " + how_to_sign_in(*account), now);
    return std::nullopt;
  }
  TokenMembers members;
  sent_code = !refreshes;
  if (refreshes) {
    members = {{"grant_type", "refresh_token"},
               {"refresh_token", state.token.grant.refresh.reveal()}};
  } else {
    members = {{"grant_type", "authorization_code"}, {"code", sign_in.code.reveal()}};
    if (!sign_in.redirect_uri.empty()) members.emplace_back("redirect_uri", sign_in.redirect_uri);
    sign_in.code = Secret();
  }
  const auto noted = store->note_intent({client, members.front().second, wall}, state);
  if (!noted) {
    cannot_write(noted.error(), now);
    return std::nullopt;
  }
  phase = Phase::asking;
  return token_request(*account, members);
}

// ---- answers

void Credential::answered(const HttpReply& reply, WallTime wall, SteadyTime now) {
  phase = Phase::idle;
  if (is_kept() && reply.failure == HttpFailure::none) {
    const auto noted = store->note_answer(reply.status, reply.body, wall);
    if (!noted) {
      phase = Phase::unsaved;
      unsaved = reply;
      return cannot_write(noted.error(), now);
    }
  }
  settle(reply, wall, now);
  if (phase == Phase::idle && is_kept()) store->unlock();
}

void Credential::save_again(WallTime wall, SteadyTime now) {
  const HttpReply reply = std::move(unsaved);
  answered(reply, wall, now);
  if (phase == Phase::idle) {
    log(LogLevel::info, "a token that could not be written is on the disk",
        {{"account", account->name}});
  }
}

void Credential::settle(const HttpReply& reply, WallTime wall, SteadyTime now) {
  TokenReply meaning = read_token_reply(reply, *account);
  const bool kept = is_kept();
  switch (meaning.verdict) {
    case TokenVerdict::granted:
      return settle_granted(std::move(meaning), wall, now);
    case TokenVerdict::lost:
      return settle_lost(meaning, wall, now);
    case TokenVerdict::refused:
      put_off(kRefusedFirst, kRefusedMax, meaning, now);
      break;
    case TokenVerdict::temporary:
    case TokenVerdict::not_sent:
      put_off(kTemporaryFirst, kTemporaryMax, meaning, now);
      break;
    case TokenVerdict::unclear:
      put_off(kUnclearFirst, kUnclearMax, meaning, now);
      return;  // the journal says "asked", until an answer says more
  }
  if (kept) static_cast<void>(store->note_failure(false, meaning.reason, wall));
}

void Credential::settle_granted(TokenReply reply, WallTime wall, SteadyTime now) {
  if (!is_kept()) {
    adopt(std::move(reply.grant), Millis{0}, now);
    return;
  }
  // Committed by the read, if not here: the answer is in the journal.
  const auto committed = store->commit();
  const TokenState state = store->read(*account);
  if (!committed && state.token.generation == generation) {
    put_off(kWriteAgain, kTemporaryMax, {TokenVerdict::temporary, {}, committed.error(), {}}, now);
    return;
  }
  adopt_stored(state, wall, now);
}

void Credential::settle_lost(const TokenReply& reply, WallTime wall, SteadyTime now) {
  if (!is_kept()) return put_off(kRefusedFirst, kRefusedMax, reply, now);
  // Another program may have exchanged it without our lock (AUT-05).
  const TokenState state = store->read(*account);
  const bool another = state.file == TokenState::File::found && state.token.client == client &&
                       state.token.generation != generation;
  if (another) {
    adopt_stored(state, wall, now);
    return;
  }
  static_cast<void>(store->note_failure(true, reply.reason, wall));
  if (!account->sign_in->code.empty() && !sent_code) return;  // at once, with the code
  needs_person(reply.reason + ": " + how_to_sign_in(*account), now);
}

bool Credential::adopt_stored(const TokenState& state, WallTime wall, SteadyTime now) {
  if (state.file != TokenState::File::found || state.token.client != client) return false;
  generation = state.token.generation;
  const bool first = number == 0;
  refresh_ends.reset();
  const Millis refresh_life = account->sign_in->request.refresh_life;
  if (refresh_life > Millis{0} && !state.token.grant.refresh.empty()) {
    refresh_ends = state.token.received + refresh_life;
  }
  adopt(state.token.grant, wall - state.token.received, now);
  // A program that is started again and again must not renew again and again.
  if (first && !state.token.by_person) after_refusal = true;
  return true;
}

void Credential::adopt(TokenGrant given, Millis age, SteadyTime now) {
  const bool was_told = lost || failures > 0;
  after_refusal = app_refuses;
  grant = std::move(given);
  account->sign_in->now = {grant.access, ++number};
  app_refuses = lost = wanted = unreadable = maybe_ended = false;
  failures = 0;
  trouble.clear();
  not_before = {};
  const Millis life = grant.life.value_or(kLifeUnknown);
  // Spread a little: many tokens are given in the same minute.
  const Millis spread{static_cast<std::int64_t>(hash64(account->name) %
                                                static_cast<std::uint64_t>(life.count() / 20 + 1))};
  ends.reset();
  exchanged.reset();
  refresh_at = now + life / 2 - spread;
  if (age > Millis{0}) {
    refresh_at = std::max(now, *refresh_at - age);
    // By the wall clock, which may be wrong: it is tried first, and a 401 says more (AUT-12).
    maybe_ended = grant.life && age >= life;
    if (maybe_ended) ends = now;
  } else if (age < Millis{0}) {
    refresh_at = now + life / 4;
  }
  if (age == Millis{0} && grant.life) ends = now + life;
  if (age >= Millis{0} && age < kRefreshApart) exchanged = now - age;
  if (was_told) log(LogLevel::info, "account is signed in again", {{"account", account->name}});
}

// ---- what is wrong

void Credential::needs_person(const std::string& reason, SteadyTime now) {
  wanted = false;
  refresh_at.reset();
  next_look = now + kLookEvery;
  if (!lost || trouble != reason) {
    log(LogLevel::error, "account cannot sign in by itself",
        {{"account", account->name}, {"reason", reason}});
  }
  lost = true;
  trouble = reason;
}

void Credential::put_off(Millis first, Millis most, const TokenReply& reply, SteadyTime now) {
  ++failures;
  if (maybe_ended) ends.reset();
  Millis wait = first;
  for (int i = 1; i < failures && wait < most; ++i) wait *= 2;
  not_before = now + std::max(std::min(wait, most), reply.wait.value_or(Millis{0}));
  wanted = true;
  trouble = "no new token: " + reply.reason;
  if ((failures & (failures - 1)) == 0) {
    log(LogLevel::warning, "a token was not renewed; it is tried again",
        {{"account", account->name},
         {"verdict", std::string(to_text(reply.verdict))},
         {"reason", reply.reason},
         {"failures", failures}});
  }
}

void Credential::cannot_write(const std::string& reason, SteadyTime now) {
  not_before = now + kWriteAgain;
  wanted = true;
  if (trouble != reason) {
    log(LogLevel::error, "the tokens of an account cannot be written",
        {{"account", account->name}, {"reason", reason}});
  }
  trouble = reason;
  ++failures;
}

bool Credential::refused(std::int64_t with, SteadyTime now) {
  if (with != number) return true;
  // Apps end tokens at any time, also minutes after they gave them; but one that follows on a
  // refusal and is refused itself is not what is wrong (AUT-07).
  if (after_refusal && exchanged && now - *exchanged < kRefreshApart) return false;
  app_refuses = true;
  if (!lost) wanted = true;
  return true;
}

void Credential::look_again(WallTime wall, SteadyTime now) {
  next_look = now + kLookEvery;
  if (!is_kept()) return;
  const TokenState state = store->read(*account);
  if (state.file == TokenState::File::refused) {
    if (trouble != state.reason) needs_person(state.reason, now);
    unreadable = true;
    return;
  }
  const bool another = state.file == TokenState::File::found && state.token.client == client &&
                       state.token.generation != generation;
  if (another) {
    adopt_stored(state, wall, now);
  } else if (unreadable) {
    wanted = true;  // it can be read again
    lost = unreadable = false;
  }
}

// ---- what others see

bool Credential::usable(SteadyTime now) const {
  return number > 0 && !app_refuses && !(ends && *ends <= now);
}

bool Credential::same_as(const Account& other) const {
  const TokenRequest& a = account->sign_in->request;
  const TokenRequest& b = other.sign_in->request;
  return client == client_name(other) && account->auth->kind == other.auth->kind &&
         a.url == b.url && a.refresh_url == b.refresh_url &&
         account->sign_in->agency == other.sign_in->agency && account->secrets == other.secrets;
}

TokenStanding Credential::standing(SteadyTime now) const {
  TokenStanding result{account->name, Millis{0}, ""};
  if (usable(now)) return result;
  const bool soon = !lost && failures == 0;
  result.hold = soon ? kHoldShort : kHoldLong;
  if (!soon) result.reason = trouble;
  return result;
}

std::optional<SteadyTime> Credential::next_wake(SteadyTime now) const {
  if (phase == Phase::unsaved) return not_before;
  if (phase == Phase::asking) return std::nullopt;
  std::optional<SteadyTime> wake;
  const auto sooner = [&wake](SteadyTime at) { wake = wake ? std::min(*wake, at) : at; };
  if (wanted) sooner(std::max(now, not_before));
  if (refresh_at) sooner(std::max(*refresh_at, not_before));
  if (ends && *ends > now) sooner(*ends);
  if (waits_for_person()) sooner(next_look);
  return wake;
}

void Credential::move_to(std::shared_ptr<const Config> to, const Account& other) {
  if (number > 0) other.sign_in->now = {grant.access, number};
  config = std::move(to);
  account = &other;
}

}  // namespace triggerd
