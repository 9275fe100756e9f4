#include "hostile/hostile_world.h"

#include <doctest/doctest.h>

#include "checker/state_reader.h"
#include "fakes/log_recorder.h"
#include "triggerd/catalog/catalog.h"
#include "triggerd/config/load.h"

namespace triggerd::hostile {
namespace {

using nlohmann::json;

constexpr const char* kOperations = R"yaml(
connector: app
title: An app that answers anything
auth:
  - {kind: none}
limits:
  - {requests: 100000, per: 10s}
concurrency: 64
operations:
  search_items:
    title: Search Items
    about: All items, by time of change.
    request: GET /search
    params:
      after: {about: Where the page before ended., hidden: true}
      since: {about: Only items changed since., hidden: true}
    read:
      records: /items
      require: /items
      id: /id
      updated: /updated
      paging: {kind: cursor, parts: {after: {from: body, at: /next}}}
      since: {set: {since: "{since}"}, format: iso8601, overlap: 2m}
  list_items:
    title: List Items
    about: All items.
    request: GET /items
    params:
      after: {about: Where the page before ended., hidden: true}
    read:
      records: /items
      require: /items
      id: /id
      paging: {kind: cursor, parts: {after: {from: body, at: /next}}}
  get_item:
    title: Get Item
    about: One item.
    request: GET /one
    read: {shape: object, records: /item, require: /item, id: /id}
)yaml";

constexpr std::array kPolled{"search_items", "list_items", "get_item"};

std::string triggers_text(int count) {
  std::string text = "version: 1\naccounts:\n  main: {connector: app}\ntriggers:\n";
  for (int i = 0; i < count; ++i) {
    text += "  t" + std::to_string(i) + ":\n    poll: app." +
            kPolled[static_cast<std::size_t>(i) % kPolled.size()] +
            "\n    account: main\n    every: 1m\n    detect: [new, changed, removed]\n"
            "    do: [{action: log, with: {message: seen}}]\n";
  }
  return text;
}

// What a good poll moves as well, and a bad one must not.
constexpr const char* kCursors =
    "SELECT id, state, walk_cursor, walk_newest, watermark, overlap, t0, last_walk, last_sweep, "
    "sweep_pages, content_hash, etag, last_modified, records, created, changed, removed, events, "
    "suspicious FROM streams ORDER BY id";

}  // namespace

HostileWorld::HostileWorld(int triggers)
    : clock(*parse_iso8601("2026-03-01T09:30:00Z")),
      triggers_(triggers),
      server_([this](const std::string& request) { return answer(request); }) {
  const CatalogLoad catalog =
      load_catalog({{"app.yaml", kOperations + ("base_url: " + server_.url() + "\n")}});
  for (const Problem& problem : catalog.problems) MESSAGE(render_problem(problem, kOperations));
  REQUIRE(catalog.catalog != nullptr);
  EngineOptions options;
  options.dispatch = false;
  const std::string text = triggers_text(triggers_);
  const ConfigLoad loaded = load_config("triggers.yaml", text, catalog.catalog, options.secrets);
  for (const Problem& problem : loaded.problems) MESSAGE(render_problem(problem, text));
  REQUIRE(loaded.config != nullptr);
  engine_ = std::make_unique<Engine>(EngineSeams{clock, http_, spawner_},
                                     Database::open(directory_.path(), {}, clock.wall()), options);
  REQUIRE(engine_->apply(loaded.config).empty());
}

HostileWorld::~HostileWorld() { engine_.reset(); }

void HostileWorld::answer_with(Answer answer) {
  const std::lock_guard guard(lock_);
  how_ = std::move(answer);
}

void HostileWorld::put(const std::string& id) {
  const std::lock_guard guard(lock_);
  ids_.push_back(id);
}

std::string HostileWorld::answer(const std::string& request) {
  const std::lock_guard guard(lock_);
  GoodBody good;
  if (request.starts_with("GET /one")) {
    good = {json{{"item", {{"id", "a"}, {"size", ids_.size()}}}}.dump(), "item", false};
  } else {
    json list = json::array();
    for (const std::string& id : ids_) {
      const std::size_t place = list.size();
      list.push_back({{"id", id},
                      {"name", "Item " + id},
                      {"updated", "2026-03-01T09:0" + std::to_string(place) + ":00Z"}});
    }
    good = {json{{"items", list}}.dump(), "items", true};
  }
  ++answered_;
  return how_ ? how_(good) : good_answer(good.text);
}

void HostileWorld::pass(Millis step) {
  constexpr Millis kWait{20};
  constexpr int kQuietTurns = 3;
  clock.pass(step);
  for (int quiet = 0; quiet < kQuietTurns;) {
    const bool waits = http_.in_flight() > 0;
    engine_->turn(waits ? kWait : Millis{0});
    quiet = waits || http_.in_flight() > 0 ? 0 : quiet + 1;
  }
  recorded_log().clear();
}

void HostileWorld::poll(int answers) {
  // Longer than any stream waits after failures.
  constexpr Millis kStep{16 * 60'000};
  constexpr int kIdleStepsMax = 5;
  const int wanted = answered_ + answers;
  for (int idle = 0; answered_ < wanted;) {
    const int before = answered_;
    pass(kStep);
    idle = answered_ == before ? idle + 1 : 0;
    REQUIRE_MESSAGE(idle < kIdleStepsMax, "the engine has stopped polling");
  }
}

std::vector<json> HostileWorld::rows(const std::string& sql) {
  engine_->save();
  return checker::query_state(directory_.file("triggerd.db"), sql);
}

std::string HostileWorld::state() {
  json all = json::array({rows("SELECT * FROM seen ORDER BY stream_id, key"),
                          rows("SELECT * FROM detections ORDER BY stream_id, key, n"),
                          rows("SELECT event_id FROM events ORDER BY id"), rows(kCursors)});
  return all.dump(1);
}

}  // namespace triggerd::hostile
