#include "visit.h"

#include <charconv>

namespace triggerd::sandbox {
namespace {

using nlohmann::json;

const std::string* find_query(const QueryList& query, const std::string& name) {
  for (const auto& [key, value] : query) {
    if (key == name) return &value;
  }
  return nullptr;
}

}  // namespace

std::string Visit::path(const std::string& name) const {
  const auto found = parts_.matched.path.find(name);
  return found == parts_.matched.path.end() ? "" : found->second;
}

std::string Visit::text(const std::string& name) const {
  if (const std::string* value = find_query(parts_.query, name)) return *value;
  if (!parts_.body.is_object()) return "";
  const auto member = parts_.body.find(name);
  if (member == parts_.body.end() || member->is_null()) return "";
  return member->is_string() ? member->get<std::string>() : member->dump();
}

bool Visit::has(const std::string& name) const { return !text(name).empty(); }

std::size_t Visit::count(const std::string& name, std::size_t fallback) const {
  const std::string given = text(name);
  std::size_t value = 0;
  const auto end = std::from_chars(given.data(), given.data() + given.size(), value);
  return given.empty() || end.ec != std::errc{} ? fallback : value;
}

Millis Visit::instant(const std::string& name) const {
  const std::string given = text(name);
  Millis value = 0;
  std::from_chars(given.data(), given.data() + given.size(), value);
  return value;
}

bool Visit::flag(const std::string& name, bool fallback) const {
  const std::string given = text(name);
  return given.empty() ? fallback : given == "true";
}

std::vector<std::string> Visit::list(const std::string& name) const {
  std::vector<std::string> values;
  for (const auto& [key, value] : parts_.query) {
    if (key == name && !value.empty()) values.push_back(value);
  }
  return values;
}

void Visit::forget_cursor() {
  for (const char* name : {"skip", "offset", "page", "searchAfter", "startAfter", "startAfterId",
                           "startAfterDate", "lastMessageId"}) {
    const bool counts = std::string_view(name) == "skip" || std::string_view(name) == "offset";
    if (parts_.body.is_object()) parts_.body.erase(name);
    for (auto& [key, value] : parts_.query) {
      if (key == name) value = counts ? "0" : "";  // an empty parameter counts as absent
    }
  }
}

std::string Visit::location() const {
  for (const char* name : {"locationId", "location_id"}) {
    if (std::string in_path = path(name); !in_path.empty()) return in_path;
    if (std::string given = text(name); !given.empty()) return given;
  }
  return parts_.grant.location;
}

std::vector<std::string> Visit::reachable_locations() const {
  if (!parts_.grant.is_company()) return {parts_.grant.location};
  std::vector<std::string> found;
  for (const Row* row : view.all(parts_.grant.company, "locations")) {
    found.push_back(text_of(row->record, "id"));
  }
  return found;
}

tl::expected<const Row*, Answer> Visit::reach(std::string_view collection, const std::string& id,
                                              const std::string& what) const {
  const Collection* spec = find_collection(collection);
  if (spec->level == Level::company) {
    if (const Row* row = view.find({company(), collection, id})) return row;
    return tl::unexpected(not_found(what));
  }
  for (const std::string& location : reachable_locations()) {
    if (const Row* row = view.find({location, collection, id})) return row;
  }
  const auto owner = world.owner_of(collection, id);
  if (!owner || *owner == parts_.grant.location) return tl::unexpected(not_found(what));
  return tl::unexpected(forbidden("The token does not have access to this location."));
}

json page_of(const std::vector<const Row*>& rows, std::size_t skip, std::size_t limit) {
  json page = json::array();
  for (std::size_t i = skip; i < rows.size() && page.size() < limit; ++i) {
    page.push_back(rows[i]->record);
  }
  return page;
}

json records_of(const std::vector<const Row*>& rows) { return page_of(rows, 0, rows.size()); }

}  // namespace triggerd::sandbox
