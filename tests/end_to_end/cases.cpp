#include "end_to_end/cases.h"

namespace triggerd::end_to_end {

namespace {

using Cases = std::vector<Case>;

constexpr const char* kRoom = "room0000000000000001";

Case seen_as(std::string operation, std::string collection, json change) {
  Case one;
  one.operation = std::move(operation);
  one.collection = std::move(collection);
  one.change = std::move(change);
  return one;
}

Case with_style(Case one, Style style) {
  one.style = style;
  return one;
}

Case like(Case one, json members) {
  one.like = std::move(members);
  return one;
}

Case latest(Case one, std::string member) {
  one.latest_by = std::move(member);
  return one;
}

Case copied(Case one, json patch) {
  one.copied_with = std::move(patch);
  return one;
}

Case keyed(Case one, std::function<std::string(const json&)> key) {
  one.key = std::move(key);
  return one;
}

std::string resource_key(const json& record) {
  return record.at("resourceType").get<std::string>() + "/" + record.at("name").get<std::string>();
}

}  // namespace

std::string id_of(const json& record) {
  const auto id = record.find(record.contains("id") ? "id" : "_id");
  return id != record.end() && id->is_string() ? id->get<std::string>() : "";
}

const Cases& contact_cases() {
  static const json kTitle{{"title", "another title"}};
  static const json kBody{{"body", "another text"}};
  static const json kEmail{{"email", "moved@example.com"}};
  static const Cases cases = {
      seen_as("search_contacts", "contacts", {{"city", "Elsewhere"}}),
      seen_as("get_contact", "contacts", {{"city", "Elsewhere"}}),
      latest(seen_as("get_contacts_by_business", "contacts", kEmail), "businessId"),
      with_style(like(seen_as("get_duplicate_contact", "contacts", {{"city", "Elsewhere"}}),
                      {{"email", "ada@example.com"}}),
                 Style::single),
      latest(seen_as("get_contact_appointments", "events", kTitle), "startTime"),
      seen_as("get_contact_tasks", "tasks", kTitle),
      seen_as("get_contact_task_by_id", "tasks", kTitle),
      seen_as("get_contact_notes", "notes", kBody),
      seen_as("get_contact_note_by_id", "notes", kBody),
      seen_as("list_contacts_deprecated", "contacts", {{"companyName", "Another Ltd"}}),
  };
  return cases;
}

const Cases& calendar_cases() {
  static const json kName{{"name", "another name"}};
  static const json kTitle{{"title", "another title"}};
  static const json kSubject{{"subject", "another subject"}};
  static const Cases cases = [] {
    Case notifications = seen_as("list_calendar_notifications", "calendar_notifications", kSubject);
    notifications.copies_before = 105;  // its first page cannot be made smaller
    Case resources =
        like(seen_as("list_calendar_resources", "resources", {{"description", "another one"}}),
             {{"resourceType", "equipments"}});
    return Cases{
        seen_as("list_calendar_groups", "calendar_groups", kName),
        seen_as("list_calendars", "calendars", kName),
        seen_as("get_calendar_by_id", "calendars", kName),
        latest(seen_as("list_calendar_events", "events", kTitle), "startTime"),
        latest(seen_as("list_blocked_slots", "blocked_slots", kTitle), "startTime"),
        latest(seen_as("get_appointment", "events", kTitle), "startTime"),
        seen_as("list_appointment_notes", "appointment_notes", {{"body", "another text"}}),
        notifications,
        seen_as("get_calendar_notification", "calendar_notifications", kSubject),
        keyed(copied(resources, {{"name", "Projector of the test"}}), resource_key),
        with_style(like(seen_as("get_calendar_resource", "resources", {{"capacity", 1234}}),
                        {{"id", kRoom}}),
                   Style::single)};
  }();
  return cases;
}

const Cases& conversation_and_sales_cases() {
  static const json kStatus{{"status", "failed"}};
  static const json kWords = {{{"speaker", 0}, {"transcript", "Other words."}}};
  static const Cases cases = {
      seen_as("search_opportunities", "opportunities", {{"monetaryValue", 777}}),
      seen_as("get_opportunity", "opportunities", {{"monetaryValue", 777}}),
      seen_as("list_pipelines", "pipelines", {{"name", "another name"}}),
      seen_as("search_conversations", "conversations", {{"unreadCount", 77}}),
      seen_as("get_conversation", "conversations", {{"unreadCount", 77}}),
      seen_as("get_email_by_id", "emails", kStatus),
      seen_as("get_message_by_id", "messages", kStatus),
      seen_as("get_messages_by_conversation", "messages", kStatus),
      with_style(seen_as("get_message_recording", "recordings", {{"audio", 4242}}), Style::single),
      with_style(seen_as("get_message_transcription", "transcriptions", {{"sentences", kWords}}),
                 Style::single),
      with_style(seen_as("download_transcription", "transcriptions", {{"sentences", kWords}}),
                 Style::single),
  };
  return cases;
}

const Cases& account_and_other_cases() {
  static const json kPhone{{"phone", "+15550001234"}};
  static const json kName{{"name", "another name"}};
  static const json kLabel{{"firstObjectLabel", "another label"}};
  static const Cases cases = {
      seen_as("search_users", "users", kPhone),
      copied(seen_as("filter_users_by_email", "users", kPhone),
             {{"email", "new.user@agency.example.com"}}),
      seen_as("get_user", "users", kPhone),
      seen_as("list_users_by_location", "users", kPhone),
      seen_as("get_business", "businesses", kPhone),
      seen_as("list_businesses_by_location", "businesses", kPhone),
      seen_as("list_workflows", "workflows", {{"version", 12}}),
      seen_as("list_snapshots", "snapshots", kName),
      seen_as("list_campaigns", "campaigns", kName),
      seen_as("list_locations", "locations", kPhone),
      seen_as("list_custom_fields", "custom_fields", {{"placeholder", "another one"}}),
      with_style(seen_as("get_company", "companies", kPhone), Style::changes_only),
      seen_as("find_associations", "associations", kLabel),
      seen_as("get_association", "associations", kLabel),
      copied(seen_as("get_association_key", "associations", kLabel), {{"key", "assoc_of_test"}}),
      with_style(like(seen_as("get_association_by_keys", "associations", kLabel),
                      {{"firstObjectKey", "contact"}}),
                 Style::oldest),
      seen_as("get_relations_by_record", "relations", {{"firstObjectKey", "another_key"}}),
      with_style(keyed(seen_as("check_blog_url_slug", "blog_posts", {{"urlSlug", "spring-offer"}}),
                       [](const json&) { return std::string("spring-offer"); }),
                 Style::changes_only),
      seen_as("get_blog_authors", "blog_authors", kName),
      seen_as("get_blog_categories", "blog_categories", {{"label", "another label"}}),
      seen_as("get_blog_posts", "blog_posts", {{"title", "another title"}}),
      seen_as("get_blogs_by_location", "blog_sites", kName),
  };
  return cases;
}

}  // namespace triggerd::end_to_end
