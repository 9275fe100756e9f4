// Contacts with their tasks and notes, workflows and campaigns, businesses. Each case has records
// of its own, so that none sees what another did.
#include "end_to_end/action_cases.h"

namespace triggerd::end_to_end {

namespace {

using Cases = std::vector<ActionCase>;

// Makes a record of a known id before anything is polled.
std::function<void(const Sandbox&)> having(std::string collection, std::string id, json record) {
  return [=](const Sandbox& sandbox) { sandbox.create(collection, record, id); };
}

void add_contacts(Cases& all) {
  all.push_back(
      {.operation = "create_contact",
       .with = {{"email", "created@example.com"},
                {"firstName", "Cora"},
                {"tags", {"By Step"}},
                {"customFields", {{"shoe_size", 41}}}},
       .collection = "contacts",
       .op = "create",
       .expect = {{"email", "created@example.com"},
                  {"firstName", "Cora"},
                  {"tags", {"by step"}},
                  {"customFields", json::array({{{"id", "field-shoe-size"}, {"value", 41}}})}},
       .answer = {{"email", "created@example.com"}, {"firstName", "Cora"}},
       .repeatable = false,
       .prepare = having("custom_fields", "field-shoe-size",
                         {{"name", "Shoe size"},
                          {"fieldKey", "contact.shoe_size"},
                          {"dataType", "NUMERICAL"},
                          {"model", "contact"}})});
  all.push_back({.operation = "update_contact",
                 .with = {{"contactId", "contact-updated"},
                          {"city", "Turin"},
                          {"phone", nullptr},
                          {"tags", {"moved"}}},
                 .missing = "contactId",
                 .collection = "contacts",
                 .op = "update",
                 .expect = {{"id", "contact-updated"},
                            {"firstName", "Ugo"},
                            {"city", "Turin"},
                            {"phone", nullptr},
                            {"tags", {"moved"}}},
                 .answer = {{"id", "contact-updated"}, {"city", "Turin"}},
                 .prepare = having("contacts", "contact-updated",
                                   {{"firstName", "Ugo"},
                                    {"email", "ugo@example.com"},
                                    {"phone", "+15550001"},
                                    {"tags", {"old"}}})});
  all.push_back({.operation = "upsert_contact",
                 .with = {{"email", "upserted@example.com"}, {"firstName", "Una"}},
                 .missing = "email",
                 .collection = "contacts",
                 .op = "create",
                 .expect = {{"email", "upserted@example.com"}, {"firstName", "Una"}},
                 .answer = {{"new", true}, {"contact", {{"firstName", "Una"}}}}});
  all.push_back({.operation = "delete_contact",
                 .with = {{"contactId", "contact-deleted"}},
                 .missing = "contactId",
                 .collection = "contacts",
                 .op = "delete",
                 .expect = {{"id", "contact-deleted"}},
                 .answer = {{"succeded", true}},
                 .prepare = having("contacts", "contact-deleted", {{"firstName", "Dora"}})});
}

void add_find_contact(Cases& all) {
  all.push_back(
      {.operation = "find_contact",
       .with = {{"email", "found@example.com"}},
       .missing = "email",
       .answer = {{"id", "contact-found"}, {"firstName", "Finn"}},
       .prepare =
           having("contacts", "contact-found",
                  {{"firstName", "Finn"}, {"email", "found@example.com"}, {"phone", "+15550002"}}),
       .served = "get_duplicate_contact"});
  all.push_back({.operation = "find_contact",
                 .with = {{"number", "+15550002"}},
                 .missing = "number",
                 .answer = {{"id", "contact-found"}},
                 .served = "get_duplicate_contact"});
  all.push_back({.operation = "find_contact",
                 .with = {{"contactId", "contact-found"}, {"email", "nobody@example.com"}},
                 .answer = {{"id", "contact-found"}},
                 .served = "get_contact"});
  // An expression that gives nothing leaves the next parameter to look by.
  all.push_back({.operation = "find_contact",
                 .with = {{"email", "${{ .record.nothing }}"}, {"query", "found@example.com"}},
                 .answer = {{"id", "contact-found"}},
                 .served = "search_contacts"});
  // Nobody is no failure.
  all.push_back({.operation = "find_contact",
                 .with = {{"contactId", "contact-nobody"}},
                 .missing = "contactId",
                 .answer = nullptr,
                 .served = "get_contact"});
  all.push_back({.operation = "find_contact",
                 .with = {{"email", "nobody@example.com"}},
                 .missing = "email",
                 .answer = {{"id", nullptr}},
                 .served = "get_duplicate_contact"});
}

void add_tags(Cases& all) {
  all.push_back(
      {.operation = "add_tags_to_contact",
       .with = {{"contactId", "contact-tagged"}, {"tags", {"Tagged", "lead"}}},
       .missing = "tags",
       .collection = "contacts",
       .op = "update",
       .expect = {{"id", "contact-tagged"}, {"tags", {"lead", "tagged"}}},
       .answer = {{"tags", {"lead", "tagged"}}},
       .prepare = having("contacts", "contact-tagged", {{"tags", {"lead"}}, {"name", "Tess"}})});
  all.push_back({.operation = "remove_tags_from_contact",
                 .with = {{"contactId", "contact-untagged"}, {"tags", {"lead"}}},
                 .missing = "tags",
                 .collection = "contacts",
                 .op = "update",
                 .expect = {{"id", "contact-untagged"}, {"tags", {"vip"}}},
                 .answer = {{"tags", {"vip"}}},
                 .prepare = having("contacts", "contact-untagged",
                                   {{"tags", {"lead", "vip"}}, {"name", "Ulf"}})});
  all.push_back({.operation = "bulk_update_contact_tags",
                 .with = {{"type", "add"},
                          {"contacts", {"contact-bulk-1", "contact-bulk-2"}},
                          {"tags", {"bulk"}}},
                 .missing = "contacts",
                 .collection = "contacts",
                 .op = "update",
                 .expect = {{"tags", {"bulk"}}},
                 .answer = {{"succeded", true}, {"errorCount", 0}},
                 .prepare =
                     [](const Sandbox& sandbox) {
                       sandbox.create("contacts", {{"name", "Bo"}}, "contact-bulk-1");
                       sandbox.create("contacts", {{"name", "Bea"}}, "contact-bulk-2");
                     },
                 .effects = 2});
  all.push_back({.operation = "bulk_update_contact_tags",
                 .with = {{"type", "remove"},
                          {"contacts", {"contact-bulk-3"}},
                          {"tags", {"x"}},
                          {"removeAllTags", true}},
                 .missing = "type",
                 .collection = "contacts",
                 .op = "update",
                 .expect = {{"id", "contact-bulk-3"}, {"tags", json::array()}},
                 .answer = {{"succeded", true}},
                 .prepare = having("contacts", "contact-bulk-3",
                                   {{"name", "Bob"}, {"tags", {"one", "two"}}})});
}

// A task of the first contact; what is done to it shows.
std::function<void(const Sandbox&)> having_task(std::string id) {
  return [=](const Sandbox& sandbox) {
    sandbox.create("tasks",
                   {{"contactId", sandbox.records("contacts").at(0).at("id")},
                    {"title", "Ring"},
                    {"dueDate", "2026-12-01T09:00:00Z"},
                    {"completed", false}},
                   id);
  };
}

void add_tasks(Cases& all) {
  all.push_back({.operation = "create_contact_task",
                 .with = {{"contactId", "@contacts/0"},
                          {"title", "Ring back"},
                          {"dueDate", "2026-12-01T10:00:00.250+01:00"},
                          {"completed", false}},
                 .missing = "dueDate",
                 .collection = "tasks",
                 .op = "create",
                 .expect = {{"contactId", "@contacts/0"},
                            {"title", "Ring back"},
                            {"dueDate", "2026-12-01T09:00:00Z"},
                            {"completed", false}},
                 .answer = {{"title", "Ring back"}, {"contactId", "@contacts/0"}},
                 .repeatable = false});
  all.push_back(
      {.operation = "update_contact_task",
       .with = {{"contactId", "@contacts/0"},
                {"taskId", "task-updated"},
                {"dueDate", "2026-12-24T18:00:00+01:00"}},
       .missing = "taskId",
       .collection = "tasks",
       .op = "update",
       .expect = {{"id", "task-updated"}, {"title", "Ring"}, {"dueDate", "2026-12-24T17:00:00Z"}},
       .answer = {{"id", "task-updated"}, {"title", "Ring"}},
       .prepare = having_task("task-updated")});
  all.push_back(
      {.operation = "complete_contact_task",
       .with = {{"contactId", "@contacts/0"}, {"taskId", "task-completed"}, {"completed", true}},
       .missing = "completed",
       .collection = "tasks",
       .op = "update",
       .expect = {{"id", "task-completed"}, {"completed", true}, {"title", "Ring"}},
       .answer = {{"completed", true}},
       .prepare = having_task("task-completed")});
  all.push_back({.operation = "delete_contact_task",
                 .with = {{"contactId", "@contacts/0"}, {"taskId", "task-deleted"}},
                 .missing = "taskId",
                 .collection = "tasks",
                 .op = "delete",
                 .expect = {{"id", "task-deleted"}},
                 .answer = {{"succeded", true}},
                 .prepare = having_task("task-deleted")});
}

std::function<void(const Sandbox&)> having_note(std::string id) {
  return [=](const Sandbox& sandbox) {
    const json contact = sandbox.records("contacts").at(1).at("id");
    sandbox.create("notes", {{"contactId", contact}, {"title", "Tea"}, {"body", "Green"}}, id);
  };
}

void add_notes(Cases& all) {
  all.push_back({.operation = "create_contact_note",
                 .with = {{"contactId", "@contacts/1"}, {"body", "Likes tea"}, {"pinned", true}},
                 .missing = "body",
                 .collection = "notes",
                 .op = "create",
                 .expect = {{"contactId", "@contacts/1"}, {"body", "Likes tea"}, {"pinned", true}},
                 .answer = {{"body", "Likes tea"}},
                 .repeatable = false});
  all.push_back({.operation = "update_contact_note",
                 .with = {{"contactId", "@contacts/1"}, {"id", "note-updated"}, {"body", "Black"}},
                 .missing = "id",
                 .collection = "notes",
                 .op = "update",
                 .expect = {{"id", "note-updated"}, {"title", "Tea"}, {"body", "Black"}},
                 .answer = {{"id", "note-updated"}, {"body", "Black"}},
                 .prepare = having_note("note-updated")});
  all.push_back({.operation = "delete_contact_note",
                 .with = {{"contactId", "@contacts/1"}, {"id", "note-deleted"}},
                 .missing = "contactId",
                 .collection = "notes",
                 .op = "delete",
                 .expect = {{"id", "note-deleted"}},
                 .answer = {{"succeded", true}},
                 .prepare = having_note("note-deleted")});
}

// A contact that is in the first campaign, and in others so many times.
std::function<void(const Sandbox&)> being_member(std::string contact, std::string of, int others) {
  return [=](const Sandbox& sandbox) {
    sandbox.create("contacts", {{"name", contact}}, contact);
    const std::string id = of + "Id";
    for (int i = 0; i <= others; ++i) {
      const json target = sandbox.records(of + "s").at(static_cast<std::size_t>(i)).at("id");
      sandbox.create(of + "_members", {{"contactId", contact}, {id, target}});
    }
  };
}

void add_campaigns_and_workflows(Cases& all) {
  all.push_back({.operation = "add_contact_to_campaign",
                 .with = {{"contactId", "@contacts/2"}, {"campaignId", "@campaigns/0"}},
                 .missing = "campaignId",
                 .collection = "campaign_members",
                 .op = "create",
                 .expect = {{"contactId", "@contacts/2"}, {"campaignId", "@campaigns/0"}},
                 .answer = {{"succeded", true}},
                 .repeatable = false});
  all.push_back({.operation = "remove_from_campaign",
                 .with = {{"contactId", "contact-leaves"}, {"campaignId", "@campaigns/0"}},
                 .missing = "campaignId",
                 .collection = "campaign_members",
                 .op = "delete",
                 .expect = {{"contactId", "contact-leaves"}, {"campaignId", "@campaigns/0"}},
                 .answer = {{"succeded", true}},
                 .prepare = being_member("contact-leaves", "campaign", 1)});
  all.push_back({.operation = "remove_from_all_campaigns",
                 .with = {{"contactId", "contact-leaves-all"}},
                 .missing = "contactId",
                 .collection = "campaign_members",
                 .op = "delete",
                 .expect = {{"contactId", "contact-leaves-all"}},
                 .answer = {{"succeded", true}},
                 .prepare = being_member("contact-leaves-all", "campaign", 1),
                 .effects = 2});
  all.push_back({.operation = "add_contact_to_workflow",
                 .with = {{"contactId", "@contacts/2"},
                          {"workflowId", "@workflows/0"},
                          {"eventStartTime", "2026-12-01T10:00:00+01:00"}},
                 .missing = "workflowId",
                 .collection = "workflow_members",
                 .op = "create",
                 .expect = {{"contactId", "@contacts/2"},
                            {"workflowId", "@workflows/0"},
                            {"eventStartTime", "2026-12-01T09:00:00+00:00"}},
                 .answer = {{"succeded", true}},
                 .repeatable = false});
  all.push_back({.operation = "remove_from_workflow",
                 .with = {{"contactId", "contact-stops"}, {"workflowId", "@workflows/1"}},
                 .missing = "contactId",
                 .collection = "workflow_members",
                 .op = "delete",
                 .expect = {{"contactId", "contact-stops"}, {"workflowId", "@workflows/1"}},
                 .answer = {{"succeded", true}},
                 .prepare = being_member("contact-stops", "workflow", 2)});
}

void add_followers(Cases& all) {
  const json followed = {{"name", "Fay"}, {"followers", {"user-1"}}};
  all.push_back({.operation = "add_contact_followers",
                 .with = {{"contactId", "contact-followed"}, {"followers", {"user-1", "@users/0"}}},
                 .missing = "followers",
                 .collection = "contacts",
                 .op = "update",
                 .expect = {{"id", "contact-followed"}, {"followers", {"user-1", "@users/0"}}},
                 .answer = {{"followersAdded", {"@users/0"}}},
                 .prepare = having("contacts", "contact-followed", followed)});
  all.push_back({.operation = "remove_contact_followers",
                 .with = {{"contactId", "contact-unfollowed"}, {"followers", {"user-1"}}},
                 .missing = "followers",
                 .collection = "contacts",
                 .op = "update",
                 .expect = {{"id", "contact-unfollowed"}, {"followers", json::array()}},
                 .answer = {{"followersRemoved", {"user-1"}}},
                 .prepare = having("contacts", "contact-unfollowed", followed)});
}

void add_businesses(Cases& all) {
  all.push_back(
      {.operation = "bulk_business_update",
       .with = {{"ids", {"contact-linked", "contact-linked-2"}}, {"businessId", "@businesses/0"}},
       .missing = "businessId",
       .collection = "contacts",
       .op = "update",
       .expect = {{"businessId", "@businesses/0"}},
       .answer = {{"success", true}},
       .prepare =
           [](const Sandbox& sandbox) {
             sandbox.create("contacts", {{"name", "Lin"}}, "contact-linked");
             sandbox.create("contacts", {{"name", "Liv"}}, "contact-linked-2");
           },
       .effects = 2});
  all.push_back({.operation = "bulk_business_update",
                 .with = {{"ids", {"contact-unlinked"}}, {"businessId", nullptr}},
                 .missing = "ids",
                 .collection = "contacts",
                 .op = "update",
                 .expect = {{"id", "contact-unlinked"}, {"businessId", nullptr}},
                 .answer = {{"ids", {"contact-unlinked"}}},
                 .prepare = having("contacts", "contact-unlinked",
                                   {{"name", "Lou"}, {"businessId", "business-left"}})});
  all.push_back({.operation = "create_business",
                 .with = {{"name", "Initech"}, {"city", "Austin"}},
                 .missing = "name",
                 .collection = "businesses",
                 .op = "create",
                 .expect = {{"name", "Initech"}, {"city", "Austin"}, {"locationId", kLocation}},
                 .answer = {{"name", "Initech"}},
                 .repeatable = false});
  all.push_back(
      {.operation = "update_business",
       .with = {{"businessId", "business-updated"}, {"city", "Turin"}},
       .missing = "businessId",
       .collection = "businesses",
       .op = "update",
       .expect = {{"id", "business-updated"}, {"name", "Acme"}, {"city", "Turin"}},
       .answer = {{"id", "business-updated"}, {"city", "Turin"}},
       .prepare = having("businesses", "business-updated", {{"name", "Acme"}, {"city", "Rome"}})});
  all.push_back({.operation = "delete_business",
                 .with = {{"businessId", "business-deleted"}},
                 .missing = "businessId",
                 .collection = "businesses",
                 .op = "delete",
                 .expect = {{"id", "business-deleted"}},
                 .answer = {{"success", true}},
                 .prepare = having("businesses", "business-deleted", {{"name", "Ash"}})});
}

}  // namespace

const std::vector<ActionCase>& contact_actions() {
  static const Cases cases = [] {
    Cases all;
    for (auto* part : {add_contacts, add_find_contact, add_tags, add_tasks, add_notes,
                       add_campaigns_and_workflows, add_followers, add_businesses}) {
      part(all);
    }
    return all;
  }();
  return cases;
}

}  // namespace triggerd::end_to_end
