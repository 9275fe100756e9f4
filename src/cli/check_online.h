// check --online: asks each account's app one harmless question, to see whether its credentials are
// taken. Sends reads only; writes nothing.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "cli/command_line.h"
#include "triggerd/config/config.h"
#include "triggerd/result.h"

namespace triggerd {

struct OnlineResult {
  std::string account;
  std::string operation;  // what was asked; empty: nothing could be
  std::string result;     // ok, refused, no scope, no answer, not asked
  std::string reason;     // one line; empty for ok
};

// With --sandbox, the sandbox is asked. The failure: it does not answer at all.
Result<std::vector<OnlineResult>, std::string> check_online(const CommandOptions& options,
                                                            const Config& config);
// The read that is asked of an account: one that its triggers poll where such a one needs no
// values, else the cheapest that it may use; null when there is none.
const Operation* harmless_read(const Config& config, const Account& account);

void print_online(const std::vector<OnlineResult>& results);
nlohmann::json online_json(const std::vector<OnlineResult>& results);

}  // namespace triggerd
