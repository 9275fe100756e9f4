#include <algorithm>
#include <nlohmann/json.hpp>
#include <optional>
#include <utility>
#include <vector>

#include "triggerd/json_text.h"

namespace triggerd {
namespace {

using nlohmann::json;

// From here on the library would turn an integer into an infinite double and refuse it.
constexpr std::size_t kQuotedDigitsMin = 300;

bool is_integer_token(std::string_view token) {
  return token.find_first_not_of("-0123456789") == std::string_view::npos;
}

// Builds the value from the parser's events. Unlike the library's own builder it refuses duplicate
// keys and keeps integers of any length exactly.
class Builder : public nlohmann::json_sax<json> {
 public:
  json value;
  std::optional<JsonProblem> problem;

  bool null() override { return put(nullptr); }
  bool boolean(bool on) override { return put(on); }
  bool number_integer(number_integer_t number) override { return put(number); }
  bool number_unsigned(number_unsigned_t number) override { return put(number); }
  bool number_float(number_float_t number, const string_t& token) override {
    return is_integer_token(token) ? put(token) : put(number);
  }
  bool string(string_t& text) override { return put(std::move(text)); }
  bool binary(binary_t&) override { return false; }
  bool start_object(std::size_t) override { return open(json::object()); }
  bool end_object() override { return close(); }
  bool start_array(std::size_t) override { return open(json::array()); }
  bool end_array() override { return close(); }

  bool key(string_t& name) override {
    const auto [place, added] =
        open_.back()->get_ref<json::object_t&>().emplace(std::move(name), nullptr);
    slot_ = &place->second;
    if (!added) {
      problem = JsonProblem{"duplicate key in an object", -1, false};
    }
    return added;
  }

  bool parse_error(std::size_t position, const std::string&,
                   const nlohmann::detail::exception& error) override {
    constexpr int kNumberOverflow = 406;
    const bool overflow = error.id == kNumberOverflow;
    problem = JsonProblem{overflow ? "a number is out of range" : "not valid JSON",
                          static_cast<std::int64_t>(position), !overflow};
    return false;
  }

 private:
  json* place(json&& member) {
    if (open_.empty()) {
      value = std::move(member);
      return &value;
    }
    if (open_.back()->is_array()) {
      auto& list = open_.back()->get_ref<json::array_t&>();
      list.push_back(std::move(member));
      return &list.back();
    }
    *slot_ = std::move(member);
    return slot_;
  }

  bool put(json member) {
    place(std::move(member));
    return true;
  }

  bool open(json member) {
    // The addresses of open values are stable: a list grows only while none of its members is open.
    open_.push_back(place(std::move(member)));
    return true;
  }

  bool close() {
    open_.pop_back();
    return true;
  }

  std::vector<json*> open_;
  json* slot_ = nullptr;
};

struct Scan {
  int deepest = 0;
  std::int64_t deepest_at = 0;  // where the limit was passed
  bool long_integer = false;
  bool nul = false;  // the library takes a NUL outside strings for the end of the text
};

Scan scan_depth(std::string_view text, int levels) {
  Scan scan;
  int depth = 0;
  std::size_t digits = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (c >= '0' && c <= '9') {
      scan.long_integer = scan.long_integer || ++digits >= kQuotedDigitsMin;
      continue;
    }
    digits = 0;
    scan.nul = scan.nul || c == '\0';
    if (c == '"') {
      for (++i; i < text.size() && text[i] != '"'; ++i) {
        i += text[i] == '\\' ? 1 : 0;
      }
    } else if (c == '[' || c == '{') {
      if (++depth > scan.deepest) {
        scan.deepest = depth;
        scan.deepest_at = static_cast<std::int64_t>(i);
      }
      if (depth > levels) {
        return scan;
      }
    } else if (c == ']' || c == '}') {
      --depth;
    }
  }
  return scan;
}

// Whether a colon follows: no number stands there, and with quotes it would become a key.
bool stands_as_key(std::string_view text, std::size_t end) {
  const std::size_t behind = text.find_first_not_of(" \t\r\n", end);
  return behind != std::string_view::npos && text[behind] == ':';
}

// Puts quotes around integers so long that the library would read them as infinite, and notes where
// in the new text they stand.
std::string quote_long_integers(std::string_view text, std::vector<std::size_t>& quotes) {
  std::string quoted;
  quoted.reserve(text.size() + 16);
  for (std::size_t i = 0; i < text.size();) {
    const std::size_t start = i;
    if (text[i] == '"') {
      for (++i; i < text.size() && text[i] != '"'; ++i) {
        i += text[i] == '\\' ? 1 : 0;
      }
      i = std::min(i + 1, text.size());
      quoted += text.substr(start, i - start);
      continue;
    }
    i = std::min(text.find_first_not_of("+-.0123456789eE", i), text.size());
    const std::string_view token = text.substr(start, i - start);
    const std::string_view digits = token.substr(!token.empty() && token[0] == '-' ? 1 : 0);
    const bool is_long = digits.size() >= kQuotedDigitsMin && digits.front() != '0' &&
                         digits.find_first_not_of("0123456789") == std::string_view::npos &&
                         !stands_as_key(text, i);
    if (is_long) {
      quotes.push_back(quoted.size());
      quotes.push_back(quoted.size() + 1 + token.size());
      quoted.append(1, '"').append(token).append(1, '"');
    } else {
      quoted += token;
    }
    if (token.empty()) {
      quoted += text[i++];
    }
  }
  return quoted;
}

}  // namespace

Result<json, JsonProblem> parse_json(std::string_view text) {
  if (text.substr(0, 3) == "\xEF\xBB\xBF") {
    return Failure<JsonProblem>({"a byte order mark before the document", 0});
  }
  const Scan scan = scan_depth(text, kJsonDepthMax);
  if (scan.deepest > kJsonDepthMax) {
    return Failure<JsonProblem>(
        {"deeper than " + std::to_string(kJsonDepthMax) + " levels", scan.deepest_at});
  }
  if (scan.nul) {
    return Failure<JsonProblem>(
        {"not valid JSON", static_cast<std::int64_t>(text.find('\0')), true});
  }
  std::string quoted;
  std::vector<std::size_t> quotes;
  if (scan.long_integer) {
    quoted = quote_long_integers(text, quotes);
    text = quoted;
  }
  Builder builder;
  if (!json::sax_parse(text, &builder) || builder.problem) {
    JsonProblem problem = builder.problem.value_or(JsonProblem{"not valid JSON", 0, true});
    problem.offset -= std::count_if(quotes.begin(), quotes.end(), [&](std::size_t at) {
      return static_cast<std::int64_t>(at) < problem.offset;
    });
    return Failure<JsonProblem>(std::move(problem));
  }
  return std::move(builder.value);
}

bool json_depth_within(std::string_view text, int levels) {
  return scan_depth(text, levels).deepest <= levels;
}

}  // namespace triggerd
