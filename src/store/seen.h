// Rows of `seen`: what page_commit and stream_state write. Reading is in
// triggerd/store/stream_state.h.
#pragma once

#include <string>

#include "store/connection.h"

namespace triggerd {

void put_seen(Database& database, StreamId stream, const Seen& row);
// The record counts as never met, but the numbering of its detections goes on: a row without
// detections is deleted, another one stays as an old tombstone until its detections have expired.
void forget_key(Database& database, StreamId stream, const std::string& key);
void forget_all(Database& database, StreamId stream);

}  // namespace triggerd
