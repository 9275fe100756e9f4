#include "config/expression_advice.h"

#include <algorithm>
#include <array>
#include <utility>

#include "config/section.h"

namespace triggerd {
namespace {

bool is_letter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

const std::vector<std::string>& functions() {
  static const std::vector<std::string> kFunctions = {"add",
                                                      "all",
                                                      "any",
                                                      "ascii_downcase",
                                                      "ascii_upcase",
                                                      "capture",
                                                      "ceil",
                                                      "combinations",
                                                      "contains",
                                                      "del",
                                                      "delpaths",
                                                      "empty",
                                                      "endswith",
                                                      "error",
                                                      "explode",
                                                      "first",
                                                      "flatten",
                                                      "floor",
                                                      "from_entries",
                                                      "fromdate",
                                                      "fromjson",
                                                      "getpath",
                                                      "gmtime",
                                                      "group_by",
                                                      "gsub",
                                                      "has",
                                                      "implode",
                                                      "in",
                                                      "index",
                                                      "indices",
                                                      "inside",
                                                      "isnan",
                                                      "join",
                                                      "keys",
                                                      "keys_unsorted",
                                                      "last",
                                                      "leaf_paths",
                                                      "length",
                                                      "limit",
                                                      "ltrimstr",
                                                      "map",
                                                      "map_values",
                                                      "match",
                                                      "max",
                                                      "max_by",
                                                      "min",
                                                      "min_by",
                                                      "mktime",
                                                      "not",
                                                      "nth",
                                                      "path",
                                                      "paths",
                                                      "pow",
                                                      "range",
                                                      "recurse",
                                                      "reverse",
                                                      "rindex",
                                                      "round",
                                                      "rtrimstr",
                                                      "scan",
                                                      "select",
                                                      "setpath",
                                                      "sort",
                                                      "sort_by",
                                                      "split",
                                                      "splits",
                                                      "sqrt",
                                                      "startswith",
                                                      "strftime",
                                                      "strptime",
                                                      "sub",
                                                      "test",
                                                      "to_entries",
                                                      "todate",
                                                      "tojson",
                                                      "tonumber",
                                                      "tostring",
                                                      "transpose",
                                                      "type",
                                                      "unique",
                                                      "unique_by",
                                                      "until",
                                                      "utf8bytelength",
                                                      "values",
                                                      "walk",
                                                      "while",
                                                      "with_entries"};
  return kFunctions;
}

// What other languages call it.
std::string translated(std::string_view name) {
  static constexpr std::array<std::pair<std::string_view, std::string_view>, 13> kWords = {
      {{"lower", "ascii_downcase"},
       {"lowercase", "ascii_downcase"},
       {"toLowerCase", "ascii_downcase"},
       {"downcase", "ascii_downcase"},
       {"upper", "ascii_upcase"},
       {"uppercase", "ascii_upcase"},
       {"toUpperCase", "ascii_upcase"},
       {"len", "length"},
       {"size", "length"},
       {"count", "length"},
       {"replace", "gsub"},
       {"filter", "select"},
       {"starts_with", "startswith"}}};
  for (const auto& [from, to] : kWords) {
    if (name == from) return std::string(to);
  }
  return {};
}

ExpressionAdvice advise_name(std::string_view name, bool alone) {
  const std::string word(name);
  const std::vector<std::string>& top = expression_names();
  if (alone && std::find(top.begin(), top.end(), word) != top.end()) {
    return {word, "write ." + word};
  }
  const std::string other = translated(name);
  if (!other.empty()) return {word, "in jq it is called `" + other + "`"};
  std::string hint = did_you_mean(word, functions());
  if (hint.empty() && alone) {
    const std::string near = nearest_name(word, top);
    hint = near.empty() ? "a text stands in double quotes: \"" + word +
                              "\"; a field begins with "
                              "a dot: .record." +
                              word
                        : "did you mean `." + near + "`?";
  }
  return {word, hint};
}

// The text without what stands in double quotes, of the same length.
std::string without_texts(std::string_view text) {
  std::string plain(text);
  bool inside = false;
  for (std::size_t i = 0; i < plain.size(); ++i) {
    const bool quote = plain[i] == '"';
    if (inside && plain[i] == '\\' && i + 1 < plain.size()) {
      plain[i] = plain[i + 1] = ' ';
      ++i;
      continue;
    }
    if (inside && !quote) plain[i] = ' ';
    if (quote) inside = !inside;
  }
  return plain;
}

std::string_view name_at(std::string_view text, std::size_t at) {
  std::size_t end = at;
  while (end < text.size() && is_letter(text[end])) ++end;
  const bool begins = at < end && !(text[at] >= '0' && text[at] <= '9');
  return begins ? text.substr(at, end - at) : std::string_view{};
}

}  // namespace

const std::vector<std::string>& expression_names() {
  static const std::vector<std::string> kNames = {"record",  "previous", "changes", "event",
                                                  "trigger", "account",  "item",    "parent",
                                                  "steps",   "each"};
  return kNames;
}

ExpressionAdvice advise_expression(std::string_view text, std::string_view said) {
  static constexpr std::string_view kUndefined = " is not defined";
  if (said.ends_with(kUndefined)) {
    const std::string_view what = said.substr(0, said.size() - kUndefined.size());
    if (what.starts_with("$")) return {std::string(what), ""};
    const std::size_t slash = what.rfind('/');
    if (slash != std::string_view::npos) {
      return advise_name(what.substr(0, slash), what.substr(slash + 1) == "0");
    }
  }
  const std::string plain = without_texts(text);
  const std::size_t quote = plain.find('\'');
  if (quote != std::string::npos) {
    return {"'", "use double quotes: \"open\" instead of 'open'"};
  }
  if (plain.find("&&") != std::string::npos) return {"&&", "jq says `and`"};
  if (plain.find("||") != std::string::npos) return {"||", "jq says `or`"};
  if (plain.find("===") != std::string::npos) return {"===", "jq says `==`"};
  return {};
}

std::vector<std::string> unknown_names(std::string_view text) {
  const std::string plain = without_texts(text);
  const std::string_view view = plain;
  // A pipe, a call or a comment can change what `.` stands for, or hide it.
  const bool same_dot = view.find_first_of("|(#") == std::string_view::npos;
  const std::vector<std::string>& known = expression_names();
  std::vector<std::string> unknown;
  const std::size_t first = view.find_first_not_of(" \t\r\n");
  for (std::size_t at = view.find('.'); at != std::string_view::npos; at = view.find('.', at + 1)) {
    if (!same_dot && at != first) break;
    const char before = at == 0 ? ' ' : view[at - 1];
    const bool begins =
        !is_letter(before) && std::string_view(".]})\"?$").find(before) == std::string_view::npos;
    const std::string name(begins ? name_at(view, at + 1) : std::string_view{});
    if (name.empty() || std::find(known.begin(), known.end(), name) != known.end()) continue;
    unknown.push_back(name);
  }
  return unknown;
}

Place place_of_word(const YamlDocument& document, Place start, std::string_view text,
                    std::string_view word) {
  if (word.empty() || start.line < 1) return start;
  const auto breaks = static_cast<int>(std::count(text.begin(), text.end(), '\n'));
  std::size_t begin = 0;
  for (int line = 1; line < start.line; ++line) begin = document.text.find('\n', begin) + 1;
  for (int line = start.line; line <= start.line + breaks + 1; ++line) {
    const std::size_t end = std::min(document.text.find('\n', begin), document.text.size());
    const std::string_view source = std::string_view(document.text).substr(begin, end - begin);
    std::size_t from = line == start.line ? static_cast<std::size_t>(start.column - 1) : 0;
    for (std::size_t at = source.find(word, from); at != std::string_view::npos;
         at = source.find(word, at + 1)) {
      const bool whole =
          !is_letter(word.front()) ||
          ((at == 0 || !is_letter(source[at - 1])) &&
           (at + word.size() >= source.size() || !is_letter(source[at + word.size()])));
      if (!whole) continue;
      // Columns count characters.
      const auto chars =
          std::count_if(source.begin(), source.begin() + static_cast<std::ptrdiff_t>(at),
                        [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; });
      return {line, static_cast<int>(chars) + 1};
    }
    if (end >= document.text.size()) break;
    begin = end + 1;
  }
  return start;
}

std::string stray_template(std::string_view text) {
  for (std::size_t at = text.find('{'); at != std::string_view::npos; at = text.find('{', at + 1)) {
    const bool dollar = at > 0 && text[at - 1] == '$';
    const bool twice = at + 1 < text.size() && text[at + 1] == '{';
    if (dollar && twice) {
      // A real expression: what it holds is no business of this look.
      const std::size_t close = text.find("}}", at);
      if (close == std::string_view::npos) return {};
      at = close;
      continue;
    }
    if (!dollar && !twice) continue;
    const std::size_t inside = text.find_first_not_of(" \t", at + (twice ? 2 : 1));
    if (inside == std::string_view::npos || text[inside] != '.') continue;
    const std::string name(name_at(text, inside + 1));
    const std::vector<std::string>& known = expression_names();
    if (std::find(known.begin(), known.end(), name) == known.end()) continue;
    return std::string(dollar ? "${ ... }" : "{{ ... }}");
  }
  return {};
}

}  // namespace triggerd
