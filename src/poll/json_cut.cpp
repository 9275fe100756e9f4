#include "poll/json_cut.h"

#include <simdjson.h>

#include <charconv>
#include <cstring>
#include <nlohmann/json.hpp>
#include <vector>

#include "triggerd/json_text.h"

namespace triggerd {
namespace {

namespace ondemand = simdjson::ondemand;

// Parsers keep their buffers from page to page; those of a rare large page are given back.
constexpr std::size_t kKeptBytesMax = 1024UL * 1024;

struct Parsers {
  simdjson::dom::parser check;
  ondemand::parser elements;
  ondemand::parser members;  // also used while `elements` is in the middle of a list
  bool ready = false;
};

Parsers& parsers() {
  thread_local Parsers mine;
  return mine;
}

simdjson::padded_string_view padded(std::string_view text) {
  return simdjson::padded_string_view(text.data(), text.size(),
                                      text.size() + simdjson::SIMDJSON_PADDING);
}

void give_back(ondemand::parser& parser) {
  if (parser.capacity() > kKeptBytesMax) parser = ondemand::parser{};
}

std::string_view first_token(std::string_view pointer) {
  return pointer.substr(1, pointer.find('/', 1) - 1);
}

std::string_view after_first_token(std::string_view pointer) {
  const std::size_t slash = pointer.find('/', 1);
  return slash == std::string_view::npos ? std::string_view{} : pointer.substr(slash);
}

std::string plain_token(std::string_view token) {
  std::string plain;
  for (std::size_t i = 0; i < token.size(); ++i) {
    const bool escaped = token[i] == '~' && i + 1 < token.size();
    plain += escaped ? (token[++i] == '1' ? '/' : '~') : token[i];
  }
  return plain;
}

// The first token of a pointer, ready to be compared with many keys.
struct Target {
  explicit Target(Wanted& wanted) : want(&wanted), token(first_token(wanted.pointer)) {
    escaped = token.find('~') != std::string_view::npos;
    if (escaped) plain = plain_token(token);
  }
  // `end` is that of the text, which a long token must not be compared beyond.
  bool is(const ondemand::raw_json_string& key, const char* end) const {
    const std::string_view name = escaped ? std::string_view(plain) : token;
    const char* text = key.raw();
    return static_cast<std::size_t>(end - text) > name.size() && text[name.size()] == '"' &&
           std::memcmp(text, name.data(), name.size()) == 0;
  }

  Wanted* want;
  std::string_view token;
  std::string plain;
  bool escaped = false;
};

std::vector<Target> targets_of(std::span<Wanted> wanted) {
  std::vector<Target> targets;
  targets.reserve(wanted.size());
  for (Wanted& want : wanted) {
    if (!want.pointer.empty()) targets.emplace_back(want);
  }
  return targets;
}

std::string_view raw_of(ondemand::value& value) {
  std::string_view raw;
  return simdjson::to_json_string(value).get(raw) == simdjson::SUCCESS ? raw : std::string_view{};
}

// Gives each wanted the raw text behind the first token of its pointer. Stops as soon as all are
// found.
void find_first_level(ondemand::object& object, std::span<const Target> targets, const char* end) {
  std::size_t missing = targets.size();
  if (missing == 0) return;
  for (auto each : object) {
    ondemand::field field;
    if (std::move(each).get(field) != simdjson::SUCCESS) return;
    const ondemand::raw_json_string key = field.key();
    std::string_view raw;
    for (const Target& target : targets) {
      if (!target.is(key, end) || target.want->is_found()) continue;
      if (raw.data() == nullptr) raw = raw_of(field.value());
      target.want->found = raw;
      --missing;
    }
    if (missing == 0) return;
  }
}

std::string_view member_of(std::string_view text, std::string_view token) {
  ondemand::document document;
  if (parsers().members.iterate(padded(text)).get(document) != simdjson::SUCCESS) return {};
  if (text.front() == '{') {
    const std::string pointer = "/" + std::string(token);
    Wanted want{pointer};
    ondemand::object object;
    if (document.get_object().get(object) != simdjson::SUCCESS) return {};
    find_first_level(object, targets_of({&want, 1}), text.data() + text.size());
    return want.found;
  }
  std::size_t index = 0;
  const auto end = std::from_chars(token.data(), token.data() + token.size(), index);
  ondemand::array array;
  if (end.ec != std::errc{} || end.ptr != token.data() + token.size()) return {};
  if (document.get_array().get(array) != simdjson::SUCCESS) return {};
  for (auto each : array) {
    ondemand::value value;
    if (std::move(each).get(value) != simdjson::SUCCESS) return {};
    if (index-- == 0) return raw_of(value);
  }
  return {};
}

// Follows what is left of the pointers below their first tokens.
void find_deeper(std::span<Wanted> wanted) {
  for (Wanted& want : wanted) {
    if (want.pointer.empty()) continue;
    for (std::string_view rest = after_first_token(want.pointer); want.is_found() && !rest.empty();
         rest = after_first_token(rest)) {
      const bool inner = want.found.front() == '{' || want.found.front() == '[';
      want.found = inner ? member_of(want.found, first_token(rest)) : std::string_view{};
    }
  }
}

void fill_whole(std::string_view text, std::span<Wanted> wanted) {
  for (Wanted& want : wanted) want.found = want.pointer.empty() ? text : std::string_view{};
}

}  // namespace

std::string check_json(std::string& text) {
  make_room(text);
  Parsers& mine = parsers();
  if (!mine.ready) {
    // The limit counts the level that is one too deep; one that is empty there costs no depth.
    mine.ready = mine.check.allocate(kKeptBytesMax, kJsonDepthMax + 1) == simdjson::SUCCESS;
  }
  constexpr bool kCopy = false;
  const auto error = mine.check.parse(text.data(), text.size(), kCopy).error();
  if (mine.check.capacity() > kKeptBytesMax) {
    mine.check = simdjson::dom::parser{};
    mine.ready = false;
  }
  if (error == simdjson::SUCCESS) return {};
  // Numbers beyond 64 bits are JSON all the same. The other parser takes a NUL for the end of the
  // text.
  if (error == simdjson::NUMBER_ERROR && text.find('\0') == std::string::npos &&
      json_depth_within(text, kJsonDepthMax) && nlohmann::json::accept(text)) {
    return {};
  }
  if (text.find_first_not_of(" \t\r\n") == std::string::npos) return "the body is empty";
  const Result<nlohmann::json, JsonProblem> parsed = parse_json(text);
  if (parsed) return error == simdjson::NUMBER_ERROR ? "" : "not valid JSON";
  return parsed.error().what + " at byte " + std::to_string(parsed.error().offset);
}

void make_room(std::string& text) { text.reserve(text.size() + simdjson::SIMDJSON_PADDING); }

void find_raw(std::string_view text, std::span<Wanted> wanted) {
  fill_whole(text, wanted);
  if (text.empty() || (text.front() != '{' && text.front() != '[')) return;
  ondemand::parser& parser = parsers().members;
  if (text.front() == '{') {
    ondemand::document document;
    ondemand::object object;
    if (parser.iterate(padded(text)).get(document) != simdjson::SUCCESS) return;
    if (document.get_object().get(object) != simdjson::SUCCESS) return;
    find_first_level(object, targets_of(wanted), text.data() + text.size());
  } else {
    for (Wanted& want : wanted) {
      if (!want.pointer.empty()) want.found = member_of(text, first_token(want.pointer));
    }
  }
  find_deeper(wanted);
  give_back(parser);
}

void for_each_element(std::string_view list, std::span<Wanted> wanted,
                      const std::function<bool(std::string_view raw)>& take) {
  ondemand::parser& parser = parsers().elements;
  ondemand::document document;
  ondemand::array array;
  if (parser.iterate(padded(list)).get(document) != simdjson::SUCCESS) return;
  if (document.get_array().get(array) != simdjson::SUCCESS) return;
  const std::vector<Target> targets = targets_of(wanted);
  const char* end = list.data() + list.size();
  for (auto each : array) {
    ondemand::value value;
    if (std::move(each).get(value) != simdjson::SUCCESS) break;
    fill_whole({}, wanted);
    ondemand::object object;
    std::string_view raw;
    if (value.get_object().get(object) == simdjson::SUCCESS) {
      find_first_level(object, targets, end);
      if (simdjson::to_json_string(object).get(raw) != simdjson::SUCCESS) break;
      find_deeper(wanted);
    } else {
      raw = raw_of(value);
    }
    for (Wanted& want : wanted) {
      if (want.pointer.empty()) want.found = raw;
    }
    if (!take(raw)) break;
  }
  give_back(parser);
}

void for_each_member(std::string_view text,
                     const std::function<bool(std::string_view, std::string_view)>& take) {
  ondemand::parser& parser = parsers().elements;
  ondemand::document document;
  ondemand::object object;
  if (parser.iterate(padded(text)).get(document) != simdjson::SUCCESS) return;
  if (document.get_object().get(object) != simdjson::SUCCESS) return;
  for (auto each : object) {
    ondemand::field field;
    std::string_view key;
    if (std::move(each).get(field) != simdjson::SUCCESS) break;
    if (field.unescaped_key().get(key) != simdjson::SUCCESS) break;
    if (!take(key, raw_of(field.value()))) break;
  }
  give_back(parser);
}

}  // namespace triggerd
