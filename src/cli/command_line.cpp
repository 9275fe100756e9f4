#include "cli/command_line.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <functional>
#include <string_view>

#include "cli/command_app.h"
#include "cli/outcome.h"
#include "triggerd/store/database.h"

namespace triggerd {

namespace {

constexpr const char* kFooter =
    "Exit codes: 0 fine, 1 failed, 2 wrong command line, 3 problems in the configuration,\n"
    "4 the state cannot be used, 5 (once) a poll failed or a step waits for its retry.";

using Action = std::function<int()>;

void add_common(CLI::App& command, CommandOptions& options) {
  command.add_option("-c,--config", options.config, "configuration file (triggers.yaml)");
  command.add_option("--connectors", options.connectors,
                     "directory of connector files that replace or add to the built-in ones");
  command.add_option("--state", options.state, "state directory, instead of engine.state");
}

void add_sandbox(CLI::App& command, CommandOptions& options) {
  auto* sandbox = command.add_option(
      "--sandbox", options.sandbox,
      "URL of a triggerd-sandbox on this machine: every account, webhook and app goes there");
  command.add_option("--speed", options.speed, "let time pass this much faster (with --sandbox)")
      ->needs(sandbox)
      ->check(CLI::Range(1.0, 10'000.0));
}

void add_logging(CLI::App& command, CommandOptions& options) {
  command.add_option("--log-format", options.log_format, "text or json")
      ->check(CLI::IsMember({"text", "json"}));
  command.add_option("--log-level", options.log_level, "debug, info, warning or error")
      ->check(CLI::IsMember({"debug", "info", "warning", "error"}));
}

void add_limit(CLI::App& command, CommandOptions& options, const std::string& what) {
  command.add_option("--limit", options.limit, what)
      ->check(CLI::Validator(
          [](std::string& text) {
            const bool number = text.find_first_not_of("0123456789") == std::string::npos;
            return number && text.find_first_not_of('0') != std::string::npos
                       ? std::string()
                       : "`" + text + "` is no count of 1 or more";
          },
          "COUNT"));
}

// Where a sandbox's state lies beside the real one.
void add_sandbox_state(CLI::App& command, CommandOptions& options) {
  command.add_option("--sandbox", options.sandbox,
                     "look at the state that `run --sandbox URL` writes (engine.state + -sandbox)");
}

void add_json(CLI::App& command, CommandOptions& options) {
  command.add_flag("--json", options.json, "print JSON");
}

void add_running(CLI::App& app, CommandOptions& options, Action& action) {
  auto* run = app.add_subcommand("run", "the daemon, in the foreground");
  add_common(*run, options);
  add_sandbox(*run, options);
  add_logging(*run, options);
  run->callback([&] { action = [&] { return command_run(options); }; });

  auto* once = app.add_subcommand("once", "one cycle of each trigger, send what is due, exit");
  once->add_option("trigger", options.triggers, "only these triggers");
  add_common(*once, options);
  add_sandbox(*once, options);
  add_logging(*once, options);
  once->callback([&] { action = [&] { return command_once(options); }; });

  auto* check = app.add_subcommand("check", "check the configuration and price its requests");
  check->add_flag("--online", options.online, "also ask each account's app one harmless question");
  add_common(*check, options);
  add_sandbox(*check, options);
  add_json(*check, options);
  check->callback([&] { action = [&] { return command_check(options); }; });

  auto* test = app.add_subcommand(
      "test", "one real poll on a copy of the state: what would fire; acts on nothing");
  test->add_option("trigger", options.trigger, "the trigger")->required();
  add_common(*test, options);
  add_sandbox(*test, options);
  add_json(*test, options);
  test->callback([&] { action = [&] { return command_test(options); }; });
}

void add_listings(CLI::App& app, CommandOptions& options, Action& action) {
  auto* status =
      app.add_subcommand("status", "one line a stream: state, last, next, counts, error");
  status->add_option("trigger", options.trigger, "only this trigger");
  add_limit(*status, options, "at most so many lines; streams that fail come first");
  status->add_flag("--totals", options.totals, "one line a trigger: what it found and delivered");
  status
      ->add_flag("--budget", options.budget,
                 "one line an account: requests used and left, how long it must wait and why")
      ->excludes("--totals");
  status->add_flag("--watch", options.watch, "again every 2 seconds, until a key or Ctrl-C");
  add_common(*status, options);
  add_sandbox_state(*status, options);
  add_json(*status, options);
  status->callback([&] { action = [&] { return command_status(options); }; });

  auto* events =
      app.add_subcommand("events", "what fired; with an event's id: its runs and attempts");
  events->add_option("trigger", options.trigger, "a trigger, or an event's id (evt_...)");
  events->add_flag("-f,--follow", options.follow, "go on as events arrive");
  add_limit(*events, options, "at most so many events");
  add_common(*events, options);
  add_sandbox_state(*events, options);
  add_json(*events, options);
  events->callback([&] { action = [&] { return command_events(options); }; });

  auto* why = app.add_subcommand("why", "each verdict on a record, and what became of it");
  why->add_option("trigger", options.trigger, "the trigger")->required();
  why->add_option("record", options.id, "the record's id")->required();
  add_common(*why, options);
  add_sandbox_state(*why, options);
  add_json(*why, options);
  why->callback([&] { action = [&] { return command_why(options); }; });

  auto* links = app.add_subcommand("links", "pairs of ids that `link` steps keep");
  links->add_option("name", options.selector, "only links of this name");
  links->add_option("--id", options.id, "only the pairs with this id on either side");
  add_limit(*links, options, "at most so many lines");
  add_common(*links, options);
  add_sandbox_state(*links, options);
  add_json(*links, options);
  links->callback([&] { action = [&] { return command_links(options); }; });

  const auto add_verbs = [&](const char* name, const char* what, std::vector<std::string> verbs,
                             int (*command)(const CommandOptions&)) {
    auto* listing = app.add_subcommand(name, what);
    listing->add_option("verb", options.verb, "list (default) or what to do")
        ->check(CLI::IsMember(verbs));
    listing->add_option("selector", options.selector, "an event's id, a trigger, or `all`");
    if (std::string(name) == "dead") {
      listing->add_flag("--current", options.current, "retry with today's steps");
    }
    add_limit(*listing, options, "at most so many lines");
    add_common(*listing, options);
    add_sandbox_state(*listing, options);
    add_json(*listing, options);
    listing->callback([&options, &action, command] {
      action = [&options, command] { return command(options); };
    });
  };
  add_verbs("dead", "dead letters: list, retry, drop", {"list", "retry", "drop"}, command_dead);
  add_verbs("held", "held events: list, release, drop", {"list", "release", "drop"}, command_held);
}

void add_operations(CLI::App& app, CommandOptions& options, Action& action) {
  const auto add = [&](const char* name, const char* what) {
    auto* command = app.add_subcommand(name, what);
    command->add_option("trigger", options.trigger, "the trigger")->required();
    if (std::string(name) == "pause") command->add_option("--reason", options.reason, "why");
    add_common(*command, options);
    add_sandbox_state(*command, options);
    add_json(*command, options);
    command->callback([&options, &action, name = std::string(name)] {
      action = [&options, name] { return command_operate(options, name); };
    });
  };
  add("pause", "stop polling a trigger; its cursor stays");
  add("resume", "poll a paused trigger again, from its cursor");
  add("rebaseline", "forget what is known: the next poll takes every record as known, silently");
  add("backfill", "forget what is known: the next poll makes an event of every record");
}

void add_records(CLI::App& app, CommandOptions& options, Action& action) {
  auto* replay = app.add_subcommand(
      "replay", "fire finished events once more: new runs of today's steps, with new keys");
  replay->add_option("trigger", options.trigger, "the trigger")->required();
  auto* event = replay->add_option("--event", options.event, "this event alone (evt_...)");
  replay->add_option("--since", options.since, "those detected since (2026-03-01T09:30:00Z, or 2h)")
      ->excludes(event);
  add_common(*replay, options);
  add_sandbox_state(*replay, options);
  add_json(*replay, options);
  replay->callback([&] { action = [&] { return command_replay(options); }; });

  auto* forget = app.add_subcommand(
      "forget", "delete what is kept of a record; it does not fire again for it");
  forget->add_option("record", options.record, "the record's id")->required();
  forget->add_option("trigger", options.selector, "the trigger that knows it, or `all`");
  add_common(*forget, options);
  add_sandbox_state(*forget, options);
  add_json(*forget, options);
  forget->callback([&] { action = [&] { return command_forget(options); }; });
}

void add_copies(CLI::App& app, CommandOptions& options, Action& action) {
  auto* backup =
      app.add_subcommand("backup", "copy the state into a file, beside a running daemon");
  backup->add_option("file", options.output, "the copy")->required();
  backup->add_flag("--force", options.force, "replace a file that exists");
  add_common(*backup, options);
  add_sandbox_state(*backup, options);
  add_json(*backup, options);
  backup->callback([&] { action = [&] { return command_backup(options); }; });

  auto* restore = app.add_subcommand("restore", "put a copy in the place of the state");
  restore->add_option("file", options.output, "a file that `triggerd backup` made")->required();
  add_common(*restore, options);
  add_sandbox_state(*restore, options);
  add_json(*restore, options);
  restore->callback([&] { action = [&] { return command_restore(options); }; });
}

void add_others(CLI::App& app, CommandOptions& options, Action& action) {
  auto* catalog = app.add_subcommand("catalog", "all operations; one with parameters and scopes");
  catalog->add_option("name", options.trigger, "an operation or a connector");
  catalog->add_option("--connectors", options.connectors, "directory of further connector files");
  add_json(*catalog, options);
  catalog->callback([&] { action = [&] { return command_catalog(options); }; });

  auto* init = app.add_subcommand("init", "write a starter triggers.yaml");
  init->add_option("file", options.output, "where to (triggers.yaml)");
  init->add_option(
      "--recipe", options.id,
      "a flow between two apps, by name (`--recipe list` shows them), instead of the starter");
  init->add_flag("--force", options.force, "replace a file that exists");
  init->callback([&] { action = [&] { return command_init(options); }; });

  auto* schema = app.add_subcommand("schema", "the JSON Schema of triggers.yaml, for editors");
  schema->add_flag("--connector", options.of_connectors, "that of connector files instead");
  schema->add_option("--connectors", options.connectors, "directory of further connector files");
  schema->add_option("-o,--output", options.output, "write to this file");
  schema->callback([&] { action = [&] { return command_schema(options); }; });

  auto* man = app.add_subcommand("man", "the manual page, for `man -l -`");
  man->callback([&] { action = [&] { return command_man(options); }; });

  auto* completion = app.add_subcommand("completion", "what a shell completes: bash, zsh or fish");
  completion->add_option("shell", options.verb, "the shell")
      ->required()
      ->check(CLI::IsMember({"bash", "zsh", "fish"}));
  completion->callback([&] { action = [&] { return command_completion(options); }; });

  auto* doctor = app.add_subcommand("doctor", "versions, permissions, disk, clock, database");
  add_common(*doctor, options);
  add_sandbox_state(*doctor, options);
  add_json(*doctor, options);
  doctor->add_flag("--limits", options.limits, "every bound and its value");
  doctor->callback([&] { action = [&] { return command_doctor(options); }; });
}

void add_auth(CLI::App& app, CommandOptions& options, Action& action) {
  auto* auth = app.add_subcommand("auth", "accounts that sign in by OAuth: login, status");
  auth->require_subcommand(1);
  auto* login = auth->add_subcommand("login", "sign an account in, in a browser");
  login->add_option("account", options.trigger, "the account")->required();
  login->add_flag("--paste", options.paste,
                  "paste what the browser was sent to, for apps that do not come back here");
  login->add_option("--port", options.port, "wait for the browser at this port of this machine")
      ->check(CLI::Range(1, 65'535));
  add_common(*login, options);
  add_sandbox(*login, options);
  add_json(*login, options);
  login->callback([&] { action = [&] { return command_auth_login(options); }; });
  auto* status = auth->add_subcommand("status", "each account: kind, state, valid until, scopes");
  status->add_option("account", options.trigger, "only this account");
  add_common(*status, options);
  add_sandbox_state(*status, options);
  add_json(*status, options);
  status->callback([&] { action = [&] { return command_auth_status(options); }; });
}

void add_connector(CLI::App& app, CommandOptions& options, Action& action) {
  auto* connector = app.add_subcommand("connector", "connector files of your own: check, try");
  connector->require_subcommand(1);
  auto* check = connector->add_subcommand("check", "check a connector file, or a folder of one");
  check->add_option("file", options.connectors, "the file")->required();
  add_json(*check, options);
  check->callback([&] { action = [&] { return command_connector_check(options); }; });
  auto* one = connector->add_subcommand(
      "try", "send one request of a read: its records, their ids, the next page's cursor");
  one->add_option("file", options.connectors, "the file")->required();
  one->add_option("operation", options.trigger, "the read")->required();
  one->add_option("--param", options.params, "NAME=VALUE: a parameter of the read");
  one->add_option("--account", options.fields,
                  "NAME=VALUE: a key or credential of the account; a secret as ${env:NAME}");
  one->add_option("--auth", options.kind, "the way to sign in, where the connector has several");
  one->add_option("--url", options.url,
                  "ask a look-alike on this machine instead of the app, such as "
                  "http://127.0.0.1:8080");
  add_json(*one, options);
  one->callback([&] { action = [&] { return command_connector_try(options); }; });
}

// The words of the line that are no options and no values of options, as far as that can be said
// without its grammar.
std::vector<std::string> plain_words(int argc, char** argv) {
  std::vector<std::string> words;
  for (int i = 1; i < argc; ++i) {
    if (argv[i][0] != '-') words.emplace_back(argv[i]);
  }
  return words;
}

std::vector<std::string> command_names(const CLI::App& app) {
  std::vector<std::string> names;
  for (const CLI::App* command : app.get_subcommands([](const CLI::App*) { return true; })) {
    names.push_back(command->get_name());
  }
  return names;
}

// CLI11 lists what it could not place from the last to the first, and knows no nearest name.
std::string refusal_of(CLI::App& app, const CLI::ParseError& error, int argc, char** argv) {
  const std::vector<std::string> words = plain_words(argc, argv);
  const std::vector<std::string> names = command_names(app);
  const std::vector<CLI::App*> chosen = app.get_subcommands();
  if (chosen.empty()) {
    if (words.empty()) return "name a command; `triggerd --help` lists them";
    if (std::find(names.begin(), names.end(), words.front()) == names.end()) {
      return "there is no command `" + words.front() + "`" + known_names(words.front(), names);
    }
  }
  if (error.get_exit_code() != static_cast<int>(CLI::ExitCodes::ExtrasError)) return error.what();
  std::vector<std::string> extras = app.remaining(true);
  std::string text = "not expected here:";
  bool file = false;
  for (const std::string& extra : extras) {
    text += " " + extra;
    file = file || extra.ends_with(".yaml") || extra.ends_with(".yml");
  }
  if (file) text += "; a configuration file is named with -c FILE";
  if (!chosen.empty()) text += "; see `triggerd " + chosen.front()->get_name() + " --help`";
  return text;
}

int refuse_line(CLI::App& app, const CLI::ParseError& error, int argc, char** argv) {
  CommandOptions shown;
  shown.json = std::any_of(argv + 1, argv + argc,
                           [](const char* word) { return std::string_view(word) == "--json"; });
  return fail(shown, kExitUsage, refusal_of(app, error, argc, argv));
}

}  // namespace

std::unique_ptr<CommandApp> make_command_app() {
  auto whole = std::make_unique<CommandApp>();
  auto& [app, options, action] = *whole;
  app.set_version_flag("--version", "triggerd " TRIGGERD_VERSION);
  app.require_subcommand(1);
  app.footer(kFooter);
  add_running(app, options, action);
  add_listings(app, options, action);
  add_operations(app, options, action);
  add_records(app, options, action);
  add_copies(app, options, action);
  add_others(app, options, action);
  add_auth(app, options, action);
  add_connector(app, options, action);
  return whole;
}

int run_command_line(int argc, char** argv) {
  const std::unique_ptr<CommandApp> whole = make_command_app();
  CLI::App& app = whole->app;
  const CommandOptions& options = whole->options;
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    if (error.get_exit_code() == static_cast<int>(CLI::ExitCodes::Success)) {
      return app.exit(error) == 0 ? kExitOk : kExitUsage;
    }
    return refuse_line(app, error, argc, argv);
  }
  try {
    return whole->action();
  } catch (const StoreFailure& failure) {
    return fail(options, kExitState, std::string("the state cannot be used: ") + failure.what());
  }
}

}  // namespace triggerd
