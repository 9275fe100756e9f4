// The recipes of PartnerStack.
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

constexpr const char* kLeads = "partnerstack_leads";

Move new_lead(std::vector<Expected> then) {
  return make(
      kLeads, "lead",
      {{"status", "open"},
       {"partner_key", "partner-1"},
       {"external_key", "ada@calc.example"},
       {"meta", {{"first_name", "Ada"}, {"last_name", "King"}, {"phone", "(415) 555-2671"}}}},
      std::move(then));
}

const Expected kTheContact{"contacts", {{"email", "ada@calc.example"}}, 1, "ada"};

}  // namespace

TEST_SUITE_BEGIN("partnerstack");

TEST_CASE("PS-1: leads and contacts follow each other, without a loop") {
  run_recipe(
      {"partnerstack_leads_and_contacts",
       {},
       {new_lead({{"contacts",
                   {{"firstName", "Ada"},
                    {"lastName", "King"},
                    {"phone", "+14155552671"},
                    {"tags", {"partnerstack", "partnerstack open"}}},
                   1,
                   "ada"},
                  kTheContact,
                  {"tasks", {{"title", "Follow up with Ada King"}, {"completed", false}}},
                  {kLeads, {{"status", "open"}}}}),
        change("contacts", "ada", {{"tags", {"partnerstack", "partnerstack open", "vip"}}},
               {{kLeads, {{"status", "open"}}}}),
        change(kLeads, "lead", {{"status", "closed won"}, {"meta", {{"last_name", "Lovelace"}}}},
               {{"contacts",
                 {{"id", "@ada"},
                  {"lastName", "Lovelace"},
                  {"tags", {"partnerstack closed won", "partnerstack open", "vip"}}}},
                kTheContact,
                {"tasks", {{"title", "Follow up with Ada King"}}}}),
        change("contacts", "ada", {{"email", "ada.lovelace@calc.example"}},
               {{kLeads, {{"key", "@lead"}, {"meta", {{"email", "ada.lovelace@calc.example"}}}}},
                {kLeads, json::object()}}),
        make("contacts", "bob",
             {{"firstName", "Bob"}, {"lastName", "Stone"}, {"email", "bob@calc.example"}},
             {{kLeads, {{"external_key", "@bob"}, {"meta", {{"first_name", "Bob"}}}}, 1, "bobs"},
              {"contacts", json::object(), 2}}),
        change(kLeads, "bobs", {{"meta", {{"first_name", "Robert"}}}},
               {{"contacts", {{"id", "@bob"}, {"firstName", "Robert"}}},
                {kLeads, json::object(), 2}})}});
}

TEST_CASE("PS-i1: a new lead becomes a contact, once") {
  run_recipe({"partnerstack_new_leads_to_contacts",
              {},
              {new_lead({kTheContact,
                         {"contacts", {{"phone", "+14155552671"}, {"tags", {"partnerstack"}}}}}),
               change(kLeads, "lead", {{"meta", {{"last_name", "Lovelace"}}}},
                      {{"contacts", {{"lastName", "King"}}}, {"contacts", json::object()}})}});
}

TEST_CASE("PS-2: a lead has a task as long as it is open, and both are closed together") {
  run_recipe(
      {"partnerstack_leads_and_tasks",
       {},
       {new_lead({kTheContact,
                  {"tasks",
                   {{"contactId", "@ada"},
                    {"title", "PartnerStack lead Ada King"},
                    {"completed", false}},
                   1,
                   "task"}}),
        change(kLeads, "lead", {{"status", "closed won"}},
               {{"tasks", {{"id", "@task"}, {"completed", true}}}, {"tasks", json::object()}}),
        change("tasks", "task", {{"completed", false}}, {{kLeads, {{"status", "open"}}}}),
        change(kLeads, "lead", {{"meta", {{"last_name", "Lovelace"}}}},
               {{"tasks", {{"id", "@task"}, {"title", "PartnerStack lead Ada Lovelace"}}},
                {"tasks", json::object()},
                kTheContact}),
        change("tasks", "task", {{"completed", true}}, {{kLeads, {{"status", "closed"}}}})}});
}

TEST_CASE("PS-i2: the follow-up of a contact shows at its lead until it is done") {
  run_recipe({"partnerstack_follow_ups_from_tasks",
              {},
              {new_lead({kTheContact}),
               make("tasks", "task", task_of("@ada", "Call Ada"),
                    {{kLeads,
                      {{"meta",
                        {{"follow_up", "Call Ada"},
                         {"follow_up_due", "2027-03-01"},
                         {"first_name", "Ada"}}}}}}),
               change("tasks", "task", {{"title", "Meet Ada"}, {"dueDate", "2027-04-01T09:00:00Z"}},
                      {{kLeads,
                        {{"meta", {{"follow_up", "Meet Ada"}, {"follow_up_due", "2027-04-01"}}}}}}),
               change("tasks", "task", {{"completed", true}},
                      {{kLeads, {{"meta", {{"follow_up", ""}, {"follow_up_due", ""}}}}},
                       {"tasks", json::object()},
                       kTheContact})}});
}

TEST_CASE("PS-3: a lead has one note that is kept up to date, and a note goes back") {
  const std::string names = "\nfirst_name: Ada\nlast_name: ";
  run_recipe(
      {"partnerstack_leads_and_notes",
       {},
       {new_lead({kTheContact, {"notes", {{"contactId", "@ada"}}, 1, "note"}}),
        change(kLeads, "lead", {{"status", "dead"}, {"meta", {{"last_name", "Lovelace"}}}},
               {{"notes",
                 {{"id", "@note"},
                  {"body",
                   "PartnerStack lead lead-1: dead" + names + "Lovelace\nphone: (415) 555-2671"}},
                 0},
                {"notes", {{"id", "@note"}}},
                {"notes", json::object()}}),
        make("notes", "own", {{"contactId", "@ada"}, {"body", "Likes engines"}},
             {{kLeads, {{"meta", {{"crm_note", "Likes engines"}, {"last_name", "Lovelace"}}}}},
              {"notes", json::object(), 2}}),
        change("notes", "own", {{"body", "Loves engines"}},
               {{kLeads, {{"meta", {{"crm_note", "Loves engines"}}}}},
                {"notes", json::object(), 2}})}});
}

TEST_CASE("PS-i3: each change of a lead is a note of its own") {
  run_recipe({"partnerstack_history_as_notes",
              {},
              {new_lead({kTheContact, {"notes", {{"contactId", "@ada"}}}}),
               change(kLeads, "lead", {{"status", "dead"}},
                      {{"notes", {{"contactId", "@ada"}}, 2}, kTheContact})}});
}

TEST_SUITE_END();
