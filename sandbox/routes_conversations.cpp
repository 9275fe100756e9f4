// Conversations: the search with its startAfterDate cursor, and one conversation. Dates are epoch
// milliseconds here, and `type` is text in the search but a number in the single record.
#include <algorithm>

#include "visit.h"

namespace triggerd::sandbox {
namespace {

using nlohmann::json;

bool listed_in(const std::string& wanted, const std::string& value) {
  const auto parts = split_commas(wanted);
  return std::find(parts.begin(), parts.end(), value) != parts.end();
}

bool status_fits(Visit& visit, const json& record) {
  const std::string status = visit.text("status");
  const bool unread = number_of(record, "unreadCount", 0) > 0;
  if (status == "unread") return unread;
  if (status == "read") return !unread;
  if (status == "starred") return flag_of(record, "starred", false);
  return true;
}

bool fits(Visit& visit, const Row& row) {
  const json& record = row.record;
  for (const char* name : {"contactId", "id", "lastMessageType", "lastMessageDirection"}) {
    if (visit.has(name) && text_of(record, name) != visit.text(name)) return false;
  }
  const std::string assigned = visit.text("assignedTo");
  const std::string owner = text_of(record, "assignedTo");
  const bool owned = owner.empty() ? assigned == "unassigned" : listed_in(assigned, owner);
  if (!assigned.empty() && !owned) return false;
  const std::string query = visit.text("query");
  if (!query.empty() && !contains_text(text_of(record, "fullName"), query) &&
      !contains_text(text_of(record, "lastMessageBody"), query)) {
    return false;
  }
  if (visit.has("startDate") && row.created < visit.instant("startDate")) return false;
  if (visit.has("endDate") && row.created > visit.instant("endDate")) return false;
  return !flag_of(record, "deleted", false) && status_fits(visit, record);
}

json searched(const Row& row) {
  return only_members(
      row.record, {"id", "contactId", "locationId", "lastMessageBody", "lastMessageType",
                   "lastMessageDirection", "lastMessageDate", "dateAdded", "type", "unreadCount",
                   "fullName", "contactName", "email", "phone", "assignedTo", "starred"});
}

// What the records of this world do not tell.
std::vector<std::string> unsupported(const Visit& visit) {
  std::vector<std::string> problems;
  const auto refuse = [&](const std::string& what) {
    problems.push_back(what + " is not supported by the sandbox");
  };
  for (const char* name : {"followers", "mentions", "lastMessageAction", "sortScoreProfile",
                           "scoreProfile", "scoreProfileMin", "scoreProfileMax"}) {
    if (visit.has(name)) refuse(name);
  }
  if (visit.text("status") == "recents") refuse("status recents");
  const std::string order = visit.text("sortBy");
  if (order == "score_profile" || order == "overdue_at" || order == "due_at") {
    refuse("sortBy " + order);
  }
  return problems;
}

// Every message of this world counts as an automated one, so by the manual ones there is only the
// date of the conversation.
Millis sort_value(const Visit& visit, const Row& row) {
  return visit.text("sortBy") == "last_manual_message_date" ? row.created : row.updated;
}

Answer search_conversations(Visit& visit) {
  const auto problems = unsupported(visit);
  if (!problems.empty()) return unprocessable(problems);
  const bool ascending = visit.text("sort") == "asc";
  const Millis after = visit.instant("startAfterDate");
  std::vector<const Row*> hits;
  std::size_t total = 0;
  for (const Row* row : visit.all("conversations")) {
    if (!fits(visit, *row)) continue;
    ++total;
    const Millis own = sort_value(visit, *row);
    if (after == 0 || (ascending ? own > after : own < after)) {
      hits.push_back(row);
    }
  }
  std::sort(hits.begin(), hits.end(), [&](const Row* left, const Row* right) {
    const Millis one = sort_value(visit, *left);
    const Millis other = sort_value(visit, *right);
    if (one != other) return (one < other) == ascending;
    return text_of(left->record, "id") < text_of(right->record, "id");
  });
  json page = json::array();
  const std::size_t end = std::min(hits.size(), visit.count("limit", 20));
  for (std::size_t i = 0; i < end; ++i) page.push_back(searched(*hits[i]));
  return ok({{"conversations", page}, {"total", total}});
}

int type_number(const json& record) {
  const std::string type = text_of(record, "type");
  if (type == "TYPE_EMAIL") return 2;
  return type == "TYPE_FB_MESSENGER" ? 3 : 1;
}

// A bare object at the root.
Answer get_conversation(Visit& visit) {
  const auto row = visit.reach("conversations", visit.path("conversationId"), "Conversation");
  if (!row) return row.error();
  json shown = only_members((*row)->record, {"id", "contactId", "locationId", "deleted", "inbox",
                                             "unreadCount", "assignedTo", "starred"});
  shown["type"] = type_number((*row)->record);
  return ok(shown);
}

std::vector<std::string> last_message_types() {
  return {"TYPE_CALL",
          "TYPE_SMS",
          "TYPE_RCS",
          "TYPE_EMAIL",
          "TYPE_SMS_REVIEW_REQUEST",
          "TYPE_WEBCHAT",
          "TYPE_SMS_NO_SHOW_REQUEST",
          "TYPE_CAMPAIGN_SMS",
          "TYPE_CAMPAIGN_CALL",
          "TYPE_CAMPAIGN_EMAIL",
          "TYPE_CAMPAIGN_VOICEMAIL",
          "TYPE_FACEBOOK",
          "TYPE_CAMPAIGN_FACEBOOK",
          "TYPE_CAMPAIGN_MANUAL_CALL",
          "TYPE_CAMPAIGN_MANUAL_SMS",
          "TYPE_GMB",
          "TYPE_CAMPAIGN_GMB",
          "TYPE_REVIEW",
          "TYPE_INSTAGRAM",
          "TYPE_WHATSAPP",
          "TYPE_CUSTOM_SMS",
          "TYPE_CUSTOM_EMAIL",
          "TYPE_CUSTOM_PROVIDER_SMS",
          "TYPE_CUSTOM_PROVIDER_EMAIL",
          "TYPE_IVR_CALL",
          "TYPE_ACTIVITY_CONTACT",
          "TYPE_ACTIVITY_INVOICE",
          "TYPE_ACTIVITY_PAYMENT",
          "TYPE_ACTIVITY_OPPORTUNITY",
          "TYPE_LIVE_CHAT",
          "TYPE_LIVE_CHAT_INFO_MESSAGE",
          "TYPE_ACTIVITY_APPOINTMENT",
          "TYPE_FACEBOOK_COMMENT",
          "TYPE_INSTAGRAM_COMMENT",
          "TYPE_CUSTOM_CALL",
          "TYPE_INTERNAL_COMMENT",
          "TYPE_ACTIVITY_EMPLOYEE_ACTION_LOG",
          "TYPE_TIKTOK",
          "TYPE_TIKTOK_COMMENT",
          "TYPE_ACTIVITY_WHATSAPP",
          "TYPE_FORM_SUBMISSION",
          "TYPE_SMS_REACTION"};
}

std::vector<Param> search_params() {
  return {text("locationId").must(),
          text("contactId"),
          text("assignedTo"),
          text("followers"),
          text("mentions"),
          text("query"),
          text("sort").one_of({"asc", "desc"}),
          digits("startAfterDate"),
          text("id"),
          number("limit").from(1).upto(100),
          text("lastMessageType").one_of(last_message_types()),
          text("lastMessageAction").one_of({"automated", "manual"}),
          text("lastMessageDirection").one_of({"inbound", "outbound"}),
          text("status").one_of({"all", "read", "unread", "starred", "recents"}),
          text("sortBy").one_of({"last_manual_message_date", "last_message_date", "score_profile",
                                 "overdue_at", "due_at"}),
          text("sortScoreProfile"),
          text("scoreProfile"),
          number("scoreProfileMin"),
          number("scoreProfileMax"),
          number("startDate"),
          number("endDate")};
}

}  // namespace

std::vector<Route> conversation_routes() {
  return {{.operation = "search_conversations",
           .method = "GET",
           .path = "/conversations/search",
           .version = kCalendar,
           .scope = "conversations.readonly",
           .query = search_params(),
           .paging = Paging::start_after,
           .records = {Shape::list, "/conversations"},
           .answer = search_conversations},
          {.operation = "get_conversation",
           .method = "GET",
           .path = "/conversations/{conversationId}",
           .version = kCalendar,
           .scope = "conversations.readonly",
           .records = {Shape::object, ""},
           .answer = get_conversation}};
}

}  // namespace triggerd::sandbox
