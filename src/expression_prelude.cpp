#include "expression_prelude.h"

#include <algorithm>
#include <array>

namespace triggerd {
namespace {

struct Function {
  std::string_view name;
  std::string_view source;  // calls only what stands above it
};

// Nothing in gives nothing out, so that a field that a record does not have stays alone. A text
// that is no time gives nothing, too: a wrong date is worse than none.
constexpr auto kFunctions = std::to_array<Function>({
    {"as_epoch", R"jq(
def as_epoch:
  "(?<y>[0-9]{4})-(?<m>[0-9]{2})-(?<d>[0-9]{2})" as $day
  | "(?:[T ](?<h>[0-9]{2}):(?<i>[0-9]{2})(?::(?<s>[0-9]{2})(?:[.,][0-9]+)?)?)?" as $clock
  | "\\s*(?<z>Z|[+-][0-9]{2}:?[0-9]{2})?(?:\\s+[A-Za-z]+)?" as $zone
  | if type == "number" then
      (if . > 100000000000 or . < -100000000000 then . / 1000 else . end)
    elif type != "string" then null
    else [capture("^\\s*" + $day + $clock + $zone + "\\s*$")]
      | if length == 0 then null else .[0]
        | ([.y, .m, .d, .h // "0", .i // "0", .s // "0"] | map(tonumber))
            as [$y, $m, $d, $h, $i, $s]
        | if $y < 1 or $m < 1 or $m > 12 or $d < 1 or $d > 31 or $h > 24 or $i > 59 or $s > 60
          then null
          else ([$y, $m - 1, $d, $h, $i, $s, 0, 0] | mktime)
            - (if .z == null or .z == "Z" then 0
               else ((.z[1:3] | tonumber) * 3600 + (.z[-2:] | tonumber) * 60)
                 * (if .z[0:1] == "-" then -1 else 1 end) end) end end end;
)jq"},
    {"as_iso", R"jq(
def as_iso: as_epoch | if . == null then null else floor | strftime("%Y-%m-%dT%H:%M:%SZ") end;
)jq"},
    {"as_date", R"jq(
def as_date: as_epoch | if . == null then null else floor | strftime("%Y-%m-%d") end;
)jq"},
    {"as_time", R"jq(
def as_time($format): as_epoch | if . == null then null else floor | strftime($format) end;
)jq"},
    {"plus_days", R"jq(
def plus_days($days): as_epoch | if . == null then null else . + $days * 86400 | as_iso end;
)jq"},
    {"first_name", R"jq(
def first_name:
  if type != "string" then null
  else [splits("\\s+") | select(. != "")]
    | if length == 0 then null elif length == 1 then .[0] else .[:-1] | join(" ") end end;
)jq"},
    {"last_name", R"jq(
def last_name:
  if type != "string" then null
  else [splits("\\s+") | select(. != "")] | if length < 2 then null else .[-1] end end;
)jq"},
    {"join_name", R"jq(
def join_name($first; $last):
  [$first, $last] | map(select(type == "string" and . != ""))
  | if . == [] then null else join(" ") end;
)jq"},
    {"lookup", R"jq(
def lookup($table; $otherwise):
  (if type == "string" then . else tojson end) as $key
  | if ($table | type) == "object" and ($table | has($key)) then $table[$key] else $otherwise end;
)jq"},
    {"with_items", R"jq(
def with_items($more):
  (if type == "array" then . else [] end) as $have
  | reduce $more[] as $one ($have; if any(.[]; . == $one) then . else . + [$one] end);
)jq"},
    {"without_items", R"jq(
def without_items($less):
  if type == "array" then map(select(. as $one | any($less[]; . == $one) | not)) else [] end;
)jq"},
});

bool is_word(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

// As a word of its own, and not as a field. A text that holds it costs the compiler some time and
// changes nothing.
bool names(std::string_view text, std::string_view name) {
  for (std::size_t at = text.find(name); at != std::string_view::npos;
       at = text.find(name, at + 1)) {
    const std::size_t end = at + name.size();
    if ((at == 0 || (!is_word(text[at - 1]) && text[at - 1] != '.')) &&
        (end == text.size() || !is_word(text[end]))) {
      return true;
    }
  }
  return false;
}

}  // namespace

std::string prelude_for(const std::vector<std::string_view>& texts) {
  std::array<bool, kFunctions.size()> wanted{};
  for (std::size_t i = kFunctions.size(); i-- > 0;) {
    wanted[i] = wanted[i] || std::any_of(texts.begin(), texts.end(), [&](std::string_view text) {
                  return names(text, kFunctions[i].name);
                });
    for (std::size_t k = 0; wanted[i] && k < i; ++k) {
      wanted[k] = wanted[k] || names(kFunctions[i].source, kFunctions[k].name);
    }
  }
  std::string source;
  for (std::size_t i = 0; i < kFunctions.size(); ++i) {
    if (wanted[i]) source += kFunctions[i].source;
  }
  return source;
}

std::vector<std::string_view> prelude_names() {
  std::vector<std::string_view> all;
  for (const Function& one : kFunctions) all.push_back(one.name);
  return all;
}

}  // namespace triggerd
