// The app's HTTP side: answers requests about the world's records, right or damaged as the faults
// of the moment say, and notes for each answer what it showed. Its connector has one operation for
// each way of detecting. Called by transport; knows nothing of triggerd's state.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "simulation/chance.h"
#include "simulation/world.h"
#include "triggerd/http_client.h"

namespace triggerd::simulation {

extern const char* const kConnector;

// What one answer of the app was, as far as the checker must know it.
struct Answer {
  std::string stream;  // "items {}", "cards {\"id\":\"m1\"}": trigger and fan-out item
  std::string asked;   // key of a confirming read; empty: a page
  bool first = false;  // asked for the beginning of the list
  std::string cursor;
  std::optional<std::int64_t> since;  // the bound that was asked for
  std::int64_t served = 0;            // the app's time
  std::string damage;                 // what was wrong with it; empty: nothing
  bool outdated = false;              // its stream was begun anew since it was asked for
  bool understood = false;            // a page, or that there is none, in full
  bool odd = false;                   // a record in it cannot be used
  bool may_end = false;               // the walk may end with it
  bool bad_cursor = false;            // its next cursor leads nowhere
  std::string next;
  std::vector<std::pair<std::string, json>> shown;
  std::optional<std::int64_t> server;      // its Date
  std::optional<std::int64_t> retry_wait;  // ms: it says not to come back before
};

class App {
 public:
  App(Chance& chance, World& world) : chance_(chance), world_(world) {}

  HttpReply answer(const HttpRequest& request, std::int64_t now, Answer& note);
  // Begins or ends episodes of faults.
  void next_mood(std::int64_t now);
  bool calm = false;  // no faults at all
  std::int64_t faults() const { return faults_; }

 private:
  struct Asked {
    std::string path;
    std::map<std::string, std::string> query;
  };
  static Asked read_url(const std::string& url);
  std::string damage_of(const Answer& note, std::int64_t now);
  HttpReply list(const Asked& asked, const std::string& name, std::int64_t at, Answer& note);
  HttpReply orders(const Asked& asked, std::int64_t at, Answer& note);
  HttpReply slots(std::int64_t at, Answer& note);
  HttpReply single(const std::string& collection, const std::string& key, std::int64_t at,
                   Answer& note);
  HttpReply refuse(const std::string& damage, Answer& note);
  void spoil(const std::string& damage, HttpReply& reply, json& body, const std::string& member,
             Answer& note);
  HttpReply page(json body, const std::string& member, Answer& note);
  void name_keys(Answer& note, const json& records);

  Chance& chance_;
  World& world_;
  std::string episode_, episode_about_;
  std::int64_t episode_until_ = 0;
  std::int64_t faults_ = 0, cursors_ = 0;
};

}  // namespace triggerd::simulation
