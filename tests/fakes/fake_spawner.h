// Programs that are never started: keeps each request, ends it as the test says. Takes the place of
// os/posix_spawner.h.
#pragma once

#include <functional>
#include <map>
#include <utility>
#include <vector>

#include "triggerd/spawner.h"

namespace triggerd {

class FakeSpawner : public Spawner {
 public:
  using Answer = std::function<SpawnEnd(const SpawnRequest&)>;
  explicit FakeSpawner(Answer answer = {}) : answer_(std::move(answer)) {}

  SpawnTicket start(SpawnRequest request) override {
    requests.push_back(request);
    running_.emplace(++last_, std::move(request));
    return last_;
  }
  std::vector<std::pair<SpawnTicket, SpawnEnd>> ended() override {
    std::vector<std::pair<SpawnTicket, SpawnEnd>> done;
    if (hold) return done;
    std::map<SpawnTicket, SpawnRequest> now;
    now.swap(running_);
    for (const auto& [ticket, request] : now) {
      SpawnEnd end;
      end.kind = SpawnEnd::Kind::exited;
      done.emplace_back(ticket, answer_ ? answer_(request) : end);
    }
    return done;
  }
  void stop_all() override {
    running_.clear();
    stopped = true;
  }

  std::vector<SpawnRequest> requests;  // all that were started, in order
  bool hold = false;                   // true: programs keep running
  bool stopped = false;

 private:
  Answer answer_;
  std::map<SpawnTicket, SpawnRequest> running_;
  SpawnTicket last_ = 0;
};

}  // namespace triggerd
