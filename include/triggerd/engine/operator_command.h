// What an operator may change: pause, resume, rebaseline, backfill, dead and held runs. Works on
// the database alone, so that the command line does the same beside a running daemon (which then
// looks again at what was touched) and without one (under the owner's lock). Called by engine/ and
// cli/.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "triggerd/config/config.h"
#include "triggerd/store/database.h"

namespace triggerd {

struct OperatorAnswer {
  bool ok = true;
  std::string message;               // a sentence for the terminal
  std::vector<std::string> touched;  // triggers whose streams changed
  bool wake_dispatch = false;        // runs became due
  bool erased = false;               // what was deleted must not stay in the log of the database
  nlohmann::json more = nullptr;     // of replay: how the next part is asked for
};

// Commands: pause {trigger, reason}, resume {trigger}, rebaseline {trigger}, backfill {trigger,
// limit}, dead-retry {selector, current}, dead-drop {selector}, held-release {selector}, held-drop
// {selector}, replay {trigger, event, since, after, until}, forget {record, trigger}.
OperatorAnswer run_operator_command(Database& database, const Config& config,
                                    const nlohmann::json& command, WallTime now);

// {"ok": bool, "message": ...}, and what else an answer has.
nlohmann::json answer_json(const OperatorAnswer& answer);

}  // namespace triggerd
