// Whether what a poll found is our own write coming back. Called by page_step.cpp for detections
// that would make an event; reads the database only.
#pragma once

#include <string>
#include <vector>

#include "engine/stream.h"
#include "triggerd/store/database.h"

namespace triggerd {

struct OwnChange {
  bool follows_write = false;  // it is the first state seen since a write of ours to the record
  bool echo = false;           // and nothing but what that wrote
};

OwnChange find_own_change(Database& database, const Stream& stream, const Detection& detection,
                          WallTime now);

// Full names of the writes that touch records of a read operation.
std::vector<std::string> writes_touching(const Catalog& catalog, const Operation& read);

}  // namespace triggerd
