// The real engine, the real HTTP client and a real database, against a server that a test lets
// answer well or badly. Four triggers poll lists by time of change, lists as a whole, and one
// object. The clock is moved by hand; only the network takes its own time.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "fakes/fake_spawner.h"
#include "fakes/scratch_database.h"
#include "hostile/answering_server.h"
#include "hostile/malformed.h"
#include "os/curl_client.h"
#include "triggerd/engine/engine.h"
#include "triggerd/engine/set_clock.h"

namespace triggerd::hostile {

// Moved by hand, but a wait for the network is a real one.
class WaitingClock : public SetClock {
 public:
  using SetClock::SetClock;
  std::chrono::microseconds real(Millis wanted) const override { return wanted; }
};

class HostileWorld {
 public:
  // Gives the bytes of an answer to a poll from its good body; on the server's thread.
  using Answer = std::function<std::string(const GoodBody& good)>;

  explicit HostileWorld(int triggers);
  ~HostileWorld();

  void answer_with(Answer answer);  // good_answer() at the beginning
  void put(const std::string& id);  // a further record in every list
  // Moves the clock by a second or more and lets every poll that is due end.
  void pass(Millis step);
  // Polls until so many more were answered.
  void poll(int answers);

  int answered() const { return answered_; }
  // What a malformed answer must leave as it is: seen rows, detections, events, cursors.
  std::string state();
  std::vector<nlohmann::json> rows(const std::string& sql);

  WaitingClock clock;

 private:
  std::string answer(const std::string& request);

  const int triggers_;
  std::mutex lock_;  // the server's thread reads what stands below it
  std::vector<std::string> ids_{"a", "b", "c"};
  Answer how_;
  std::atomic<int> answered_{0};
  ScratchDirectory directory_;
  AnsweringServer server_;
  CurlClient http_;
  FakeSpawner spawner_;
  std::unique_ptr<Engine> engine_;
};

}  // namespace triggerd::hostile
