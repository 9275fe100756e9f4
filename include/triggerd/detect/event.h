// Detection + the trigger's filter -> event, or the verdict why not. The event's object is what jq
// and actions see. Called by engine/ between detect_page and commit_page; pure.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

#include "triggerd/config/config.h"
#include "triggerd/detect/detect.h"
#include "triggerd/expression.h"

namespace triggerd {

enum class Verdict {
  fired,
  kind_off,       // `detect` does not name its kind
  no_transition,  // `transition` did not happen
  filtered,       // `when` gave false, null or nothing
  filter_error,   // `when` failed or gave several values: kept as held
  echo,           // a step of ours wrote what changed
};
std::string_view to_text(Verdict verdict);

struct EventPlace {
  std::string instance;  // of the database
  std::string trigger;
  std::string account;
  nlohmann::json account_view;  // {"name", "connector", keys}: no secrets
  nlohmann::json item;          // fan-out values, {} without
  nlohmann::json parent;        // {"key", "record"} of the record that the stream comes from
  std::string stream_name;      // trigger, account and item: what makes (trigger, record) unique
  WallTime now{};
};

// "evt_" + 26 letters of base32(sha256(instance, stream, key, n, fingerprint)): the same detection
// has the same id whenever it is computed. No dots (Standard Webhooks forbids them).
std::string event_id(const EventPlace& place, const Detection& detection);

// {"record", "previous", "changes": [{"field", "from", "to"}],
//  "event": {"id", "key", "kind", "n", "detected_at"}, "trigger": {"id", "operation"},
//  "account": {...}, "item": {...}, "parent": {"key", "record"}, "steps": {}}
// `from` is left out where it is not remembered, `parent` where no trigger is followed.
nlohmann::json event_object(const EventPlace& place, const Trigger& trigger,
                            const Detection& detection);

struct Decision {
  Verdict verdict = Verdict::fired;
  std::string reason;  // for filter_error: what jq said
};
Decision decide(const Trigger& trigger, const Detection& detection, const nlohmann::json& event,
                const ExpressionPool& expressions);

}  // namespace triggerd
