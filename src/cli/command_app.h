// The command line's grammar as CLI11 holds it: what is parsed, and what the manual page and the
// completions are written from, so that they cannot differ. Made by command_line.cpp.
#pragma once

#include <CLI/CLI.hpp>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "cli/command_line.h"

namespace triggerd {

struct CommandApp {
  CLI::App app{"triggerd: polls APIs, finds new, changed and removed records, acts on them",
               "triggerd"};
  CommandOptions options;
  std::function<int()> action;  // set by the command that was named
};
// Its callbacks point into it.
std::unique_ptr<CommandApp> make_command_app();

// What stands behind an option, or in the place of a positional argument.
enum class ValueOf { nothing, text, file, folder, choice };

struct GrammarOption {
  std::vector<std::string> names;  // "-c", "--config"; of a positional argument: its name alone
  std::string about, placeholder;  // placeholder: "FILE"
  std::vector<std::string> choices;
  ValueOf value = ValueOf::nothing;
  bool positional = false, required = false, repeated = false;
};

struct GrammarCommand {
  std::string name, about;
  std::vector<GrammarOption> options;  // positional ones first
};

// Of each command, in the order of the help; the first one has no name and holds what stands before
// a command.
std::vector<GrammarCommand> read_grammar(const CLI::App& app);

std::string manual_page(const std::vector<GrammarCommand>& grammar, const std::string& footer);
std::string bash_completion(const std::vector<GrammarCommand>& grammar);
std::string zsh_completion(const std::vector<GrammarCommand>& grammar);
std::string fish_completion(const std::vector<GrammarCommand>& grammar);

}  // namespace triggerd
