// Texts and JSON values with `${{ }}` inside: what has none comes out as it went in, and what
// comes from a record is never read as a template.
#include <nlohmann/json.hpp>
#include <string>

#include "fuzz/event_object.h"
#include "fuzz/targets.h"
#include "triggerd/expression.h"
#include "triggerd/json_text.h"

namespace triggerd::fuzz {
namespace {

using nlohmann::json;

void check(const json& value) {
  ExpressionPool pool;
  const auto made = JsonTemplate::parse(value, pool);
  if (!made) {
    expect(!made.error().what.empty(), "a refusal says why");
    expect(is_json_pointer(made.error().pointer), "a refusal has a place");
    return;
  }
  for (const JsonTemplate::Use& use : made->uses()) {
    expect(find_at(value, use.pointer) != nullptr, "an expression stands where it is said to");
    steps_named(use.text);
  }
  const bool compiles = pool.compile().empty();
  const auto rendered = made->render(pool, event_object());
  expect(compiles || made->uses().empty() || !rendered, "what does not compile does not render");
  if (!rendered) {
    expect(!rendered.error().empty(), "a failure says why");
    return;
  }
  const bool plain = compact_json(value).find("${{") == std::string::npos;
  expect(!plain || *rendered == value, "what holds no expression stays as it is");
}

}  // namespace

void template_target(std::string_view input) {
  if (const Result<json, JsonProblem> value = parse_json(input)) return check(*value);
  check(json(std::string(input)));
  // Put into a record, the text is a value whatever stands in it.
  ExpressionPool pool;
  const auto name = JsonTemplate::parse("<${{ .record.name }}>", pool);
  expect(name && pool.compile().empty(), "a plain template is right");
  const json object{{"record", {{"name", std::string(input)}}}};
  const auto rendered = name->render(pool, object);
  expect(!rendered || *rendered == "<" + std::string(input) + ">", "a value is no template");
}

}  // namespace triggerd::fuzz
