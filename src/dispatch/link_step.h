// A step that keeps, finds or forgets a pair of ids. Nothing is sent: the whole of it happens in
// the transaction that ends the step. Called by run_walk.cpp.
#pragma once

#include <nlohmann/json_fwd.hpp>

#include "triggerd/store/database.h"
#include "triggerd/store/outbox.h"

namespace triggerd {

// `request`: what render_link() made of the step. A success carries the answer {"left", "right"}
// or, of `find`, {"found"}; what is in the way of a pair makes the step dead.
AttemptEnd walk_link(Database& database, const nlohmann::json& request, WallTime now);

}  // namespace triggerd
