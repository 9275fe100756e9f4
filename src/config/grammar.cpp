#include "config/grammar.h"

#include "config/grammar_parts.h"
#include "triggerd/check.h"

namespace triggerd {
namespace {

Rules root_rules() {
  return {
      {.name = "version",
       .type = KeyType::integer,
       .about = "Version of this language: 1",
       .required = true,
       .minimum = 1,
       .maximum = 1},
      {.name = "engine",
       .type = KeyType::section,
       .about = "Settings of the program",
       .section = SectionKind::engine},
      {.name = "accounts",
       .type = KeyType::named_sections,
       .about = "Credentials at the apps, by the names that triggers use",
       .section = SectionKind::account},
      {.name = "accounts_from",
       .type = KeyType::section,
       .about = "An agency whose locations become accounts by themselves",
       .section = SectionKind::follow},
      {.name = "defaults",
       .type = KeyType::section,
       .about = "What holds for each trigger that says nothing else",
       .section = SectionKind::defaults},
      {.name = "triggers",
       .type = KeyType::named_sections,
       .about = "What to poll, what counts, what to do",
       .section = SectionKind::trigger},
      {.name = "reconcile",
       .type = KeyType::named_sections,
       .about = "Daily comparison of two lists",
       .available = false,
       .section = SectionKind::reconcile},
  };
}

Rules engine_rules() {
  return {
      {.name = "state",
       .type = KeyType::text,
       .about = "Directory of the database, tokens and lock (default ./state)"},
      {.name = "metrics",
       .type = KeyType::text,
       .about = "ADDRESS:PORT, or a port of this machine alone, of /metrics, /healthz and /readyz; "
                "off when absent"},
      {.name = "retention",
       .type = KeyType::section,
       .about = "How long finished runs are kept",
       .section = SectionKind::retention},
      {.name = "allow_plain_secrets",
       .type = KeyType::boolean,
       .about = "Accept secrets that stand in this file as they are (default false)"},
      {.name = "outbox_max",
       .type = KeyType::integer,
       .about = "Waiting runs above which polling pauses (default 100000)",
       .minimum = 100,
       .maximum = 10'000'000},
  };
}

Rules retention_rules() {
  return {
      {.name = "events",
       .type = KeyType::duration,
       .about = "Finished events and their runs (default 30d)",
       .minimum = kHour,
       .maximum = 3650 * kDay},
      {.name = "bodies",
       .type = KeyType::duration,
       .about = "Record contents of finished events (default 7d)",
       .minimum = kHour,
       .maximum = 3650 * kDay},
  };
}

Rules account_rules() {
  return {
      {.name = "connector",
       .type = KeyType::text,
       .about = "The app, by its connector's name",
       .required = true},
      {.name = "auth",
       .type = KeyType::open_map,
       .about = "Credentials: \"${env:NAME}\" or \"${file:/path}\""},
      {.name = "labels",
       .type = KeyType::open_map,
       .about = "Free texts about the account, in expressions as .account.labels"},
  };
}

Rules defaults_rules() {
  return {
      interval_rule("Interval of triggers that name none (5m)"),
      {.name = "account", .type = KeyType::text, .about = "Account of triggers that name none"},
      retry_rule(),
      timeout_rule(),
  };
}

Rules make_rules(SectionKind kind) {
  switch (kind) {
    case SectionKind::root:
      return root_rules();
    case SectionKind::engine:
      return engine_rules();
    case SectionKind::retention:
      return retention_rules();
    case SectionKind::account:
      return account_rules();
    case SectionKind::defaults:
      return defaults_rules();
    case SectionKind::trigger:
      return trigger_rules();
    case SectionKind::transition:
      return transition_rules();
    case SectionKind::step:
      return step_rules();
    case SectionKind::retry:
      return retry_rules();
    case SectionKind::confirm:
      return confirm_rules();
    case SectionKind::link:
      return link_rules();
    case SectionKind::oauth:
      return oauth_rules();
    case SectionKind::follow:
      return follow_rules();
    case SectionKind::agency:
      return agency_rules();
    case SectionKind::reconcile:
      return reconcile_rules();
    case SectionKind::reconcile_side:
      return reconcile_side_rules();
    case SectionKind::reconcile_do:
      return reconcile_do_rules();
    case SectionKind::webhook:
      return webhook_rules();
    case SectionKind::exec:
      return exec_rules();
    case SectionKind::file:
      return file_rules();
    case SectionKind::log:
      return log_rules();
  }
  return {};
}

}  // namespace

const std::vector<KeyRule>& rules_of(SectionKind kind) {
  static const std::vector<Rules> kAll = [] {
    std::vector<Rules> all;
    for (int i = 0; i <= static_cast<int>(SectionKind::log); ++i) {
      all.push_back(make_rules(static_cast<SectionKind>(i)));
    }
    return all;
  }();
  const auto index = static_cast<std::size_t>(kind);
  TRIGGERD_CHECK(index < kAll.size());
  return kAll[index];
}

const std::vector<BuiltInAction>& built_in_actions() {
  static const std::vector<BuiltInAction> kActions = {{"webhook", SectionKind::webhook},
                                                      {"exec", SectionKind::exec},
                                                      {"file", SectionKind::file},
                                                      {"log", SectionKind::log}};
  return kActions;
}

const BuiltInAction* find_built_in(const std::string& action) {
  for (const BuiltInAction& built_in : built_in_actions()) {
    if (built_in.name == action) return &built_in;
  }
  return nullptr;
}

}  // namespace triggerd
