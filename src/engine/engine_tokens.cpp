// Tokens that expire: their requests go out and come back beside those of polls and sends.
#include <algorithm>

#include "engine/engine_parts.h"
#include "triggerd/config/sign_in.h"

namespace triggerd {

void Engine::Parts::work_tokens(TurnTime time) {
  if (config == nullptr) return;
  const TakeTurn take_turn = [&](const std::string& account) {
    const auto gate = gates.find(account);
    if (gate == gates.end()) return Millis{0};
    const Millis wait =
        gate->second.wait_before_next(Claim::action, Priority::high, time.wall, time.steady);
    if (wait <= Millis{0}) gate->second.started(Claim::action, time.wall, time.steady);
    return std::max(wait, Millis{0});
  };
  for (TokenCall& call : tokens.due(time.wall, time.steady, draining, take_turn)) {
    const HttpTicket ticket = seams.http.start(std::move(call.request));
    token_calls[ticket] = {std::move(call.account), std::move(call.budget)};
  }
  for (const TokenStanding& standing : tokens.changed(time.steady)) {
    poller.follow_token(standing, time);
    if (standing.hold == Millis{0}) runs_changed = true;
  }
}

// Not in the transaction: what these bring has a file of its own, also while the database cannot be
// written.
void Engine::Parts::take_token_answers(std::vector<HttpFinished>& finished) {
  if (token_calls.empty()) return;
  std::erase_if(finished, [this](const HttpFinished& one) {
    const auto found = token_calls.find(one.ticket);
    if (found == token_calls.end()) return false;
    const TokenCallInFlight call = std::move(found->second);
    token_calls.erase(found);
    const TurnTime time = now();
    const auto gate = gates.find(call.budget);
    if (gate != gates.end()) gate->second.finished(one.reply, time.wall, time.steady);
    tokens.answered(call.account, one.reply, time.wall, time.steady);
    return true;
  });
}

std::int64_t Engine::Parts::token_of(const std::string& account) const {
  const Account* found = account.empty() ? nullptr : config->account(account);
  return found == nullptr || found->sign_in == nullptr ? 0 : found->sign_in->now.number;
}

// A step that was refused because of its token is tried again soon, with the next one.
void Engine::Parts::judge_refusal(const Send& send, std::int64_t token, SendEnd& end) {
  if (end.end != SendClass::auth || token == 0) return;
  if (!tokens.refused(send.account, token, now().steady)) return;
  end.end = SendClass::transient;
  end.reason += "; it is sent again with another token";
}

}  // namespace triggerd
