#include "engine/agency_watch.h"

#include <algorithm>
#include <variant>

#include "engine/walk_plan.h"
#include "triggerd/account/authorization.h"
#include "triggerd/config/sign_in.h"
#include "triggerd/json_text.h"
#include "triggerd/log.h"

namespace triggerd {

namespace {

constexpr Millis kTokenWait{1'000};
constexpr Millis kDoubtWait{60'000};  // until a list is read again that lacks an account
constexpr Millis kFailedFirst{60'000}, kFailedMax{60 * 60'000};
constexpr std::size_t kListedMax = 10'000;

}  // namespace

void AgencyWatch::follow(std::shared_ptr<const Config> config, SteadyTime now) {
  config_ = std::move(config);
  for (auto look = looks_.begin(); look != looks_.end();) {
    const bool stays = config_->followed.contains(look->first);
    if (!stays && look->second.ticket) http_.cancel(*look->second.ticket);
    look = stays ? std::next(look) : looks_.erase(look);
  }
  for (const auto& [agency, followed] : config_->followed) {
    if (const auto [look, added] = looks_.try_emplace(agency); added) look->second.next = now;
  }
  wake_ = now;
}

bool AgencyWatch::all_asked() const {
  return std::all_of(looks_.begin(), looks_.end(), [this](const auto& one) {
    return one.second.asked || !tokens_.trouble_of(one.first).empty();
  });
}

void AgencyWatch::start_requests(Gates& gates, TurnTime now) {
  if (!wake_ || now.steady < *wake_) return;
  wake_.reset();
  for (auto& [agency, look] : looks_) {
    if (look.ticket) continue;
    if (look.next <= now.steady) start_next(agency, look, gates, now);
    if (!look.ticket) wake_ = std::min(wake_.value_or(look.next), look.next);
  }
}

void AgencyWatch::start_next(const std::string& agency, Look& look, Gates& gates, TurnTime now) {
  const Account& account = *config_->account(agency);
  const auto gate = gates.find(agency);
  if (gate == gates.end() || account.sign_in->now.access.empty()) {
    look.next = now.steady + kTokenWait;
    return;
  }
  const Millis wait =
      gate->second.wait_before_next(Claim::poll, Priority::high, now.wall, now.steady);
  if (wait > Millis{0}) {
    look.next = now.steady + wait;
    return;
  }
  if (look.walk == nullptr) {
    const Operation& operation = *account.connector->account_list;
    WalkPlan plan;
    plan.connector = account.connector;
    plan.operation = &operation;
    plan.values = param_values(operation, nlohmann::json::object(), account);
    look.walk = std::make_unique<Walk>(config_, std::move(plan), WalkStart{});
    look.seen.clear();
    look.sound = true;
  }
  send(agency, look, gate->second, now);
}

void AgencyWatch::send(const std::string& agency, Look& look, RateGate& gate, TurnTime now) {
  Result<HttpRequest, std::string> request = look.walk->cycle.next_request();
  if (!request) {
    return fail(agency, look, WalkFailure{ReplyKind::refused, request.error(), {}, true}, now);
  }
  const Account& account = *config_->account(agency);
  authorise_request(*request, account, *look.walk->plan.operation);
  look.token = account.sign_in->now.number;
  gate.started(Claim::poll, now.wall, now.steady);
  look.ticket = http_.start(std::move(*request));
}

bool AgencyWatch::take(const HttpFinished& finished, Gates& gates, TurnTime now) {
  const auto found = std::find_if(looks_.begin(), looks_.end(), [&](const auto& one) {
    return one.second.ticket == finished.ticket;
  });
  if (found == looks_.end()) return false;
  auto& [agency, look] = *found;
  look.ticket.reset();
  look.next = now.steady;
  const auto gate = gates.find(agency);
  if (gate != gates.end()) gate->second.finished(finished.reply, now.wall, now.steady);
  take_reply(agency, look, finished.reply, now);
  wake_ = now.steady;
  return true;
}

void AgencyWatch::take_reply(const std::string& agency, Look& look, HttpReply reply, TurnTime now) {
  WalkStep step = look.walk->cycle.take(std::move(reply));
  if (const auto* page = std::get_if<PageRead>(&step)) {
    take_page(agency, look, *page, now);
  } else if (const auto* failure = std::get_if<WalkFailure>(&step)) {
    // The same page again, with the next token.
    const bool again =
        failure->kind == ReplyKind::unauthorised && tokens_.refused(agency, look.token, now.steady);
    if (!again) return fail(agency, look, *failure, now);
    look.next = now.steady + kTokenWait;
  } else {
    fail(agency, look, WalkFailure{ReplyKind::not_understood, "no list", {}, true}, now);
  }
}

void AgencyWatch::take_page(const std::string& agency, Look& look, const PageRead& read,
                            TurnTime now) {
  take_records(look, read.page, *look.walk->plan.operation);
  const bool too_many = look.seen.size() > kListedMax;
  if (too_many) look.seen.resize(kListedMax);
  if (read.last || read.cut || too_many) {
    end(agency, look, read.last && look.sound && !too_many, now);
  }
}

void AgencyWatch::take_records(Look& look, const Page& page, const Operation& operation) const {
  const AccountList& rules = *operation.lists_accounts;
  look.sound = look.sound && page.odd.empty();
  for (const Record& record : page.records) {
    const auto body = parse_json(record.raw);
    if (!body) {
      look.sound = false;
      continue;
    }
    const nlohmann::json* used = rules.used_at.empty() ? nullptr : find_at(*body, rules.used_at);
    if (used != nullptr && used->is_boolean() && !used->get<bool>()) continue;
    const nlohmann::json* name = rules.name_at.empty() ? nullptr : find_at(*body, rules.name_at);
    const bool named = name != nullptr && name->is_string();
    look.seen.push_back({record.key, named ? name->get<std::string>() : std::string{}});
  }
}

void AgencyWatch::end(const std::string& agency, Look& look, bool complete, TurnTime now) {
  AgencyList& list = lists_[agency];
  const std::size_t before = polled_in(lists_)[agency].size();
  const bool moved = take_listing(list, look.seen, complete, now.wall);
  if (!complete) list.trouble = "the list could not be read to its end";
  if (moved) {
    log(LogLevel::info, "the accounts of an agency have changed",
        {{"agency", agency}, {"before", before}, {"now", polled_in(lists_)[agency].size()}});
  }
  changed_ = changed_ || moved;
  news_ = look.asked = true;
  look.walk.reset();
  look.wait = {};
  const Millis every = config_->followed.at(agency).every;
  look.next = now.steady + (is_doubtful(list) ? std::min(kDoubtWait, every) : every);
}

// What was found stays as it is: an answer that is no list retires nobody.
void AgencyWatch::fail(const std::string& agency, Look& look, const WalkFailure& failure,
                       TurnTime now) {
  look.walk.reset();
  news_ = look.asked = true;
  look.wait = std::clamp(look.wait * 2, kFailedFirst, kFailedMax);
  look.next = now.steady + std::max(look.wait, failure.wait.value_or(Millis{0}));
  AgencyList& list = lists_[agency];
  if (list.trouble != failure.reason) {
    log(LogLevel::warning, "the accounts of an agency could not be listed",
        {{"agency", agency}, {"reason", failure.reason}});
  }
  list.trouble = failure.reason;
}

}  // namespace triggerd
