#include "triggerd/account/tokens.h"

#include <algorithm>

#include "account/credential.h"
#include "triggerd/log.h"

namespace triggerd {
namespace {

constexpr Millis kParentWait{1'000};

bool renews(const Account& account) {
  return account.sign_in != nullptr && !account.sign_in->given;
}

}  // namespace

Tokens::Tokens(std::string directory) : directory_(std::move(directory)) {}
Tokens::~Tokens() = default;

Credential* Tokens::find(const std::string& account) const {
  const auto found = credentials_.find(account);
  return found == credentials_.end() ? nullptr : found->second.get();
}

void Tokens::follow(std::shared_ptr<const Config> config, WallTime wall, SteadyTime now) {
  config_ = std::move(config);
  // An exchange that is begun is brought to its end, whatever the file says meanwhile.
  std::erase_if(credentials_, [&](auto& entry) {
    Credential& one = *entry.second;
    const Account* account = config_->account(entry.first);
    const bool stays = account != nullptr && renews(*account) && one.same_as(*account);
    if (stays) one.move_to(config_, *account);
    one.leaving = !stays;
    return one.leaving && one.phase == Credential::Phase::idle;
  });
  for (const auto& [name, account] : config_->accounts) {
    if (renews(account) && find(name) == nullptr) open(account, wall, now);
  }
  told_.clear();
  wake_ = now;
  moved_ = true;
}

void Tokens::open(const Account& account, WallTime wall, SteadyTime now) {
  auto one = std::make_unique<Credential>(config_, account, directory_);
  one->open(wall, now);
  credentials_[account.name] = std::move(one);
}

std::vector<TokenCall> Tokens::due(WallTime wall, SteadyTime now, bool draining,
                                   const TakeTurn& take_turn) {
  std::vector<TokenCall> calls;
  if (!wake_ || now < *wake_) return calls;
  wake_.reset();
  moved_ = true;
  for (auto& [name, one] : credentials_) {
    if (auto call = next_call(*one, {wall, now, draining, take_turn})) {
      calls.push_back(std::move(*call));
    }
    const auto wake = one->next_wake(now);
    if (wake && !(draining && one->phase == Credential::Phase::idle)) {
      wake_ = wake_ ? std::min(*wake_, *wake) : *wake;
    }
  }
  return calls;
}

std::optional<TokenCall> Tokens::next_call(Credential& one, const Moment& now) {
  const SteadyTime steady = now.steady;
  if (one.phase == Credential::Phase::unsaved && steady >= one.not_before) {
    one.save_again(now.wall, steady);
  }
  if (now.draining) return std::nullopt;
  if (one.waits_for_person() && steady >= one.next_look) one.look_again(now.wall, steady);
  if (!one.wants(steady)) return std::nullopt;
  if (one.account->auth->kind == AuthKind::derived) return derived_call(one, now);
  auto request = one.begin(now.wall, steady);
  if (!request) return std::nullopt;
  return TokenCall{one.account->name, std::move(*request)};
}

// The agency's token asks for the location's, within the agency's budget: hundreds may be due at
// once.
std::optional<TokenCall> Tokens::derived_call(Credential& one, const Moment& now) {
  const std::string& agency = one.account->sign_in->agency;
  Credential* parent = find(agency);
  if (parent == nullptr || !parent->usable(now.steady)) {
    one.not_before = now.steady + kParentWait;
    one.trouble = "waits for the token of " + agency;
    if (parent != nullptr && !parent->trouble.empty()) one.trouble += ": " + parent->trouble;
    if (parent == nullptr || parent->standing(now.steady).reason != "") one.failures = 1;
    return std::nullopt;
  }
  const Millis wait = now.take_turn ? now.take_turn(agency) : Millis{0};
  if (wait > Millis{0}) {
    one.not_before = now.steady + wait;
    return std::nullopt;
  }
  one.phase = Credential::Phase::asking;
  one.asked_with = parent->number;
  return TokenCall{one.account->name,
                   token_request(*one.account, {}, parent->grant.access, parent->account->keys),
                   agency};
}

void Tokens::answered(const std::string& account, const HttpReply& reply, WallTime wall,
                      SteadyTime now) {
  Credential* one = find(account);
  if (one == nullptr) return;
  wake_ = now;
  moved_ = true;
  one->answered(reply, wall, now);
  if (one->account->auth->kind == AuthKind::derived && reply.status == 401) {
    Credential* parent = find(one->account->sign_in->agency);
    if (parent != nullptr) parent->refused(one->asked_with, now);
  }
  if (!one->leaving || one->phase != Credential::Phase::idle) return;
  credentials_.erase(account);
  const Account* next = config_->account(account);
  if (next != nullptr && renews(*next)) open(*next, wall, now);
}

bool Tokens::refused(const std::string& account, std::int64_t number, SteadyTime now) {
  Credential* one = find(account);
  if (one == nullptr || one->leaving) return false;
  wake_ = now;
  moved_ = true;
  return one->refused(number, now);
}

std::vector<TokenStanding> Tokens::changed(SteadyTime now) {
  std::vector<TokenStanding> list;
  if (!std::exchange(moved_, false)) return list;
  for (const auto& [name, one] : credentials_) {
    if (one->leaving) continue;
    TokenStanding standing = one->standing(now);
    const auto told = told_.find(name);
    if (told != told_.end() && told->second == standing) continue;
    told_[name] = standing;
    list.push_back(std::move(standing));
  }
  return list;
}

std::string Tokens::trouble_of(const std::string& account) const {
  const auto found = told_.find(account);
  return found == told_.end() ? std::string{} : found->second.reason;
}

std::map<std::string, WallTime> Tokens::sign_in_ends() const {
  std::map<std::string, WallTime> ends;
  for (const auto& [name, one] : credentials_) {
    if (one->refresh_ends && !one->leaving) ends.emplace(name, *one->refresh_ends);
  }
  return ends;
}

bool Tokens::settled() const {
  return std::all_of(credentials_.begin(), credentials_.end(), [](const auto& entry) {
    return entry.second->phase == Credential::Phase::idle;
  });
}

}  // namespace triggerd
