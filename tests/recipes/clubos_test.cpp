// The recipes of Club OS, against a stand-in: its version 3 is not described in public.
#include <doctest/doctest.h>

#include "recipes/recipe_scene.h"

using namespace triggerd::recipes;

namespace {

using triggerd::end_to_end::json;

json task_of(const std::string& contact, const std::string& title) {
  return {{"contactId", contact},
          {"title", title},
          {"dueDate", "2027-03-01T09:00:00Z"},
          {"completed", false}};
}

constexpr const char* kUsers = "clubos_users";
constexpr const char* kEvents = "clubos_events";

Move new_member(std::vector<Expected> then = {}) {
  return make(kUsers, "member",
              {{"firstName", "Ada"},
               {"lastName", "King"},
               {"email", "ada@calc.example"},
               {"mobilePhone", "4155552671"}},
              std::move(then));
}

const Expected kTheContact{
    "contacts", {{"email", "ada@calc.example"}, {"phone", "+14155552671"}}, 1, "ada"};

std::vector<Move> task_moves() {
  return {
      new_member({kTheContact}),
      make("tasks", "task", task_of("@ada", "Call Ada"),
           {{kEvents,
             {{"userId", "@member"},
              {"title", "Call Ada"},
              {"status", "OPEN"},
              {"startTime", "2027-03-01T09:00:00Z"}},
             1,
             "event"}}),
      change("tasks", "task", {{"completed", true}},
             {{kEvents, {{"id", "@event"}, {"status", "COMPLETED"}}}, {kEvents, json::object()}}),
      change(kEvents, "event", {{"title", "Tour"}, {"status", "OPEN"}},
             {{"tasks", {{"id", "@task"}, {"title", "Tour"}, {"completed", false}}},
              {"tasks", json::object()}}),
      make(kEvents, "second",
           {{"userId", "@member"},
            {"title", "Trial"},
            {"status", "OPEN"},
            {"startTime", "2027-05-01T09:00:00Z"}},
           {{"tasks", {{"contactId", "@ada"}, {"title", "Trial"}}}, {"tasks", json::object(), 2}}),
      remove("tasks", "task", {{kEvents, {{"id", "@event"}}, 0}, {kEvents, json::object()}})};
}

}  // namespace

TEST_SUITE_BEGIN("clubos");

TEST_CASE("CO-1: members and contacts follow each other") {
  run_recipe({"clubos_contacts_and_members",
              {},
              {new_member({kTheContact, {kUsers, json::object()}}),
               change(kUsers, "member", {{"lastName", "Lovelace"}},
                      {{"contacts", {{"id", "@ada"}, {"lastName", "Lovelace"}}},
                       {"contacts", json::object()}}),
               make("contacts", "bob",
                    {{"firstName", "Bob"},
                     {"lastName", "Stone"},
                     {"email", "bob@calc.example"},
                     {"phone", "+1 415 555 2672"}},
                    {{kUsers,
                      {{"firstName", "Bob"},
                       {"email", "bob@calc.example"},
                       {"mobilePhone", "14155552672"},
                       {"source", "HighLevel"}},
                      1,
                      "bobs"},
                     {"contacts", json::object(), 2}}),
               change("contacts", "bob", {{"firstName", "Robert"}},
                      {{kUsers, {{"id", "@bobs"}, {"firstName", "Robert"}}},
                       {kUsers, json::object(), 2},
                       {"contacts", json::object(), 2}})}});
}

TEST_CASE("CO-2: tasks and events follow each other, and a removed task takes its event along") {
  run_recipe({"clubos_tasks_and_events", {}, task_moves()});
}

TEST_CASE("CO-3: edits of a member reach the contact, and tags are added") {
  run_recipe(
      {"clubos_edits_to_contacts",
       {},
       {new_member({kTheContact}),
        change("contacts", "ada", {{"tags", {"vip"}}}, {{"contacts", json::object()}}),
        change(
            kUsers, "member",
            {{"email", "al@calc.example"}, {"mobilePhone", "(415) 555-2673"}, {"tags", {"yoga"}}},
            {{"contacts",
              {{"id", "@ada"},
               {"email", "al@calc.example"},
               {"phone", "+14155552673"},
               {"tags", {"vip", "yoga"}}}},
             {"contacts", json::object()}})}});
}

TEST_CASE("CO-i1: both sides write lines under the contact's id") {
  run_recipe(
      {"clubos_unified_view",
       {},
       {new_member({kTheContact,
                    {"people.jsonl", {{"person", "@ada"}, {"app", "clubos"}}},
                    {"people.jsonl", {{"person", "@ada"}, {"app", "highlevel"}}}}),
        change("contacts", "ada", {{"lastName", "Lovelace"}},
               {{"people.jsonl", {{"person", "@ada"}, {"record", {{"lastName", "Lovelace"}}}}},
                {"people.jsonl", json::object(), 3}})}});
}

TEST_CASE("CO-i2: tasks and notes are in both systems") {
  auto moves = task_moves();
  moves.push_back(
      make("notes", "note", {{"contactId", "@ada"}, {"body", "Likes engines"}},
           {{"clubos_notes", {{"userId", "@member"}, {"text", "Likes engines"}}, 1, "theirs"}}));
  moves.push_back(
      change("clubos_notes", "theirs", {{"text", "Loves engines"}},
             {{"notes", {{"id", "@note"}, {"body", "Loves engines"}}}, {"notes", json::object()}}));
  moves.push_back(make("clubos_notes", "own", {{"userId", "@member"}, {"text", "Came by"}},
                       {{"notes", {{"contactId", "@ada"}, {"body", "Came by"}}},
                        {"notes", json::object(), 2},
                        {"clubos_notes", json::object(), 2}}));
  run_recipe({"clubos_tasks_and_notes", {}, moves});
}

TEST_CASE("CO-i3: a member who is new or changes goes through the workflow") {
  run_recipe(
      {"clubos_members_to_workflow",
       {make("workflows", "flow",
             {{"id", "your-workflow-id"}, {"name", "Welcome"}, {"status", "published"}})},
       {new_member({kTheContact, {"workflow_members", {{"workflowId", "your-workflow-id"}}}}),
        change(kUsers, "member", {{"lastName", "Lovelace"}},
               {{"contacts", {{"lastName", "Lovelace"}}}})}});
}

TEST_SUITE_END();
