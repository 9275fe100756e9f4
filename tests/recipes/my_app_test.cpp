// The recipes for any app, with the connector file that they come with.
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

constexpr const char* kPeople = "my_app_people";
constexpr const char* kTodos = "my_app_todos";

Move new_todo(std::vector<Expected> then) {
  return make(kTodos, "todo",
              {{"title", "Call Ada"},
               {"email", "ada@calc.example"},
               {"due", "2027-03-01T10:00:00+01:00"},
               {"done", false}},
              std::move(then));
}

const Expected kTheTask{
    "tasks",
    {{"title", "Call Ada"}, {"dueDate", "2027-03-01T09:00:00Z"}, {"completed", false}},
    1,
    "task"};

}  // namespace

TEST_SUITE_BEGIN("my app");

TEST_CASE("GEN-1: people and contacts follow each other, with tasks and notes") {
  run_recipe(
      {"my_app_people_and_contacts",
       {},
       {make(kPeople, "person",
             {{"name", "Ada King"},
              {"email", "ada@calc.example"},
              {"phone", "415-555-2671"},
              {"company", "Calc"}},
             {{"contacts",
               {{"firstName", "Ada"}, {"lastName", "King"}, {"phone", "+14155552671"}},
               1,
               "ada"}}),
        make("tasks", "task", task_of("@ada", "Call Ada"), {{kPeople, json::object()}}),
        change("contacts", "ada", {{"lastName", "Lovelace"}},
               {{kPeople, {{"id", "@person"}, {"name", "Ada Lovelace"}, {"tasks", {"Call Ada"}}}},
                {kPeople, json::object()}}),
        change(kPeople, "person", {{"name", "Augusta Lovelace"}},
               {{"contacts", {{"id", "@ada"}, {"firstName", "Augusta"}}},
                {"contacts", json::object()}}),
        make("contacts", "bob",
             {{"firstName", "Bob"}, {"lastName", "Stone"}, {"email", "bob@calc.example"}},
             {{kPeople, {{"name", "Bob Stone"}}}, {"contacts", json::object(), 2}})}});
}

TEST_CASE("GEN-3: todos are tasks: made, changed, completed and removed") {
  run_recipe(
      {"my_app_todos_to_tasks",
       {},
       {new_todo({kTheTask, {"contacts", {{"email", "ada@calc.example"}}}}),
        change(kTodos, "todo", {{"title", "Meet Ada"}},
               {{"tasks", {{"id", "@task"}, {"title", "Meet Ada"}}}, {"tasks", json::object()}}),
        change(kTodos, "todo", {{"done", true}},
               {{"tasks", {{"id", "@task"}, {"completed", true}}}}),
        remove(kTodos, "todo", {{"tasks", json::object(), 0}})}});
}

TEST_CASE("GEN-i1: a contact's life is in one file") {
  run_recipe(
      {"contact_life_feed",
       {},
       {new_contact({{"life.jsonl", {{"source", "contacts"}, {"contact", "@ada"}}}}),
        make("tasks", "task", task_of("@ada", "Call Ada"),
             {{"life.jsonl", {{"source", "tasks"}, {"contact", "@ada"}}}}),
        make("notes", "note", {{"contactId", "@ada"}, {"body", "Likes engines"}},
             {{"life.jsonl", {{"source", "notes"}, {"contact", "@ada"}}}}),
        change("tasks", "task", {{"completed", true}},
               {{"life.jsonl", {{"source", "tasks"}, {"kind", "changed"}}}}),
        remove("tasks", "task", {{"life.jsonl", {{"source", "tasks"}, {"kind", "removed"}}}})}});
}

TEST_CASE("GEN-i2: a todo that is handed over comes back worked") {
  run_recipe({"my_app_lead_hand_off",
              {},
              {new_todo({kTheTask}), change("tasks", "task", {{"completed", true}},
                                            {{kTodos, {{"done", true}, {"status", "worked"}}},
                                             {"tasks", json::object()},
                                             {kTodos, json::object()}})}});
}

TEST_CASE("GEN-i3: changes of both apps are lines without names") {
  run_recipe({"my_app_analytics_feed",
              {},
              {new_contact({{"changes.jsonl", {{"source", "contacts"}, {"kind", "new"}}}}),
               make(kPeople, "person", {{"name", "Bob"}, {"stage", "lead"}},
                    {{"changes.jsonl", {{"source", "people"}, {"stage", "lead"}}}}),
               new_todo({{"changes.jsonl", {{"source", "todos"}, {"done", false}}}}),
               remove(kTodos, "todo",
                      {{"changes.jsonl", {{"source", "todos"}, {"kind", "removed"}}},
                       {"changes.jsonl", json::object(), 4}})}});
}

TEST_SUITE_END();
