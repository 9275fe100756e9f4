// A stored request + what is read at send time (secrets, account, base URL) -> what goes out, and
// the stamp of one attempt on it. Called by dispatch/dispatcher; pure but for the secrets' sources.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "triggerd/dispatch/dispatcher.h"
#include "triggerd/result.h"
#include "triggerd/secret.h"

namespace triggerd {

struct SendPlan {
  Send send;                       // without attempt
  Secret signing;                  // of a webhook; empty: unsigned
  std::string idempotency_header;  // of an operation; empty: the app has none
  std::vector<Secret> secrets;     // those in it, to be cut from whatever comes back
  bool repeat_harms = false;       // of a write with these values
};

struct SendSources {
  const Config& config;
  const SecretSources& secrets;
  const DispatchSettings& settings;
};

// Origin of a webhook, account of an operation, program of an exec step; empty for file and log,
// which have no other side that could be slow.
std::string endpoint_of(const Step& step, const std::string& run_account);

// The failure is the reason for the dead letter: a request that can never be sent. What is only
// missing now (a secret, an account) makes a send that is not ready.
Result<SendPlan, std::string> plan_send(const nlohmann::json& request, const Step& step,
                                        const RunRow& run, const SendSources& sources);

// Puts in what differs between attempts: number, time, signature, key.
void stamp_send(SendPlan& plan, const Attempt& attempt, const RunRow& run, WallTime now);

}  // namespace triggerd
