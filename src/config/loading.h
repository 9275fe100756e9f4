// What the loaders of one triggers.yaml share while they fill a Config: where problems go, the
// catalog, the defaults, and every expression met, which are compiled together at the end. Lives
// for one load_config().
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "config/section.h"
#include "triggerd/config/load.h"

namespace triggerd {

// One place of the file that uses an expression.
struct ExpressionPlace {
  ExpressionId id{};
  std::string text;
  Place place;
  std::string path;
  bool cut = false;  // the source line goes on behind ` #`, which YAML took as a comment
};

// A trigger whose place in the file is still needed by the checks that see all triggers.
struct OpenTrigger {
  const YamlNode* node = nullptr;
  std::string path;
  bool params_sound = true;  // false: params have problems, so what is missing is not said as well
};

// The name of links that a step saves, finds or forgets.
struct LinkUse {
  std::string name;
  Place place;
  std::string path;
};

struct Loading {
  const YamlDocument& document;
  std::vector<Problem>& problems;
  Config& config;
  const SecretSources& sources;
  const Catalog& catalog;

  Millis default_every{Trigger{}.every};
  std::string default_account = {};
  Retry default_retry = {};
  Millis default_timeout{Step{}.timeout};
  std::set<std::string> trigger_ids = {};       // of the file, sound or not
  std::vector<OpenTrigger> open_triggers = {};  // in the order of config.triggers
  std::vector<ExpressionPlace> expressions = {};
  std::map<std::string, std::string> webhook_urls =
      {};  // hash of a secret -> the first URL with it
  std::vector<LinkUse> links_saved = {}, links_used = {};

  Section section(SectionKind kind, const YamlNode& node, std::string path) {
    return Section(kind, document, node, std::move(path), problems);
  }
  void problem(Place place, std::string what, std::string hint = {}) {
    problems.push_back({document.file, place, std::move(what), std::move(hint)});
  }
  void warn(Place place, std::string what, std::string hint = {}) {
    problem(place, std::move(what), std::move(hint));
    problems.back().warning = true;
  }
};

// load_engine.cpp
void load_engine(Loading& loading, Section& root);
void load_defaults(Loading& loading, Section& root);
Retry load_retry(Section& parent, const Retry& otherwise);

// load_account.cpp
void load_account(Loading& loading, const std::string& name, const YamlNode& key,
                  const YamlNode& value);
// Accounts whose token another account asks for, once all are read.
void check_agencies(Loading& loading);

// `labels` of an account, or those that a trigger asks for.
void load_labels(Loading& loading, Section& section, std::map<std::string, std::string>& labels);

// load_follow.cpp: `accounts_from` of the file, and of a trigger
void load_follow(Loading& loading, Section& root);
void load_accounts_from(Loading& loading, Section& section, Trigger& trigger);
// What a trigger polls, as far as the file can tell: its accounts, and a sample of each kind that
// is found later.
std::vector<const Account*> polled_accounts(const Loading& loading, const Trigger& trigger);

// load_auth.cpp: `auth` of an account
struct AccountReading {
  Loading& loading;
  Section& section;
  Account& account;
};
void load_auth(AccountReading reading);
// Puts the account's keys into the placeholders of one of the connector's addresses. False: a
// problem was added.
bool fill_account_keys(AccountReading reading, std::string& address);
// The resolved value of a plain key; references are allowed, but the result is no secret.
std::string read_plain(Loading& loading, const YamlNode& node, const std::string& path);

// load_trigger.cpp
void load_trigger(Loading& loading, const std::string& id, const YamlNode& key,
                  const YamlNode& value);
// Whether a name serves in expressions, tables and on the command line; adds a problem otherwise.
bool check_name(Loading& loading, Place place, const std::string& path, const std::string& name);

// load_detection.cpp: detect, watch, ignore, transition, remember, start, hold_above
void load_detection(Loading& loading, Section& section, Trigger& trigger);

// load_params.cpp: params and for_each of one trigger
bool load_params(Loading& loading, Section& section, Trigger& trigger);
void load_for_each(Loading& loading, Section& section, Trigger& trigger);

// operation_params.cpp
// Checks one value that a user gave for a parameter; `path` is that of the map around it.
struct GivenParam {
  std::string name;
  const YamlNode* key = nullptr;
  const YamlNode* value = nullptr;
  std::string path;
};
const Param* find_given_param(Loading& loading, const Operation& operation,
                              const GivenParam& given);
bool check_given_param(Loading& loading, const Operation& operation, const GivenParam& given,
                       bool templates_allowed);
// Required parameters and `one_of` that neither `given` nor the accounts fill.
struct GivenParams {
  std::set<std::string> names;
  std::vector<const Account*> accounts;
  Place place;
  std::string path;
};
void check_required_params(Loading& loading, const Operation& operation, const GivenParams& given);
void check_token_levels(Loading& loading, const Operation& operation, const GivenParams& given);
// The operation of that name; adds a problem with the nearest one otherwise.
// Of `kind`, where only such a one is of use.
const Operation* find_operation(Loading& loading, const std::string& name, Place place,
                                const std::string& path,
                                std::optional<OperationKind> kind = std::nullopt);

// check_parents.cpp: for_each over other triggers, once all triggers are loaded; then required
// parameters, remember_pointers and hashes.
void finish_triggers(Loading& loading);

// load_step.cpp
void load_steps(Loading& loading, Section& section, Trigger& trigger);
// The accounts that an operation of a step runs with, `section` being the map that names it under
// `operation_key`; sets `chosen` when they are not the stream's.
std::vector<const Account*> load_operation_account(Loading& loading, const Trigger& trigger,
                                                   Section& section,
                                                   const std::string& operation_key,
                                                   const Operation& operation, std::string& chosen);

// load_action.cpp: the `with` of a step
struct WithPlace {
  const YamlNode* node = nullptr;  // null when the step has no `with`
  Place place;                     // of the step's action
  std::string path;                // of the step
};
void check_built_in(Loading& loading, const BuiltInAction& action, const WithPlace& with);
void check_operation_with(Loading& loading, const Operation& operation, const WithPlace& with,
                          std::vector<const Account*> accounts);

// load_confirm.cpp, load_link.cpp: `confirm:` and `link:` of a step
struct StepScope;
void load_confirm(Loading& loading, const Trigger& trigger, Section& step_section,
                  const StepScope& scope, Step& step);
void load_link(Loading& loading, Section& step_section, const StepScope& scope, Step& step);
// Once all steps are read: names that are looked for and never saved.
void check_links(Loading& loading);

// load_reconcile.cpp
void check_reconcile(Loading& loading, Section& root);

// check_expressions.cpp
// Which steps an expression may name: those in `earlier`; of `all`, the others come later.
struct StepScope {
  std::vector<std::string> earlier;
  std::vector<std::string> all;
};
// The jq text of a key such as `when`, added to the pool; empty when absent or wrong.
std::string load_expression(Loading& loading, Section& section, const std::string& key,
                            const StepScope& scope);
void load_templates(Loading& loading, const YamlNode& value, const std::string& path,
                    const StepScope& scope);
void compile_expressions(Loading& loading);
bool holds_template(const nlohmann::json& value);

// secrets.cpp
struct SecretReference {
  enum class Kind { env, file };
  Kind kind = Kind::env;
  std::string name;
  std::size_t begin = 0, end = 0;  // in the text
};
// Every `${env:...}` and `${file:...}` of a text, or what is wrong with one.
Result<std::vector<SecretReference>, std::string> secret_references(std::string_view text);
// The text with all references replaced, or why one cannot be.
Result<std::string, std::string> resolve_text(std::string_view text, const SecretSources& sources);

// How a reference that cannot be resolved is set right; empty for a text without one.
std::string secret_hint(std::string_view text);

// urls.cpp
// What is wrong with the scheme, host and port of a URL that requests are sent to; empty when
// nothing is.
std::string url_fault(std::string_view url);
bool is_loopback_host(std::string_view host);

}  // namespace triggerd
