// Opportunities, users, conversations with their messages, and the other operations. Each case has
// records of its own, so that none sees what another did.
#include "end_to_end/action_cases.h"

namespace triggerd::end_to_end {

namespace {

using Cases = std::vector<ActionCase>;
using Prepare = std::function<void(const Sandbox&)>;

// Makes a record of a known id before anything is polled.
Prepare having(std::string collection, std::string id, json record) {
  return [=](const Sandbox& sandbox) { sandbox.create(collection, record, id); };
}

// ---- opportunities

// An opportunity of a contact who has no other one.
Prepare having_deal(std::string id, json more = json::object()) {
  return [=](const Sandbox& sandbox) {
    const json pipeline = sandbox.records("pipelines").at(0);
    json deal = {{"name", "Roof"},
                 {"status", "open"},
                 {"monetaryValue", 10},
                 {"pipelineId", pipeline.at("id")},
                 {"pipelineStageId", pipeline.at("stages").at(0).at("id")},
                 {"contactId", "contact-of-" + id},
                 {"followers", json::array()}};
    deal.update(more);
    sandbox.create("opportunities", deal, id);
  };
}

void add_opportunities(Cases& all) {
  all.push_back(
      {.operation = "create_opportunity",
       .with = {{"pipelineId", "@pipelines/0"},
                {"name", "Deal of ${{ .record.name }}"},
                {"status", "open"},
                {"contactId", "contact-buys"},
                {"monetaryValue", 250.5},
                {"customFields", json::array({{{"id", "field-1"}, {"field_value", "red"}}})}},
       .missing = "status",
       .collection = "opportunities",
       .op = "create",
       .expect = {{"name", "Deal of wave 0."},
                  {"contactId", "contact-buys"},
                  {"pipelineStageId", "@pipelines/0/stages/0/id"},
                  {"monetaryValue", 250.5},
                  {"customFields", json::array({{{"id", "field-1"}, {"fieldValue", "red"}}})}},
       .answer = {{"name", "Deal of wave 0."}, {"status", "open"}},
       .repeatable = false,
       .prepare = having("contacts", "contact-buys", {{"name", "Bea Buyer"}})});
  all.push_back({.operation = "update_opportunity",
                 .with = {{"id", "deal-updated"},
                          {"pipelineStageId", "@pipelines/0/stages/2/id"},
                          {"monetaryValue", "300"}},
                 .missing = "id",
                 .collection = "opportunities",
                 .op = "update",
                 .expect = {{"id", "deal-updated"},
                            {"name", "Roof"},
                            {"pipelineStageId", "@pipelines/0/stages/2/id"},
                            {"monetaryValue", 300}},
                 .answer = {{"id", "deal-updated"}, {"monetaryValue", 300}},
                 .prepare = having_deal("deal-updated")});
  all.push_back({.operation = "update_opportunity_status",
                 .with = {{"id", "deal-lost"}, {"status", "lost"}, {"lostReasonId", "reason-1"}},
                 .missing = "status",
                 .collection = "opportunities",
                 .op = "update",
                 .expect = {{"id", "deal-lost"}, {"status", "lost"}, {"lostReasonId", "reason-1"}},
                 .answer = {{"succeded", true}},
                 .prepare = having_deal("deal-lost")});
  all.push_back({.operation = "delete_opportunity",
                 .with = {{"id", "deal-deleted"}},
                 .missing = "id",
                 .collection = "opportunities",
                 .op = "delete",
                 .expect = {{"id", "deal-deleted"}},
                 .answer = {{"succeded", true}},
                 .prepare = having_deal("deal-deleted")});
}

void add_upserts(Cases& all) {
  all.push_back({.operation = "upsert_opportunity",
                 .with = {{"contactId", "contact-upserts"},
                          {"pipelineId", "@pipelines/1"},
                          {"name", "New roof"},
                          {"monetaryValue", 900}},
                 .missing = "contactId",
                 .collection = "opportunities",
                 .op = "create",
                 .expect = {{"contactId", "contact-upserts"},
                            {"pipelineId", "@pipelines/1"},
                            {"name", "New roof"},
                            {"status", "open"}},
                 .answer = {{"new", true}, {"opportunity", {{"name", "New roof"}}}},
                 .prepare = having("contacts", "contact-upserts", {{"name", "Uma Upsert"}})});
  all.push_back({.operation = "upsert_opportunity",
                 .with = {{"contactId", "contact-of-deal-known"},
                          {"pipelineId", "@pipelines/0"},
                          {"status", "won"}},
                 .missing = "pipelineId",
                 .collection = "opportunities",
                 .op = "update",
                 .expect = {{"id", "deal-known"}, {"name", "Roof"}, {"status", "won"}},
                 .answer = {{"new", false}, {"opportunity", {{"id", "deal-known"}}}},
                 .prepare = having_deal("deal-known")});
  all.push_back({.operation = "upsert_opportunity",
                 .with = {{"id", "deal-followed-too"},
                          {"pipelineId", "@pipelines/0"},
                          {"followers", {"user-1"}},
                          {"followersActionType", "add"}},
                 .missing = "id",
                 .collection = "opportunities",
                 .op = "update",
                 .expect = {{"id", "deal-followed-too"}, {"followers", {"user-1"}}},
                 .answer = {{"new", false}},
                 .prepare = having_deal("deal-followed-too")});
}

void add_followers(Cases& all) {
  all.push_back({.operation = "add_opportunity_followers",
                 .with = {{"id", "deal-followed"}, {"followers", {"user-1", "@users/0"}}},
                 .missing = "followers",
                 .collection = "opportunities",
                 .op = "update",
                 .expect = {{"id", "deal-followed"}, {"followers", {"user-1", "@users/0"}}},
                 .answer = {{"followersAdded", {"@users/0"}}},
                 .prepare = having_deal("deal-followed", {{"followers", {"user-1"}}})});
  all.push_back({.operation = "remove_opportunity_followers",
                 .with = {{"id", "deal-left"}, {"followers", {"user-1"}}},
                 .missing = "followers",
                 .collection = "opportunities",
                 .op = "update",
                 .expect = {{"id", "deal-left"}, {"followers", {"user-2"}}},
                 .answer = {{"followersRemoved", {"user-1"}}},
                 .prepare = having_deal("deal-left", {{"followers", {"user-1", "user-2"}}})});
  all.push_back(
      {.operation = "remove_opportunity_followers",
       .with = {{"id", "deal-left-by-all"},
                {"followers", json::array()},
                {"isRemoveAllFollowers", true}},
       .missing = "id",
       .collection = "opportunities",
       .op = "update",
       .expect = {{"id", "deal-left-by-all"}, {"followers", json::array()}},
       .answer = {{"followersRemoved", {"user-1", "user-2"}}},
       .prepare = having_deal("deal-left-by-all", {{"followers", {"user-1", "user-2"}}})});
}

// ---- users

void add_users(Cases& all) {
  all.push_back(
      {.operation = "create_user",
       .with = {{"firstName", "Nora"},
                {"lastName", "New"},
                {"email", "Nora.New@agency.example.com"},
                {"password", "${env:PASSWORD_OF_NEW_USERS}"},
                {"type", "account"},
                {"role", "user"},
                {"locationIds", {kLocation}},
                {"scopes", {"contacts.write", "campaigns.readonly"}}},
       .missing = "locationIds",
       .collection = "users",
       .op = "create",
       .expect = {{"name", "Nora New"},
                  {"email", "nora.new@agency.example.com"},
                  {"scopes", "contacts.write campaigns.readonly"},
                  {"roles", {{"type", "account"}, {"role", "user"}, {"locationIds", {kLocation}}}},
                  {"password", nullptr}},
       .answer = {{"firstName", "Nora"}, {"lastName", "New"}},
       .repeatable = false,
       .account = "agency"});
  const json known = {{"firstName", "Ulf"}, {"lastName", "Old"}, {"name", "Ulf Old"}};
  all.push_back(
      {.operation = "update_user",
       .with = {{"userId", "user-updated"}, {"lastName", "Young"}, {"phone", "+15550001"}},
       .missing = "userId",
       .collection = "users",
       .op = "update",
       .expect = {{"id", "user-updated"}, {"name", "Ulf Young"}, {"phone", "+15550001"}},
       .answer = {{"id", "user-updated"}, {"name", "Ulf Young"}},
       .prepare = having("users", "user-updated", known),
       .account = "agency"});
  // The record stays and says of itself that it is deleted.
  all.push_back({.operation = "delete_user",
                 .with = {{"userId", "user-deleted"}},
                 .missing = "userId",
                 .collection = "users",
                 .op = "update",
                 .expect = {{"id", "user-deleted"}, {"deleted", true}},
                 .answer = {{"succeded", true}},
                 .prepare = having("users", "user-deleted", known)});
}

// ---- conversations

void add_messages(Cases& all) {
  const json contact = {{"name", "Mia Mail"}, {"email", "mia@example.com"}, {"phone", "+15550002"}};
  all.push_back({.operation = "send_message",
                 .with = {{"type", "SMS"},
                          {"contactId", "contact-rung"},
                          {"message", "About ${{ .record.name }}"}},
                 .missing = "message",
                 .collection = "messages",
                 .op = "create",
                 .expect = {{"contactId", "contact-rung"},
                            {"messageType", "TYPE_SMS"},
                            {"direction", "outbound"},
                            {"body", "About wave 0."}},
                 .answer = {{"status", "pending"}},
                 .repeatable = false,
                 .prepare = having("contacts", "contact-rung", contact)});
  all.push_back({.operation = "send_message",
                 .with = {{"type", "Email"},
                          {"contactId", "contact-mailed"},
                          {"subject", "Hello"},
                          {"html", "<p>Hello</p>"},
                          {"emailCc", {"boss@example.com"}}},
                 .missing = "contactId",
                 .collection = "emails",
                 .op = "create",
                 .expect = {{"contactId", "contact-mailed"},
                            {"subject", "Hello"},
                            {"to", {"mia@example.com"}},
                            {"cc", {"boss@example.com"}}},
                 .answer = {{"status", "pending"}},
                 .repeatable = false,
                 .prepare = having("contacts", "contact-mailed", contact)});
  all.push_back(
      {.operation = "update_message_status",
       .with = {{"messageId", "message-failed"},
                {"status", "failed"},
                {"error", {{"code", "1"}, {"type", "saas"}, {"message", "no such number"}}}},
       .missing = "status",
       .collection = "messages",
       .op = "update",
       .expect = {{"id", "message-failed"},
                  {"status", "failed"},
                  {"error", {{"message", "no such number"}}}},
       .answer = {{"messageId", "message-failed"}, {"status", "failed"}},
       .prepare = having("messages", "message-failed",
                         {{"messageType", "TYPE_SMS"}, {"status", "pending"}})});
}

void add_conversations(Cases& all) {
  all.push_back({.operation = "create_conversation",
                 .with = {{"contactId", "contact-silent"}},
                 .missing = "contactId",
                 .collection = "conversations",
                 .op = "create",
                 .expect = {{"contactId", "contact-silent"}},
                 .answer = {{"contactId", "contact-silent"}},
                 .repeatable = false,
                 .prepare = having("contacts", "contact-silent", {{"name", "Sil Ent"}})});
  all.push_back({.operation = "agent_typing_indicator",
                 .with = {{"isTyping", true},
                          {"visitorId", "visitor-1"},
                          {"conversationId", "@conversations/0"}},
                 .missing = "visitorId",
                 .answer = {{"success", true}}});
}

}  // namespace

const std::vector<ActionCase>& other_actions() {
  static const Cases cases = [] {
    Cases all;
    for (auto* part : {add_opportunities, add_upserts, add_followers, add_users, add_messages,
                       add_conversations, add_record_actions}) {
      part(all);
    }
    return all;
  }();
  return cases;
}

}  // namespace triggerd::end_to_end
