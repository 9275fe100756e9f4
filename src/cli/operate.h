// A command that changes the state: by a running daemon, or by us under the owner's lock. Shared by
// the commands of operate.cpp and record_commands.cpp.
#pragma once

#include <nlohmann/json.hpp>
#include <string>

#include "cli/command_line.h"
#include "cli/state_place.h"
#include "triggerd/result.h"

namespace triggerd {

// The answer; the failure says why there is none.
Result<nlohmann::json, std::string> carry_out(const CommandOptions& options,
                                              const StatePlace& place,
                                              const nlohmann::json& command);
// The same, with its message printed; an exit code.
int send_command(const CommandOptions& options, const StatePlace& place,
                 const nlohmann::json& command);

}  // namespace triggerd
