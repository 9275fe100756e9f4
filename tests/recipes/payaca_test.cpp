// The recipes of Payaca.
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

constexpr const char* kCustomers = "payaca_customers";
constexpr const char* kProjects = "payaca_projects";

Move new_customer(std::vector<Expected> then) {
  return make(kCustomers, "customer",
              {{"name", "Calc Ltd"},
               {"contacts",
                {{{"fullName", "Grace B. Hopper"},
                  {"email", "grace@calc.example"},
                  {"phoneNumber", "07777 777777"},
                  {"isPrimaryContact", true}}}},
               {"addresses", {{{"postcode", "SW1A 1AA"}, {"country", "United Kingdom"}}}}},
              std::move(then));
}

}  // namespace

TEST_SUITE_BEGIN("payaca");

TEST_CASE("PY-1: a contact is a customer, with its notes and tasks") {
  run_recipe({"payaca_contacts_to_customers",
              {},
              {new_contact({{kCustomers,
                             {{"name", "Ada King"},
                              {"contacts",
                               {{{"fullName", "Ada King"},
                                 {"email", "ada@calc.example"},
                                 {"phoneNumber", "+14155552671"}}}}},
                             1,
                             "customer"}}),
               make("notes", "note",
                    {{"contactId", "@ada"},
                     {"body", "Likes engines"},
                     {"dateAdded", "2026-11-22T10:00:00.000Z"}},
                    {{kCustomers, json::object()}}),
               change("contacts", "ada", {{"lastName", "Lovelace"}, {"tags", {"vip"}}},
                      {{kCustomers,
                        {{"id", "@customer"},
                         {"name", "Ada Lovelace"},
                         {"tags", {"vip"}},
                         {"customFields", {{"crm_note", "Likes engines"}, {"crm_id", "@ada"}}}}}}),
               change("contacts", "ada", {{"email", "al@calc.example"}},
                      {{kCustomers, json::object()}})}});
}

TEST_CASE("PY-2: tasks and projects follow each other") {
  run_recipe(
      {"payaca_tasks_and_projects",
       {},
       {new_contact({{kCustomers, {{"name", "Ada King"}}, 1, "customer"}}),
        make("tasks", "task", task_of("@ada", "Fit the engine"),
             {{kProjects,
               {{"customerId", "@customer"},
                {"reference", "Fit the engine"},
                {"pipelineStage", "To do"},
                {"notes", {"due 2027-03-01"}}},
               1,
               "project"}}),
        change("tasks", "task", {{"title", "Fit both engines"}},
               {{kProjects, {{"id", "@project"}, {"reference", "Fit both engines"}}},
                {kProjects, json::object()}}),
        change(kProjects, "project", {{"pipelineStage", "Done"}},
               {{"tasks", {{"id", "@task"}, {"completed", true}}}, {"tasks", json::object()}})}});
}

TEST_CASE("PY-3: the latest note shows at the customer") {
  run_recipe({"payaca_notes_to_customers",
              {},
              {new_contact({{kCustomers, {{"name", "Ada King"}}, 1, "customer"}}),
               make("notes", "note", {{"contactId", "@ada"}, {"body", "Likes engines"}},
                    {{kCustomers, {{"customFields", {{"crm_note", "Likes engines"}}}}}}),
               change("notes", "note", {{"body", "Loves engines"}},
                      {{kCustomers, {{"customFields", {{"crm_note", "Loves engines"}}}}},
                       {kCustomers, json::object()}})}});
}

TEST_CASE("PY-i1: a customer is a contact, its name taken apart and its phone number made whole") {
  run_recipe({"payaca_customers_to_contacts",
              {},
              {new_customer({{"contacts",
                              {{"firstName", "Grace B."},
                               {"lastName", "Hopper"},
                               {"email", "grace@calc.example"},
                               {"phone", "+447777777777"},
                               {"country", "GB"},
                               {"postalCode", "SW1A 1AA"},
                               {"tags", {"payaca"}}},
                              1,
                              "grace"}}),
               change(kCustomers, "customer",
                      {{"contacts",
                        {{{"fullName", "Grace Murray"},
                          {"email", "gm@calc.example"},
                          {"phoneNumber", "07777 777778"}}}}},
                      {{"contacts",
                        {{"id", "@grace"},
                         {"lastName", "Murray"},
                         {"email", "gm@calc.example"},
                         {"phone", "+447777777778"}}},
                       {"contacts", json::object()}})}});
}

TEST_CASE("PY-i2: a new customer makes a task, and a task for the site makes a project") {
  run_recipe({"payaca_route_work",
              {},
              {new_customer({{"contacts", {{"email", "grace@calc.example"}}, 1, "grace"},
                             {"tasks", {{"title", "Welcome Calc Ltd"}}}}),
               make("tasks", "task", task_of("@grace", "Fit the engine #site"),
                    {{kProjects, {{"reference", "Fit the engine #site"}}, 1, "project"},
                     {"tasks", json::object(), 2}}),
               change("tasks", "task", {{"completed", true}},
                      {{kProjects, {{"id", "@project"}, {"pipelineStage", "Done"}}},
                       {kProjects, json::object()}})}});
}

TEST_CASE("PY-i3: notes and the customer's field show the same") {
  run_recipe({"payaca_notes_both_ways",
              {},
              {new_contact({{kCustomers, {{"name", "Ada King"}}, 1, "customer"}}),
               make("notes", "note", {{"contactId", "@ada"}, {"body", "Likes engines"}},
                    {{kCustomers, {{"customFields", {{"crm_note", "Likes engines"}}}}}}),
               change(kCustomers, "customer", {{"customFields", {{"crm_note", "Wants two"}}}},
                      {{"notes", {{"contactId", "@ada"}, {"body", "Wants two"}}, 1, "second"},
                       {"notes", json::object(), 2}}),
               change(kCustomers, "customer", {{"customFields", {{"crm_note", "Wants three"}}}},
                      {{"notes", {{"id", "@second"}, {"body", "Wants three"}}},
                       {"notes", json::object(), 2}})}});
}

TEST_SUITE_END();
