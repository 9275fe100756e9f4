// The real engine on a set clock with a real database, polling an app that is one function: nothing
// is kept of requests, so that a life of millions of polls shows the engine's memory alone. Every
// turn is timed.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "fakes/fake_spawner.h"
#include "fakes/scratch_database.h"
#include "triggerd/catalog/catalog.h"
#include "triggerd/engine/engine.h"
#include "triggerd/engine/set_clock.h"

namespace triggerd::limits {

class AnsweringHttp : public HttpClient {
 public:
  // The body of a 200 to an address, without its origin.
  using Answer = std::function<std::string(const std::string& path)>;
  AnsweringHttp(const SetClock& clock, Answer answer) : clock_(clock), answer_(std::move(answer)) {}
  HttpTicket start(HttpRequest request) override;
  std::vector<HttpFinished> finished(std::chrono::microseconds at_most) override;
  void cancel(HttpTicket ticket) override { waiting_.erase(ticket); }
  std::int64_t requests() const { return static_cast<std::int64_t>(last_); }

 private:
  const SetClock& clock_;
  Answer answer_;
  std::map<HttpTicket, std::string> waiting_;
  HttpTicket last_ = 0;
};

// Operations list_items (pages: a number in `next`, 2,000 of them in a cycle at most), list_groups
// (one list for each `group`) and get_item. `limits`: of the connector, as YAML.
class FastWorld {
 public:
  FastWorld(AnsweringHttp::Answer answer, const std::string& triggers,
            const std::string& limits = "{requests: 1000000, per: 10s}");

  void start();  // as after a kill
  void load(const std::string& triggers);
  void turn();
  // Lets `duration` pass in steps of a second, with turns until nothing is due.
  void pass(Millis duration, Millis step = Millis{1'000});
  std::int64_t number(const std::string& sql);
  std::string text(const std::string& sql);
  std::int64_t file_bytes(const std::string& table);  // pages of a table in the file

  SetClock clock;
  AnsweringHttp http;
  FakeSpawner spawner;
  ScratchDirectory directory;
  std::shared_ptr<const Catalog> catalog;
  std::unique_ptr<Engine> engine;
  std::int64_t turns = 0;
  double longest_turn = 0;  // milliseconds

 private:
  std::string triggers_;
};

// `first` + `more` describe triggers; two spaces of indent each line.
std::string world_config(const std::string& triggers, const std::string& engine = "");

}  // namespace triggerd::limits
