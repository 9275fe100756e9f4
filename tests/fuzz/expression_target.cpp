// jq expressions: one that is wrong, or written to break out of its place in the common program,
// harms no other.
#include <nlohmann/json.hpp>
#include <string>

#include "fuzz/event_object.h"
#include "fuzz/targets.h"
#include "triggerd/expression.h"
#include "triggerd/json_text.h"

namespace triggerd::fuzz {

using nlohmann::json;

void expression_target(std::string_view input) {
  ExpressionPool pool;
  // Neither is a plain path, so that both stand in one program with the input.
  const ExpressionId before = pool.add(".record.n + 1");
  const ExpressionId tested = pool.add(input);
  const ExpressionId after = pool.add("[.record.tags[] | length]");
  expect(pool.add(input) == tested, "the same text is the same expression");
  steps_named(input);
  bool refused = false;
  for (const ExpressionProblem& problem : pool.compile()) {
    refused = refused || problem.id == tested;
    expect(!problem.what.empty(), "a refusal says why");
    expect(problem.id == tested, "an expression is refused for itself alone");
  }
  const auto first = pool.run(before, event_object());
  expect(first && *first == std::vector<json>{8}, "the expression before works as ever");
  const auto values = pool.run(tested, event_object());
  expect(!refused || !values, "what was refused does not run");
  if (values) {
    std::size_t bytes = 0;
    for (const json& value : *values) bytes += compact_json(value).size();
    // Escapes and separators make the text longer than the values are counted.
    expect(bytes <= 8 * static_cast<std::size_t>(kExpressionOutputBytesMax), "output is bounded");
  } else {
    expect(!values.error().empty(), "a failure says why");
  }
  const auto last = pool.run(after, event_object());
  expect(last && *last == std::vector<json>{{3, 4}}, "the expression behind works as ever");
}

}  // namespace triggerd::fuzz
