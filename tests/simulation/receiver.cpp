#include "simulation/receiver.h"

namespace triggerd::simulation {

namespace {

constexpr std::int64_t kSecond = 1'000;
const std::vector<std::string> kTroubles{"500", "429", "lost", "slow", "refused"};
constexpr std::int64_t kGonePerThousand = 4;
constexpr std::int64_t kStatedWaitSeconds = 20;

}  // namespace

void Receiver::next_mood(std::int64_t now) {
  if (!mood_.empty() && now >= mood_until_) mood_.clear();
  if (calm || !mood_.empty() || !chance_.in(30)) return;
  mood_ = chance_.one_of(kTroubles);
  mood_until_ = now + chance_.between(10, 400) * kSecond;
}

HttpReply Receiver::take(const HttpRequest& request, std::int64_t now, std::int64_t& took) {
  std::string trouble = mood_;
  if (trouble.empty() && chance_.in(60)) trouble = chance_.one_of(kTroubles);
  if (chance_.in(kGonePerThousand)) trouble = "410";
  if (calm) trouble.clear();
  HttpReply reply;
  reply.status = 200;
  reply.body = "{}";
  if (trouble == "refused") {
    reply.failure = HttpFailure::connect;
    return reply;
  }
  checker::Arrival arrival;
  arrival.seq = static_cast<std::int64_t>(arrivals_.size()) + 1;
  for (const HttpHeader& header : request.headers) {
    if (header.name == "webhook-id") arrival.key = header.value;
    if (header.name == "X-Triggerd-Attempt") arrival.attempt = std::stoll(header.value);
  }
  const auto wait = not_before_.find(arrival.key);
  if (wait != not_before_.end() && now < wait->second) {
    problems_.push_back(arrival.key + ": repeated " + std::to_string(wait->second - now) +
                        " ms before the wait that was asked for is over (I15)");
  }
  not_before_.erase(arrival.key);
  arrival.path = request.url;
  arrival.body = request.body;
  arrival.complete = true;
  if (trouble == "500" || trouble == "429" || trouble == "410") {
    reply.status = std::stoi(trouble);
    if (trouble == "429")
      reply.headers.push_back({"Retry-After", std::to_string(kStatedWaitSeconds), false});
  }
  if (trouble == "lost") {
    // It took effect, but nobody learns of it.
    reply.failure = HttpFailure::timeout;
    took = 30 * kSecond;
  }
  if (trouble == "slow") took = chance_.between(2, 25) * kSecond;
  if (reply.status == 410) said_gone = true;
  arrival.status = reply.status;
  arrivals_.push_back(std::move(arrival));
  times_.push_back(now);
  return reply;
}

void Receiver::told_to_wait(std::size_t index, std::int64_t now) {
  not_before_[arrivals_[index].key] = now + kStatedWaitSeconds * kSecond;
}

std::vector<std::pair<std::int64_t, std::string>> Receiver::story(const std::string& key) const {
  std::vector<std::pair<std::int64_t, std::string>> lines;
  for (std::size_t i = 0; i < arrivals_.size(); ++i) {
    const checker::Arrival& one = arrivals_[i];
    if (one.key != key) continue;
    lines.emplace_back(times_[i], "arrived, attempt " + std::to_string(one.attempt) +
                                      ", answered " + std::to_string(one.status) +
                                      (one.may_be_repeated ? "" : ", which was noted"));
  }
  return lines;
}

}  // namespace triggerd::simulation
