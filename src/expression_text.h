// What can be said of a jq program by looking at its text alone: where it ends inside a template,
// whether it asks for something that is closed, whether it is a plain path. Called by the
// expression pool and the templates; knows nothing of libjq. Pure functions.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace triggerd {

// Why a program may not run here, before libjq sees it; nothing when it may. A text without
// complaint is balanced: it cannot reach out of parentheses that are put around it.
std::optional<std::string> refused_in_expression(std::string_view text);

// The position of the `}}` that closes an expression which starts at `from`, outside texts,
// comments and braces of its own; npos when there is none.
std::size_t expression_end(std::string_view text, std::size_t from);

struct PathStep {
  std::string name;
  bool optional = false;  // `?`: a value that has no members gives nothing instead of an error
};

// The steps of a program that only walks down by name (`.record.id`, `.a["b c"]?`, `.`).
std::optional<std::vector<PathStep>> plain_path(std::string_view text);

}  // namespace triggerd
