// The fifth part of engine/poller: accounts whose tokens expire. A page that is refused because of
// its token is asked for once more with the next one; an account without a token stands still.
#include <algorithm>

#include "engine/poller.h"
#include "engine/schedule_keys.h"
#include "triggerd/log.h"
#include "triggerd/poll/reply_kind.h"

namespace triggerd {

// The walk stays where it is: nothing of the answer is taken, so no page is left out (AUT-01).
bool Poller::repeats(Stream& stream, const Flight& flight, const HttpReply& reply, TurnTime now) {
  if (stream.account->sign_in == nullptr || reply.status < 400) return false;
  const ReplyMeaning meaning =
      read_reply(reply, *stream.walk->plan.operation, *stream.walk->plan.connector);
  if (meaning.kind != ReplyKind::unauthorised) return false;
  if (!tokens_.refused(stream.row.account, flight.token, now.steady)) return false;
  lane_of(stream).pages.push_back(stream.row.id);
  return true;
}

void Poller::follow_token(const TokenStanding& standing, TurnTime now) {
  const auto lane = lanes_.find(standing.account);
  if (lane == lanes_.end()) return;
  lane->second->gate->hold(standing.hold);
  if (standing.reason.empty()) {
    go_on(*lane->second, now);
  } else {
    stand(*lane->second, standing.reason, now);
  }
}

void Poller::stand(Lane& lane, const std::string& reason, TurnTime now) {
  lane.signed_out = true;
  lane.suspended = reason;
  lane.suspended_until = now.steady;  // the gate holds it
  for (auto& [id, stream] : table_->all()) {
    if (stream->row.account != lane.account->name || !wanted(*stream)) continue;
    stream->row.last_error = reason;
    stream->row.health = "failing";
    stream->row.failures = std::max(stream->row.failures, 1);
    stream->dirty = true;
    dirty_.insert(id);
    // A single pass does not wait for a person.
    if (options_.once) stream->queued = false;
    if (options_.once && stream->walk && !stream->walk->ticket) stream->walk.reset();
  }
  if (!options_.once) return;
  lane.pages.clear();
  for (auto& queue : lane.due) queue.clear();
}

void Poller::go_on(Lane& lane, TurnTime now) {
  if (!std::exchange(lane.signed_out, false)) return;
  const std::string reason = std::exchange(lane.suspended, {});
  lane.suspended_until = {};
  for (auto& [id, stream] : table_->all()) {
    if (stream->row.account != lane.account->name || stream->row.last_error != reason) continue;
    stream->row.last_error.clear();
    stream->row.failures = 0;
    stream->row.health = stream->row.last_success ? "ok" : "new";
    stream->dirty = true;
    dirty_.insert(id);
    const ScheduleKey key = key_of(stream->row.id);
    if (!stream->walk && !stream->queued && schedule_.has(key)) {
      schedule_.poll_now(key, now.steady);
    }
  }
}

}  // namespace triggerd
