// The text of Seen::remembered: what is kept of the last version of a record. Written and read here
// alone.
//   {"v": {pointer: value}, "h1": {pointer: hash}}   `remember: fields`; fingerprint has no "v"
//   {"r": record}                                    `remember: record`
// "h" bears kFingerprintVersion, so that hashes of another version are unknown rather than
// different. A value that is missing or null is not listed. Values above kRememberedBytesMax are
// kept as a hash.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "triggerd/detect/detect.h"

namespace triggerd {

inline constexpr std::size_t kRememberedBytesMax = 4096;

// What is known of one place of the last version.
struct PastValue {
  enum class Kind {
    value,     // `value` is it
    hash,      // `hash` is part_hash() of it
    unlisted,  // nothing stands there or above: it was missing, if it was looked at
    covered,   // it lies inside of a value of which only a hash is kept
  };
  Kind kind = Kind::unlisted;
  nlohmann::json value;
  std::string hash;
};

class Remembered {
 public:
  // A text that is empty or broken knows nothing.
  explicit Remembered(std::string_view text);

  // `counted` is counted_part() of `record`.
  static std::string write(const nlohmann::json& record, const nlohmann::json& counted,
                           const DetectRules& rules);

  // Whether a place that is not listed was missing then, rather than unknown.
  bool lists_all() const { return lists_all_; }
  PastValue at(std::string_view pointer) const;
  // Top-level members of which something is known, as pointers; "" for a record that is no object.
  std::vector<std::string> top_level() const;
  // The last version as far as its values are kept; null when none is.
  nlohmann::json record() const;

 private:
  nlohmann::json whole_, values_, hashes_;  // discarded / {} when the text has none
  bool lists_all_ = false;
};

// The places where states are compared one by one: the watched ones, else each top-level member.
std::vector<std::string> compared_places(const nlohmann::json& counted, const DetectRules& rules);

}  // namespace triggerd
