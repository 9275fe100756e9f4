#include "contact_search.h"

#include <array>

#include "fields.h"

namespace triggerd::sandbox {
namespace {

using nlohmann::json;

constexpr std::size_t kQueryMax = 75;

// Dates become instants, so that 10:00Z and 10:00:00.000Z are one value; texts lose their case.
json comparable(const json& value) {
  if (!value.is_string()) return value;
  const std::string text = value.get<std::string>();
  if (text.size() >= 10) {
    if (const auto instant = parse_iso(text)) return *instant;
  }
  return lower(text);
}

json field_of(const json& contact, const std::string& field) {
  const auto member = contact.find(field);
  return member == contact.end() ? json() : *member;
}

bool holds(const json& value, const json& wanted) {
  if (value.is_array()) {
    for (const json& one : value) {
      if (comparable(one) == comparable(wanted)) return true;
    }
    return false;
  }
  return value.is_string() && wanted.is_string() &&
         contains_text(value.get<std::string>(), wanted.get<std::string>());
}

bool equals(const json& value, const json& wanted) {
  if (wanted.is_array()) {
    for (const json& one : wanted) {
      if (equals(value, one)) return true;
    }
    return false;
  }
  return value.is_array() ? holds(value, wanted) : comparable(value) == comparable(wanted);
}

bool in_range(const json& value, const json& range) {
  if (value.is_null()) return false;
  const json own = comparable(value);
  for (const auto& [bound, limit] : range.items()) {
    const json edge = comparable(limit);
    const bool inside = bound == "gte"   ? own >= edge
                        : bound == "gt"  ? own > edge
                        : bound == "lte" ? own <= edge
                                         : own < edge;
    if (!inside) return false;
  }
  return true;
}

bool filter_matches(const json& filter, const json& contact) {
  if (filter.contains("group")) {
    const bool any = text_of(filter, "group") == "OR";
    for (const json& inner : list_of(filter, "filters")) {
      if (filter_matches(inner, contact) == any) return any;
    }
    return !any;
  }
  const json value = field_of(contact, text_of(filter, "field"));
  const json wanted = filter.value("value", json());
  const std::string op = text_of(filter, "operator");
  if (op == "eq") return equals(value, wanted);
  if (op == "not_eq") return !equals(value, wanted);
  if (op == "contains") return holds(value, wanted);
  if (op == "not_contains") return !holds(value, wanted);
  const bool present = !value.is_null() && value != "" && value != json::array();
  if (op == "exists") return present;
  if (op == "not_exists") return !present;
  return in_range(value, wanted);
}

bool is_range(const json& value) {
  if (!value.is_object() || value.empty()) return false;
  for (const auto& [bound, limit] : value.items()) {
    if (bound != "gte" && bound != "gt" && bound != "lte" && bound != "lt") return false;
    if (!limit.is_string() && !limit.is_number()) return false;
  }
  return true;
}

void check_filter(const json& filter, std::vector<std::string>& problems) {
  static constexpr std::array kOperators = {"eq",     "not_eq",     "contains", "not_contains",
                                            "exists", "not_exists", "range"};
  if (!filter.is_object()) {
    problems.emplace_back("each value in filters must be an object");
    return;
  }
  const auto group = filter.find("group");
  if (group != filter.end()) {
    const auto inner = filter.find("filters");
    if ((*group != "AND" && *group != "OR") || inner == filter.end() || !inner->is_array()) {
      problems.emplace_back("filters.group must be one of the following values: AND, OR");
      return;
    }
    for (const json& one : *inner) check_filter(one, problems);
    return;
  }
  const std::string op = text_of(filter, "operator");
  if (text_of(filter, "field").empty()) problems.emplace_back("filters.field should not be empty");
  bool known = false;
  for (const char* one : kOperators) known = known || op == one;
  if (!known) problems.emplace_back("filters.operator is not valid");
  if (op == "range" && !is_range(filter.value("value", json()))) {
    problems.emplace_back("filters.value must be an object with gt, gte, lt or lte");
  }
}

}  // namespace

ContactSearch::ContactSearch(const json& body, std::vector<std::string>& problems) {
  filters_ = list_of(body, "filters");
  for (const json& filter : filters_) check_filter(filter, problems);
  query_ = text_of(body, "query");
  if (query_.size() > kQueryMax) {
    problems.emplace_back("query must be shorter than or equal to 75 characters");
  }
  for (const json& key : list_of(body, "sort")) {
    const std::string direction = text_of(key, "direction");
    const std::string field = text_of(key, "field");
    if (field.empty() || (direction != "asc" && direction != "desc")) {
      problems.emplace_back("sort must hold objects with field and direction asc or desc");
      continue;
    }
    sort_.push_back({field, direction == "asc"});
  }
  if (sort_.empty()) sort_.push_back({"dateAdded", false});
  cursor_ = body.value("searchAfter", json());
  if (cursor_.is_array() && cursor_.size() != sort_.size() + 1) {
    problems.emplace_back("searchAfter must come from a record of the same sort");
  }
  if (cursor_.is_array() && body.contains("page")) {
    problems.emplace_back("page and searchAfter should not be used together");
  }
}

bool ContactSearch::matches(const json& contact) const {
  for (const json& filter : filters_) {
    if (!filter_matches(filter, contact)) return false;
  }
  if (query_.empty()) return true;
  for (const char* field : {"name", "email", "phone", "companyName"}) {
    if (contains_text(text_of(contact, field), query_)) return true;
  }
  return false;
}

json ContactSearch::cursor_of(const Row& row) const {
  json keys = json::array();
  for (const SortKey& key : sort_) keys.push_back(comparable(field_of(row.record, key.field)));
  keys.push_back(text_of(row.record, "id"));
  return keys;
}

// The id breaks ties, ascending, so that equal stamps have one order on every page.
int ContactSearch::compare(const json& left_keys, const json& right_keys) const {
  for (std::size_t i = 0; i < left_keys.size(); ++i) {
    if (left_keys[i] == right_keys[i]) continue;
    const bool ascending = i >= sort_.size() || sort_[i].ascending;
    return (left_keys[i] < right_keys[i]) == ascending ? -1 : 1;
  }
  return 0;
}

bool ContactSearch::past_cursor(const json& keys) const {
  return !has_cursor() || compare(keys, cursor_) > 0;
}

}  // namespace triggerd::sandbox
