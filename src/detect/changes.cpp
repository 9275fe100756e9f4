#include "changes.h"

#include <algorithm>
#include <optional>
#include <set>
#include <string>
#include <utility>

#include "counted_part.h"
#include "pointer.h"
#include "triggerd/json_text.h"

namespace triggerd {
namespace {

using nlohmann::json;

// The change at a place of which nothing is listed although it was looked at: it was missing.
std::optional<Change> change_from_missing(const std::string& place, const Version& now) {
  if (counted_at(now.counted, place).is_null()) {
    return std::nullopt;
  }
  return Change{place, nullptr, counted_at(now.record, place), true, {}};
}

// Nothing when it did not change, or when it cannot be told.
std::optional<Change> change_at(const std::string& place, PastValue past, const Version& now,
                                const DetectRules& rules) {
  const json& counted = counted_at(now.counted, place);
  switch (past.kind) {
    case PastValue::Kind::value:
      if (canonical_json(counted_part(past.value, place, rules)) == canonical_json(counted)) {
        return std::nullopt;
      }
      return Change{place, std::move(past.value), counted_at(now.record, place), true, {}};
    case PastValue::Kind::hash: {
      const std::string hash = part_hash(counted, place, rules);
      if (hash == past.hash || !hashes_comparable(hash, past.hash)) {
        return std::nullopt;
      }
      return Change{place, json(json::value_t::discarded), counted_at(now.record, place), false,
                    std::move(past.hash)};
    }
    case PastValue::Kind::unlisted:
    case PastValue::Kind::covered:
      return std::nullopt;
  }
  return std::nullopt;
}

// Places that may differ when everything counts. What is remembered inside of a top-level member is
// compared by itself, too: there the old value is known.
std::set<std::string> places_of_all(const Remembered& past, const Version& now,
                                    const DetectRules& rules) {
  std::set<std::string> places;
  const auto before = past.top_level();
  const auto after = compared_places(now.counted, rules);
  places.insert(before.begin(), before.end());
  places.insert(after.begin(), after.end());
  for (const std::string& pointer : rules.remember_pointers) {
    if (!is_top_level(pointer)) {
      places.insert(pointer);
    }
  }
  return places;
}

bool names_above(const std::vector<std::string>& watch, std::string_view place) {
  return std::any_of(watch.begin(), watch.end(),
                     [&](const std::string& field) { return is_at_or_below(place, field); });
}

// What both lists name: of a place and one inside of it, the inner one.
std::set<std::string> common_places(const std::vector<std::string>& one,
                                    const std::vector<std::string>& other) {
  std::set<std::string> places;
  for (const std::string& place : one) {
    if (names_above(other, place)) {
      places.insert(place);
    }
  }
  for (const std::string& place : other) {
    if (names_above(one, place)) {
      places.insert(place);
    }
  }
  return places;
}

}  // namespace

std::vector<Change> list_changes(const Remembered& past, const Version& now,
                                 const DetectRules& rules) {
  const std::set<std::string> places =
      rules.watch.empty() ? places_of_all(past, now, rules)
                          : std::set<std::string>(rules.watch.begin(), rules.watch.end());
  std::vector<Change> changes;
  for (const std::string& place : places) {
    PastValue value = past.at(place);
    auto change = value.kind == PastValue::Kind::unlisted && past.lists_all()
                      ? change_from_missing(place, now)
                      : change_at(place, std::move(value), now, rules);
    if (change) {
      changes.push_back(std::move(*change));
    }
  }
  return changes;
}

std::vector<Change> changes_over_edit(const Remembered& past,
                                      const std::vector<std::string>& old_watch, const Version& now,
                                      const DetectRules& rules) {
  std::set<std::string> places;
  if (old_watch.empty()) {
    places = rules.watch.empty() ? places_of_all(past, now, rules)
                                 : std::set<std::string>(rules.watch.begin(), rules.watch.end());
  } else {
    places = rules.watch.empty() ? std::set<std::string>(old_watch.begin(), old_watch.end())
                                 : common_places(old_watch, rules.watch);
  }
  std::vector<Change> changes;
  for (const std::string& place : places) {
    PastValue value = past.at(place);
    // Without an old watch list a member that is not listed may have been left out then.
    const bool was_missing = value.kind == PastValue::Kind::unlisted && past.lists_all() &&
                             names_above(old_watch, place);
    auto change = was_missing ? change_from_missing(place, now)
                              : change_at(place, std::move(value), now, rules);
    if (change) {
      changes.push_back(std::move(*change));
    }
  }
  return changes;
}

}  // namespace triggerd
