// Which fields of a record changed since the version that is remembered. Called by detect.cpp.
// Pure.
#pragma once

#include <nlohmann/json.hpp>
#include <vector>

#include "remembered.h"
#include "triggerd/detect/detect.h"

namespace triggerd {

struct Version {
  const nlohmann::json& record;
  const nlohmann::json& counted;  // counted_part() of it
};

// Between two versions that were seen under the same rules. May be empty although the fingerprints
// differ, when nothing of the old version is known.
std::vector<Change> list_changes(const Remembered& past, const Version& now,
                                 const DetectRules& rules);

// Between a version seen under other rules (`old_watch`) and one of today: only what was watched
// then and now, and only where what is remembered can tell. Empty: the row is renewed without an
// event.
std::vector<Change> changes_over_edit(const Remembered& past,
                                      const std::vector<std::string>& old_watch, const Version& now,
                                      const DetectRules& rules);

}  // namespace triggerd
