#include "simulation/app.h"

#include <algorithm>

#include "triggerd/time.h"

namespace triggerd::simulation {

const char* const kConnector = R"yaml(
connector: app
title: The simulated app
base_url: https://app.example
account:
  team: {about: The team.}
auth:
  - {kind: bearer, name: token, fields: [token]}
limits:
  - {requests: 100, per: 10s}
operations:
  search_items:
    title: Search Items
    about: All items, by time of change.
    request: GET /items
    params:
      after: {about: Where the page before ended., hidden: true}
      since: {about: Only items changed since., hidden: true}
      limit: {type: integer, about: Items of a page.}
    read:
      records: /items
      require: /items
      id: /id
      updated: /updated
      created: /created
      paging: {kind: cursor, size_param: limit, size: 5, parts: {after: {from: body, at: /next}}}
      since: {set: {since: "{since}"}, format: iso8601, overlap: 2m}
      confirm: {operation: get_item, param: id}
  get_item:
    title: Get Item
    about: One item.
    request: GET /item/{id}
    params:
      id: {about: Its id.}
    read: {shape: object, records: /item, id: /id}
  list_members:
    title: List Members
    about: All members.
    request: GET /members
    params:
      after: {about: Where the page before ended., hidden: true}
      limit: {type: integer, about: Members of a page.}
    read:
      records: /members
      id: /id
      created: /created
      volatile: /note
      paging: {kind: cursor, size_param: limit, size: 5, parts: {after: {from: body, at: /next}}}
  get_card:
    title: Get Card
    about: The card of a member.
    request: GET /card/{id}
    params:
      id: {about: The member's id., fan_out: list_members}
    read: {shape: object, records: /card, id: /id}
  list_orders:
    title: List Orders
    about: All orders.
    request: GET /orders
    params:
      skip: {type: integer, about: How many come before., hidden: true}
      limit: {type: integer, about: Orders of a page.}
    read:
      records: /orders
      id: /id
      created: /created
      paging:
        {kind: offset, number_param: skip, size_param: limit, size: 5, ends_on_short_page: true}
  open_slots:
    title: Open Slots
    about: What is open, by day.
    request: GET /slots
    read:
      {shape: map, require: /day_count, entry_key: '\d{4}-\d{2}-\d{2}', members: /slots, id: /id}
)yaml";

namespace {

constexpr std::int64_t kSecond = 1'000;
constexpr const char* kBase = "https://app.example";

std::string unescaped(const std::string& text) {
  std::string plain;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '%' && i + 2 < text.size()) {
      plain += static_cast<char>(std::stoi(text.substr(i + 1, 2), nullptr, 16));
      i += 2;
    } else {
      plain += text[i];
    }
  }
  return plain;
}

std::string key_of(const json& record) {
  const json& id = record.at("id");
  return id.is_string() ? id.get<std::string>() : id.dump();
}

HttpReply json_reply(int status, const json& body) {
  HttpReply reply;
  reply.status = status;
  reply.headers.push_back({"Content-Type", "application/json", false});
  reply.body = body.dump();
  return reply;
}

// A place in a list that stays where it is when records before it come and go.
std::string place_of(const json& record) {
  return record.value("updated", "") + "~" + key_of(record);
}

// How often a fault comes by itself, and for how long when it is an episode.
const std::vector<std::string> kFaults{
    "connect",    "timeout", "cut",     "broken json", "429",     "429 seconds",
    "429 date",   "500",     "502",     "503",         "401",     "html",
    "envelope",   "empty",   "lost id", "repeated",    "endless", "doubled",
    "wrong date", "no date", "stale",   "flapping"};

}  // namespace

App::Asked App::read_url(const std::string& url) {
  Asked asked;
  std::string rest = url.substr(std::string(kBase).size());
  const std::size_t question = rest.find('?');
  asked.path = rest.substr(0, question);
  rest = question == std::string::npos ? "" : rest.substr(question + 1);
  while (!rest.empty()) {
    const std::size_t end = std::min(rest.find('&'), rest.size());
    const std::size_t equals = rest.find('=');
    asked.query[rest.substr(0, equals)] = unescaped(rest.substr(equals + 1, end - equals - 1));
    rest = end == rest.size() ? "" : rest.substr(end + 1);
  }
  return asked;
}

void App::next_mood(std::int64_t now) {
  if (!episode_.empty() && now >= episode_until_) episode_.clear();
  if (calm || !episode_.empty() || !chance_.in(60)) return;
  static const std::vector<std::string> kAbout{"", "", "items", "members", "orders", "slots"};
  episode_ = chance_.one_of(kFaults);
  episode_about_ = chance_.one_of(kAbout);
  episode_until_ = now + chance_.between(20, 260) * kSecond;
}

std::string App::damage_of(const Answer& note, std::int64_t now) {
  if (calm) return "";
  const bool concerned = episode_about_.empty() || note.stream.starts_with(episode_about_);
  if (!episode_.empty() && now < episode_until_ && concerned && !chance_.in(50)) return episode_;
  return chance_.in(40) ? chance_.one_of(kFaults) : "";
}

HttpReply App::answer(const HttpRequest& request, std::int64_t now, Answer& note) {
  const Asked asked = read_url(request.url);
  const std::size_t slash = asked.path.find('/', 1);
  const std::string name = asked.path.substr(1, slash - 1);
  const std::string key = slash == std::string::npos ? "" : asked.path.substr(slash + 1);
  note.stream = name == "item" ? "items {}" : name + " {}";
  if (name == "card") note.stream = "cards " + json{{"id", key}}.dump();
  if (name == "item") note.asked = key;
  const auto after = asked.query.find(name == "orders" ? "skip" : "after");
  if (after != asked.query.end() && after->second != "0") note.cursor = after->second;
  note.first = note.cursor.empty();
  if (const auto since = asked.query.find("since"); since != asked.query.end()) {
    if (const auto bound = parse_iso8601(since->second)) note.since = epoch_ms(*bound);
  }
  note.served = now;
  note.damage = damage_of(note, now);
  if (!note.damage.empty()) ++faults_;
  std::int64_t date = now;
  if (note.damage == "wrong date") date += chance_.between(-7'200, 7'200) * kSecond;
  HttpReply reply = refuse(note.damage, note);
  if (reply.failure == HttpFailure::none && reply.status == 0) {
    const std::int64_t at = note.damage == "stale" ? now - chance_.between(1, 400) * kSecond : now;
    if (name == "items" || name == "members") reply = list(asked, name, at, note);
    if (name == "orders") reply = orders(asked, at, note);
    if (name == "slots") reply = slots(at, note);
    if (name == "item") reply = single("items", key, at, note);
    if (name == "card") reply = single("cards", key, at, note);
  }
  if (note.damage == "no date" || reply.failure != HttpFailure::none) return reply;
  reply.headers.push_back({"Date", to_http_date(wall_from_ms(date)), false});
  note.server = date - date % kSecond;
  return reply;
}

// Answers that never come, or are plain errors; status 0: the app answers.
HttpReply App::refuse(const std::string& damage, Answer& note) {
  HttpReply reply;
  if (damage == "connect") reply.failure = HttpFailure::connect;
  if (damage == "timeout") reply.failure = HttpFailure::timeout;
  if (damage == "cut") reply.failure = HttpFailure::cut_short;
  if (reply.failure != HttpFailure::none) return reply;
  if (damage == "500" || damage == "502" || damage == "503" || damage == "401") {
    return json_reply(std::stoi(damage), {{"message", "not now"}});
  }
  if (damage.starts_with("429")) {
    reply = json_reply(429, {{"message", "too many"}});
    const std::int64_t wait = chance_.between(1, 200) * kSecond;
    if (damage == "429 seconds") {
      reply.headers.push_back({"Retry-After", std::to_string(wait / kSecond), false});
    } else if (damage == "429 date") {
      const std::string until = to_http_date(wall_from_ms(note.served + wait));
      reply.headers.push_back({"Retry-After", until, false});
    }
    if (damage != "429") note.retry_wait = wait - kSecond;  // Date has whole seconds
  }
  if (damage == "html") {
    reply.status = 200;
    reply.headers.push_back({"Content-Type", "text/html", false});
    reply.body = "<html><body>We are back soon.</body></html>";
  }
  return reply;
}

void App::name_keys(Answer& note, const json& records) {
  for (const json& record : records) {
    if (record.contains("id")) note.shown.emplace_back(key_of(record), record);
  }
}

HttpReply App::page(json body, const std::string& member, Answer& note) {
  HttpReply reply;
  spoil(note.damage, reply, body, member, note);
  if (reply.status != 0) return reply;
  note.understood = true;
  name_keys(note, body.at(member));
  note.may_end = note.next.empty() || body.at(member).empty();
  return json_reply(200, body);
}

void App::spoil(const std::string& damage, HttpReply& reply, json& body, const std::string& member,
                Answer& note) {
  json& records = body[member];
  if (damage == "broken json") {
    reply = json_reply(200, body);
    reply.body.resize(reply.body.size() - 1 - static_cast<std::size_t>(chance_.below(2)));
  } else if (damage == "envelope") {
    reply = json_reply(200, {{"result", {{"page", records}}}});
  } else if (damage == "empty") {
    records = json::array();
    body.erase("next");
    note.next.clear();
  } else if (damage == "lost id" && !records.empty()) {
    records[static_cast<std::size_t>(chance_.below(static_cast<std::int64_t>(records.size())))]
        .erase("id");
    note.odd = true;
  } else if (damage == "flapping" && !records.empty()) {
    records.erase(
        static_cast<std::size_t>(chance_.below(static_cast<std::int64_t>(records.size()))));
  }
}

HttpReply App::list(const Asked& asked, const std::string& name, std::int64_t at, Answer& note) {
  std::vector<std::pair<std::string, json>> all = world_.records(name).all_shown(at);
  std::vector<json> chosen;
  const std::string since = asked.query.contains("since") ? asked.query.at("since") : "";
  for (auto& [key, record] : all) {
    if (record.value("updated", "~") >= since) chosen.push_back(std::move(record));
  }
  std::sort(chosen.begin(), chosen.end(),
            [](const json& a, const json& b) { return place_of(a) < place_of(b); });
  const std::size_t size = std::stoul(asked.query.at("limit"));
  const bool endless = note.cursor.starts_with("endless");
  // What an endless list repeats is its end.
  const std::string from = endless ? "" : note.cursor.substr(0, note.cursor.rfind('#'));
  json records = json::array();
  std::optional<json> before;
  std::string next;
  for (const json& record : chosen) {
    if (place_of(record) <= from) {
      before = record;
      continue;
    }
    if (records.size() == size) {
      next = place_of(records.back()) + "#" + std::to_string(++cursors_);
      break;
    }
    records.push_back(record);
  }
  if (note.damage == "doubled" && before) records.insert(records.begin(), *before);
  if (note.damage == "repeated" && !note.cursor.empty()) next = note.cursor;
  if (note.damage == "endless" || endless) next = "endless" + std::to_string(++cursors_);
  note.bad_cursor = endless || note.damage == "endless" || note.damage == "repeated";
  note.next = next;
  json body{{name, records}};
  if (!next.empty()) body["next"] = next;
  return page(std::move(body), name, note);
}

HttpReply App::orders(const Asked& asked, std::int64_t at, Answer& note) {
  const std::size_t size = std::stoul(asked.query.at("limit"));
  const auto all = world_.records("orders").all_shown(at);
  const std::size_t skip = note.cursor.empty() ? 0 : std::stoul(note.cursor);
  json records = json::array();
  for (std::size_t i = skip; i < all.size() && records.size() < size; ++i) {
    records.push_back(all[i].second);
  }
  if (note.damage == "doubled" && skip > 0 && skip <= all.size()) {
    records.insert(records.begin(), all[skip - 1].second);
  }
  note.next = "by count";
  HttpReply reply = page({{"orders", records}}, "orders", note);
  std::size_t given = note.shown.size() + (note.odd ? 1 : 0);
  note.may_end = note.understood && given < size;
  note.next = std::to_string(skip + given);
  return reply;
}

HttpReply App::slots(std::int64_t at, Answer& note) {
  json records = json::array();
  for (const auto& [key, record] : world_.records("slots").all_shown(at)) records.push_back(record);
  json body{{"days", std::move(records)}};
  HttpReply reply;
  spoil(note.damage, reply, body, "days", note);
  if (reply.status != 0) return reply;
  note.understood = note.may_end = true;
  name_keys(note, body.at("days"));
  // A day without slots, so that an empty answer is still one of the expected form.
  json days{{"2026-03-31", {{"slots", json::array()}}}};
  for (const json& record : body.at("days")) {
    const std::string day = "2026-03-0" + std::to_string(1 + record.at("made").get<int>() % 9);
    days[day]["slots"].push_back(record);
  }
  days["day_count"] = days.size();
  return json_reply(200, days);
}

HttpReply App::single(const std::string& collection, const std::string& key, std::int64_t at,
                      Answer& note) {
  const std::string member = collection == "cards" ? "card" : "item";
  if (note.damage == "envelope") return json_reply(200, {{"result", json::object()}});
  const json* record = world_.records(collection).shown(key, at);
  note.understood = note.may_end = true;
  if (record == nullptr) return json_reply(404, {{"message", "not found"}});
  if (note.damage == "broken json") {
    note.understood = note.may_end = false;
    HttpReply reply = json_reply(200, {{member, *record}});
    reply.body.pop_back();
    return reply;
  }
  note.shown.emplace_back(key, *record);
  return json_reply(200, {{member, *record}});
}

}  // namespace triggerd::simulation
