// The grammar as CLI11 holds it, as plain values.
#include <algorithm>

#include "cli/command_app.h"

namespace triggerd {

namespace {

bool is_one_of(const std::string& name, std::initializer_list<const char*> names) {
  return std::any_of(names.begin(), names.end(), [&](const char* one) { return name == one; });
}

// CLI11 writes the choices of a check into the name of the type: "TEXT:{text,json}".
std::vector<std::string> choices_in(const std::string& type) {
  std::vector<std::string> choices;
  const std::size_t open = type.find('{');
  if (open == std::string::npos) return choices;
  std::string rest = type.substr(open + 1, type.find('}', open) - open - 1);
  for (std::size_t comma = 0; comma != std::string::npos; rest.erase(0, comma + 1)) {
    comma = rest.find(',');
    choices.push_back(rest.substr(0, comma));
    if (comma == std::string::npos) break;
  }
  return choices;
}

std::string upper(std::string text) {
  for (char& c : text) {
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
  }
  return text;
}

GrammarOption read_option(const CLI::Option& option) {
  GrammarOption read;
  read.about = option.get_description();
  read.positional = option.get_positional();
  read.required = option.get_required();
  read.repeated = option.get_items_expected_max() > 1;
  std::string plain;
  if (read.positional) {
    plain = option.get_name(true);
    read.names = {plain};
  } else {
    for (const std::string& name : option.get_snames()) read.names.push_back("-" + name);
    for (const std::string& name : option.get_lnames()) {
      read.names.push_back("--" + name);
      plain = name;
    }
  }
  read.choices = choices_in(option.get_type_name());
  if (option.get_items_expected_max() == 0) {
    read.value = ValueOf::nothing;
  } else if (!read.choices.empty()) {
    read.value = ValueOf::choice;
  } else if (is_one_of(plain, {"config", "output", "file"})) {
    read.value = ValueOf::file;
  } else {
    read.value = is_one_of(plain, {"connectors", "state"}) ? ValueOf::folder : ValueOf::text;
  }
  switch (read.value) {
    case ValueOf::nothing:
      break;
    case ValueOf::file:
      read.placeholder = "FILE";
      break;
    case ValueOf::folder:
      read.placeholder = "DIR";
      break;
    case ValueOf::text:
    case ValueOf::choice:
      read.placeholder = upper(plain);
      break;
  }
  return read;
}

GrammarCommand read_command(const CLI::App& app, const std::string& name) {
  GrammarCommand command{name, app.get_description(), {}};
  for (const CLI::Option* option : app.get_options()) {
    command.options.push_back(read_option(*option));
  }
  std::stable_partition(command.options.begin(), command.options.end(),
                        [](const GrammarOption& option) { return option.positional; });
  return command;
}

}  // namespace

std::vector<GrammarCommand> read_grammar(const CLI::App& app) {
  std::vector<GrammarCommand> commands{read_command(app, "")};
  for (const CLI::App* command : app.get_subcommands([](const CLI::App*) { return true; })) {
    commands.push_back(read_command(*command, command->get_name()));
  }
  return commands;
}

}  // namespace triggerd
