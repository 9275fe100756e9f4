#include <nlohmann/json.hpp>
#include <utility>
#include <variant>

#include "expression_text.h"
#include "phone_number.h"
#include "triggerd/check.h"
#include "triggerd/expression.h"
#include "triggerd/json_text.h"

namespace triggerd {
namespace {

using nlohmann::json;

constexpr std::string_view kOpening = "${{";
constexpr std::string_view kEscaped = "$${{";
constexpr std::string_view kClosing = "}}";
constexpr std::string_view kSpace = " \t\r\n";

using Segment = std::variant<std::string, ExpressionId>;

struct Hole {
  std::string pointer;
  std::vector<Segment> segments;
  bool whole = false;  // one expression and nothing else: the value keeps its JSON type
};

std::string_view trimmed(std::string_view text) {
  const std::size_t first = std::min(text.find_first_not_of(kSpace), text.size());
  return text.substr(first, text.find_last_not_of(kSpace) + 1 - first);
}

// A block in YAML ends with a line break, which nobody means as text behind the expression.
bool is_whole(const std::vector<Segment>& segments) {
  if (segments.empty() || segments.size() > 2 ||
      !std::holds_alternative<ExpressionId>(segments.front())) {
    return false;
  }
  const std::string* rest = segments.size() == 2 ? std::get_if<std::string>(&segments[1]) : nullptr;
  return segments.size() == 1 ||
         (rest != nullptr && rest->find_first_not_of("\r\n") == std::string::npos);
}

void append_text(std::vector<Segment>& segments, std::string_view text) {
  if (text.empty()) {
    return;
  }
  if (!segments.empty() && std::holds_alternative<std::string>(segments.back())) {
    std::get<std::string>(segments.back()) += text;
  } else {
    segments.emplace_back(std::string(text));
  }
}

std::string escaped_name(const std::string& name) {
  std::string escaped;
  for (const char c : name) {
    escaped += c == '~' ? "~0" : c == '/' ? "~1" : std::string(1, c);
  }
  return escaped;
}

// `{to_e164: TEXT, country: GB}` stands for the phone number in its international form.
constexpr const char* kPhoneForm = "to_e164";
constexpr const char* kPhoneCountry = "country";

bool is_phone_form(const json& value) {
  return value.is_object() && value.contains(kPhoneForm) &&
         value.size() == (value.contains(kPhoneCountry) ? 2U : 1U);
}

std::string placed(const std::string& pointer, const std::string& what) {
  return pointer.empty() ? what : "at " + pointer + ": " + what;
}

}  // namespace

struct JsonTemplate::Parts {
  json shape;
  std::vector<Hole> holes;
  std::vector<Use> uses;
  std::vector<std::string> phones;  // pointers to phone forms

  std::optional<Problem> note_phone(const json& form, const std::string& pointer) {
    phones.push_back(pointer);
    const json country = form.value(kPhoneCountry, json("ZZ"));
    if (!form.at(kPhoneForm).is_string()) {
      return Problem{pointer, "to_e164 takes a text, mostly an expression"};
    }
    if (form.contains(kPhoneCountry) &&
        (!country.is_string() || !is_phone_country(country.get<std::string>()))) {
      return Problem{pointer, "country is a code of two capital letters, such as US or KR"};
    }
    return std::nullopt;
  }

  std::optional<Problem> find_holes(const json& value, const std::string& pointer,
                                    ExpressionPool& pool) {
    if (is_phone_form(value)) {
      if (auto problem = note_phone(value, pointer)) {
        return problem;
      }
    }
    if (value.is_string()) {
      return read_text(value.get_ref<const std::string&>(), pointer, pool);
    }
    if (value.is_object()) {
      for (const auto& [name, member] : value.get_ref<const json::object_t&>()) {
        if (auto problem = find_holes(member, pointer + "/" + escaped_name(name), pool)) {
          return problem;
        }
      }
    }
    if (value.is_array()) {
      for (std::size_t i = 0; i < value.size(); ++i) {
        if (auto problem = find_holes(value[i], pointer + "/" + std::to_string(i), pool)) {
          return problem;
        }
      }
    }
    return std::nullopt;
  }

  std::optional<Problem> read_text(std::string_view text, const std::string& pointer,
                                   ExpressionPool& pool) {
    std::vector<Segment> segments;
    bool changed = false;
    std::size_t at = 0;
    for (;;) {
      const std::size_t opening = text.find(kOpening, at);
      if (opening == std::string_view::npos) {
        append_text(segments, text.substr(at));
        break;
      }
      changed = true;
      const std::size_t start = opening + kOpening.size();
      if (opening > at && text[opening - 1] == '$') {
        append_text(segments, text.substr(at, opening - 1 - at));
        append_text(segments, kEscaped.substr(1));
        at = start;
        continue;
      }
      const std::size_t end = expression_end(text, start);
      if (end == std::string_view::npos) {
        return Problem{pointer, "expression is not closed with }}"};
      }
      append_text(segments, text.substr(at, opening - at));
      const std::string_view expression = trimmed(text.substr(start, end - start));
      const ExpressionId id = pool.add(expression);
      uses.push_back({id, std::string(expression), pointer});
      segments.emplace_back(id);
      at = end + kClosing.size();
    }
    if (changed) {
      const bool whole = is_whole(segments);
      holes.push_back({pointer, std::move(segments), whole});
    }
    return std::nullopt;
  }
};

namespace {

Result<json, std::string> single_value(const ExpressionPool& pool, ExpressionId id,
                                       const json& input) {
  auto values = pool.run(id, input);
  if (!values) {
    return Failure<std::string>(values.error());
  }
  if (values->size() > 1) {
    return Failure<std::string>("the expression gives " + std::to_string(values->size()) +
                                " values where one is needed");
  }
  return values->empty() ? json() : std::move(values->front());
}

Result<json, std::string> fill(const Hole& hole, const ExpressionPool& pool, const json& input) {
  if (hole.whole) {
    return single_value(pool, std::get<ExpressionId>(hole.segments.front()), input);
  }
  std::string text;
  for (const Segment& segment : hole.segments) {
    if (const auto* literal = std::get_if<std::string>(&segment)) {
      text += *literal;
      continue;
    }
    const auto value = single_value(pool, std::get<ExpressionId>(segment), input);
    if (!value) {
      return value;
    }
    text += plain_text(*value);
    if (static_cast<std::int64_t>(text.size()) > kExpressionOutputBytesMax) {
      return Failure<std::string>("the text is larger than 1 MiB");
    }
  }
  return text;
}

// A number that cannot be read gives null: a wrong one is worse than none.
json as_phone(const json& form) {
  const std::string text = plain_text(form.at(kPhoneForm));
  const json country = form.value(kPhoneCountry, json(""));
  const auto number = phone_to_e164(text, country.get<std::string>());
  return number ? json(*number) : json(nullptr);
}

}  // namespace

JsonTemplate::JsonTemplate() : parts_(std::make_unique<Parts>()) {}
JsonTemplate::~JsonTemplate() = default;
JsonTemplate::JsonTemplate(JsonTemplate&&) noexcept = default;
JsonTemplate& JsonTemplate::operator=(JsonTemplate&&) noexcept = default;

Result<JsonTemplate, JsonTemplate::Problem> JsonTemplate::parse(const json& value,
                                                                ExpressionPool& pool) {
  JsonTemplate made;
  made.parts_->shape = value;
  if (auto problem = made.parts_->find_holes(value, "", pool)) {
    return Failure<Problem>(std::move(*problem));
  }
  return made;
}

Result<json, std::string> JsonTemplate::render(const ExpressionPool& pool,
                                               const json& input) const {
  json rendered = parts_->shape;
  for (const Hole& hole : parts_->holes) {
    auto value = fill(hole, pool, input);
    if (!value) {
      return Failure<std::string>(placed(hole.pointer, value.error()));
    }
    set_at(rendered, hole.pointer, std::move(*value));
  }
  for (const std::string& pointer : parts_->phones) {
    const json* form = find_at(rendered, pointer);
    TRIGGERD_CHECK(form != nullptr);
    set_at(rendered, pointer, as_phone(*form));
  }
  return rendered;
}

const std::vector<JsonTemplate::Use>& JsonTemplate::uses() const { return parts_->uses; }

}  // namespace triggerd
