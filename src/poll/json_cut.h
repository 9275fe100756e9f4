// Raw texts of members of a JSON body, found without parsing the rest. The only place that knows
// simdjson. Used by the cut of a page and by paging. Loop thread, or any other: the parsers belong
// to the thread.
#pragma once

#include <functional>
#include <span>
#include <string>
#include <string_view>

namespace triggerd {

// One member that is looked for. Keys that are spelled with escapes are not found.
struct Wanted {
  std::string_view pointer;  // JSON pointer; "" is the text itself
  std::string_view found{};  // its raw text; null data when it is absent
  bool is_found() const { return found.data() != nullptr; }
};

// Empty when the text is one complete JSON document within kJsonDepthMax; else what is wrong and
// where, without content. Leaves room behind the text that the functions below read over.
std::string check_json(std::string& text);

// Room behind a text, for one that did not come through check_json but is known to be valid.
void make_room(std::string& text);

// Fills `wanted`. The text is one that was checked, or a part of it.
void find_raw(std::string_view text, std::span<Wanted> wanted);

// Calls `take` with the raw text of each element of a list, `wanted` filled from it, until it
// returns false.
void for_each_element(std::string_view list, std::span<Wanted> wanted,
                      const std::function<bool(std::string_view raw)>& take);

// Calls `take` for each member of an object, with its key unescaped, until it returns false.
void for_each_member(std::string_view object,
                     const std::function<bool(std::string_view key, std::string_view raw)>& take);

}  // namespace triggerd
