// Where webhooks arrive: accepts them, refuses them, answers late or not at all, and keeps every
// arrival for the checker. Called by transport.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "checker/deliveries.h"
#include "simulation/chance.h"
#include "triggerd/http_client.h"

namespace triggerd::simulation {

class Receiver {
 public:
  explicit Receiver(Chance& chance) : chance_(chance) {}

  // `took`: by how long its answer is later than usual, in ms.
  HttpReply take(const HttpRequest& request, std::int64_t now, std::int64_t& took);
  // The answer to the `index`-th arrival was noted by a commit.
  void noted(std::size_t index) { arrivals_[index].may_be_repeated = false; }
  // The wait that it asked for with the answer to the `index`-th arrival was noted by a commit.
  void told_to_wait(std::size_t index, std::int64_t now);
  // The program's clock was stepped: it cannot know how long it has waited.
  void excuse_waits() { not_before_.clear(); }
  // Repeats that came before a stated wait was over.
  const std::vector<std::string>& problems() const { return problems_; }
  std::size_t count() const { return arrivals_.size(); }
  const std::vector<checker::Arrival>& arrivals() const { return arrivals_; }
  // What arrived for an event, in words.
  std::vector<std::pair<std::int64_t, std::string>> story(const std::string& key) const;
  void next_mood(std::int64_t now);
  bool calm = false;
  bool said_gone = false;  // it has answered 410, after which it is left alone for an hour

 private:
  Chance& chance_;
  std::vector<checker::Arrival> arrivals_;
  std::vector<std::int64_t> times_;
  std::map<std::string, std::int64_t> not_before_;  // by key
  std::vector<std::string> problems_;
  std::string mood_;
  std::int64_t mood_until_ = 0;
};

}  // namespace triggerd::simulation
