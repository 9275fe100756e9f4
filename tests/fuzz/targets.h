// The parsers under fuzz. Each target takes any bytes, feeds them to one parser, and throws Broken
// when something that the parser promises does not hold. Called by libFuzzer (entry/fuzz_entry.cpp)
// and by corpus_test.cpp, which replays corpus/<name>/ on every machine. A target keeps nothing
// from one input to the next. One thread.
#pragma once

#include <array>
#include <stdexcept>
#include <string_view>

namespace triggerd::fuzz {

// A promise of a parser that does not hold.
class Broken : public std::logic_error {
 public:
  using std::logic_error::logic_error;
};

inline void expect(bool holds, const char* promise) {
  if (!holds) throw Broken(promise);
}

// The first line, taken off the input; what steers a target stands there, readable in a corpus.
inline std::string_view take_line(std::string_view& input) {
  const std::size_t end = input.find('\n');
  const std::string_view line = input.substr(0, end);
  input.remove_prefix(end == std::string_view::npos ? input.size() : end + 1);
  return line;
}

void canonical_json_target(std::string_view input);
void config_target(std::string_view input);
void connector_target(std::string_view input);
void expression_target(std::string_view input);
void page_cut_target(std::string_view input);
void paging_target(std::string_view input);
void parse_json_target(std::string_view input);
void template_target(std::string_view input);
void times_target(std::string_view input);

struct Target {
  const char* name;  // also of its folder in corpus/
  void (*run)(std::string_view input);
};

inline constexpr std::array<Target, 9> kTargets{{
    {"canonical_json", canonical_json_target},
    {"config", config_target},
    {"connector", connector_target},
    {"expression", expression_target},
    {"page_cut", page_cut_target},
    {"paging", paging_target},
    {"parse_json", parse_json_target},
    {"template", template_target},
    {"times", times_target},
}};

}  // namespace triggerd::fuzz
