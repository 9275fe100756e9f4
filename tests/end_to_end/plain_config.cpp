#include "end_to_end/plain_config.h"

#include <doctest/doctest.h>

#include <algorithm>

namespace triggerd::end_to_end {

namespace {

using Triggers = std::vector<PlainTrigger>;

void add_contacts(Triggers& all) {
  const std::string contact = "contactId";
  const std::string search = "search_contacts";
  all.push_back({search, false, "", "", "", "pageLimit: 5"});
  all.push_back({"get_contact", false, contact, search, "", ""});
  all.push_back({"get_contacts_by_business", false, "businessId", "list_businesses_by_location", "",
                 "limit: 2"});
  all.push_back({"get_duplicate_contact", false, "", "", "email: ada@example.com", ""});
  all.push_back({"get_contact_appointments", false, contact, search, "", ""});
  all.push_back({"get_contact_tasks", false, contact, search, "", ""});
  all.push_back({"get_contact_task_by_id", false, "taskId", "get_contact_tasks", "", ""});
  all.push_back({"get_contact_notes", false, contact, search, "", ""});
  all.push_back({"get_contact_note_by_id", false, "id", "get_contact_notes", "", ""});
  all.push_back({"list_contacts_deprecated", false, "", "", "", "limit: 5"});
}

void add_calendars(Triggers& all) {
  const std::string calendar = "calendarId";
  const std::string list = "list_calendars";
  const std::string events = "list_calendar_events";
  all.push_back({"list_calendar_groups", false, "", "", "", ""});
  all.push_back({list, false, "", "", "", ""});
  all.push_back({"get_calendar_by_id", false, calendar, list, "", ""});
  all.push_back({"get_free_slots", false, calendar, list, "", ""});
  all.push_back({events, false, calendar, list, "", ""});
  all.push_back({"list_blocked_slots", false, "userId", "list_users_by_location", "", ""});
  all.push_back({"get_appointment", false, "eventId", events, "", ""});
  all.push_back({"list_appointment_notes", false, "appointmentId", events, "", "limit: 1"});
  all.push_back({"list_calendar_notifications", false, calendar, list, "", ""});
  all.push_back({"get_calendar_notification", false, "notificationId",
                 "list_calendar_notifications", "", ""});
  all.push_back(
      {"list_calendar_resources", false, "resourceType", "[rooms, equipments]", "", "limit: 1"});
  all.push_back({"get_calendar_resource", false, "", "",
                 "resourceType: rooms, id: room0000000000000001", ""});
}

void add_sales_and_users(Triggers& all) {
  all.push_back({"search_opportunities", false, "", "", "", "limit: 10"});
  all.push_back({"get_opportunity", false, "id", "search_opportunities", "", ""});
  all.push_back({"list_pipelines", false, "", "", "", ""});
  all.push_back({"search_users", false, "", "", "", "limit: 2"});
  all.push_back({"filter_users_by_email", true, "", "", "projection: all", "limit: 2"});
  all.push_back({"get_user", false, "userId", "list_users_by_location", "", ""});
  all.push_back({"list_users_by_location", false, "", "", "", ""});
}

void add_conversations(Triggers& all) {
  const std::string messages = "get_messages_by_conversation";
  const std::string search = "search_conversations";
  all.push_back({search, false, "", "", "", "limit: 3"});
  all.push_back({"get_conversation", false, "conversationId", search, "", ""});
  all.push_back({"get_email_by_id", false, "id", messages, "", ""});
  all.push_back({"get_message_by_id", false, "id", messages, "", ""});
  all.push_back({messages, false, "conversationId", search, "", "limit: 2"});
  all.push_back({"get_message_recording", false, "messageId", messages, "", ""});
  all.push_back({"get_message_transcription", false, "messageId", messages, "", ""});
  all.push_back({"download_transcription", false, "messageId", messages, "", ""});
}

void add_account(Triggers& all) {
  const std::string businesses = "list_businesses_by_location";
  all.push_back({"get_business", false, "businessId", businesses, "", ""});
  all.push_back({businesses, false, "", "", "", "limit: 1"});
  all.push_back({"list_workflows", false, "", "", "", ""});
  all.push_back({"list_snapshots", true, "", "", "", ""});
  all.push_back({"list_campaigns", false, "", "", "", ""});
  all.push_back({"list_locations", true, "", "", "", "limit: 1"});
  all.push_back({"list_custom_fields", false, "", "", "model: all", ""});
  all.push_back({"get_company", true, "", "", "", ""});
}

void add_others(Triggers& all) {
  const std::string associations = "find_associations";
  const std::string blogs = "get_blogs_by_location";
  all.push_back({associations, false, "", "", "", "limit: 2"});
  all.push_back({"get_association", false, "associationId", associations, "", ""});
  all.push_back({"get_association_key", false, "key_name", associations, "", ""});
  all.push_back({"get_association_by_keys", false, "", "", "objectKey: contact", ""});
  all.push_back({"get_relations_by_record", false, "recordId", "search_contacts", "", "limit: 1"});
  all.push_back({"check_blog_url_slug", false, "", "", "urlSlug: spring-offer", ""});
  all.push_back({"get_blog_authors", false, "", "", "", "limit: 2"});
  all.push_back({"get_blog_categories", false, "", "", "", "limit: 3"});
  all.push_back({"get_blog_posts", false, "blogId", blogs, "", "limit: 2"});
  all.push_back({blogs, false, "", "", "", "limit: 1"});
}

bool from_a_trigger(const PlainTrigger& trigger) {
  return !trigger.item_from.empty() && trigger.item_from.front() != '[';
}

constexpr const char* kHead = R"(version: 1
accounts:
  dental:
    connector: highlevel
    location_id: ve9EPM428h8vShlRW1KT
    company_id: 5DP4iH6HLkQsiKESj6rh
    auth: {token: "${env:HIGHLEVEL_TOKEN}"}
  agency:
    connector: highlevel
    company_id: 5DP4iH6HLkQsiKESj6rh
    auth: {token: "${env:HIGHLEVEL_AGENCY_TOKEN}"}
defaults: {every: 1m}
triggers:
)";

}  // namespace

const Triggers& plain_triggers() {
  static const Triggers triggers = [] {
    Triggers all;
    add_contacts(all);
    add_calendars(all);
    add_sales_and_users(all);
    add_conversations(all);
    add_account(all);
    add_others(all);
    return all;
  }();
  return triggers;
}

const PlainTrigger& plain_trigger(const std::string& operation) {
  const auto& all = plain_triggers();
  const auto found = std::find_if(
      all.begin(), all.end(), [&](const PlainTrigger& one) { return one.operation == operation; });
  REQUIRE_MESSAGE(found != all.end(), operation);
  return *found;
}

std::vector<std::string> with_parents(const std::string& operation) {
  std::vector<std::string> chain{operation};
  while (from_a_trigger(plain_trigger(chain.front()))) {
    chain.insert(chain.begin(), plain_trigger(chain.front()).item_from);
  }
  return chain;
}

std::string plain_yaml(const PlainConfig& config) {
  std::string yaml = kHead;
  for (const PlainTrigger& trigger : plain_triggers()) {
    const auto& wanted = config.operations;
    if (!wanted.empty() &&
        std::find(wanted.begin(), wanted.end(), trigger.operation) == wanted.end()) {
      continue;
    }
    std::string params = trigger.params;
    const auto add = [&params](const std::string& more) {
      if (!more.empty()) params += (params.empty() ? "" : ", ") + more;
    };
    if (config.small_pages) add(trigger.small_page);
    if (trigger.operation == "filter_users_by_email") add("emails: \"" + config.emails + "\"");
    yaml += "  " + trigger.operation + ":\n    poll: highlevel." + trigger.operation +
            "\n    account: " + (trigger.agency ? "agency" : "dental") + "\n";
    if (!params.empty()) yaml += "    params: {" + params + "}\n";
    if (!trigger.item.empty()) {
      yaml += "    for_each: {" + trigger.item + ": " + trigger.item_from + "}\n";
    }
    yaml +=
        "    detect: [new, changed, removed]\n    hold_above: 100000\n    do:\n"
        "      - action: webhook\n        with: {url: https://hooks.example.com/" +
        trigger.operation + "}\n";
  }
  return yaml;
}

}  // namespace triggerd::end_to_end
