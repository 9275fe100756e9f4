// Fills the state of a stopped triggerd with keys that its streams have seen long ago, as they
// stand there after years. Used by figures.cpp.
#pragma once

#include <cstdint>
#include <string>

namespace triggerd::bench {

// Adds rows to `seen` until it holds about `keys`, the same number for each stream.
void fill_seen(const std::string& database, std::int64_t keys);

}  // namespace triggerd::bench
