// Faults inside an answer that was computed: wrong records, cursors that do not move, shuffled
// order, broken JSON text.
#include <algorithm>

#include "faults.h"
#include "instant.h"

namespace triggerd::sandbox {
namespace {

using nlohmann::json;

constexpr Millis kYear = 365 * kDay;
constexpr const char* kElsewhere = "wrongLocation0000000";

// The list or the single object that holds the records; nullptr where the answer has none.
json* records_in(const Route& route, json& body) {
  const json::json_pointer pointer(route.records.pointer);
  if (!body.contains(pointer)) return nullptr;
  json& found = body[pointer];
  return found.is_structured() ? &found : nullptr;
}

json* first_record(const Route& route, json& body) {
  json* records = records_in(route, body);
  if (records == nullptr || !records->is_array()) return records;
  return records->empty() ? nullptr : &(*records)[0];
}

void rewrite_location(json& value) {
  if (value.is_array()) {
    for (json& one : value) rewrite_location(one);
  }
  if (!value.is_object()) return;
  for (auto& [name, member] : value.items()) {
    if (name == "locationId" || name == "location_id") member = kElsewhere;
    rewrite_location(member);
  }
}

// Another tenant's records have other ids, too.
void rewrite_ids(const Route& route, json& body) {
  json* records = records_in(route, body);
  const std::string& member = route.records.id_member;
  const auto rewrite = [&](json& record) {
    const auto id = record.find(member);
    if (id == record.end() || !id->is_string()) return;
    std::string text = id->get<std::string>();
    std::reverse(text.begin(), text.end());
    *id = text;
  };
  if (records == nullptr) return;
  if (records->is_object()) return rewrite(*records);
  for (json& record : *records) {
    if (record.is_object()) rewrite(record);
  }
}

void add_year(json& date) {
  if (date.is_number()) {
    date = date.get<Millis>() + kYear;
  } else if (date.is_string()) {
    const std::string text = date.get<std::string>();
    const auto instant = parse_iso(text);
    if (!instant) return;
    date = text.ends_with('Z') ? iso_utc(*instant + kYear)
           : text.size() == 19 ? plain_utc(*instant + kYear)
                               : iso_with_offset(*instant + kYear, 0);
  }
}

void repeat_cursor(const PageAsked& page, json& body) {
  const json& asked = page.parameters;
  json* records = records_in(*page.route, body);
  json* last =
      records != nullptr && records->is_array() && !records->empty() ? &records->back() : nullptr;
  switch (page.route->paging) {
    case Paging::search_after:
      if (asked.contains("searchAfter") && last != nullptr) {
        (*last)["searchAfter"] = asked["searchAfter"];
      }
      return;
    case Paging::start_after:
      for (const char* name : {"startAfter", "startAfterId"}) {
        if (asked.contains(name) && body.contains("meta")) body["meta"][name] = asked[name];
      }
      if (asked.contains("startAfterDate") && last != nullptr) {
        (*last)["lastMessageDate"] = asked["startAfterDate"];
      }
      return;
    case Paging::last_id:
      if (asked.contains("lastMessageId")) {
        body["messages"]["lastMessageId"] = asked["lastMessageId"];
        body["messages"]["nextPage"] = true;
      }
      return;
    case Paging::none:
    case Paging::offset:
      return;  // an offset repeats by answering the first page again, before this
  }
}

std::size_t limit_asked(const PageAsked& page) {
  for (const char* name : {"pageLimit", "limit"}) {
    const auto given = page.parameters.find(name);
    if (given == page.parameters.end()) continue;
    if (given->is_number()) return given->get<std::size_t>();
    if (given->is_string()) return std::strtoul(given->get<std::string>().c_str(), nullptr, 10);
  }
  return 20;
}

bool asks_further_page(const PageAsked& page) {
  for (const char* name : {"searchAfter", "startAfterId", "startAfterDate", "lastMessageId"}) {
    if (page.parameters.contains(name)) return true;
  }
  for (const char* name : {"skip", "offset", "page"}) {
    const auto given = page.parameters.find(name);
    if (given != page.parameters.end() && *given != "0" && *given != 1 && *given != "1") {
      return true;
    }
  }
  return false;
}

void rename(const PageAsked& page, Random& random, json& record) {
  record[page.route->records.id_member] = random.id();
  if (page.route->paging == Paging::search_after) {
    record["searchAfter"] = {random.below(1U << 30U), random.id()};
  }
  if (record.contains("lastMessageDate")) record["lastMessageDate"] = random.below(1U << 30U);
}

// Fills the page with copies of the first page's records under fresh ids, and promises one more.
void endless_page(const PageAsked& page, Random& random, json& body) {
  json* records = records_in(*page.route, body);
  if (records == nullptr || !records->is_array() || records->empty()) return;
  const json model = records->front();
  if (asks_further_page(page)) {
    for (json& record : *records) rename(page, random, record);
  }
  while (records->size() < limit_asked(page)) {
    records->push_back(model);
    rename(page, random, records->back());
  }
  for (const char* total : {"total", "count"}) {
    if (body.is_object() && body.contains(total)) body[total] = 1'000'000'000;
  }
  const std::string next = random.id();
  if (body.is_object() && body.contains("meta")) {
    body["meta"].update({{"total", 1'000'000'000},
                         {"startAfterId", next},
                         {"nextPage", 2},
                         {"startAfter", random.below(1U << 30U)}});
  }
  if (body.is_object() && body.contains("hasMore")) body["hasMore"] = true;
  if (page.route->paging == Paging::last_id) {
    body["messages"].update({{"lastMessageId", next}, {"nextPage", true}});
  }
}

// Behind the last page: a next page is promised all the same, and an empty page has the cursor that
// was sent.
void echo_cursor(const PageAsked& page, json& body) {
  const auto meta = body.is_object() ? body.find("meta") : body.end();
  if (meta == body.end() || !meta->is_object()) return;
  for (const char* name : {"startAfter", "startAfterId"}) {
    if (!meta->contains(name) && page.parameters.contains(name)) {
      (*meta)[name] = page.parameters[name];
    }
  }
  if (meta->contains("nextPage") && (*meta)["nextPage"].is_null()) (*meta)["nextPage"] = 2;
}

std::string dump_shuffled(const json& value, Random& random) {
  if (value.is_array()) {
    std::string text = "[";
    for (const json& one : value) {
      text += (text.size() > 1 ? "," : "") + dump_shuffled(one, random);
    }
    return text + "]";
  }
  if (!value.is_object()) return value.dump();
  std::vector<std::string> names;
  for (const auto& [name, member] : value.items()) names.push_back(name);
  random.shuffle(names);
  std::string text = "{";
  for (const std::string& name : names) {
    text +=
        (text.size() > 1 ? "," : "") + json(name).dump() + ":" + dump_shuffled(value[name], random);
  }
  return text + "}";
}

}  // namespace

void spoil_records(const Fault& fault, const PageAsked& page, Random& random, json& body) {
  const Route& route = *page.route;
  if (fault.kind == FaultKind::empty_list) {
    json* records = records_in(route, body);
    if (records != nullptr && records->is_array()) *records = json::array();
  } else if (fault.kind == FaultKind::wrong_location) {
    rewrite_ids(route, body);
    rewrite_location(body);
  } else if (fault.kind == FaultKind::bad_id) {
    json* record = first_record(route, body);
    if (record != nullptr && record->is_object()) {
      (*record)[route.records.id_member] = fault.options.value("value", json());
    }
  } else if (fault.kind == FaultKind::future_date) {
    json* record = first_record(route, body);
    if (record == nullptr || !record->is_object()) return;
    for (const char* name : {"dateUpdated", "updatedAt", "lastMessageDate"}) {
      if (record->contains(name)) add_year((*record)[name]);
    }
  } else if (fault.kind == FaultKind::repeat_cursor) {
    repeat_cursor(page, body);
  } else if (fault.kind == FaultKind::endless_cursor) {
    endless_page(page, random, body);
  } else if (fault.kind == FaultKind::echo_cursor) {
    echo_cursor(page, body);
  } else if (fault.kind == FaultKind::shuffle) {
    json* records = records_in(route, body);
    if (records == nullptr || !records->is_array()) return;
    std::vector<json> order(records->begin(), records->end());
    random.shuffle(order);
    *records = order;
  }
}

std::string spoil_text(const Fault& fault, const Route& route, Random& random, const json& body) {
  const std::string text = body.dump();
  if (fault.kind == FaultKind::shuffle) return dump_shuffled(body, random);
  if (fault.kind == FaultKind::invalid_json) return text.substr(0, text.size() - 1) + ",,";
  if (fault.kind == FaultKind::duplicate_keys && body.is_object()) {
    const std::string& pointer = route.records.pointer;
    const std::string name = pointer.empty() ? "id" : pointer.substr(1, pointer.find('/', 1) - 1);
    return "{\"" + name + "\":[]," + text.substr(1);
  }
  return text;
}

}  // namespace triggerd::sandbox
