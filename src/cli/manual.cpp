// man: the manual page triggerd(1), written from the grammar of the command line.
#include <iostream>

#include "cli/command_app.h"

namespace triggerd {

namespace {

// A text that roff prints as it is.
std::string plain(const std::string& text) {
  std::string out;
  for (const char c : text) {
    if (c == '\\') {
      out += "\\e";
    } else if (c == '-') {
      out += "\\-";
    } else if (c == '`') {
      out += "\\(ga";
    } else {
      out += c;
    }
  }
  return out;
}

// As a line of its own: one that begins with a dot or quote would be a request.
std::string line(const std::string& text) {
  const bool request = !text.empty() && (text.front() == '.' || text.front() == '\'');
  return (request ? "\\&" : "") + plain(text) + "\n";
}

std::string bold(const std::string& text) { return "\\fB" + plain(text) + "\\fR"; }
std::string slanted(const std::string& text) { return "\\fI" + plain(text) + "\\fR"; }

std::string usage(const GrammarCommand& command) {
  std::string text = bold("triggerd " + command.name);
  for (const GrammarOption& option : command.options) {
    if (!option.positional) continue;
    std::string name = slanted(option.placeholder) + (option.repeated ? "..." : "");
    text += option.required ? " " + name : " [" + name + "]";
  }
  return text + " [" + slanted("options") + "]\n";
}

std::string describe(const GrammarOption& option) {
  std::string text = ".TP\n";
  if (option.positional) {
    text += slanted(option.placeholder);
  } else {
    for (std::size_t i = 0; i < option.names.size(); ++i) {
      text += (i == 0 ? "" : ", ") + bold(option.names[i]);
    }
    if (option.value != ValueOf::nothing) text += " " + slanted(option.placeholder);
  }
  text += "\n" + line(option.about);
  // Most descriptions name them.
  if (option.choices.empty() || option.about.find(option.choices.front()) != std::string::npos) {
    return text;
  }
  std::string choices;
  for (const std::string& choice : option.choices) {
    choices += (choices.empty() ? "One of " : ", ") + choice;
  }
  return text + line(choices + ".");
}

constexpr const char* kMore = R"roff(.SH FILES
.TP
.I triggers.yaml
The configuration, in the folder the program is started in unless
.B \-\-config
names another file.
.TP
.I state/
The state, as
.B engine.state
says: the database
.I triggerd.db
with its log, the lock, and the socket that commands go through.
.SH ENVIRONMENT
.TP
.B NO_COLOR
No colour on the terminal.
.TP
.B NOTIFY_SOCKET, WATCHDOG_USEC, WATCHDOG_PID
Set by systemd: it is told that the daemon is ready, and that its loop turns.
.TP
Others
Whatever
.B ${env:NAME}
in the configuration names.
.SH SIGNALS
SIGTERM and SIGINT stop the daemon once what is in flight has ended, a second one at once.
SIGHUP loads the configuration again.
.SH SEE ALSO
.BR sqlite3 (1),
.BR systemctl (1)
)roff";

}  // namespace

std::string manual_page(const std::vector<GrammarCommand>& grammar, const std::string& footer) {
  std::string page =
      ".\\\" Written by `triggerd man` from the program's own grammar.\n"
      ".TH TRIGGERD 1 \"\" \"triggerd " TRIGGERD_VERSION "\" \"User Commands\"\n.SH NAME\n";
  page += "triggerd \\- polls APIs, finds new, changed and removed records, acts on them\n";
  page += ".SH SYNOPSIS\n" + bold("triggerd") + " " + slanted("COMMAND") + " [" +
          slanted("options") + "]\n";
  page += ".SH OPTIONS\n";
  for (const GrammarOption& option : grammar.front().options) page += describe(option);
  page += ".SH COMMANDS\n";
  for (std::size_t i = 1; i < grammar.size(); ++i) {
    const GrammarCommand& command = grammar[i];
    page += ".SS " + plain(command.name) + "\n" + usage(command) + ".PP\n" + line(command.about);
    for (const GrammarOption& option : command.options) page += describe(option);
  }
  page += ".SH EXIT STATUS\n" + line(footer);
  return page + kMore;
}

int command_man(const CommandOptions&) {
  const std::unique_ptr<CommandApp> whole = make_command_app();
  std::string footer = whole->app.get_footer();
  for (char& c : footer) c = c == '\n' ? ' ' : c;
  std::cout << manual_page(read_grammar(whole->app), footer);
  return kExitOk;
}

}  // namespace triggerd
