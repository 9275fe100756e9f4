// Hashes of the keys that a sweep has met: 10 to 13 bytes a key where std::unordered_set needs 40,
// and growing never copies more than a 256th of it, so that a turn stays short. Used by walks
// alone; knows nothing of records. Loop thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace triggerd {

class KeySet {
 public:
  void insert(std::uint64_t hash);
  bool contains(std::uint64_t hash) const;
  std::size_t size() const { return size_; }
  std::size_t bytes() const;  // of the heap
  void clear();

 private:
  // Open addressing; 0 marks an empty slot.
  struct Shard {
    std::vector<std::uint64_t> slots;
    std::size_t used = 0;
  };
  static void put(Shard& shard, std::uint64_t hash);
  static void grow(Shard& shard);
  void split();
  std::size_t shard_of(std::uint64_t hash) const;

  std::vector<Shard> shards_;  // none, one while it is small, then 256
  std::size_t size_ = 0;
};

}  // namespace triggerd
