// The other side of ControlServer: one request to the running daemon, one answer. Called by the
// commands of cli/, which have no loop, so it waits, at most until the deadline.
#pragma once

#include <chrono>
#include <string>
#include <string_view>

#include "triggerd/result.h"

namespace triggerd {

// The answer without its line end. The failure is a sentence for a user.
Result<std::string, std::string> control_call(const std::string& path,
                                              std::string_view request_line,
                                              std::chrono::milliseconds deadline);

// Whether a daemon listens there.
bool control_reachable(const std::string& path);

}  // namespace triggerd
