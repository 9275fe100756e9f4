#include "expression_program.h"

extern "C" {
#include <jq.h>
}

#include <new>
#include <nlohmann/json.hpp>
#include <utility>

#include "expression_prelude.h"
#include "expression_values.h"
#include "triggerd/expression.h"

namespace triggerd {

const char* const kOutputTooLarge = "the result is larger than 1 MiB";

namespace {

using nlohmann::json;

constexpr std::size_t kErrorBytesMax = 512;  // error texts may quote whole records

// Stands before every program. The first part closes what the texts are refused for by name, should
// a text find another way to it. The second part mends functions of libjq 1.6 that end the process
// or never return on some values, since values come from records:
//   indices, index, rindex   never return for an empty text, and leak each element of a list
//   strftime, todate         abort for a number that is no time, and for a format that is no text
//   %                        traps for the smallest integer and -1
//   *                        makes texts of gigabytes
//   tonumber                 takes "nan", whose use as a slice border aborts
constexpr const char* kPrelude = R"jq(
def now: error("the clock is closed");
def env: {}; def input: error("closed"); def inputs: error("closed"); def debug: .; def stderr: .;
def halt: error("closed"); def halt_error: error("closed"); def halt_error(c): error("closed");
def input_filename: null; def input_line_number: null; def modulemeta: error("closed");
def triggerd__indices(i): indices(i);
def indices($i):
  if $i == "" then null
  elif type != "array" then triggerd__indices($i)
  elif ($i | type) != "array" then . as $all | [range(length) | select($all[.] == $i)]
  elif $i == [] then []
  else . as $all | ($i | length) as $n | [range(length) | select($all[.:. + $n] == $i)] end;
def index($i): indices($i) | if . == null then null else .[0] end;
def rindex($i): indices($i) | if . == null then null else .[-1:][0] end;
def triggerd__strftime(f): strftime(f);
def strftime($f):
  if ($f | type) != "string" then error("strftime/1 requires a string format")
  elif type == "number" and ((. >= -62135596800 and . <= 253402300799) | not)
  then error("strftime/1: a number that is no time between the years 1 and 9999")
  else triggerd__strftime($f) end;
def todateiso8601: strftime("%Y-%m-%dT%H:%M:%SZ");
def todate: todateiso8601; def date: todateiso8601;
def triggerd__mod(a; b): a % b;
def _mod(a; b): b as $b | a as $a
  | if ($a | type) == "number" and (($a > -9e18 and $a < 9e18) | not)
    then error("a number too large for %") else triggerd__mod($a; $b) end;
def triggerd__multiply(a; b): a * b;
def _multiply(a; b): b as $b | a as $a
  | if ($a | type) == "string" and ($b | type) == "number"
       and ($a | utf8bytelength) * ($b | if . > 1 then . else 1 end) > 1048576
    then error("a repeated text of more than 1 MiB") else triggerd__multiply($a; $b) end;
def triggerd__tonumber: tonumber;
def tonumber: triggerd__tonumber | if isnan then error("not a number") else . end;
{} as $ENV |
)jq";

// One def per text, and a tree of ifs as deep as the logarithm of their number. A text ends with a
// line break, for it may end with a comment.
std::string dispatch_tree(std::size_t first, std::size_t last) {
  if (last - first == 1) {
    return "triggerd__" + std::to_string(first);
  }
  const std::size_t middle = first + (last - first) / 2;
  return "if $triggerd__n < " + std::to_string(middle) + " then " + dispatch_tree(first, middle) +
         " else " + dispatch_tree(middle, last) + " end";
}

std::string source_of(const std::vector<std::string_view>& texts) {
  std::string source = kPrelude;
  // Before the input is taken apart, as all definitions.
  const std::size_t definitions = source.rfind("{} as $ENV |");
  source.insert(definitions, prelude_for(texts));
  for (std::size_t i = 0; i < texts.size(); ++i) {
    source += "def triggerd__" + std::to_string(i) + ": (" + std::string(texts[i]) + "\n);\n";
  }
  return source + ".[0] as $triggerd__n | .[1] | " + dispatch_tree(0, texts.size());
}

// "jq: error: foo/0 is not defined at <top-level>, line 3:\n..." -> "foo/0 is not defined".
std::string shortened(std::string_view said) {
  for (const std::string_view before : {"jq: ", "error: "}) {
    if (said.substr(0, before.size()) == before) {
      said.remove_prefix(before.size());
    }
  }
  for (const std::string_view after : {" (Unix shell quoting issues?)", " at <top-level>", "\n"}) {
    said = said.substr(0, said.find(after));
  }
  return std::string(said);
}

void keep_first_message(void* first, jv message) {
  auto& kept = *static_cast<std::string*>(first);
  if (kept.empty() && jv_get_kind(message) == JV_KIND_STRING) {
    kept = shortened(jv_string_value(message));
  }
  jv_free(message);
}

std::string error_text(jv message) {
  if (jv_get_kind(message) != JV_KIND_STRING) {
    message = jv_dump_string(message, 0);
  }
  std::string text = jv_string_value(message);
  jv_free(message);
  if (text.size() > kErrorBytesMax) {
    // Cut before a whole character.
    std::size_t end = kErrorBytesMax;
    while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0) == 0x80) {
      --end;
    }
    text.replace(end, std::string::npos, "...");
  }
  return text;
}

void halt(void* state) { jq_halt(static_cast<jq_state*>(state), jv_invalid(), jv_invalid()); }

// The deadline ends with the run, also where memory runs out in the middle of it.
class Watched {
 public:
  Watched(ExpressionDeadline& deadline, jq_state* state) : deadline_(deadline) {
    deadline_.begin(halt, state);
  }
  Watched(const Watched&) = delete;
  Watched& operator=(const Watched&) = delete;
  ~Watched() { deadline_.end(); }

 private:
  ExpressionDeadline& deadline_;
};

}  // namespace

struct ExpressionProgram::Parts {
  Parts() : state(jq_init()) {
    if (state == nullptr) {
      throw std::bad_alloc();
    }
  }
  Parts(const Parts&) = delete;
  Parts& operator=(const Parts&) = delete;
  ~Parts() { jq_teardown(&state); }

  jq_state* state;
};

ExpressionProgram::ExpressionProgram(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}
ExpressionProgram::ExpressionProgram(ExpressionProgram&&) noexcept = default;
ExpressionProgram& ExpressionProgram::operator=(ExpressionProgram&&) noexcept = default;
ExpressionProgram::~ExpressionProgram() = default;

Result<ExpressionProgram, std::string> ExpressionProgram::compile(
    const std::vector<std::string_view>& texts) {
  auto parts = std::make_unique<Parts>();
  std::string first_message;
  jq_set_error_cb(parts->state, keep_first_message, &first_message);
  const bool compiled = jq_compile(parts->state, source_of(texts).c_str()) != 0;
  jq_set_error_cb(parts->state, nullptr, nullptr);
  if (!compiled) {
    return Failure<std::string>(first_message.empty() ? "not valid jq" : first_message);
  }
  return ExpressionProgram(std::move(parts));
}

Result<std::vector<json>, std::string> ExpressionProgram::run(std::size_t number, const json& input,
                                                              ExpressionDeadline& deadline) {
  jq_state* state = parts_->state;
  jv question = jv_array_sized(2);
  question = jv_array_append(question, jv_number(static_cast<double>(number)));
  question = jv_array_append(question, to_jv(input));
  jq_start(state, question, 0);
  std::vector<json> values;
  ValueTaker taker;
  jv next = jv_invalid();
  {
    const Watched watched(deadline, state);
    next = jq_next(state);
    while (jv_is_valid(next) && !taker.exceeded()) {
      values.push_back(taker.take(next));
      next = jq_next(state);
    }
  }
  std::optional<std::string> error;
  if (jq_halted(state) != 0) {
    error = "takes longer than " + std::to_string(kExpressionMillisMax) + " ms";
  } else if (taker.exceeded()) {
    error = kOutputTooLarge;
  } else if (jv_invalid_has_msg(jv_copy(next)) != 0) {
    error = error_text(jv_invalid_get_msg(jv_copy(next)));
  }
  jv_free(next);
  if (error) {
    // What an unfinished program holds is let go now, not at its next start.
    jq_start(state, jv_null(), 0);
    return Failure<std::string>(std::move(*error));
  }
  return values;
}

std::optional<json> passed_through(const json& value) {
  ValueTaker taker;
  json copied = taker.copy(value);
  return taker.exceeded() ? std::nullopt : std::optional<json>{std::move(copied)};
}

}  // namespace triggerd
