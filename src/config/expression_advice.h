// What a wrong expression was meant to be: where in the file it goes wrong, the nearest name, and
// names that no object of triggerd has. Used by check_expressions.cpp; only texts, no jq.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "triggerd/yaml/reader.h"

namespace triggerd {

// The names at the top of the object that expressions see, without their dot.
const std::vector<std::string>& expression_names();

struct ExpressionAdvice {
  std::string word;  // what to look for in the source line; empty: nothing is known
  std::string hint;
};
// For what libjq said about `text`, such as "indxe/1 is not defined".
ExpressionAdvice advise_expression(std::string_view text, std::string_view said);

// Names such as `recrod` of `.recrod.id`, where they certainly stand for a member of the top
// object: at the beginning, or anywhere when nothing in the text changes what `.` is.
std::vector<std::string> unknown_names(std::string_view text);

// The place of `word` in a scalar that begins at `start`, also in the lines of a block; `start`
// when it is not found.
Place place_of_word(const YamlDocument& document, Place start, std::string_view text,
                    std::string_view word);

// What looks like an expression of another tool and is plain text here (`{{ .record.id }}`,
// `${ .record.id }`); empty: nothing does.
std::string stray_template(std::string_view text);

}  // namespace triggerd
