// The operator's commands on single events and records: replay and forget. Called by
// operator_command inside its transaction.
#pragma once

#include "triggerd/engine/operator_command.h"

namespace triggerd {

// {"event": id} or {"since": ISO 8601} or neither; {"after", "until"} of the answer before. Makes a
// part of the runs; `more` asks for the next part, and is null with the last.
OperatorAnswer replay_finished(Database& database, const Trigger& trigger,
                               const nlohmann::json& command, WallTime now);

// `trigger` empty: all of them.
OperatorAnswer forget_known(Database& database, const std::string& record,
                            const std::string& trigger, WallTime now);

}  // namespace triggerd
