// triggers.yaml as plain values, resolved against the catalog, with the default beside each field.
// Made by config/load.cpp; never changes after load; shared by everything to the right. Expressions
// are already added to the pool of the Config and compiled.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "triggerd/catalog/catalog.h"
#include "triggerd/expression.h"
#include "triggerd/secret.h"
#include "triggerd/time.h"
#include "triggerd/yaml/problem.h"

namespace triggerd {

inline constexpr Millis kIntervalMin{60'000};
inline constexpr Millis kIntervalMax{15 * 60'000};

struct EngineSettings {
  std::string state = "./state";  // directory, 0700
  std::string metrics;            // "127.0.0.1:9464"; empty: off
  Millis retain_events{30LL * 24 * 3600 * 1000};
  Millis retain_bodies{7LL * 24 * 3600 * 1000};
  bool allow_plain_secrets = false;
  std::int64_t outbox_max = 100'000;  // waiting runs above which polling pauses (resumes at 90 %)
};

struct SignIn;

struct Account {
  std::string name;
  const Connector* connector = nullptr;
  const AuthRule* auth = nullptr;
  std::map<std::string, Secret> secrets;    // by the AuthRule's fields
  std::map<std::string, std::string> keys;  // "location_id" -> text
  std::map<std::string, std::string> labels;
  std::string base_url;  // placeholders filled
  TokenLevel level = TokenLevel::any;
  std::string pool;  // HttpRequest::pool, differs per credential
  // How it gets its tokens, and the one of this moment; null where its secrets are sent as they
  // are.
  std::shared_ptr<SignIn> sign_in;
  Place place;
};

// Keys that are the beginning of a credential (AccountKey::start_of); those that are there stay.
void fill_key_starts(Account& account);

bool has_labels(const Account& account, const std::map<std::string, std::string>& wanted);
// Whether its credentials can be used for the operation at all.
bool fits_account(const Operation& operation, const Account& account);

// Which world it shows: the connector, and what chooses the location, the company or the host.
// Credentials may change beside it. The store keeps it, so that streams are not compared with the
// records of another location.
std::string account_identity(const Account& account);

enum class DetectionKind {
  created,
  changed,
  removed
};  // "new", "changed", "removed" in YAML and tables
std::string_view to_text(DetectionKind kind);
std::optional<DetectionKind> detection_kind(std::string_view text);

enum class Remember { fingerprint, fields, record };
enum class Start { baseline, backfill };
enum class OnChange { refuse, keep, rebaseline };
enum class Priority { low, normal, high };
enum class Ordering { record, none };

// `transition: {field, from, to}`; a missing `from` or `to` stands for any value.
struct Transition {
  std::string field;  // JSON pointer
  std::optional<nlohmann::json> from, to;
};

struct Retry {
  int attempts = 0;  // 0: as many as fit in kRetryHorizon (72 h)
  Millis min{5'000};
  Millis max{6LL * 3600 * 1000};
  // Whether a write that does harm twice is repeated although it may have been carried out.
  bool when_unsure = false;
};

// The action of a step that has `link:` instead.
inline constexpr const char* kLinkAction = "link";

// `confirm:` of a step: the read that is asked before a step whose last attempt may have been
// carried out is tried again.
struct Confirm {
  std::string read;     // full name of the operation
  std::string account;  // empty: that of the event
  nlohmann::json with = nlohmann::json::object();
  std::string when;     // jq over the event with `.answer` and `.sent`
  Millis wait{10'000};  // from the attempt's end to the first question: apps show writes late
};

// One step, as written. It is kept as JSON in the database with each run (definition), so that a
// run goes on with the steps of the configuration that made its event; `${env:...}` stays
// unresolved in it.
struct Step {
  std::string id;
  // "webhook", "exec", "file", "log", an operation's full name, or "link": then `with` is the link
  std::string action;
  std::string account;  // account of an operation; empty for the built-in actions
  nlohmann::json with = nlohmann::json::object();
  std::string when, each, success_when;  // jq, empty: none
  Retry retry;
  bool continue_on_error = false;
  Millis timeout{30'000};
  std::optional<Confirm> confirm;
  Place place;
};
nlohmann::json step_to_json(const Step& step);
Step step_from_json(const nlohmann::json& definition);

// Fan-out over one parameter: fixed values, or the records of another trigger.
struct ForEach {
  std::string param;
  std::vector<nlohmann::json> values;  // fixed values; empty when `parent` is set
  std::string parent;                  // id of the parent trigger
  std::string parent_value;            // JSON pointer into the parent's record; empty: its key
};

struct Trigger {
  std::string id;
  const Operation* operation = nullptr;
  std::vector<std::string> accounts;  // names, sorted
  // Accounts that are found later are added: all that fit, or those of this agency; of them, those
  // with these labels (see found_accounts.h).
  bool all_accounts = false;
  std::string accounts_from;  // name of an agency's account; empty: none
  std::map<std::string, std::string> labels;
  Millis every{5 * 60'000};
  nlohmann::json params = nlohmann::json::object();  // as the user gave them, checked
  std::vector<ForEach> for_each;
  bool detect_new = true, detect_changed = true, detect_removed = false;
  std::vector<std::string> watch;  // JSON pointers; empty: all but the operation's volatile fields
  std::vector<std::string> ignore;
  std::optional<Transition> transition;
  std::string when_text;  // empty: every detection fires
  std::optional<ExpressionId> when;
  Remember remember = Remember::fields;
  std::vector<std::string>
      remember_pointers;  // what `fields` keeps: watch, transition, the operation's
                          // own, and what child triggers take their values from
  Start start = Start::baseline;
  std::int64_t backfill_limit = 0;  // 0: no limit
  std::int64_t hold_above = 0;      // 0: automatic
  Priority priority = Priority::normal;
  Ordering ordering = Ordering::record;
  std::string formerly;
  OnChange on_change = OnChange::refuse;
  bool suppress_echo = true;
  bool enabled = true;
  std::vector<Step> steps;
  std::string steps_hash;   // names the steps' definition in the database
  std::string source_hash;  // of operation, params, for_each names: an edit of it needs `on_change`
  std::string watch_hash;   // of watch, ignore, remember: an edit renews fingerprints silently
  Place place;

  // Whether streams come from a parent trigger's records.
  bool follows_parent() const;
};

// `accounts_from`: an account whose app lists others that it can ask tokens for.
struct FollowedAgency {
  Account sample;  // what the found ones share; its key in the app is empty
  Millis every{15 * 60'000};
};

struct Config {
  EngineSettings engine;
  std::map<std::string, Account, std::less<>> accounts;
  std::map<std::string, FollowedAgency> followed;  // by the name of the account that lists
  std::vector<Trigger> triggers;                   // in the file's order
  std::shared_ptr<const Catalog> catalog;
  std::shared_ptr<ExpressionPool> expressions;
  std::string file_hash;

  const Trigger* trigger(std::string_view id) const;
  const Account* account(std::string_view name) const;
};

}  // namespace triggerd
