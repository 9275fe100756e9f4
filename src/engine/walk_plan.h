// Stream + configuration -> the plan and start of its next walk: parameter values, sweep or
// incremental, bounds, window, where to resume. Pure. Called by engine/poller.
#pragma once

#include "engine/stream.h"

namespace triggerd {

// Values of all parameters by name: the user's, the fan-out item's, the account's, the operation's
// defaults.
nlohmann::json param_values(const Operation& operation, const nlohmann::json& given,
                            const Account& account);

WalkPlan make_plan(const Stream& stream);
WalkStart make_start(const Stream& stream, WallTime now);

// How long after a sweep the next one is due, for operations that can ask for changes only. A large
// population is swept more rarely: the sweep may cost about as many requests as the polls between
// two of them.
Millis sweep_interval(const StreamRow& row, const Trigger& trigger);

// The request of a confirming read of one record.
// The direct read that confirms removals of this stream's records; null without one.
const Operation* confirm_operation(const Stream& stream);
Result<HttpRequest, std::string> confirm_request(const Stream& stream, const Seen& record);

}  // namespace triggerd
