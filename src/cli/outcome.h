// How a command that cannot do what was asked says so: a sentence on stderr, or one JSON object on
// stdout with --json, and the exit code. Used by every command; knows nothing of the state.
#pragma once

#include <map>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "cli/command_line.h"
#include "triggerd/yaml/problem.h"

namespace triggerd {

// Returns `code`, so that a command can end with it.
int fail(const CommandOptions& options, int code, const std::string& message);

// What is meant by an unknown name: "; did you mean `x`?", else "; there are a, b, c".
std::string known_names(const std::string& name, const std::vector<std::string>& known);
// "there is no trigger `x`; ..." with kExitUsage: the command line names something that is not
// there.
int fail_unknown(const CommandOptions& options, const std::string& kind, const std::string& name,
                 const std::vector<std::string>& known);

void print_problems(const std::vector<Problem>& problems,
                    const std::map<std::string, std::string>& texts);
nlohmann::json problems_json(const std::vector<Problem>& problems);
// Problems on stderr with their source lines; with --json as one object on stdout as well.
// kExitConfiguration.
int fail_problems(const CommandOptions& options, const std::vector<Problem>& problems,
                  const std::map<std::string, std::string>& texts);

}  // namespace triggerd
