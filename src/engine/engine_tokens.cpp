// Tokens that expire: their requests go out and come back beside those of polls and sends.
#include "engine/engine_parts.h"
#include "triggerd/config/sign_in.h"

namespace triggerd {

void Engine::Parts::work_tokens(TurnTime time) {
  if (config == nullptr) return;
  for (TokenCall& call : tokens.due(time.wall, time.steady, draining)) {
    token_calls.emplace(seams.http.start(std::move(call.request)), std::move(call.account));
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
    const std::string account = std::move(found->second);
    token_calls.erase(found);
    const TurnTime time = now();
    tokens.answered(account, one.reply, time.wall, time.steady);
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
