// One record's raw text -> its key and stamps. Used by the cut of a page for records of every
// shape. Holds what one page needs of its operation, so that nothing is looked up per record.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "poll/json_cut.h"
#include "triggerd/poll/record.h"

namespace triggerd {

class RecordFields {
 public:
  explicit RecordFields(const CutRules& rules);
  RecordFields(const RecordFields&) = delete;
  RecordFields& operator=(const RecordFields&) = delete;

  // To be filled by find_raw or for_each_element before read() is called.
  std::vector<Wanted>& wanted() { return wanted_; }

  // A page with such a record answers another request, and is thrown away whole.
  struct OtherLocation {};
  // It says of itself that it does not exist any more, or it is none of the list.
  struct Gone {
    std::string key;  // empty: none of the list, and without a key
  };
  using Outcome = std::variant<Record, OddRecord, Gone, OtherLocation>;
  Outcome read(std::string_view raw);

 private:
  std::optional<WallTime> stamp(std::size_t at, const Stamp& rule) const;
  std::uint64_t hash(std::string_view raw);
  bool is_of_other_location() const;
  bool is_gone() const;
  bool fits(const RecordCondition& condition, std::string_view found) const;
  bool is_wanted() const;
  // A key, or the reason why there is none.
  struct Key {
    std::string text;
    std::string wrong;
  };
  Key key(std::string_view raw) const;
  Key composite(std::size_t first, const std::vector<std::string>& pointers) const;
  Key key_without_rule(std::string_view raw) const;

  const CutRules& rules_;
  const ReadRules& read_;
  Stamp covers_;
  std::vector<Wanted> wanted_;           // ids, stamps, echo, flag, conditions, volatiles
  std::vector<std::string_view> holes_;  // of one record, kept for its memory
  std::size_t updated_ = 0, created_ = 0, covers_at_ = 0, echo_ = 0, gone_ = 0;
  std::size_t where_ = 0, volatiles_ = 0;
};

}  // namespace triggerd
