// The order of runs. Of the ordered, unfinished runs of one record at most one has a time
// (`next_at`); the others wait without one, so that looking for due runs is one range of an index
// however many wait. Each change of a run's state goes through here. Used by page_commit, outbox*,
// stream_state.
#pragma once

#include <string>

#include "store/connection.h"

namespace triggerd {

// Whether a new run of the record has to wait for an earlier one.
bool record_has_unfinished_run(Database& database, StreamId stream, const std::string& key);

// Runs that may not go yet (waiting without a time) get one where nothing is before them.
void start_next_of_record(Database& database, StreamId stream, const std::string& key,
                          WallTime now);
void start_next_of_all(Database& database, WallTime now);

// Ends a run, once; the next one of its record gets its turn. `state`: done or dead.
void end_run(Database& database, std::int64_t run, const char* state, const std::string& reason,
             WallTime now);

}  // namespace triggerd
