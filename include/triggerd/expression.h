// jq programs of the configuration (`when`, `${{ ... }}`), compiled once and run over one object
// each. The one home of libjq. A program cannot read the clock, the environment, files or further
// input; it is ended after kExpressionMillisMax. Loop thread only (one pool, its own watchdog
// thread inside).
//
// libjq parses its built-ins on every compilation (17 ms measured), so the pool compiles all texts
// that were added since the last time as ONE program that dispatches by number, and answers plain
// paths such as
// `.record.id` without libjq, with the same results and errors.
#pragma once

#include <cstdint>
#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "triggerd/result.h"

namespace triggerd {

inline constexpr int kExpressionMillisMax = 100;
inline constexpr std::int64_t kExpressionOutputBytesMax = 1024 * 1024;

enum class ExpressionId : std::uint32_t {};

struct ExpressionProblem {
  ExpressionId id{};
  std::string what;  // what libjq says, shortened to the sentence that matters
};

class ExpressionPool {
 public:
  ExpressionPool();
  ~ExpressionPool();
  ExpressionPool(const ExpressionPool&) = delete;
  ExpressionPool& operator=(const ExpressionPool&) = delete;

  // The same text gives the same id. Nothing is compiled yet.
  ExpressionId add(std::string_view text);
  // Compiles what was added since the last call. Each text that does not compile is named once; it
  // stays unusable, all others work. Also refused here: input, inputs, import, include, debug,
  // stderr, input_filename,
  // $__loc__, `*` with a string literal and a number above 10,000 (texts of gigabytes).
  std::vector<ExpressionProblem> compile();

  // All values that the program gives, or the error text. Integers beyond 2^53 reach it as text.
  Result<std::vector<nlohmann::json>, std::string> run(ExpressionId id,
                                                       const nlohmann::json& input) const;

 private:
  struct Parts;
  std::unique_ptr<Parts> parts_;
};

// A text or JSON value with `${{ ... }}` inside, as it stands in `with:`. Parsed once, rendered per
// event. A string that is one expression and nothing else keeps the value's JSON type; inside text
// null and absent become empty and objects become JSON. What an expression yields is never parsed
// as a template again.
class JsonTemplate {
 public:
  struct Problem {
    std::string pointer;  // where in the value, as a JSON pointer
    std::string what;     // "expression is not closed with }}"
  };
  // Adds its expressions to the pool; the pool must be compiled before render.
  static Result<JsonTemplate, Problem> parse(const nlohmann::json& value, ExpressionPool& pool);

  JsonTemplate();
  ~JsonTemplate();
  JsonTemplate(JsonTemplate&&) noexcept;
  JsonTemplate& operator=(JsonTemplate&&) noexcept;

  // The value with all expressions replaced; the failure names the pointer and what jq said.
  Result<nlohmann::json, std::string> render(const ExpressionPool& pool,
                                             const nlohmann::json& input) const;

  struct Use {
    ExpressionId id;
    std::string text;
    std::string pointer;
  };
  const std::vector<Use>& uses()
      const;  // every expression in it, for checks ("which steps does it name")

 private:
  struct Parts;
  std::unique_ptr<Parts> parts_;
};

// The steps an expression names as `.steps.<id>` (also `.steps["id"]`), for the check that they
// come earlier.
std::vector<std::string> steps_named(std::string_view expression);

}  // namespace triggerd
