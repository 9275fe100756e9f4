#include "route.h"

#include <algorithm>

namespace triggerd::sandbox {
namespace {

std::vector<std::string_view> segments(std::string_view path) {
  std::vector<std::string_view> parts;
  while (!path.empty()) {
    path.remove_prefix(1);  // the slash
    const std::size_t end = std::min(path.find('/'), path.size());
    parts.push_back(path.substr(0, end));
    path.remove_prefix(end);
  }
  return parts;
}

bool is_parameter(std::string_view segment) { return !segment.empty() && segment.front() == '{'; }

// The matched parameters, or nothing. `rank` gets one letter per segment: literals sort first.
std::optional<Matched> match_one(const Route& route, const std::vector<std::string_view>& asked,
                                 std::string& rank) {
  const auto pattern = segments(route.path);
  if (pattern.size() != asked.size()) return std::nullopt;
  Matched matched;
  matched.route = &route;
  for (std::size_t i = 0; i < pattern.size(); ++i) {
    if (!is_parameter(pattern[i])) {
      if (pattern[i] != asked[i]) return std::nullopt;
      rank += 'a';
      continue;
    }
    if (asked[i].empty()) return std::nullopt;
    rank += 'b';
    matched.last_path_value = std::string(asked[i]);
    matched.path[std::string(pattern[i].substr(1, pattern[i].size() - 2))] =
        matched.last_path_value;
  }
  return matched;
}

Param make(std::string name, ParamType type) {
  Param param;
  param.name = std::move(name);
  param.type = type;
  return param;
}

}  // namespace

Param Param::must() const {
  Param changed = *this;
  changed.required = true;
  return changed;
}

Param Param::from(double least) const {
  Param changed = *this;
  changed.lowest = least;
  return changed;
}

Param Param::upto(double most) const {
  Param changed = *this;
  changed.highest = most;
  return changed;
}

Param Param::one_of(std::vector<std::string> values) const {
  Param changed = *this;
  changed.allowed = std::move(values);
  return changed;
}

Param Param::some_of(std::vector<std::string> values) const {
  Param changed = one_of(std::move(values));
  changed.comma_separated = true;
  return changed;
}

Param Param::of(std::vector<Param> inner) const {
  Param changed = *this;
  changed.members = std::move(inner);
  return changed;
}

Param text(std::string name) { return make(std::move(name), ParamType::text); }
Param digits(std::string name) { return make(std::move(name), ParamType::digits); }
Param number(std::string name) { return make(std::move(name), ParamType::number); }
Param boolean(std::string name) { return make(std::move(name), ParamType::boolean); }
Param list(std::string name) { return make(std::move(name), ParamType::list); }
Param object(std::string name) { return make(std::move(name), ParamType::object); }

RouteTable::RouteTable() {
  for (auto* category : {contact_routes,
                         contact_write_routes,
                         contact_link_routes,
                         contact_list_routes,
                         calendar_routes,
                         calendar_write_routes,
                         calendar_setting_routes,
                         event_routes,
                         event_write_routes,
                         opportunity_routes,
                         opportunity_write_routes,
                         user_routes,
                         user_write_routes,
                         conversation_routes,
                         message_routes,
                         message_write_routes,
                         account_routes,
                         business_routes,
                         association_routes,
                         association_write_routes,
                         blog_routes}) {
    for (Route& route : category()) routes_.push_back(std::move(route));
  }
}

std::optional<Matched> RouteTable::match(std::string_view method, std::string_view path) const {
  const auto asked = segments(path);
  std::optional<Matched> best;
  std::string best_rank;
  for (const Route& route : routes_) {
    if (route.method != method) continue;
    std::string rank;
    auto matched = match_one(route, asked, rank);
    if (matched && (!best || rank < best_rank)) {
      best = std::move(matched);
      best_rank = rank;
    }
  }
  return best;
}

}  // namespace triggerd::sandbox
