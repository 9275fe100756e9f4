// triggers: of the grammar, with what stands below it, and the rules that `defaults` shares with
// it.
#include "config/grammar_parts.h"
#include "triggerd/config/config.h"

namespace triggerd {

KeyRule interval_rule(std::string about) {
  return {.name = "every",
          .type = KeyType::duration,
          .about = std::move(about),
          .minimum = kIntervalMin.count(),
          .maximum = kIntervalMax.count()};
}

KeyRule retry_rule() {
  return {.name = "retry",
          .type = KeyType::section,
          .about = "How often and how fast a failed step is tried again (default: for 72 hours)",
          .section = SectionKind::retry};
}

KeyRule timeout_rule() {
  return {.name = "timeout",
          .type = KeyType::duration,
          .about = "How long one attempt may last (default 30s)",
          .minimum = kSecond,
          .maximum = kHour};
}

namespace {

void add_detection_rules(Rules& rules) {
  const Rules more = {
      {.name = "detect",
       .type = KeyType::choices,
       .about = "Kinds of detections that count (default new and changed)",
       .choices = {"new", "changed", "removed"}},
      {.name = "watch",
       .type = KeyType::pointers,
       .about = "Fields whose change counts, as /name (default: all but volatile ones)"},
      {.name = "ignore", .type = KeyType::pointers, .about = "Fields left out of the comparison"},
      {.name = "transition",
       .type = KeyType::section,
       .about = "Fire only when one field goes from one value to another",
       .section = SectionKind::transition},
      {.name = "when",
       .type = KeyType::expression,
       .about = "jq; anything but false or null lets the event pass"},
      {.name = "remember",
       .type = KeyType::choice,
       .about = "How much of a record's last version is kept (default fields)",
       .choices = {"fingerprint", "fields", "record"}},
      {.name = "start",
       .type = KeyType::choice,
       .about = "What the first poll does: baseline (silent, default) or backfill",
       .choices = {"baseline", "backfill"}},
      {.name = "limit",
       .type = KeyType::integer,
       .about = "Most records that a backfill fires",
       .minimum = 1,
       .maximum = 1'000'000'000},
      {.name = "hold_above",
       .type = KeyType::integer,
       .about = "More events than this in one cycle are held and wait for release",
       .minimum = 1,
       .maximum = 1'000'000'000},
  };
  rules.insert(rules.end(), more.begin(), more.end());
}

}  // namespace

Rules trigger_rules() {
  Rules rules = {
      {.name = "poll",
       .type = KeyType::text,
       .about = "The read operation: connector.operation",
       .required = true},
      {.name = "account", .type = KeyType::text, .about = "The account that is polled"},
      {.name = "accounts",
       .type = KeyType::texts,
       .about = "Several accounts, or `all` that fit the operation"},
      {.name = "accounts_from",
       .type = KeyType::section,
       .about = "All accounts that an agency's app lists, also those that join later",
       .section = SectionKind::agency},
      {.name = "labels",
       .type = KeyType::open_map,
       .about = "Of `accounts: all` and `accounts_from`: only those with these labels"},
      interval_rule("How often to poll: 1m to 15m"),
      {.name = "params", .type = KeyType::open_map, .about = "Parameters of the operation"},
      {.name = "for_each",
       .type = KeyType::open_map,
       .about = "Parameter: list of values, or the trigger whose records give them"},
  };
  add_detection_rules(rules);
  const Rules more = {
      {.name = "priority",
       .type = KeyType::choice,
       .about = "Who waits when an account's budget is short (default normal)",
       .choices = {"low", "normal", "high"}},
      {.name = "ordering",
       .type = KeyType::choice,
       .about = "record (default): runs of one record one after the other",
       .choices = {"record", "none"}},
      {.name = "formerly",
       .type = KeyType::text,
       .about = "The id that this trigger had before: renames it without a reset"},
      {.name = "on_change",
       .type = KeyType::choice,
       .about = "What an edit of poll, account, params or for_each does to the cursor",
       .choices = {"keep", "rebaseline"}},
      {.name = "echo",
       .type = KeyType::choice,
       .about = "Whether what our own steps wrote fires when a poll shows it (default suppress)",
       .choices = {"suppress", "fire"}},
      {.name = "enabled", .type = KeyType::boolean, .about = "false: not polled (default true)"},
      {.name = "do",
       .type = KeyType::section_list,
       .about = "The steps of each event, in order",
       .section = SectionKind::step},
  };
  rules.insert(rules.end(), more.begin(), more.end());
  return rules;
}

Rules transition_rules() {
  return {
      {.name = "field", .type = KeyType::pointer, .about = "The field, as /name", .required = true},
      {.name = "from", .type = KeyType::any, .about = "Its value before (default: any)"},
      {.name = "to", .type = KeyType::any, .about = "Its value now (default: any)"},
  };
}

Rules step_rules() {
  return {
      {.name = "id",
       .type = KeyType::text,
       .about = "Name of the step; its answer is .steps.<id> (default: the action's name)"},
      {.name = "action",
       .type = KeyType::text,
       .about = "webhook, exec, file, log or an operation: connector.operation"},
      {.name = "account",
       .type = KeyType::text,
       .about = "Account of the operation (default: the trigger's)"},
      {.name = "with", .type = KeyType::open_map, .about = "Parameters of the action"},
      {.name = "when", .type = KeyType::expression, .about = "jq; false or null skips the step"},
      {.name = "each",
       .type = KeyType::expression,
       .about = "jq that gives a list; the step runs once per value, as .each"},
      retry_rule(),
      {.name = "on_error",
       .type = KeyType::choice,
       .about = "What a dead step does to the steps behind it (default stop)",
       .choices = {"stop", "continue"}},
      timeout_rule(),
      {.name = "success_when",
       .type = KeyType::expression,
       .about = "jq over the answer; false or null makes the attempt a failure"},
      {.name = "confirm",
       .type = KeyType::section,
       .about = "Ask the app before an attempt is repeated that may have been carried out",
       .section = SectionKind::confirm},
      {.name = "link",
       .type = KeyType::section,
       .about = "In place of an action: keep, find or forget a pair of ids of two apps",
       .section = SectionKind::link},
  };
}

Rules retry_rules() {
  return {
      {.name = "attempts",
       .type = KeyType::integer,
       .about = "Most attempts (default: as many as fit in 72 hours)",
       .minimum = 1,
       .maximum = 1000},
      {.name = "min",
       .type = KeyType::duration,
       .about = "First wait (default 5s)",
       .minimum = kSecond,
       .maximum = kDay},
      {.name = "max",
       .type = KeyType::duration,
       .about = "Longest wait (default 6h)",
       .minimum = kSecond,
       .maximum = kDay},
      {.name = "when_unsure",
       .type = KeyType::choice,
       .about = "A write that does harm twice, has no `confirm` and may have been carried out: "
                "stop in the dead letters (default), or repeat",
       .choices = {"stop", "repeat"}},
  };
}

Rules confirm_rules() {
  return {
      {.name = "read",
       .type = KeyType::text,
       .about = "The read operation that is asked: connector.operation",
       .required = true},
      {.name = "account",
       .type = KeyType::text,
       .about = "Its account (default: that of the step)"},
      {.name = "with", .type = KeyType::open_map, .about = "Its parameters, with expressions"},
      {.name = "when",
       .type = KeyType::expression,
       .about = "jq over .answer, .sent and the event; false or null: it was not carried out",
       .required = true},
      {.name = "wait",
       .type = KeyType::duration,
       .about = "From the attempt's end to the question (default 10s)",
       .minimum = 0,
       .maximum = kHour},
  };
}

Rules link_rules() {
  return {
      {.name = "save",
       .type = KeyType::text,
       .about = "Name of the links; keeps the pair of `left` and `right`"},
      {.name = "find",
       .type = KeyType::text,
       .about = "Name of the links; .steps.<id>.found is the other side of `left` or `right`"},
      {.name = "forget",
       .type = KeyType::text,
       .about = "Name of the links; takes the pair with `left` or `right` away"},
      {.name = "left", .type = KeyType::text, .about = "Id in the first app, with expressions"},
      {.name = "right", .type = KeyType::text, .about = "Id in the second app, with expressions"},
      {.name = "replace",
       .type = KeyType::boolean,
       .about = "true: a saved pair takes the place of pairs that either side stood in"},
  };
}

}  // namespace triggerd
