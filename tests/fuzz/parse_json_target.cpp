// parse_json against the library's own parser: the same texts are JSON, and mean the same.
#include <algorithm>
#include <cctype>
#include <nlohmann/json.hpp>
#include <string>

#include "fuzz/targets.h"
#include "triggerd/json_text.h"

namespace triggerd::fuzz {
namespace {

using nlohmann::json;

constexpr std::size_t kDigitsKept = 18;
// The library reads integers of this length as infinite, and refuses them; ours keeps them.
constexpr std::size_t kDigitsTaken = 300;

bool is_digit(char c) { return c >= '0' && c <= '9'; }

// Cuts runs of digits that the library cannot take, so that it can say whether the rest is JSON.
std::string with_short_numbers(std::string_view text) {
  std::string shorter;
  for (std::size_t i = 0; i < text.size();) {
    std::size_t end = i;
    while (end < text.size() && is_digit(text[end])) ++end;
    const std::size_t length = end - i;
    shorter +=
        text.substr(i, length >= kDigitsTaken ? kDigitsKept : std::max<std::size_t>(length, 1));
    i = std::max(end, i + 1);
  }
  return shorter;
}

bool is_number_text(const json& value) {
  const auto* text = value.get_ptr<const std::string*>();
  return text != nullptr && !text->empty() &&
         text->find_first_not_of("-0123456789") == std::string::npos;
}

bool same(const json& ours, const json& theirs) {
  if (theirs.is_number_float() && is_number_text(ours)) return true;
  if (ours.is_object() && theirs.is_object()) {
    return std::equal(ours.items().begin(), ours.items().end(), theirs.items().begin(),
                      theirs.items().end(), [](const auto& a, const auto& b) {
                        return a.key() == b.key() && same(a.value(), b.value());
                      });
  }
  if (ours.is_array() && theirs.is_array()) {
    return std::equal(ours.begin(), ours.end(), theirs.begin(), theirs.end(), same);
  }
  return ours.type() == theirs.type() && ours == theirs;
}

void check_surrogates(std::string_view input, bool is_json) {
  std::string mended(input);
  mend_surrogates(mended);
  expect(mended.size() == input.size(), "mending surrogates keeps the length");
  expect(!is_json || mended == input, "what is JSON needs no mending");
  std::string again = mended;
  mend_surrogates(again);
  expect(again == mended, "what was mended needs no mending");
}

}  // namespace

void parse_json_target(std::string_view input) {
  const Result<json, JsonProblem> ours = parse_json(input);
  const bool nul = input.find('\0') != std::string_view::npos;
  check_surrogates(input, ours.has_value());
  if (ours) {
    expect(!nul, "a NUL is no JSON");
    expect(json_depth_within(input, kJsonDepthMax), "what is read is within the depth");
    expect(json::accept(with_short_numbers(input)), "what is read is JSON to the library, too");
    const json theirs = json::parse(input, nullptr, false);
    expect(theirs.is_discarded() || same(*ours, theirs), "both read the same value");
    const Result<json, JsonProblem> back = parse_json(compact_json(*ours));
    expect(back && *back == *ours, "a value that is written and read is the same");
    return;
  }
  expect(!ours.error().what.empty(), "a refusal says why");
  expect(ours.error().offset <= static_cast<std::int64_t>(input.size()) + 1,
         "the place is in the text");
  if (ours.error().syntax && !nul) {
    expect(!json::accept(input), "what is called no JSON is none to the library");
  }
}

}  // namespace triggerd::fuzz
