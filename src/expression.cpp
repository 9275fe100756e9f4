#include "triggerd/expression.h"

#include <nlohmann/json.hpp>
#include <unordered_map>
#include <utility>

#include "expression_deadline.h"
#include "expression_program.h"
#include "expression_text.h"
#include "triggerd/check.h"

namespace triggerd {
namespace {

using nlohmann::json;

// libjq binds each def over all that follows it, so the time to compile grows with the square of
// their number.
constexpr std::size_t kTextsPerProgramMax = 256;

struct Expression {
  std::string text;
  std::optional<std::vector<PathStep>> path;  // answered without libjq
  std::size_t program = 0;                    // which program, and which number in it
  std::size_t number = 0;
  enum class State { added, ready, refused } state = State::added;
};

// The word libjq has for the kind of a value.
std::string kind_name(const json& value) {
  if (value.is_object()) {
    return "object";
  }
  if (value.is_array()) {
    return "array";
  }
  // An integer beyond 2^53 reaches libjq as text.
  if (value.is_string() || (value.is_number_integer() && passed_through(value)->is_string())) {
    return "string";
  }
  return value.is_boolean() ? "boolean" : "number";
}

Result<std::vector<json>, std::string> walk(const std::vector<PathStep>& path, const json& input) {
  static const json kNull;
  const json* at = &input;
  for (const PathStep& step : path) {
    if (at->is_object()) {
      const auto found = at->find(step.name);
      at = found == at->end() ? &kNull : &*found;
    } else if (!at->is_null()) {
      if (step.optional) {
        return {};
      }
      return Failure<std::string>("Cannot index " + kind_name(*at) + " with string \"" + step.name +
                                  "\"");
    }
  }
  auto value = passed_through(*at);
  if (!value) {
    return Failure<std::string>(kOutputTooLarge);
  }
  std::vector<json> values;
  values.push_back(std::move(*value));
  return values;
}

}  // namespace

struct ExpressionPool::Parts {
  std::vector<Expression> expressions;
  std::unordered_map<std::string, std::size_t> by_text;
  std::size_t first_uncompiled = 0;
  mutable std::vector<ExpressionProgram> programs;
  mutable ExpressionDeadline deadline;

  using Numbers = std::vector<std::size_t>;

  std::vector<std::string_view> texts_of(const Numbers& numbers) const {
    std::vector<std::string_view> texts;
    for (const std::size_t number : numbers) {
      texts.emplace_back(expressions[number].text);
    }
    return texts;
  }

  void refuse(std::size_t number, std::string what, std::vector<ExpressionProblem>& problems) {
    expressions[number].state = Expression::State::refused;
    problems.push_back({static_cast<ExpressionId>(number), std::move(what)});
  }

  void keep(ExpressionProgram program, const Numbers& numbers) {
    for (std::size_t i = 0; i < numbers.size(); ++i) {
      Expression& expression = expressions[numbers[i]];
      expression.program = programs.size();
      expression.number = i;
      expression.state = Expression::State::ready;
    }
    programs.push_back(std::move(program));
  }

  // One program when all compile. Otherwise each half by itself, which ends at the texts that do
  // not.
  void compile_together(const Numbers& numbers, std::vector<ExpressionProblem>& problems) {
    auto program = ExpressionProgram::compile(texts_of(numbers));
    if (program) {
      keep(std::move(*program), numbers);
      return;
    }
    if (numbers.size() == 1) {
      refuse(numbers.front(), program.error(), problems);
      return;
    }
    const auto middle = numbers.begin() + static_cast<std::ptrdiff_t>(numbers.size() / 2);
    compile_together({numbers.begin(), middle}, problems);
    compile_together({middle, numbers.end()}, problems);
  }
};

ExpressionPool::ExpressionPool() : parts_(std::make_unique<Parts>()) {}

ExpressionPool::~ExpressionPool() = default;

ExpressionId ExpressionPool::add(std::string_view text) {
  const auto [place, added] =
      parts_->by_text.emplace(std::string(text), parts_->expressions.size());
  if (added) {
    parts_->expressions.emplace_back().text = place->first;
  }
  return static_cast<ExpressionId>(place->second);
}

std::vector<ExpressionProblem> ExpressionPool::compile() {
  std::vector<ExpressionProblem> problems;
  Parts::Numbers batch;
  for (std::size_t i = parts_->first_uncompiled; i < parts_->expressions.size(); ++i) {
    Expression& expression = parts_->expressions[i];
    if (auto refusal = refused_in_expression(expression.text)) {
      parts_->refuse(i, std::move(*refusal), problems);
    } else if ((expression.path = plain_path(expression.text))) {
      expression.state = Expression::State::ready;
    } else {
      batch.push_back(i);
    }
    if (batch.size() == kTextsPerProgramMax) {
      parts_->compile_together(std::exchange(batch, {}), problems);
    }
  }
  if (!batch.empty()) {
    parts_->compile_together(batch, problems);
  }
  parts_->first_uncompiled = parts_->expressions.size();
  return problems;
}

Result<std::vector<json>, std::string> ExpressionPool::run(ExpressionId id,
                                                           const json& input) const {
  const auto number = static_cast<std::size_t>(id);
  TRIGGERD_CHECK(number < parts_->expressions.size());
  const Expression& expression = parts_->expressions[number];
  TRIGGERD_CHECK(expression.state != Expression::State::added);
  if (expression.state == Expression::State::refused) {
    return Failure<std::string>("the expression does not compile");
  }
  if (expression.path) {
    return walk(*expression.path, input);
  }
  return parts_->programs[expression.program].run(expression.number, input, parts_->deadline);
}

}  // namespace triggerd
