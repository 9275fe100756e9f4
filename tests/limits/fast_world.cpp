#include "limits/fast_world.h"

#include <doctest/doctest.h>

#include <chrono>

#include "checker/state_reader.h"
#include "fakes/log_recorder.h"
#include "triggerd/config/load.h"

namespace triggerd::limits {

namespace {

constexpr const char* kOrigin = "https://app.example";
constexpr const char* kConnector = R"yaml(
connector: app
title: An app that is one function
base_url: https://app.example
auth:
  - {kind: none}
operations:
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
      updated: /updated
      remember: /name
      paging: {kind: cursor, parts: {after: {from: body, at: /next}}}
  list_groups:
    title: List Groups
    about: The items of one group.
    request: GET /groups/{group}
    params:
      group: {about: The group., fan_out: list_items}
    read: {records: /items, require: /items, id: /id, remember: /name}
)yaml";

}  // namespace

HttpTicket AnsweringHttp::start(HttpRequest request) {
  waiting_.emplace(++last_, request.url.substr(std::string(kOrigin).size()));
  return last_;
}

std::vector<HttpFinished> AnsweringHttp::finished(std::chrono::microseconds) {
  std::vector<HttpFinished> done;
  std::map<HttpTicket, std::string> now;
  now.swap(waiting_);
  for (const auto& [ticket, path] : now) {
    HttpReply reply;
    reply.status = 200;
    reply.headers.push_back({"Content-Type", "application/json", false});
    reply.headers.push_back({"Date", to_http_date(clock_.wall()), false});
    reply.body = answer_(path);
    done.push_back({ticket, std::move(reply)});
  }
  return done;
}

FastWorld::FastWorld(AnsweringHttp::Answer answer, const std::string& triggers,
                     const std::string& limits)
    : clock(*parse_iso8601("2026-03-01T09:30:00Z")),
      http(clock, std::move(answer)),
      triggers_(triggers) {
  const std::string text = kConnector + ("limits: [" + limits + "]\nconcurrency: 64\n");
  const CatalogLoad loaded = load_catalog({{"app.yaml", text}});
  for (const Problem& problem : loaded.problems) MESSAGE(render_problem(problem, text));
  REQUIRE(loaded.catalog != nullptr);
  catalog = loaded.catalog;
  start();
}

void FastWorld::start() {
  engine.reset();
  EngineOptions options;
  engine = std::make_unique<Engine>(EngineSeams{clock, http, spawner},
                                    Database::open(directory.path(), {}, clock.wall()), options);
  load(triggers_);
}

void FastWorld::load(const std::string& triggers) {
  triggers_ = triggers;
  const ConfigLoad loaded = load_config("triggers.yaml", triggers, catalog, {});
  for (const Problem& problem : loaded.problems) {
    if (!problem.warning) MESSAGE(render_problem(problem, triggers));
  }
  REQUIRE(loaded.config != nullptr);
  REQUIRE(engine->apply(loaded.config).empty());
}

void FastWorld::turn() {
  const auto began = std::chrono::steady_clock::now();
  engine->turn(Millis{0});
  const std::chrono::duration<double, std::milli> took = std::chrono::steady_clock::now() - began;
  longest_turn = std::max(longest_turn, took.count());
  ++turns;
  recorded_log().clear();
}

void FastWorld::pass(Millis duration, Millis step) {
  for (Millis done{0}; done < duration; done += step) {
    clock.pass(step);
    // Turns go on as long as they ask for something: a page's answer starts the next page.
    for (std::int64_t before = -1; before != http.requests();) {
      before = http.requests();
      turn();
      turn();
    }
  }
}

std::int64_t FastWorld::number(const std::string& sql) {
  return checker::query_number(directory.file("triggerd.db"), sql);
}

std::string FastWorld::text(const std::string& sql) {
  return checker::query_text(directory.file("triggerd.db"), sql);
}

std::int64_t FastWorld::file_bytes(const std::string& table) {
  engine->save();
  engine->database().checkpoint();
  return number("SELECT sum(pgsize) FROM dbstat WHERE name = '" + table + "'");
}

std::string world_config(const std::string& triggers, const std::string& engine) {
  return "version: 1\n" + engine + "accounts:\n  main: {connector: app}\ntriggers:\n" + triggers;
}

}  // namespace triggerd::limits
