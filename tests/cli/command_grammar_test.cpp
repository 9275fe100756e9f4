// The manual page and the completions are written from the command line's own grammar: nothing of
// it may be missing in them.
#include <doctest/doctest.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <optional>

#include "cli/command_app.h"

using namespace triggerd;

namespace {

const std::vector<GrammarCommand>& grammar() {
  static const std::unique_ptr<CommandApp> whole = make_command_app();
  static const std::vector<GrammarCommand> read = read_grammar(whole->app);
  return read;
}

std::string without_escapes(std::string text) {
  for (std::size_t at = 0; (at = text.find("\\-", at)) != std::string::npos;) text.erase(at, 1);
  return text;
}

// The part of a text from one mark up to the next.
std::string part(const std::string& text, const std::string& from, const std::string& to) {
  const std::size_t start = text.find(from);
  if (start == std::string::npos) return {};
  const std::size_t end = text.find(to, start + from.size());
  return text.substr(start, end == std::string::npos ? end : end - start);
}

bool has(const std::string& text, const std::string& what) {
  return text.find(what) != std::string::npos;
}

// Whether a program accepts a text; nothing where there is no such program.
std::optional<bool> accepts(const std::string& program, const std::string& arguments,
                            const std::string& text) {
  const std::string file =
      (std::filesystem::temp_directory_path() / ("grammar-" + std::to_string(std::rand())))
          .string();
  std::ofstream(file) << text;
  const bool there = std::system(("command -v " + program + " >/dev/null 2>&1").c_str()) == 0;
  std::optional<bool> taken;
  const std::string said = file + ".said";
  if (there) {
    const std::string line = program + " " + arguments + " " + file + " >/dev/null 2>" + said;
    taken = std::system(line.c_str()) == 0 && std::filesystem::file_size(said) == 0;
  }
  std::filesystem::remove(file);
  std::filesystem::remove(said);
  return taken;
}

void check_accepts(const std::string& program, const std::string& arguments,
                   const std::string& text) {
  const std::optional<bool> taken = accepts(program, arguments, text);
  if (!taken) {
    MESSAGE("not run: there is no ", program, " here");
    return;
  }
  CHECK_MESSAGE(*taken, program);
}

}  // namespace

TEST_CASE("every command is in the grammar, with its options") {
  std::vector<std::string> names;
  for (const GrammarCommand& command : grammar()) names.push_back(command.name);
  for (const char* name :
       {"",        "run",     "once",   "check",      "test",     "status", "events",    "dead",
        "held",    "pause",   "resume", "rebaseline", "backfill", "replay", "forget",    "backup",
        "restore", "catalog", "init",   "schema",     "doctor",   "man",    "completion"}) {
    CAPTURE(name);
    CHECK(std::find(names.begin(), names.end(), name) != names.end());
  }
  const auto dead = std::find_if(grammar().begin(), grammar().end(),
                                 [](const GrammarCommand& one) { return one.name == "dead"; });
  REQUIRE(dead != grammar().end());
  CHECK(dead->options.front().choices == std::vector<std::string>{"list", "retry", "drop"});
}

TEST_CASE("the manual page has a section for each command and a line for each of its options") {
  const std::string page = without_escapes(manual_page(grammar(), "Exit codes: 0 fine."));
  for (std::size_t i = 1; i < grammar().size(); ++i) {
    const GrammarCommand& command = grammar()[i];
    const std::string section = part(page, "\n.SS " + command.name + "\n", "\n.S");
    CAPTURE(command.name);
    CHECK(has(section, command.about.substr(0, command.about.find('`'))));
    for (const GrammarOption& option : command.options) {
      for (const std::string& name : option.names) {
        CAPTURE(name);
        CHECK((option.positional ? has(section, option.placeholder)
                                 : has(section, "\\fB" + name + "\\fR")));
      }
    }
  }
}

TEST_CASE("each shell completes each command, each option and each choice") {
  for (std::size_t i = 1; i < grammar().size(); ++i) {
    const GrammarCommand& command = grammar()[i];
    const std::string bash =
        part(bash_completion(grammar()), "\n    " + command.name + ")\n", "\n      ;;\n");
    const std::string zsh =
        part(zsh_completion(grammar()), "\n    " + command.name + ")\n", "\n      ;;\n");
    const std::string fish = fish_completion(grammar());
    const std::string seen = "'__fish_seen_subcommand_from " + command.name + "'";
    CAPTURE(command.name);
    CHECK(has(part(bash_completion(grammar()), "    '')", ";;"), command.name));
    CHECK(has(zsh_completion(grammar()), "  '" + command.name + ":"));
    CHECK(has(fish, "__fish_use_subcommand -a " + command.name + " "));
    for (const GrammarOption& option : command.options) {
      for (const std::string& choice : option.choices) {
        CHECK(has(bash, choice));
        CHECK(has(zsh, choice));
        CHECK(has(fish, choice));
      }
      if (option.positional) continue;
      for (const std::string& name : option.names) {
        CAPTURE(name);
        CHECK(has(bash, name));
        CHECK(has(zsh, "'" + name + "["));
        const std::string as_fish =
            name.starts_with("--") ? " -l " + name.substr(2) : " -s " + name.substr(1);
        bool found = false;
        for (std::size_t at = 0; (at = fish.find(seen, at)) != std::string::npos; ++at) {
          found = found || has(fish.substr(at, fish.find('\n', at) - at) + " ", as_fish + " ");
        }
        CHECK(found);
      }
    }
  }
}

TEST_CASE("what is written is understood by what reads it") {
  check_accepts("bash", "-n", bash_completion(grammar()));
  check_accepts("zsh", "-n", zsh_completion(grammar()));
  check_accepts("fish", "-n", fish_completion(grammar()));
  check_accepts("groff", "-man -ww -Tutf8", manual_page(grammar(), "Exit codes."));
}

TEST_CASE("bash offers commands, options and the choices of an option") {
  const std::string file = std::filesystem::temp_directory_path() / "triggerd-completion-test";
  std::ofstream(file) << bash_completion(grammar());
  const auto offered = [&](const std::string& words, int at) {
    const std::string line = "bash -c 'source " + file + "; COMP_WORDS=(" + words +
                             "); COMP_CWORD=" + std::to_string(at) +
                             "; _triggerd; echo \"${COMPREPLY[*]}\"'";
    FILE* pipe = ::popen(line.c_str(), "r");
    std::string text;
    for (int c = 0; (c = std::fgetc(pipe)) != EOF;) text += static_cast<char>(c);
    ::pclose(pipe);
    return text;
  };
  CHECK(offered("triggerd rep", 1) == "replay\n");
  CHECK(offered("triggerd run --log-f", 2) == "--log-format\n");
  CHECK(offered("triggerd run --log-format \"\"", 3) == "text json\n");
  CHECK(offered("triggerd dead re", 2) == "retry\n");
  std::filesystem::remove(file);
}
