// Whole flows with the real programs: twelve dependent steps over kills, and two locations that
// keep each other's contacts.
#include <doctest/doctest.h>
#include <signal.h>

#include <algorithm>
#include <map>
#include <set>

#include "checker/state_reader.h"
#include "end_to_end/processes.h"
#include "end_to_end/truth.h"

using namespace triggerd::end_to_end;
using triggerd::checker::query_number;
using triggerd::checker::query_state;

namespace {

constexpr Wait kMost{90'000};
constexpr double kSpeed = 60;

std::string account_yaml(const std::string& name, const std::string& location) {
  return "  " + name + ": {connector: highlevel, location_id: " + location +
         ", auth: {token: \"${env:UNUSED}\"}}\n";
}

// Twelve steps; each needs what one before it was answered. Those that would act twice ask first.
constexpr const char* kTwelve = R"yaml(triggers:
  flow:
    poll: highlevel.list_custom_fields
    account: main
    every: 1m
    detect: [new]
    do:
      - id: contact
        action: highlevel.upsert_contact
        with: {email: flow@example.com, phone: "+15550123", firstName: "${{ .record.name }}"}
      - id: tags
        action: highlevel.add_tags_to_contact
        with: {contactId: "${{ .steps.contact.contact.id }}", tags: [flow]}
      - id: task
        action: highlevel.create_contact_task
        with:
          contactId: "${{ .steps.contact.contact.id }}"
          title: Call ${{ .steps.tags.tags[0] }}
          dueDate: "2028-03-06T10:00:00Z"
          completed: false
        confirm:
          read: highlevel.get_contact_tasks
          with: {contactId: "${{ .sent.contactId }}"}
          when: .sent.title as $it | first(.answer.tasks[] | select(.title == $it)) // false
      - id: note
        action: highlevel.create_contact_note
        with: {contactId: "${{ .steps.contact.contact.id }}", body: "See ${{ .steps.task.id }}"}
        confirm:
          read: highlevel.get_contact_notes
          with: {contactId: "${{ .sent.contactId }}"}
          when: .sent.body as $it | first(.answer.notes[] | select(.body == $it)) // false
      - id: firm
        action: highlevel.create_business
        with: {name: "Firm of ${{ .steps.note.id }}"}
        confirm:
          read: highlevel.list_businesses_by_location
          when: .sent.name as $it | first(.answer.businesses[] | select(.name == $it)) // false
      - id: joined
        action: highlevel.bulk_business_update
        with: {ids: ["${{ .steps.contact.contact.id }}"], businessId: "${{ .steps.firm.id }}"}
      - id: deal
        action: highlevel.create_opportunity
        with:
          pipelineId: PIPELINE
          name: Deal of ${{ .steps.joined.ids[0] }}
          status: open
          contactId: "${{ .steps.contact.contact.id }}"
        confirm:
          read: highlevel.search_opportunities
          with: {contact_id: "${{ .sent.contactId }}"}
          when: .sent.name as $it | first(.answer.opportunities[] | select(.name == $it)) // false
      - id: won
        action: highlevel.update_opportunity_status
        with: {id: "${{ .steps.deal.id }}", status: won}
      - id: talk
        action: highlevel.create_appointment
        when: .steps.won.succeded
        with:
          calendarId: CALENDAR
          contactId: "${{ .steps.contact.contact.id }}"
          startTime: "2028-03-06T10:00:00-06:00"
          title: Talk
          ignoreFreeSlotValidation: true
        confirm:
          read: highlevel.get_contact_appointments
          with: {contactId: "${{ .sent.contactId }}"}
          when: .sent.title as $it | first(.answer.events[] | select(.title == $it)) // false
      - id: minutes
        action: highlevel.create_appointment_note
        with: {appointmentId: "${{ .steps.talk.id }}", body: Bring the offer}
        confirm:
          read: highlevel.list_appointment_notes
          with: {appointmentId: "${{ .sent.appointmentId }}"}
          when: .sent.body as $it | first(.answer.notes[] | select(.body == $it)) // false
      - id: chat
        action: highlevel.create_conversation
        when: .steps.minutes.id
        with: {contactId: "${{ .steps.contact.contact.id }}"}
        confirm:
          read: highlevel.search_conversations
          with: {contactId: "${{ .sent.contactId }}"}
          when: first(.answer.conversations[]) // false
      - id: message
        action: highlevel.send_message
        with:
          type: SMS
          contactId: "${{ .steps.contact.contact.id }}"
          message: In ${{ .steps.chat.id }}
        confirm:
          read: highlevel.get_messages_by_conversation
          with: {conversationId: "${{ .steps.chat.id }}"}
          when: >-
            .sent.message as $it
            | first(.answer.messages.messages[] | select(.body == $it)) // false
)yaml";

const std::vector<std::string> kActions{
    "upsert_contact",          "add_tags_to_contact",       "create_contact_task",
    "create_contact_note",     "create_business",           "bulk_business_update",
    "create_opportunity",      "update_opportunity_status", "create_appointment",
    "create_appointment_note", "create_conversation",       "send_message"};

std::string replaced(std::string text, const std::string& what, const std::string& by) {
  text.replace(text.find(what), what.size(), by);
  return text;
}

// What writes of the API did, by operation; `made`: only records that they made.
std::map<std::string, int> effects_of(const Sandbox& sandbox, bool made = false) {
  std::map<std::string, int> effects;
  for (const Mutation& one : read_truth(sandbox.truth()).mutations) {
    if (!one.by.empty() && (!made || one.op == "create")) ++effects[one.by];
  }
  return effects;
}

json made_by(const Sandbox& sandbox, const std::string& action) {
  for (const Mutation& one : read_truth(sandbox.truth()).mutations) {
    if (one.by == action && one.op == "create") return one.record;
  }
  FAIL("nothing was made by " << action);
  return {};
}

}  // namespace

TEST_SUITE_BEGIN("flows");

TEST_CASE("COM-05: twelve dependent steps that are killed one by one have each effect once") {
  const Folder folder;
  const Sandbox sandbox(folder, {.speed = kSpeed});
  Triggerd daemon(folder, sandbox, kSpeed);
  std::string yaml = replaced(kTwelve, "PIPELINE", sandbox.records("pipelines").at(0).at("id"));
  yaml = replaced(yaml, "CALENDAR", sandbox.records("calendars").at(0).at("id"));
  daemon.configure("version: 1\naccounts:\n" + account_yaml("main", kLocation) + yaml);
  std::optional<Process> running(daemon.start("run"));
  const bool ready = wait_until(kMost, [&] {
    return query_number(daemon.database(), "SELECT count(*) FROM streams WHERE state = 'active'") ==
           1;
  });
  REQUIRE_MESSAGE(ready, daemon.output());

  // Each write takes effect, and its answer is on its way for long enough to kill who waits for it.
  for (const std::string& action : kActions) {
    sandbox.post("/control/faults",
                 {{"operation", action}, {"kind", "delay"}, {"milliseconds", 4'000}});
  }
  sandbox.create("custom_fields", {{"name", "Flo"}, {"dataType", "TEXT"}}, "field-of-flow");
  for (const std::string& action : kActions) {
    CAPTURE(action);
    const bool done = wait_until(kMost, [&] { return effects_of(sandbox)[action] > 0; });
    REQUIRE_MESSAGE(done, daemon.output());
    running->kill_hard();
    running.emplace(daemon.start("run"));
  }
  const bool over = wait_until(kMost, [&] {
    return query_number(daemon.database(),
                        "SELECT count(*) FROM runs WHERE state IN ('done', 'dead')") == 1;
  });
  CHECK_MESSAGE(over, daemon.output());
  running->signal(SIGTERM);
  CHECK(running->wait(kMost) == 0);
  CHECK(query_number(daemon.database(), "SELECT count(*) FROM runs WHERE state = 'done'") == 1);
  // Attempts whose end a kill took, and what was found out about them.
  CHECK(query_number(daemon.database(),
                     "SELECT count(*) FROM attempts WHERE outcome = 'confirmed'") >= 6);
  const auto made = effects_of(sandbox, true);
  CHECK(made.size() == 9);
  for (const auto& [action, count] : made) {
    CAPTURE(action);
    CHECK(count == 1);
  }
  const json contact = made_by(sandbox, "upsert_contact");
  const json firm = made_by(sandbox, "create_business");
  const json deal = made_by(sandbox, "create_opportunity");
  for (const json& one : sandbox.records("contacts")) {
    if (one.at("id") != contact.at("id")) continue;
    CHECK(one.at("tags") == json({"flow"}));
    CHECK(one.at("businessId") == firm.at("id"));
  }
  for (const json& one : sandbox.records("opportunities")) {
    if (one.at("id") == deal.at("id")) CHECK(one.at("status") == "won");
  }
}

namespace {

constexpr const char* kOther = "Xq1TwoWays0000000002";
constexpr int kBatches = 10, kEach = 50;

std::string one_way(const std::string& from, const std::string& to) {
  const std::string mine = from == "here" ? "left" : "right";
  const std::string theirs = from == "here" ? "right" : "left";
  const std::string fields =
      "email: \"${{ .record.email }}\", firstName: \"${{ .record.firstName }}\", "
      "city: \"${{ .record.city }}\"";
  std::string text = R"yaml(
  FROM_to_TO:
    poll: highlevel.search_contacts
    account: FROM
    every: 1m
    detect: [new, changed, removed]
    watch: [/email, /firstName, /city]
    do:
      - id: pair
        link: {find: contacts, MINE: "${{ .event.key }}"}
      - id: made
        when: .event.kind != "removed" and .steps.pair.found == null
        action: highlevel.create_contact
        account: TO
        with: {FIELDS}
      - when: .steps.made.id
        link: {save: contacts, MINE: "${{ .event.key }}", THEIRS: "${{ .steps.made.id }}"}
      - when: .event.kind != "removed" and .steps.pair.found != null
        action: highlevel.update_contact
        account: TO
        with: {contactId: "${{ .steps.pair.found }}", FIELDS}
      - id: gone
        when: .event.kind == "removed" and .steps.pair.found != null
        action: highlevel.delete_contact
        account: TO
        with: {contactId: "${{ .steps.pair.found }}"}
      - when: .event.kind == "removed" and .steps.pair.found != null
        link: {forget: contacts, MINE: "${{ .event.key }}"}
)yaml";
  const std::vector<std::pair<std::string, std::string>> words{
      {"FROM", from}, {"TO", to}, {"MINE", mine}, {"THEIRS", theirs}, {"FIELDS", fields}};
  for (const auto& [word, by] : words) {
    while (text.find(word) != std::string::npos) text = replaced(text, word, by);
  }
  return text;
}

// Its contacts that this test made, by e-mail: what a pair of them has in common.
std::map<std::string, std::string> contacts_of(const Sandbox& sandbox,
                                               const std::string& location) {
  std::map<std::string, std::string> found;
  for (const json& one : sandbox.records("contacts", location)) {
    const std::string email = one.value("email", "");
    if (!email.ends_with("@both.example")) continue;
    found[email] = one.value("firstName", "") + "|" + one.value("city", "");
  }
  return found;
}

// The contact's id on that side.
std::string id_of(const Sandbox& sandbox, const std::string& location, const std::string& email) {
  for (const json& one : sandbox.records("contacts", location)) {
    if (one.value("email", "") == email) return one.at("id").get<std::string>();
  }
  return "";
}

}  // namespace

TEST_CASE("DET-16: two locations that keep each other's contacts end equal, without a loop") {
  const Folder folder;
  const Sandbox sandbox(folder, {.speed = kSpeed, .contacts = 3});
  const std::vector<std::string> locations{kLocation, kOther};
  sandbox.post("/control/accounts", {{"connector", "highlevel"}, {"location_id", kOther}});
  Triggerd daemon(folder, sandbox, kSpeed);
  daemon.configure("version: 1\naccounts:\n" + account_yaml("here", kLocation) +
                   account_yaml("there", kOther) + "triggers:" + one_way("here", "there") +
                   one_way("there", "here"));
  Process running = daemon.start("run");
  const bool ready = wait_until(kMost, [&] {
    return query_number(daemon.database(), "SELECT count(*) FROM streams WHERE state = 'active'") ==
           2;
  });
  REQUIRE_MESSAGE(ready, daemon.output());

  int mutations = 0;
  const auto mutate = [&](const std::string& location, json change) {
    change["location"] = location;
    change["collection"] = "contacts";
    sandbox.post("/control/mutate", change);
    ++mutations;
  };
  const auto poll_again = [&](int times) {
    const std::string sql = "SELECT min(polls) FROM streams";
    const std::int64_t before = query_number(daemon.database(), sql);
    CHECK(
        wait_until(kMost, [&] { return query_number(daemon.database(), sql) >= before + times; }));
  };
  // In each batch both sides change, but no contact on both: who wins then is not for polls to say.
  for (int batch = 0; batch < kBatches; ++batch) {
    CAPTURE(batch);
    for (std::size_t side = 0; side < 2; ++side) {
      const auto known = contacts_of(sandbox, locations[side]);
      int turn = 0;
      for (const auto& [email, text] : known) {
        if (email.starts_with(batch % 2 == 0 ? "s0" : "s1") != (side == 0)) continue;
        if (++turn > kEach - 20) break;
        const std::string id = id_of(sandbox, locations[side], email);
        if (turn % 6 == 0) {
          mutate(locations[side], {{"op", "delete"}, {"id", id}});
        } else {
          const std::string name = "Name " + std::to_string(batch) + "." + std::to_string(turn);
          mutate(locations[side],
                 {{"op", "update"}, {"id", id}, {"fields", {{"firstName", name}}}});
        }
      }
      for (int made = std::min(turn, kEach - 20); made < kEach; ++made) {
        const std::string name =
            "s" + std::to_string(side) + "-" + std::to_string(batch) + "-" + std::to_string(made);
        mutate(locations[side],
               {{"op", "create"},
                {"fields",
                 {{"email", name + "@both.example"}, {"firstName", name}, {"city", "Rome"}}}});
      }
    }
    const bool equal = wait_until(kMost, [&] {
      return contacts_of(sandbox, kLocation) == contacts_of(sandbox, kOther) &&
             query_number(daemon.database(),
                          "SELECT count(*) FROM runs WHERE state NOT IN ('done', 'dead')") == 0;
    });
    REQUIRE_MESSAGE(equal, daemon.output());
    // What goes before a poll has met it cannot be missed.
    poll_again(2);
  }
  CHECK(mutations == 2 * kBatches * kEach);
  poll_again(10);
  running.signal(SIGTERM);
  CHECK(running.wait(kMost) == 0);
  int writes = 0;
  for (const auto& [operation, count] : effects_of(sandbox)) writes += count;
  CHECK(writes == mutations);
  CHECK(contacts_of(sandbox, kLocation) == contacts_of(sandbox, kOther));
  CHECK(contacts_of(sandbox, kLocation).size() > 100);
  CHECK(query_number(daemon.database(), "SELECT count(*) FROM runs WHERE state = 'dead'") == 0);
}
