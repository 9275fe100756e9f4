// completion: what the shells complete, written from the grammar of the command line.
#include <iostream>

#include "cli/command_app.h"

namespace triggerd {

namespace {

std::string joined(const std::vector<std::string>& words, const std::string& between = " ") {
  std::string text;
  for (const std::string& word : words) text += (text.empty() ? "" : between) + word;
  return text;
}

// Within single quotes of a shell.
std::string unquoted(const std::string& text) {
  std::string out;
  for (const char c : text) out += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return out;
}

std::vector<std::string> command_names(const std::vector<GrammarCommand>& grammar) {
  std::vector<std::string> names;
  for (const GrammarCommand& command : grammar) {
    if (!command.name.empty()) names.push_back(command.name);
  }
  return names;
}

// What bash offers for a value: a command line for compgen.
std::string bash_values(const GrammarOption& option) {
  switch (option.value) {
    case ValueOf::file:
      return "-f";
    case ValueOf::folder:
      return "-d";
    case ValueOf::choice:
      return "-W '" + joined(option.choices) + "'";
    case ValueOf::nothing:
    case ValueOf::text:
      break;
  }
  return "-W ''";
}

std::string bash_command(const GrammarCommand& command) {
  std::string after, words, files;
  for (const GrammarOption& option : command.options) {
    if (option.positional) {
      if (option.value == ValueOf::choice) words += " " + joined(option.choices);
      if (option.value == ValueOf::file) files = " -f";
      continue;
    }
    words += " " + joined(option.names);
    if (option.value == ValueOf::nothing) continue;
    after +=
        "        " + joined(option.names, "|") + ") values=\"" + bash_values(option) + "\" ;;\n";
  }
  std::string text = "    " + (command.name.empty() ? std::string("''") : command.name) + ")\n";
  if (!after.empty()) text += "      case $prev in\n" + after + "      esac\n";
  return text + "      words=\"" + words.substr(words.find_first_not_of(' ')) + "\"\n" +
         (files.empty() ? "" : "      files=-f\n") + "      ;;\n";
}

std::string zsh_values(const GrammarOption& option) {
  switch (option.value) {
    case ValueOf::nothing:
      return "";
    case ValueOf::file:
      return ":" + option.placeholder + ":_files";
    case ValueOf::folder:
      return ":" + option.placeholder + ":_files -/";
    case ValueOf::choice:
      return ":" + option.placeholder + ":(" + joined(option.choices) + ")";
    case ValueOf::text:
      return ":" + option.placeholder + ": ";
  }
  return "";
}

// In the words of _arguments, brackets and colons mean something.
std::string zsh_text(const std::string& text) {
  std::string out;
  for (const char c : text) {
    if (c == '[' || c == ']' || c == ':' || c == '\\') out += '\\';
    out += c;
  }
  return unquoted(out);
}

std::string zsh_command(const GrammarCommand& command) {
  std::string text = "    " + command.name + ")\n      _arguments";
  for (const GrammarOption& option : command.options) {
    if (option.positional) {
      text += " \\\n        '" +
              std::string(option.repeated   ? "*"
                          : option.required ? ""
                                            : ":") +
              zsh_values(option) + "'";
      continue;
    }
    for (const std::string& name : option.names) {
      text +=
          " \\\n        '" + name + "[" + zsh_text(option.about) + "]" + zsh_values(option) + "'";
    }
  }
  return text + "\n      ;;\n";
}

std::string fish_option(const std::string& when, const GrammarOption& option) {
  std::string text = "complete -c triggerd -n '" + when + "'";
  for (const std::string& name : option.names) {
    text += name.starts_with("--") ? " -l " + name.substr(2) : " -s " + name.substr(1);
  }
  switch (option.value) {
    case ValueOf::nothing:
      break;
    case ValueOf::file:
      text += " -r -F";
      break;
    case ValueOf::folder:
      text += " -x -a '(__fish_complete_directories)'";
      break;
    case ValueOf::choice:
      text += " -x -a '" + joined(option.choices) + "'";
      break;
    case ValueOf::text:
      text += " -x";
      break;
  }
  std::string about;
  for (const char c : option.about)
    about += c == '\'' || c == '\\' ? std::string("\\") + c : std::string(1, c);
  return text + " -d '" + about + "'\n";
}

std::string fish_positional(const std::string& when, const GrammarOption& option) {
  const std::string start = "complete -c triggerd -n '" + when + "'";
  if (option.value == ValueOf::file) return start + " -F\n";
  if (option.value == ValueOf::choice) return start + " -a '" + joined(option.choices) + "'\n";
  return "";
}

}  // namespace

std::string bash_completion(const std::vector<GrammarCommand>& grammar) {
  std::string text =
      "# bash completion of triggerd, written by `triggerd completion bash`\n"
      "_triggerd() {\n"
      "  local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD - 1]}\n"
      "  local command='' words='' values='' files='' i\n"
      "  for ((i = 1; i < COMP_CWORD; ++i)); do\n"
      "    case ${COMP_WORDS[i]} in\n"
      "      -*) ;;\n"
      "      *) command=${COMP_WORDS[i]}; break ;;\n"
      "    esac\n"
      "  done\n"
      "  case $command in\n";
  GrammarCommand top = grammar.front();
  GrammarOption commands;
  commands.positional = true;
  commands.value = ValueOf::choice;
  commands.choices = command_names(grammar);
  top.options.insert(top.options.begin(), commands);
  text += bash_command(top);
  for (std::size_t i = 1; i < grammar.size(); ++i) text += bash_command(grammar[i]);
  return text +
         "  esac\n"
         "  if [ -n \"$values\" ]; then\n"
         "    eval \"COMPREPLY=(\\$(compgen $values -- \\\"\\$cur\\\"))\"\n"
         "  else\n"
         "    COMPREPLY=($(compgen $files -W \"$words\" -- \"$cur\"))\n"
         "  fi\n"
         "}\n"
         "complete -o filenames -F _triggerd triggerd\n";
}

std::string zsh_completion(const std::vector<GrammarCommand>& grammar) {
  std::string text =
      "#compdef triggerd\n"
      "# zsh completion of triggerd, written by `triggerd completion zsh`\n"
      "local -a commands\n"
      "commands=(\n";
  for (std::size_t i = 1; i < grammar.size(); ++i) {
    text += "  '" + grammar[i].name + ":" + unquoted(grammar[i].about) + "'\n";
  }
  text += ")\nif (( CURRENT == 2 )); then\n  _describe command commands\n  _arguments";
  for (const GrammarOption& option : grammar.front().options) {
    for (const std::string& name : option.names) {
      text += " '" + name + "[" + zsh_text(option.about) + "]'";
    }
  }
  text +=
      "\nelse\n  local command=$words[2]\n  shift words\n  (( CURRENT-- ))\n  case $command in\n";
  for (std::size_t i = 1; i < grammar.size(); ++i) text += zsh_command(grammar[i]);
  return text + "  esac\nfi\n";
}

std::string fish_completion(const std::vector<GrammarCommand>& grammar) {
  std::string text =
      "# fish completion of triggerd, written by `triggerd completion fish`\n"
      "complete -c triggerd -f\n";
  for (const GrammarOption& option : grammar.front().options) {
    text += fish_option("__fish_use_subcommand", option);
  }
  for (std::size_t i = 1; i < grammar.size(); ++i) {
    const GrammarCommand& command = grammar[i];
    text += "complete -c triggerd -n __fish_use_subcommand -a " + command.name + " -d '" +
            unquoted(command.about) + "'\n";
    const std::string when = "__fish_seen_subcommand_from " + command.name;
    for (const GrammarOption& option : command.options) {
      text += option.positional ? fish_positional(when, option) : fish_option(when, option);
    }
  }
  return text;
}

int command_completion(const CommandOptions& options) {
  const std::unique_ptr<CommandApp> whole = make_command_app();
  const std::vector<GrammarCommand> grammar = read_grammar(whole->app);
  std::cout << (options.verb == "bash"  ? bash_completion(grammar)
                : options.verb == "zsh" ? zsh_completion(grammar)
                                        : fish_completion(grammar));
  return kExitOk;
}

}  // namespace triggerd
