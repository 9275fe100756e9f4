// What steps wrote of late, by world (account_identity) and record. Written by dispatch/ in the
// transaction that ends the attempt, read by engine/ in that of a page. Rows live for
// kOwnWriteLife.
#pragma once

#include <string>
#include <vector>

#include "triggerd/detect/echo.h"
#include "triggerd/store/database.h"
#include "triggerd/store/stream_state.h"

namespace triggerd {

// Lays the write over what the same operation wrote to the record before.
void remember_write(Database& database, const std::string& world, const std::string& operation,
                    const OwnWrite& write);
// Of the given operations (full names), what was written after `after` and within kOwnWriteLife.
std::vector<OwnWrite> writes_since(Database& database, const std::string& world,
                                   const std::string& key,
                                   const std::vector<std::string>& operations,
                                   std::optional<WallTime> after, WallTime now);
// When a state of the record was last detected: what was written before it has been seen by then.
std::optional<WallTime> last_detected(Database& database, StreamId stream, const std::string& key);

}  // namespace triggerd
