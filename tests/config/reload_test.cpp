#include "triggerd/config/reload.h"

#include <doctest/doctest.h>

#include "config/test_catalog.h"

using namespace triggerd;

namespace {

std::shared_ptr<const Config> config_of(const std::string& triggers) {
  return triggerd::testing::load(
             "version: 1\naccounts:\n"
             "  main: {connector: crm, location_id: a, auth: {token: \"${env:CRM_TOKEN}\"}}\n"
             "  second: {connector: crm, location_id: b, auth: {token: \"${env:CRM_TOKEN}\"}}\n"
             "triggers:\n" +
             triggers)
      .config;
}

// What the database holds after this configuration has run.
StoredConfig stored_of(const std::string& triggers) {
  StoredConfig stored;
  const std::shared_ptr<const Config> config = config_of(triggers);
  for (const Trigger& trigger : config->triggers) {
    stored.triggers.push_back(
        {trigger.id, trigger.operation->full_name, trigger.source_hash, trigger.accounts});
  }
  for (const auto& [name, account] : config->accounts) {
    stored.identities[name] = account_identity(account);
  }
  return stored;
}

const std::string kLeads = "  leads: {poll: crm.search_contacts, account: main}\n";
const std::string kOther = "  other: {poll: crm.search_contacts, account: main}\n";

}  // namespace

TEST_CASE("the same configuration asks for nothing") {
  const ReloadPlan plan = plan_reload(stored_of(kLeads), *config_of(kLeads), "t.yaml");
  CHECK(plan.added.empty());
  CHECK(plan.removed.empty());
  CHECK(plan.changed.empty());
  CHECK(plan.rebaselined.empty());
  CHECK(plan.refused.empty());
}

TEST_CASE("REL-06 added and removed triggers are named") {
  const ReloadPlan plan = plan_reload(stored_of(kLeads), *config_of(kOther), "t.yaml");
  CHECK(plan.added == std::vector<std::string>{"other"});
  CHECK(plan.removed == std::vector<std::string>{"leads"});
}

TEST_CASE("DET-13 a trigger that was formerly another keeps its state") {
  const std::string renamed =
      "  hot: {poll: crm.search_contacts, account: main, formerly: leads}\n";
  const ReloadPlan plan = plan_reload(stored_of(kLeads), *config_of(renamed), "t.yaml");
  REQUIRE(plan.renamed.size() == 1);
  CHECK(plan.renamed[0] == std::pair<std::string, std::string>{"leads", "hot"});
  CHECK(plan.added.empty());
  CHECK(plan.removed.empty());
  const ReloadPlan later = plan_reload(stored_of(renamed), *config_of(renamed), "t.yaml");
  CHECK(later.renamed.empty());
  CHECK(later.added.empty());
}

TEST_CASE("REL-05 an edit of what is polled is refused unless the trigger says what to do") {
  const std::string edited =
      "  leads: {poll: crm.search_contacts, account: main, params: {query: x}";
  const ReloadPlan refused = plan_reload(stored_of(kLeads), *config_of(edited + "}\n"), "t.yaml");
  REQUIRE(refused.refused.size() == 1);
  CHECK(refused.refused[0].what ==
        "triggers.leads.params: `params` was changed, so its cursor would mean something "
        "else");
  CHECK(refused.refused[0].place == Place{6, 3});
  const ReloadPlan kept =
      plan_reload(stored_of(kLeads), *config_of(edited + ", on_change: keep}\n"), "t.yaml");
  CHECK(kept.refused.empty());
  CHECK(kept.changed == std::vector<std::string>{"leads"});
  const ReloadPlan again =
      plan_reload(stored_of(kLeads), *config_of(edited + ", on_change: rebaseline}\n"), "t.yaml");
  CHECK(again.rebaselined == std::vector<std::string>{"leads"});
}

TEST_CASE(
    "REL-05 another operation or a wholly other account is refused, a further account is not") {
  const ReloadPlan operation = plan_reload(
      stored_of(kLeads),
      *config_of("  leads: {poll: crm.get_contact, account: main, params: {contactId: a}}\n"), "t");
  REQUIRE(operation.refused.size() == 1);
  CHECK(operation.refused[0].what.starts_with(
      "triggers.leads.poll: `poll` was crm.search_contacts and is crm.get_contact"));
  const ReloadPlan account =
      plan_reload(stored_of(kLeads),
                  *config_of("  leads: {poll: crm.search_contacts, account: second}\n"), "t");
  CHECK(account.refused.size() == 1);
  const ReloadPlan further = plan_reload(
      stored_of(kLeads),
      *config_of("  leads: {poll: crm.search_contacts, accounts: [main, second]}\n"), "t");
  CHECK(further.refused.empty());
}

TEST_CASE("REL-04 an edit of steps, filter or interval is refused never") {
  const ReloadPlan plan = plan_reload(
      stored_of(kLeads),
      *config_of("  leads: {poll: crm.search_contacts, account: main, every: 1m, when: .record.a,\n"
                 "          watch: [/email], do: [{action: log, with: {message: x}}]}\n"),
      "t");
  CHECK(plan.refused.empty());
}

TEST_CASE("another location behind the same account name is another source") {
  StoredConfig stored = stored_of(kLeads);
  CHECK(stored.identities["main"] == "crm location_id=a");
  stored.identities["main"] = "crm location_id=elsewhere";
  const ReloadPlan refused = plan_reload(stored, *config_of(kLeads), "t.yaml");
  REQUIRE(refused.refused.size() == 1);
  CHECK(refused.refused[0].what ==
        "triggers.leads.account: "
        "account `main` was crm location_id=elsewhere and is crm location_id=a, so "
        "its cursor would mean something else");
  const std::string moved =
      "  leads: {poll: crm.search_contacts, account: main, on_change: rebaseline}\n";
  CHECK(plan_reload(stored, *config_of(moved), "t.yaml").rebaselined ==
        std::vector<std::string>{"leads"});
  stored.triggers[0].accounts.clear();  // none of its streams was made yet
  CHECK(plan_reload(stored, *config_of(kLeads), "t.yaml").refused.empty());
}
