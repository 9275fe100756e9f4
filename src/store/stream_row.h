// A row of `streams` between the table and StreamRow, for the files that read or write whole rows.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "store/connection.h"

namespace triggerd {

std::optional<StreamRow> load_stream(Database& database, StreamId stream);  // ended ones too
std::vector<StreamRow> load_ended_streams(Database& database, const std::string& trigger);

// What a stream's end or reset leaves behind: events of a walk that will have no end go on.
void let_open_runs_go(Database& database, StreamId stream, WallTime now);

}  // namespace triggerd
