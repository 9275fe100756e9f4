#include "small_app.h"

#include <doctest/doctest.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>

#include "triggerd/catalog/catalog.h"
#include "triggerd/config/load.h"

namespace triggerd {

namespace {

constexpr const char* kConnector = R"yaml(
connector: app
title: A small app
base_url: https://app.example
account:
  team: {about: The team.}
auth:
  - {kind: bearer, name: token, fields: [token]}
  - kind: oauth2_code
    name: oauth
    authorize_url: https://app.example/consent
    token: {url: https://app.example/oauth/token}
limits:
  - {requests: 1000, per: 10s}
  - {group: slow, requests: 2, per: 30s}
operations:
  search_items:
    title: Search Items
    about: All items, by time of change.
    request: GET /items
    params:
      after: {about: Where the page before ended., hidden: true}
      since: {about: Only items changed since., hidden: true}
      sort: {about: Order., hidden: true}
      limit: {type: integer, about: Items of a page.}
    read:
      records: /items
      require: /items
      id: /id
      updated: /updated
      created: /created
      gone: /deleted
      remember: /name
      paging:
        kind: cursor
        size_param: limit
        size: 3
        parts: {after: {from: body, at: /next}}
        total_at: /total
      since: {set: {since: "{since}"}, always: {sort: asc}, format: iso8601, overlap: 2m}
      confirm: {operation: get_item, param: id}
  list_items:
    title: List Items
    about: All items.
    request: GET /items
    params:
      after: {about: Where the page before ended., hidden: true}
      limit: {type: integer, about: Items of a page.}
    read:
      records: /items
      require: /items
      id: /id
      remember: /name
      paging: {kind: cursor, size_param: limit, size: 3, parts: {after: {from: body, at: /next}}}
  get_item:
    title: Get Item
    about: One item.
    request: GET /items/{id}
    params:
      id: {about: Its id., fan_out: [list_items, search_items]}
    errors:
      - {status: 404, means: absent}
    read: {shape: object, records: /item, id: /id}
  set_item:
    title: Set Item
    about: Changes an item.
    request: PUT /items/{id}
    params:
      id: {about: Its id.}
      name: {about: Its name.}
      score: {type: integer, about: Its score.}
    write:
      retry_safe: true
      record: {of: [search_items, list_items, get_item], param: id, at: /item}
  add_item:
    title: Add Item
    about: Makes an item.
    request: POST /items
    params:
      name: {about: Its name.}
    write:
      result: /item
      record: {of: [search_items, list_items, get_item]}
  list_parts:
    title: List Parts
    about: Parts of an item.
    request: GET /items/{item}/parts
    params:
      item: {about: The item's id., fan_out: [list_items, search_items]}
      kind: {about: Only parts of this kind.}
    read: {records: /parts, require: /parts, id: /id, remember: /name}
  list_bits:
    title: List Bits
    about: Bits of a part.
    request: GET /items/{item}/parts/{part}/bits
    params:
      item: {about: The item's id.}
      part: {about: The part's id., fan_out: list_parts}
    read: {records: /bits, require: /bits, id: /id}
  list_slow:
    title: List Slow
    about: What may be asked for twice in half a minute.
    request: GET /colours/{colour}/slow
    limit_group: slow
    params:
      colour: {about: The colour.}
      team: {about: The team., from_account: team}
    read: {records: /notes, require: /notes, id: /id}
  list_colour:
    title: List Colour
    about: What is noted of a colour; several items may have it.
    request: GET /colours/{colour}/notes
    params:
      colour: {about: The colour., fan_out: {operation: list_items, value: /colour}}
    read: {records: /notes, require: /notes, id: /id}
)yaml";

HttpReply reply(int status, const nlohmann::json& body, WallTime now) {
  HttpReply made;
  made.status = status;
  made.headers.push_back({"Content-Type", "application/json", false});
  made.headers.push_back({"Date", to_http_date(now), false});
  made.body = body.dump();
  return made;
}

}  // namespace

std::string query_value(const std::string& url, const std::string& name) {
  const auto start = url.find(name + "=");
  if (start == std::string::npos) return "";
  const auto from = start + name.size() + 1;
  return url.substr(from, url.find('&', from) - from);
}

std::string unescaped(std::string text) {
  for (auto at = text.find("%3A"); at != std::string::npos; at = text.find("%3A")) {
    text.replace(at, 3, ":");
  }
  return text;
}

void SmallApp::put(const std::string& id, nlohmann::json fields) {
  nlohmann::json& item = items[id];
  if (item.is_null()) item = {{"id", id}, {"created", to_iso8601(clock.wall() + ahead)}};
  item.update(fields);
  if (!fields.contains("updated")) item["updated"] = to_iso8601(clock.wall() + ahead);
}

HttpReply SmallApp::answer(const HttpRequest& request) {
  const WallTime now = clock.wall() + ahead;
  if (network != HttpFailure::none) {
    HttpReply lost;
    lost.failure = network;
    lost.reason = "no way there";
    return lost;
  }
  if (request.url.starts_with("https://hooks.example")) {
    hooks.push_back(request);
    if (hook_status == 200) delivered.push_back(request.body);
    return reply(hook_status, {{"ok", true}}, now);
  }
  if (request.url == "https://app.example/oauth/token") {
    token_requests.push_back(request.body);
    return token_answer ? token_answer(request) : reply(500, nullptr, now);
  }
  if (before) before(request);
  const auto accepted = [this](const HttpHeader& header) {
    return header.name == "Authorization" && header.value == "Bearer " + accepts;
  };
  if (!accepts.empty() && std::none_of(request.headers.begin(), request.headers.end(), accepted)) {
    return reply(401, {{"message", "Invalid token"}}, now);
  }
  if (fail_status != 0 && request.url.find(fail_path) != std::string::npos) {
    HttpReply failed = reply(fail_status, nlohmann::json::object(), now);
    failed.body = fail_body;
    failed.headers.insert(failed.headers.end(), fail_headers.begin(), fail_headers.end());
    return failed;
  }
  const std::string path = request.url.substr(std::string("https://app.example").size());
  const std::string plain = path.substr(0, path.find('?'));
  if (request.method != "GET") return write(request, plain);
  if (plain.starts_with("/items/") && plain.ends_with("/parts")) {
    const std::string item = plain.substr(7, plain.size() - 7 - 6);
    nlohmann::json list = nlohmann::json::array();
    for (const auto& [name, part] : parts) {
      if (name.starts_with(item + "/")) list.push_back(part);
    }
    return items.contains(item) ? reply(200, {{"parts", list}}, now) : reply(404, {}, now);
  }
  if (plain.ends_with("/bits")) {
    asked_bits.push_back(plain);
    nlohmann::json list = nlohmann::json::array();
    for (const auto& [place, bit] : bits) {
      if (plain == place) list.push_back(bit);
    }
    return reply(200, {{"bits", list}}, now);
  }
  if (plain.starts_with("/colours/")) {
    return reply(200, {{"notes", nlohmann::json::array()}}, now);
  }
  if (plain.starts_with("/items/")) {
    const auto found = items.find(plain.substr(7));
    return found == items.end() ? reply(404, {{"message", "not found"}}, now)
                                : reply(200, {{"item", found->second}}, now);
  }
  std::vector<nlohmann::json> chosen;
  const bool all = newest_first || ignores_since;
  const std::string since = all ? "" : unescaped(query_value(path, "since"));
  for (const auto& [id, item] : items) {
    if (item.value("updated", "") >= since) chosen.push_back(item);
  }
  std::stable_sort(chosen.begin(), chosen.end(), [](const auto& a, const auto& b) {
    return a.value("updated", "") < b.value("updated", "");
  });
  if (newest_first) std::reverse(chosen.begin(), chosen.end());
  if (empty_list) chosen.clear();
  const std::string after = query_value(path, "after");
  const std::size_t from = after.empty() ? 0 : std::stoul(after);
  nlohmann::json page = nlohmann::json::array();
  std::size_t at = from;
  for (; at < chosen.size() && page.size() < static_cast<std::size_t>(page_size); ++at) {
    page.push_back(chosen[at]);
  }
  nlohmann::json body{{"items", page}, {"traceId", hooks.size()}};
  if (at < chosen.size()) body["next"] = std::to_string(at);
  if (stuck_cursor) body["next"] = "0";
  if (states_total) body["total"] = chosen.size();
  return reply(200, body, now);
}

// As apps do, it spells a name in its own way and counts every write.
HttpReply SmallApp::write(const HttpRequest& request, const std::string& path) {
  const WallTime now = clock.wall() + ahead;
  nlohmann::json fields = nlohmann::json::parse(request.body);
  if (fields.contains("name")) {
    std::string name = fields["name"];
    if (!name.empty() && name[0] >= 'a' && name[0] <= 'z') name[0] -= 'a' - 'A';
    fields["name"] = name;
  }
  fields.update(meanwhile);
  ++writes;
  const std::string id =
      request.method == "POST" ? "made" + std::to_string(writes) : path.substr(7);
  put(id, fields);
  if (lose_answers) {
    HttpReply lost;
    lost.failure = HttpFailure::timeout;
    return lost;
  }
  return reply(200, {{"item", items[id]}}, now);
}

SmallWorld::SmallWorld(const std::string& triggers, std::string vfs, bool once)
    : clock(*parse_iso8601("2026-03-01T09:30:00Z")),
      app(clock),
      triggers_text(triggers),
      vfs_(std::move(vfs)),
      once_(once) {
  // In memory where there is such a place: what is tested is not the disk, and syncs are slow.
  const std::filesystem::path base =
      std::filesystem::exists("/dev/shm") ? "/dev/shm" : std::filesystem::temp_directory_path();
  std::string pattern = (base / "triggerd-engine-XXXXXX").string();
  directory = mkdtemp(pattern.data());
  CatalogLoad load = load_catalog({{"app.yaml", kConnector}});
  for (const Problem& problem : load.problems) MESSAGE(render_problem(problem, kConnector));
  REQUIRE(load.catalog != nullptr);
  catalog = load.catalog;
  start();
}

SmallWorld::~SmallWorld() {
  engine.reset();
  std::filesystem::remove_all(directory);
}

void SmallWorld::start() {
  http = std::make_unique<ScriptedHttp>(
      [this](const HttpRequest& request) { return app.answer(request); });
  EngineOptions options;
  options.once = once_;
  options.secrets.env = [this](const std::string&) { return std::optional(token); };
  options.secrets.file = options.secrets.env;
  options.tokens = directory + "/tokens";
  DatabaseOptions opening;
  opening.vfs = vfs_;
  engine = std::make_unique<Engine>(EngineSeams{clock, *http, spawner},
                                    Database::open(directory, opening, clock.wall()), options);
  REQUIRE(load(triggers_text));
}

bool SmallWorld::load(const std::string& triggers) {
  SecretSources sources;
  sources.env = [this](const std::string&) { return std::optional(token); };
  sources.file = sources.env;
  const ConfigLoad loaded = load_config("triggers.yaml", triggers, catalog, sources);
  for (const Problem& problem : loaded.problems) {
    if (!problem.warning) MESSAGE(render_problem(problem, triggers));
  }
  if (loaded.config == nullptr || !engine->apply(loaded.config).empty()) return false;
  triggers_text = triggers;
  return true;
}

void SmallWorld::pass(Millis duration) {
  for (Millis done{0}; done < duration; done += Millis{1'000}) {
    clock.pass(Millis{1'000});
    for (int turn = 0; turn < 12; ++turn) engine->turn(Millis{0});
  }
}

void SmallWorld::restart() {
  engine.reset();
  start();
}

std::vector<nlohmann::json> SmallWorld::events() {
  return events_after(engine->database(), 0, 10'000).rows;
}

std::vector<std::string> SmallWorld::kinds_of(const std::string& key) {
  std::vector<std::string> kinds;
  for (const nlohmann::json& row : events()) {
    if (row.value("key", "") == key) kinds.push_back(row.value("kind", ""));
  }
  return kinds;
}

nlohmann::json SmallWorld::view(const std::string& name) {
  return list_view(engine->database(), name, "", 1'000).rows;
}

std::string one_trigger(const std::string& operation, const std::string& more) {
  std::string text = R"yaml(version: 1
accounts:
  main:
    connector: app
    auth: {token: "${env:TOKEN}"}
triggers:
  t:
    poll: )yaml" + operation +
                     R"yaml(
    account: main
    every: 1m
    detect: [new, changed, removed]
    do:
      - action: webhook
        with:
          url: https://hooks.example/t
          body: {id: "${{ .event.key }}", kind: "${{ .event.kind }}"}
)yaml";
  return text + more;
}

}  // namespace triggerd
