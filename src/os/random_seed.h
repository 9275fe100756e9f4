// The machine's randomness: seeds for the generators that are passed around, ids that nobody can
// guess. Called by cli/ at start. Any thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

namespace triggerd {

std::uint64_t random_seed();
std::string random_bytes(std::size_t count);  // up to 256

}  // namespace triggerd
