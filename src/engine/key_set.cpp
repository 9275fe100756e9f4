#include "engine/key_set.h"

#include <algorithm>

namespace triggerd {

namespace {

constexpr std::size_t kShards = 256;
constexpr std::size_t kSplitAbove = 1'024;
constexpr std::size_t kSlotsMin = 16;

// 0 is the mark of an empty slot.
std::uint64_t stored(std::uint64_t hash) { return hash == 0 ? 1 : hash; }

// Where the search for a hash begins; the shard comes from its other end.
std::size_t home(std::uint64_t hash, std::size_t slots) {
  return static_cast<std::size_t>(((hash & 0xffffffffU) * slots) >> 32);
}

// The slot that has the hash, or the empty one where it belongs.
std::size_t slot_of(const std::vector<std::uint64_t>& slots, std::uint64_t hash) {
  std::size_t at = home(hash, slots.size());
  while (slots[at] != 0 && slots[at] != hash) at = at + 1 == slots.size() ? 0 : at + 1;
  return at;
}

}  // namespace

std::size_t KeySet::shard_of(std::uint64_t hash) const {
  return shards_.size() == 1 ? 0 : static_cast<std::size_t>(hash >> 56);
}

bool KeySet::contains(std::uint64_t hash) const {
  if (size_ == 0) return false;
  const std::vector<std::uint64_t>& slots = shards_[shard_of(stored(hash))].slots;
  return !slots.empty() && slots[slot_of(slots, stored(hash))] != 0;
}

void KeySet::insert(std::uint64_t hash) {
  if (contains(hash)) return;
  if (shards_.empty()) shards_.resize(1);
  if (shards_.size() == 1 && size_ >= kSplitAbove) split();
  put(shards_[shard_of(stored(hash))], stored(hash));
  ++size_;
}

void KeySet::put(Shard& shard, std::uint64_t hash) {
  // Four fifths full at most: searches stay short.
  if ((shard.used + 1) * 5 > shard.slots.size() * 4) grow(shard);
  shard.slots[slot_of(shard.slots, hash)] = hash;
  ++shard.used;
}

void KeySet::grow(Shard& shard) {
  const std::size_t wanted = std::max(kSlotsMin, shard.slots.size() + shard.slots.size() / 4);
  std::vector<std::uint64_t> before(wanted);
  before.swap(shard.slots);
  for (const std::uint64_t hash : before) {
    if (hash != 0) shard.slots[slot_of(shard.slots, hash)] = hash;
  }
}

void KeySet::split() {
  const Shard all = std::move(shards_.front());
  shards_.assign(kShards, {});
  for (const std::uint64_t hash : all.slots) {
    if (hash != 0) put(shards_[shard_of(hash)], hash);
  }
}

std::size_t KeySet::bytes() const {
  std::size_t bytes = shards_.capacity() * sizeof(Shard);
  for (const Shard& shard : shards_) bytes += shard.slots.capacity() * sizeof(std::uint64_t);
  return bytes;
}

void KeySet::clear() {
  shards_.clear();
  shards_.shrink_to_fit();
  size_ = 0;
}

}  // namespace triggerd
