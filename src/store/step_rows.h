// Rows of `steps`, for the files that write them: page_commit, outbox, outbox_operator.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "store/connection.h"
#include "triggerd/store/outbox.h"

namespace triggerd {

// The idempotency key of a step: the same for all its attempts, whenever it is computed.
std::string step_key(std::string_view event_id, std::string_view step_id, int each_index);

void insert_step(Database& database, std::int64_t run, const StepRow& step);
std::vector<StepRow> read_steps(Database& database, std::int64_t run);
// Number of the last attempt that was ever made under the key.
int last_attempt(Database& database, std::int64_t run, const std::string& key);

}  // namespace triggerd
