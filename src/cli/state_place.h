// Where the state lies that a command looks at, without a configuration that loads: --state, else
// engine.state as far as the file can be read, since a broken file must not hide a healthy daemon.
// Used by the listings and the operator's commands.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "cli/command_line.h"
#include "triggerd/store/database.h"

namespace triggerd {

struct StatePlace {
  std::string directory;
  std::vector<std::string> triggers;  // as the file names them; empty when it was not read
};

// Nothing when neither the command line nor the file says where; `failed` is then the exit code and
// the reason has been told.
std::optional<StatePlace> find_state(const CommandOptions& options, int& failed);

// Opened for reading. Nothing when there is none yet, which has been told, with where else there is
// one.
std::optional<Database> read_state(const CommandOptions& options, const StatePlace& place,
                                   int& failed);

// What `engine.state` of a file says, also when the rest of the file is broken; empty when it is
// not found. Exposed for its test.
std::string state_of_text(const std::string& file, const std::string& text,
                          std::vector<std::string>& triggers, bool& sound);

// Names that a command may be given: the state's triggers (removed ones included where asked) and
// those of the file.
std::vector<std::string> known_triggers(Database* database, const StatePlace& place,
                                        bool removed_too);

}  // namespace triggerd
