// The parameter values of a server-side "changed since". Used by cycle.cpp alone. Pure.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <optional>

#include "triggerd/catalog/operation.h"
#include "triggerd/time.h"

namespace triggerd {

// Adds `always`, and with a bound `set` with "{since}" replaced wherever it stands, to the user's
// values: lists are appended to theirs, anything else takes the place of theirs.
void add_since_values(nlohmann::json& values, const Since& since, std::optional<WallTime> bound);

// Whether the values ask for an ascending order.
bool sorts_ascending(const nlohmann::json& always);

}  // namespace triggerd
