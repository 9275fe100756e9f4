// The recipes of Stibee.
#include <doctest/doctest.h>

#include "recipes/recipe_scene.h"

using namespace triggerd::recipes;

namespace {

using triggerd::end_to_end::json;

Move new_contact(std::vector<Expected> then = {}) {
  return make("contacts", "ada",
              {{"firstName", "Ada"},
               {"lastName", "King"},
               {"email", "ada@calc.example"},
               {"phone", "+14155552671"}},
              std::move(then));
}

json task_of(const std::string& contact, const std::string& title) {
  return {{"contactId", contact},
          {"title", title},
          {"dueDate", "2027-03-01T09:00:00Z"},
          {"completed", false}};
}

constexpr const char* kSubscribers = "stibee_subscribers";

const Move kGroup = make("stibee_groups", "group",
                         {{"id", "your-group-id"}, {"name", "All"}, {"members", json::array()}});

}  // namespace

TEST_SUITE_BEGIN("stibee");

TEST_CASE("ST-1: contacts and subscribers follow each other, and nobody is subscribed again") {
  run_recipe({"stibee_contacts_and_subscribers",
              {kGroup},
              {new_contact({{kSubscribers,
                             {{"email", "ada@calc.example"},
                              {"status", "subscribed"},
                              {"fields", {{"name", "Ada King"}, {"phone", "+14155552671"}}}}},
                            {"stibee-changes.jsonl", {{"kind", "new"}}}}),
               change("contacts", "ada", {{"lastName", "Lovelace"}, {"tags", {"newsletter"}}},
                      {{kSubscribers, {{"fields", {{"name", "Ada Lovelace"}}}}},
                       {"stibee_groups", {{"members", {"ada@calc.example"}}}}}),
               change("contacts", "ada", {{"email", "al@calc.example"}},
                      {{kSubscribers, {{"email", "al@calc.example"}, {"status", "subscribed"}}},
                       {kSubscribers, {{"email", "ada@calc.example"}, {"status", "unsubscribed"}}},
                       {"contacts", json::object()}}),
               make(kSubscribers, "bob",
                    {{"email", "bob@calc.example"},
                     {"status", "subscribed"},
                     {"fields", {{"name", "Bob Stone"}, {"phone", "02-312-3456"}}}},
                    {{"contacts",
                      {{"email", "bob@calc.example"},
                       {"firstName", "Bob"},
                       {"lastName", "Stone"},
                       {"phone", "+8223123456"},
                       {"tags", {"stibee subscribed"}}},
                      1,
                      "bobs"}}),
               change(kSubscribers, "bob", {{"status", "unsubscribed"}},
                      {{"contacts", {{"id", "@bobs"}, {"dnd", true}}},
                       {kSubscribers, {{"email", "bob@calc.example"}, {"status", "unsubscribed"}}},
                       {"contacts", json::object(), 2}}),
               change("contacts", "ada", {{"dnd", true}},
                      {{kSubscribers, {{"email", "al@calc.example"}, {"status", "unsubscribed"}}},
                       {"contacts", json::object(), 2},
                       {kSubscribers, json::object(), 3}})}});
}

TEST_CASE("ST-2: the task of a contact shows at its subscriber, and a click makes a task") {
  run_recipe(
      {"stibee_tasks_and_clicks",
       {},
       {new_contact(),
        make("tasks", "task", task_of("@ada", "Call Ada"),
             {{kSubscribers,
               {{"email", "ada@calc.example"},
                {"fields", {{"next_task", "Call Ada"}, {"next_task_due", "2027-03-01"}}}}}}),
        change("tasks", "task", {{"completed", true}},
               {{kSubscribers, {{"fields", {{"next_task", ""}, {"next_task_due", ""}}}}}}),
        make("stibee_email_logs", "click",
             {{"emailId", "your-email-id"},
              {"subscriber", "ada@calc.example"},
              {"action", "C"},
              {"value", "https://calc.example/"},
              {"createdTime", "2026-11-22T10:00:00+09:00"}},
             {{"tasks", {{"contactId", "@ada"}, {"title", "Call: clicked https://calc.example/"}}},
              {"tasks", json::object(), 2},
              {"contacts", json::object()}})}});
}

TEST_CASE("ST-3: notes and the subscriber's field follow each other") {
  run_recipe(
      {"stibee_notes",
       {},
       {new_contact(),
        make("notes", "note", {{"contactId", "@ada"}, {"body", "Likes engines"}},
             {{kSubscribers,
               {{"email", "ada@calc.example"}, {"fields", {{"note", "Likes engines"}}}},
               1,
               "sub"},
              {"stibee-notes.jsonl", {{"kind", "new"}}}}),
        change(
            "notes", "note", {{"body", "Loves engines"}},
            {{kSubscribers, {{"fields", {{"note", "Loves engines"}}}}}, {"notes", json::object()}}),
        change(kSubscribers, "sub", {{"fields", {{"note", "Asked for a demo"}}}},
               {{"notes", {{"contactId", "@ada"}, {"body", "Asked for a demo"}}, 1, "second"},
                {"notes", json::object(), 2}}),
        change(kSubscribers, "sub", {{"fields", {{"note", "Had the demo"}}}},
               {{"notes", {{"id", "@second"}, {"body", "Had the demo"}}},
                {"notes", json::object(), 2}})}});
}

TEST_CASE("ST-i1: a new contact is subscribed and joins the group that welcomes") {
  run_recipe({"stibee_onboarding",
              {kGroup},
              {new_contact({{kSubscribers, {{"email", "ada@calc.example"}}},
                            {"stibee_groups", {{"members", {"ada@calc.example"}}}}}),
               change("contacts", "ada", {{"lastName", "Lovelace"}},
                      {{kSubscribers, {{"fields", {{"name", "Ada King"}}}}}})}});
}

TEST_CASE("ST-i2: tags that are given and taken change groups") {
  run_recipe({"stibee_groups_from_tags",
              {kGroup},
              {new_contact({{kSubscribers, {{"email", "ada@calc.example"}}}}),
               change("contacts", "ada", {{"tags", {"vip", "other"}}},
                      {{"stibee_groups", {{"members", {"ada@calc.example"}}}}}),
               change("contacts", "ada", {{"tags", {"other"}}},
                      {{"stibee_groups", {{"members", {"ada@calc.example"}}}, 0},
                       {"stibee_groups", json::object()}})}});
}

TEST_CASE("ST-i3: each change on both sides is a line for the dashboard") {
  run_recipe({"stibee_dashboard",
              {},
              {new_contact({{"contact-feed.jsonl", {{"app", "highlevel"}, {"kind", "new"}}}}),
               make(kSubscribers, "bob", {{"email", "bob@calc.example"}, {"status", "subscribed"}},
                    {{"contact-feed.jsonl", {{"app", "stibee"}, {"kind", "new"}}}}),
               change(kSubscribers, "bob", {{"status", "unsubscribed"}},
                      {{"contact-feed.jsonl", {{"app", "stibee"}, {"status", "unsubscribed"}}},
                       {"contact-feed.jsonl", json::object(), 3}}),
               remove(kSubscribers, "bob",
                      {{"contact-feed.jsonl", {{"app", "stibee"}, {"kind", "removed"}}},
                       {"contact-feed.jsonl", json::object(), 4}})}});
}

TEST_SUITE_END();
