// A small app that answers in memory, and an engine on a set clock that polls it: everything real
// but the network.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "fakes/fake_spawner.h"
#include "triggerd/engine/engine.h"
#include "triggerd/engine/scripted_http.h"
#include "triggerd/engine/set_clock.h"
#include "triggerd/store/listings.h"

namespace triggerd {

// Records by id, and what the test wants to go wrong.
struct SmallApp {
  explicit SmallApp(SetClock& with) : clock(with) {}

  HttpReply answer(const HttpRequest& request);
  HttpReply write(const HttpRequest& request, const std::string& path);
  void put(const std::string& id, nlohmann::json fields);  // creates or changes; moves `updated`
  void erase(const std::string& id) { items.erase(id); }

  SetClock& clock;
  std::map<std::string, nlohmann::json> items;
  std::map<std::string, nlohmann::json> parts;          // "item/part" -> record
  std::multimap<std::string, nlohmann::json> bits;      // path -> record
  std::vector<std::string> asked_bits;                  // paths
  std::vector<std::string> delivered;                   // bodies of webhooks that were accepted
  std::vector<HttpRequest> hooks;                       // all webhook requests
  int writes = 0;                                       // that were carried out
  nlohmann::json meanwhile = nlohmann::json::object();  // what others change at each write
  bool lose_answers = false;                            // of writes
  int page_size = 3;
  int fail_status = 0;  // answer every poll with it
  int hook_status = 200;
  HttpFailure network = HttpFailure::none;  // no request arrives
  std::string fail_body;
  std::vector<HttpHeader> fail_headers;
  bool empty_list = false;     // 200 with no records although there are some
  std::string fail_path;       // only requests whose path has this in it fail; empty: all
  bool newest_first = false;   // whatever order and changes were asked for
  bool ignores_since = false;  // all records, in the order asked for
  bool states_total = false;
  std::string accepts;        // answers other bearers with 401; empty: takes any
  Millis ahead{0};            // of triggerd's clock
  bool stuck_cursor = false;  // the next page is always the first
  std::function<void(const HttpRequest&)> before = {};             // each request but those
  std::function<HttpReply(const HttpRequest&)> token_answer = {};  // for another token
  std::vector<std::string> token_requests = {};
};

class SmallWorld {
 public:
  // `vfs`: the name of a registered SQLite VFS; `once`: a single pass, as of `triggerd once`.
  explicit SmallWorld(const std::string& triggers, std::string vfs = "", bool once = false);
  ~SmallWorld();

  // Loads the text of a configuration; false when it is refused.
  bool load(const std::string& triggers);
  // Lets `duration` pass in steps of a second, with a few turns at each.
  void pass(Millis duration);
  void restart();  // drops everything in memory, as a kill does, and starts again
  std::vector<nlohmann::json> events();                       // oldest first
  std::vector<std::string> kinds_of(const std::string& key);  // "new", "changed", ...
  nlohmann::json view(const std::string& name);

  SetClock clock;
  SmallApp app;
  std::unique_ptr<ScriptedHttp> http;
  FakeSpawner spawner;
  std::string directory;
  std::string token = "secret";  // whatever secret the configuration asks for
  std::string triggers_text;
  std::shared_ptr<const Catalog> catalog;
  std::unique_ptr<Engine> engine;

 private:
  std::string vfs_;
  bool once_;
  void start();
};

// A query parameter as it stands in a URL, empty without it; and a time in it as it was before.
std::string query_value(const std::string& url, const std::string& name);
std::string unescaped(std::string text);

// A configuration with one trigger `t` on app.search_items, `more` added to it (two spaces of
// indent each line).
std::string one_trigger(const std::string& operation, const std::string& more = "");

}  // namespace triggerd
