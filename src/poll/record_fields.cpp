#include "poll/record_fields.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "triggerd/check.h"
#include "triggerd/hash.h"
#include "triggerd/json_text.h"

namespace triggerd {
namespace {

using nlohmann::json;

// A record that changes is parsed, and each of its members may be a change of its own. The loop
// stands meanwhile: a larger one is set aside (failure-modes PAR-04).
constexpr std::size_t kRecordBytesMax = 1024UL * 1024;

const ReadRules& read_rules(const CutRules& rules) {
  TRIGGERD_CHECK(rules.operation != nullptr && rules.operation->read);
  return *rules.operation->read;
}

bool is_integer(std::string_view raw) {
  return !raw.empty() && raw.find_first_not_of("-0123456789") == std::string_view::npos;
}

// The text of a scalar as a key: strings without their escapes, integers as they are written, so
// that 123 and "123" are the same and digits beyond 2^53 are kept. Nothing for other values.
std::optional<std::string> key_text(std::string_view raw) {
  if (is_integer(raw)) return std::string(raw == "-0" ? "0" : raw);
  if (raw.size() < 2 || raw.front() != '"') return std::nullopt;
  const std::string_view inside = raw.substr(1, raw.size() - 2);
  if (inside.find('\\') == std::string_view::npos) return std::string(inside);
  const Result<json, JsonProblem> value = parse_json(raw);
  return value && value->is_string() ? std::optional(value->get<std::string>()) : std::nullopt;
}

bool has_control_character(std::string_view text) {
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto byte = static_cast<unsigned char>(text[i]);
    if (byte < 0x20 || byte == 0x7f) return true;
    const bool c1 =
        byte == 0xC2 && i + 1 < text.size() && static_cast<unsigned char>(text[i + 1]) < 0xA0;
    if (c1) return true;
  }
  return false;
}

std::string what_is_wrong(const std::string& key) {
  if (key.find_first_not_of(' ') == std::string::npos) return "is empty";
  if (key.size() > kKeyBytesMax) return "is longer than " + std::to_string(kKeyBytesMax) + " bytes";
  return has_control_character(key) ? "holds control characters" : "";
}

std::string joined(const std::vector<std::string>& pointers) {
  std::string text;
  for (const std::string& pointer : pointers) text += (text.empty() ? "" : " and ") + pointer;
  return text;
}

}  // namespace

RecordFields::RecordFields(const CutRules& rules) : rules_(rules), read_(read_rules(rules)) {
  if (read_.window) covers_ = read_.window->covers;
  const auto add = [&](const std::string& pointer) {
    wanted_.push_back({pointer});
    return wanted_.size() - 1;
  };
  for (const std::vector<std::string>& pointers : read_.id.alternatives) {
    for (const std::string& pointer : pointers) add(pointer);
  }
  const auto add_named = [&](const std::string& pointer) {
    return pointer.empty() ? std::string::npos : add(pointer);
  };
  updated_ = add_named(read_.updated.at);
  created_ = add_named(read_.created.at);
  covers_at_ = add_named(covers_.at);
  echo_ = rules.location.empty() ? std::string::npos : add_named(read_.location_echo);
  gone_ = add_named(read_.gone);
  where_ = wanted_.size();
  for (const RecordCondition& condition : read_.where) add(condition.at);
  volatiles_ = wanted_.size();
  for (const std::string& pointer : read_.volatiles) add(pointer);
}

RecordFields::Outcome RecordFields::read(std::string_view raw) {
  if (is_of_other_location()) return OtherLocation{};
  Key found = key(raw);
  if (!is_wanted()) return Gone{found.wrong.empty() ? std::move(found.text) : std::string{}};
  if (!found.wrong.empty()) {
    return OddRecord{{}, std::move(found.wrong), std::string(raw.substr(0, kOddRawBytesMax))};
  }
  if (is_gone()) return Gone{std::move(found.text)};
  if (raw.size() > kRecordBytesMax && read_.shape != Shape::text) {
    return OddRecord{std::move(found.text), "larger than 1 MiB",
                     std::string(raw.substr(0, kOddRawBytesMax))};
  }
  return Record{std::move(found.text),
                raw,
                hash(raw),
                stamp(updated_, read_.updated),
                stamp(created_, read_.created),
                stamp(covers_at_, covers_)};
}

bool RecordFields::is_of_other_location() const {
  if (echo_ == std::string::npos || !wanted_[echo_].is_found()) return false;
  const std::string_view raw = wanted_[echo_].found;
  const bool plainly_here = raw.size() == rules_.location.size() + 2 && raw.front() == '"' &&
                            raw.substr(1, rules_.location.size()) == rules_.location;
  return !plainly_here && raw != "null" && key_text(raw) != rules_.location;
}

bool RecordFields::is_gone() const {
  if (gone_ == std::string::npos || !wanted_[gone_].is_found()) return false;
  return wanted_[gone_].found == "true" || wanted_[gone_].found == "\"true\"";
}

bool RecordFields::fits(const RecordCondition& condition, std::string_view found) const {
  const bool given = found.data() != nullptr && found != "null";
  if (condition.given && *condition.given != given) return false;
  const std::string text = given ? key_text(found).value_or(std::string(found)) : "null";
  const auto holds = [&](const std::vector<std::string>& texts) {
    return std::find(texts.begin(), texts.end(), text) != texts.end();
  };
  return (condition.equals.empty() || holds(condition.equals)) && !holds(condition.unless);
}

bool RecordFields::is_wanted() const {
  for (std::size_t i = 0; i < read_.where.size(); ++i) {
    if (!fits(read_.where[i], wanted_[where_ + i].found)) return false;
  }
  return true;
}

std::uint64_t RecordFields::hash(std::string_view raw) {
  holes_.clear();
  for (std::size_t i = volatiles_; i < wanted_.size(); ++i) {
    if (wanted_[i].is_found()) holes_.push_back(wanted_[i].found);
  }
  if (holes_.empty()) return hash64(raw);
  std::sort(holes_.begin(), holes_.end(),
            [](std::string_view a, std::string_view b) { return a.data() < b.data(); });
  std::uint64_t sum = 0;
  const char* from = raw.data();
  for (const std::string_view hole : holes_) {
    if (hole.data() < from) continue;  // inside the hole before
    sum = hash64({from, static_cast<std::size_t>(hole.data() - from)}, sum);
    from = hole.data() + hole.size();
  }
  return hash64({from, static_cast<std::size_t>(raw.data() + raw.size() - from)}, sum);
}

std::optional<WallTime> RecordFields::stamp(std::size_t at, const Stamp& rule) const {
  if (at == std::string::npos || !wanted_[at].is_found()) return std::nullopt;
  const std::string_view raw = wanted_[at].found;
  if (raw.size() >= 2 && raw.front() == '"' && raw.find('\\') == std::string_view::npos) {
    const std::string_view text = raw.substr(1, raw.size() - 2);
    // The spelling of nearly all stamps needs no value of its own.
    if (rule.format.family == DateFamily::iso8601 && text.ends_with('Z'))
      return parse_iso8601(text);
    return read_date(json(std::string(text)), rule.format);
  }
  const Result<json, JsonProblem> value = parse_json(raw);
  return value ? read_date(*value, rule.format) : std::nullopt;
}

RecordFields::Key RecordFields::key(std::string_view raw) const {
  std::size_t first = 0;
  for (const std::vector<std::string>& pointers : read_.id.alternatives) {
    const auto has_value = [&](std::size_t i) {
      return wanted_[i].is_found() && wanted_[i].found != "null";
    };
    bool whole = !pointers.empty();
    for (std::size_t i = 0; i < pointers.size(); ++i) whole = whole && has_value(first + i);
    if (whole) return composite(first, pointers);
    first += pointers.size();
  }
  if (!read_.id.alternatives.empty()) {
    return {{}, "has no id at " + joined(read_.id.alternatives.front())};
  }
  return key_without_rule(raw);
}

RecordFields::Key RecordFields::composite(std::size_t first,
                                          const std::vector<std::string>& pointers) const {
  Key key;
  for (std::size_t i = 0; i < pointers.size(); ++i) {
    std::optional<std::string> part = key_text(wanted_[first + i].found);
    std::string wrong = part ? what_is_wrong(*part) : "is neither text nor a whole number";
    if (!wrong.empty()) return {{}, "its id at " + pointers[i] + " " + wrong};
    if (i == 0) {
      key.text = *std::move(part);
    } else {
      key.text.append("/").append(*part);
    }
  }
  key.wrong = key.text.size() > kKeyBytesMax ? "its id " + what_is_wrong(key.text) : "";
  return key;
}

RecordFields::Key RecordFields::key_without_rule(std::string_view raw) const {
  if (!read_.id.param.empty()) {
    const json* value =
        rules_.values == nullptr ? nullptr : find_at(*rules_.values, "/" + read_.id.param);
    const std::string text = value == nullptr ? std::string{} : plain_text(*value);
    const std::string wrong = what_is_wrong(text);
    return {text, wrong.empty() ? "" : "its id, parameter " + read_.id.param + ", " + wrong};
  }
  if (read_.shape == Shape::list || read_.shape == Shape::map) {
    // Without any id only the whole can tell two records apart.
    if (const std::optional<std::string> text = key_text(raw);
        text && what_is_wrong(*text).empty()) {
      return {*text, {}};
    }
    const Result<json, JsonProblem> value = parse_json(raw);
    if (!value) return {{}, value.error().what};
    return {hash128_hex(canonical_json(*value)), {}};
  }
  return {rules_.item_key.empty() ? rules_.operation->name : rules_.item_key, {}};
}

}  // namespace triggerd
