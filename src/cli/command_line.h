// The command line as values: which command, with which options. Made by command_line.cpp from
// CLI11, which also writes the usage texts; one function per command carries it out. Exit codes are
// part of the contract.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace triggerd {

enum ExitCode : int {
  kExitOk = 0,
  kExitFailed = 1,         // the command could not do what was asked
  kExitUsage = 2,          // wrong command line
  kExitConfiguration = 3,  // triggers.yaml or a connector has problems
  kExitState = 4,  // the state directory cannot be used (in use, no permission, newer, damaged)
  kExitIncomplete = 5,  // once: a poll failed or a step is waiting for its retry
};

struct CommandOptions {
  std::string config = "triggers.yaml";
  std::string connectors;  // directory laid over the embedded connectors
  std::string state;       // instead of engine.state
  std::string sandbox;     // URL of a triggerd-sandbox on loopback
  double speed = 1;        // only with sandbox
  bool json = false;
  bool quiet = false;
  std::string log_format = "text";
  std::string log_level = "info";

  std::string trigger;  // positional of most commands
  std::vector<std::string> triggers;
  std::string verb = "list";  // of dead and held
  std::string selector;
  std::string id;  // of links and why; the recipe of init
  std::string reason;
  std::string output;        // init, schema, backup, restore
  std::string event, since;  // replay
  std::string record;        // forget
  std::int64_t limit = 0;
  bool follow = false;
  bool totals = false;
  bool budget = false;
  bool limits = false;
  bool watch = false;
  bool online = false;
  bool current = false;
  bool force = false;
  std::vector<std::string> params, fields;  // connector try: NAME=VALUE
  std::string kind, url;                    // connector try: of auth; instead of the app's address
  bool of_connectors = false;               // schema: of connector files
  int port = 0;                             // auth login: where to wait for the browser; 0: any
  bool paste = false;                       // auth login: the code comes by hand
};

int run_command_line(int argc, char** argv);

// One function per command, each in a file of its name.
int command_run(const CommandOptions& options);
int command_once(const CommandOptions& options);
int command_check(const CommandOptions& options);
int command_test(const CommandOptions& options);
int command_status(const CommandOptions& options);
int command_events(const CommandOptions& options);
int command_why(const CommandOptions& options);
int command_links(const CommandOptions& options);
int command_dead(const CommandOptions& options);
int command_held(const CommandOptions& options);
int command_operate(const CommandOptions& options, const std::string& name);
int command_catalog(const CommandOptions& options);
int command_init(const CommandOptions& options);
int command_schema(const CommandOptions& options);
int command_doctor(const CommandOptions& options);
int command_connector_check(const CommandOptions& options);
int command_connector_try(const CommandOptions& options);
int command_auth_login(const CommandOptions& options);
int command_auth_status(const CommandOptions& options);
int command_replay(const CommandOptions& options);
int command_forget(const CommandOptions& options);
int command_backup(const CommandOptions& options);
int command_restore(const CommandOptions& options);
int command_man(const CommandOptions& options);
int command_completion(const CommandOptions& options);

}  // namespace triggerd
