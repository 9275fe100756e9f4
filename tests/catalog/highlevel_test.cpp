#include <doctest/doctest.h>

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>
#include <set>

#include "triggerd/catalog/catalog.h"
#include "triggerd/catalog/request.h"

using namespace triggerd;
using nlohmann::json;

namespace {

const Catalog& highlevel() {
  static const CatalogLoad kLoad = load_catalog_with("");
  std::string problems;
  for (const Problem& problem : kLoad.problems)
    problems += problem.file + ": " + problem.what + "\n";
  REQUIRE_MESSAGE(kLoad.catalog != nullptr, problems);
  return *kLoad.catalog;
}

const Operation& operation(const std::string& name) {
  const Operation* found = highlevel().operation("highlevel." + name);
  REQUIRE_MESSAGE(found != nullptr, name);
  return *found;
}

const ReadRules& rules(const std::string& name) { return *operation(name).read; }

std::string header(const Operation& of, const std::string& name) {
  for (const auto& [known, value] : of.headers) {
    if (known == name) return value;
  }
  return "";
}

void check_read(const Operation& read) {
  const ReadRules& read_rules = *read.read;
  const bool has_id = !read_rules.id.param.empty() || !read_rules.id.alternatives.empty();
  CHECK(has_id);
  CHECK_FALSE(read_rules.remember.empty() !=
              (read_rules.shape == Shape::value || read_rules.shape == Shape::text ||
               read_rules.shape == Shape::binary));
  if (read_rules.paging.kind == PagingKind::none) return;
  const Param* size = read.find_param(read_rules.paging.size_param);
  REQUIRE(size != nullptr);
  CHECK_FALSE(size->hidden);
  CHECK(size->fallback.is_null());
}

}  // namespace

TEST_CASE("the HighLevel connector has its 55 reads and its writes, all well described") {
  std::map<OperationKind, int> kinds;
  std::map<std::string, int> reads_of, writes_of;
  std::set<std::string> routes;
  for (const Operation& each : highlevel().connector("highlevel")->operations) {
    CAPTURE(each.name);
    ++kinds[each.kind];
    // A read that is offered as an action, too, has two names.
    CHECK(routes.insert((each.read ? "read " : "write ") + each.method + " " + each.path).second);
    const std::string version = header(each, "Version");
    CHECK((version == "2021-07-28" || version == "2021-04-15"));
    CHECK_FALSE(each.title.empty());
    CHECK_FALSE(each.description.empty());
    CHECK_FALSE(each.category.empty());
    CHECK_FALSE(each.source.empty());
    CHECK_FALSE(each.scopes.empty());
    for (const Param& param : each.params) {
      CAPTURE(param.name);
      CHECK_FALSE(param.description.empty());
      if (param.place == ParamPlace::path) CHECK(param.required);
      const std::string& account = param.from_account;
      CHECK((account.empty() || account == "location_id" || account == "company_id"));
    }
    if (!each.read) {
      ++writes_of[each.category];
      continue;
    }
    ++reads_of[each.category];
    check_read(each);
  }
  CHECK(kinds[OperationKind::read] == 55);
  CHECK(kinds[OperationKind::write] == 71);
  CHECK(writes_of == std::map<std::string, int>{{"Contacts", 18},
                                                {"Calendars & Appointments", 22},
                                                {"Opportunities", 7},
                                                {"Users", 3},
                                                {"Conversations & Messages", 4},
                                                {"Workflows & Campaigns", 5},
                                                {"Businesses", 3},
                                                {"Other Operations", 9}});
  CHECK(reads_of == std::map<std::string, int>{{"Contacts", 10},
                                               {"Calendars & Appointments", 12},
                                               {"Opportunities", 3},
                                               {"Users", 4},
                                               {"Conversations & Messages", 8},
                                               {"Businesses", 2},
                                               {"Workflows & Campaigns", 3},
                                               {"Other Operations", 13}});
}

TEST_CASE("accounts, limits and budget headers of HighLevel are known") {
  const Connector& connector = *highlevel().connector("highlevel");
  CHECK(connector.base_url == "https://services.leadconnectorhq.com");
  REQUIRE(connector.limits.size() == 2);
  CHECK(connector.limits[0].requests == 100);
  CHECK(connector.limits[0].per == std::chrono::seconds{10});
  CHECK(connector.limits[0].burst);
  CHECK(connector.limits[1].requests == 200'000);
  CHECK_FALSE(connector.limits[1].burst);
  CHECK(connector.rate_headers.day_remaining == "X-RateLimit-Daily-Remaining");
  REQUIRE(connector.auth.size() == 4);
  CHECK(connector.auth[0].fields == std::vector<std::string>{"token"});
  CHECK(connector.auth[1].token->send == nlohmann::json{{"user_type", "Location"}});
  CHECK(connector.auth[2].token->send == nlohmann::json{{"user_type", "Company"}});
  CHECK(connector.auth[3].kind == AuthKind::derived);
  CHECK(connector.auth[3].fields == std::vector<std::string>{"agency"});
}

TEST_CASE("envelopes that differ from the published schema are tried in order") {
  using Pointers = std::vector<std::string>;
  CHECK(rules("get_messages_by_conversation").records ==
        Pointers{"/messages/messages", "/messages"});
  CHECK(rules("get_message_by_id").records == Pointers{"/message", ""});
  CHECK(rules("get_email_by_id").records == Pointers{"/emailMessage", ""});
  CHECK(rules("get_appointment").records == Pointers{"/appointment", "/event"});
  CHECK(rules("find_associations").records == Pointers{"/associations", ""});
  CHECK(rules("get_relations_by_record").records == Pointers{"/relations", ""});
  CHECK(rules("list_calendar_notifications").records == Pointers{""});
  CHECK(rules("get_blog_posts").id.alternatives[0] == Pointers{"/_id"});
}

TEST_CASE("a random traceId never counts where the record is the body itself") {
  for (const char* name : {"get_user", "get_conversation", "get_association", "get_message_by_id",
                           "get_message_transcription", "check_blog_url_slug"}) {
    CAPTURE(name);
    const auto& volatiles = rules(name).volatiles;
    CHECK(std::find(volatiles.begin(), volatiles.end(), "/traceId") != volatiles.end());
  }
}

TEST_CASE("answers that are no lists of objects have their shapes") {
  CHECK(rules("get_free_slots").shape == Shape::map);
  CHECK(rules("get_free_slots").entry_key == R"(\d{4}-\d{2}-\d{2})");
  CHECK(rules("get_free_slots").window->past + rules("get_free_slots").window->ahead <=
        std::chrono::days{31});
  CHECK(rules("get_message_recording").shape == Shape::binary);
  CHECK(operation("get_message_recording").errors[0].equals ==
        std::vector<std::string>{"CONVERSATIONS_MSG_RECORDING_NOT_FOUND"});
  CHECK(rules("get_message_transcription").shape == Shape::value);
  CHECK(rules("download_transcription").shape == Shape::text);
  CHECK(rules("check_blog_url_slug").id.param == "urlSlug");
  CHECK(rules("list_calendar_resources").id.alternatives.size() == 3);
}

TEST_CASE("the changes of contacts are asked for by a range on dateUpdated") {
  const Since& since = *rules("search_contacts").since;
  CHECK(since.set == json::parse(R"({"filters":[{"field":"dateUpdated","operator":"range",
                                     "value":{"gte":"{since}"}}]})"));
  CHECK(since.always == json::parse(R"({"sort":[{"field":"dateUpdated","direction":"asc"}]})"));
  const json values = {{"locationId", "L1"},
                       {"pageLimit", 100},
                       {"sort", since.always["sort"]},
                       {"searchAfter", {1772357400000, "c1"}}};
  const auto request = build_request(operation("search_contacts"), values);
  REQUIRE(request.has_value());
  CHECK(request->url == "/contacts/search");
  CHECK(request->body == R"({"locationId":"L1","pageLimit":100,"searchAfter":[1772357400000,"c1"],)"
                         R"("sort":[{"direction":"asc","field":"dateUpdated"}]})");
}

TEST_CASE(
    "opportunities are asked for in every status and in an order that a walk does not disturb") {
  const auto request = build_request(operation("search_opportunities"),
                                     {{"location_id", "L1"}, {"limit", 100}, {"startAfter", 5}});
  REQUIRE(request.has_value());
  CHECK(request->url ==
        "/opportunities/search?location_id=L1&status=all&order=added_asc&startAfter=5&limit=100");
}

TEST_CASE("the e-mail filter asks for whole records, with skip and limit as texts in the body") {
  const auto request =
      build_request(operation("filter_users_by_email"),
                    {{"companyId", "C1"}, {"emails", "a@x.test"}, {"skip", 0}, {"limit", 25}});
  REQUIRE(request.has_value());
  CHECK(request->body ==
        R"({"companyId":"C1","emails":"a@x.test","limit":"25","projection":"all","skip":"0"})");
}

TEST_CASE("PAG-03: conversations that share a millisecond are read again at the border of a page") {
  const CursorPart& part = rules("search_conversations").paging.parts.at(0);
  CHECK(part.from == CursorPart::From::last_record);
  CHECK(part.at == std::vector<std::string>{"/lastMessageDate"});
  CHECK(part.format->family == DateFamily::epoch_ms);
  CHECK(part.back == std::chrono::milliseconds{1});
}

TEST_CASE("the rules of notifications leave the first page's limit out") {
  const Paging& paging = rules("list_calendar_notifications").paging;
  CHECK_FALSE(paging.size_on_first);
  CHECK_FALSE(paging.send_first);
  CHECK(paging.size == 100);
}

TEST_CASE("search_users needs the company with any token") {
  const Operation& users = operation("search_users");
  CHECK(users.token == TokenLevel::any);
  CHECK(users.find_param("companyId")->required);
  CHECK(users.find_param("companyId")->from_account == "company_id");
  CHECK_FALSE(users.find_param("locationId")->required);
}

TEST_CASE("what has a direct read is asked about before it counts as removed") {
  const std::map<std::string, std::pair<std::string, std::string>> reads = {
      {"list_calendar_events", {"get_appointment", "eventId"}},
      {"get_contact_tasks", {"get_contact_task_by_id", "taskId"}},
      {"get_contact_notes", {"get_contact_note_by_id", "id"}},
      {"search_users", {"get_user", "userId"}},
      {"list_calendar_notifications", {"get_calendar_notification", "notificationId"}}};
  for (const auto& [list, read] : reads) {
    CAPTURE(list);
    REQUIRE(rules(list).confirm);
    CHECK(rules(list).confirm->operation == read.first);
    CHECK(rules(list).confirm->param == read.second);
  }
}

TEST_CASE("records that are deleted but still answered count as gone") {
  for (const char* name : {"search_users", "list_users_by_location", "get_user", "get_conversation",
                           "get_calendar_notification"}) {
    CAPTURE(name);
    CHECK(rules(name).gone == "/deleted");
  }
  // Whoever asks for deleted rules, or users, sees them.
  CHECK(rules("list_calendar_notifications").gone.empty());
  CHECK(operation("list_calendar_notifications").find_param("deleted")->fallback == false);
  CHECK(rules("filter_users_by_email").gone.empty());
}

TEST_CASE("stamps that name no instant or go back are not taken for versions") {
  CHECK_FALSE(rules("search_conversations").updated.version);
  CHECK(rules("get_contact_appointments").updated.at.empty());
  CHECK(rules("get_contact_appointments").created.at.empty());
}

TEST_CASE("opportunities are paged by cursor, size and total, not by the page number's flag") {
  const Paging& paging = rules("search_opportunities").paging;
  CHECK(paging.more_at.empty());
  CHECK(paging.ends_on_short_page);
  CHECK(paging.total_at == "/meta/total");
  CHECK(rules("search_contacts").paging.size == 500);
}

TEST_CASE("a resource is followed by its id alone, since a name is no id") {
  const auto& sources = operation("get_calendar_resource").find_param("id")->fan_out;
  REQUIRE(sources.size() == 1);
  CHECK(sources[0].operation == "list_calendar_resources");
  CHECK(sources[0].value == "/_id");
}

TEST_CASE("an upsert names who it is about, clears what is null, and says when it may not repeat") {
  const Operation& upsert = operation("upsert_contact");
  CHECK(upsert.one_of == std::vector<std::string>{"email", "phone"});
  CHECK(upsert.write->result.empty());
  CHECK(upsert.write->repeats_safely({{"email", "a@x.test"}}));
  CHECK_FALSE(upsert.write->repeats_safely({{"createNewIfDuplicateAllowed", true}}));
  int nullable = 0;
  for (const Param& param : upsert.params) nullable += param.nullable ? 1 : 0;
  CHECK(nullable == 12);
  const auto request = build_request(
      upsert, {{"locationId", "L1"}, {"email", "a@x.test"}, {"city", nullptr}, {"tags", nullptr}});
  REQUIRE(request.has_value());
  CHECK(request->body == R"({"city":null,"email":"a@x.test","locationId":"L1"})");
}

TEST_CASE("a task is due to the second") {
  const auto request =
      build_request(operation("create_contact_task"), {{"contactId", "c"},
                                                       {"title", "t"},
                                                       {"completed", false},
                                                       {"dueDate", "2026-03-01T09:30:00.250Z"}});
  REQUIRE(request.has_value());
  CHECK(request->body == R"({"completed":false,"dueDate":"2026-03-01T09:30:00Z","title":"t"})");
}

TEST_CASE("what a delete names beside its path stands in a JSON body") {
  const auto request =
      build_request(operation("remove_opportunity_followers"),
                    {{"id", "d1"}, {"followers", {"u1"}}, {"isRemoveAllFollowers", false}});
  REQUIRE(request.has_value());
  CHECK(request->method == "DELETE");
  CHECK(request->url == "/opportunities/d1/followers?isRemoveAllFollowers=false");
  CHECK(request->body == R"({"followers":["u1"]})");
  const auto bare = build_request(operation("delete_opportunity"), {{"id", "d1"}});
  REQUIRE(bare.has_value());
  CHECK(bare->body.empty());
}

TEST_CASE("an upsert of an opportunity needs its contact or its id") {
  const Operation& upsert = operation("upsert_opportunity");
  CHECK(upsert.one_of == std::vector<std::string>{"id", "contactId"});
  CHECK_FALSE(build_request(upsert, {{"locationId", "L1"}, {"pipelineId", "p"}}).has_value());
  const auto request =
      build_request(upsert, {{"locationId", "L1"}, {"pipelineId", "p"}, {"contactId", "c"}});
  REQUIRE(request.has_value());
  CHECK(request->body == R"({"contactId":"c","locationId":"L1","pipelineId":"p"})");
}

TEST_CASE("a message has content, is sent in epoch seconds, and is never repeated blindly") {
  const Operation& send = operation("send_message");
  CHECK_FALSE(send.write->retry_safe);
  CHECK_FALSE(build_request(send, {{"type", "SMS"}, {"contactId", "c"}}).has_value());
  const Param& at = *send.find_param("scheduledTimestamp");
  CHECK(check_param_value(at, 1'800'000'000).empty());
  CHECK_FALSE(check_param_value(at, 1'800'000'000'000).empty());
}

TEST_CASE("whether somebody is typing is sent as a text") {
  const auto request = build_request(
      operation("agent_typing_indicator"),
      {{"locationId", "L1"}, {"isTyping", true}, {"visitorId", "v"}, {"conversationId", "c"}});
  REQUIRE(request.has_value());
  CHECK(request->body ==
        R"({"conversationId":"c","isTyping":"true","locationId":"L1","visitorId":"v"})");
}

TEST_CASE("writes that need an agency's token say so, and users take either") {
  CHECK(operation("create_location").token == TokenLevel::company);
  for (const char* name : {"create_user", "update_user", "delete_user", "find_location_by_id"}) {
    CAPTURE(name);
    CHECK(operation(name).token == TokenLevel::any);
  }
  CHECK(operation("create_location").find_param("country")->choices.size() == 247);
  CHECK(operation("create_user").find_param("scopes")->choices.size() == 189);
  CHECK(operation("update_user").find_param("platformLanguage")->choices.back() == "no");
}

TEST_CASE("passwords and keys are secrets") {
  using Pointers = std::vector<std::string>;
  CHECK(operation("create_user").find_param("password")->secret_at == Pointers{""});
  CHECK(operation("update_user").find_param("password")->secret_at == Pointers{""});
  CHECK(operation("create_location").find_param("twilio")->secret_at == Pointers{"/authToken"});
  CHECK(operation("create_location").find_param("mailgun")->secret_at == Pointers{"/apiKey"});
}

TEST_CASE("a post is published at an instant, to the millisecond") {
  const Operation& create = operation("create_blog_post");
  json values;
  for (const Param& param : create.params) {
    if (!param.required) continue;
    values[param.name] = param.choices.empty() ? json("x") : param.choices.front();
  }
  values["publishedAt"] = "2026-12-01T10:00:00+01:00";
  const auto request = build_request(create, values);
  REQUIRE(request.has_value());
  const json body = json::parse(request->body);
  CHECK(body.at("publishedAt") == "2026-12-01T09:00:00.000Z");
  CHECK(body.at("categories") == json::array({"x"}));
}

TEST_CASE("a notification rule is sent in a list, and an event is deleted with an empty object") {
  const auto rule =
      build_request(operation("create_calendar_notification"), {{"calendarId", "c"},
                                                                {"receiverType", "contact"},
                                                                {"channel", "email"},
                                                                {"notificationType", "booked"}});
  REQUIRE(rule.has_value());
  CHECK(rule->url == "/calendars/c/notifications");
  CHECK(rule->body ==
        R"([{"channel":"email","notificationType":"booked","receiverType":"contact"}])");
  const auto gone = build_request(operation("delete_event"), {{"eventId", "e"}});
  REQUIRE(gone.has_value());
  CHECK(gone->method == "DELETE");
  CHECK(gone->body == "{}");
}

TEST_CASE(
    "a blocked slot is for a calendar or a user, and a calendar's hours can be of both kinds") {
  for (const char* name : {"create_block_slot", "update_block_slot"}) {
    CAPTURE(name);
    CHECK(operation(name).one_of == std::vector<std::string>{"calendarId", "assignedUserId"});
  }
  const auto both = build_request(operation("update_calendar"),
                                  {{"calendarId", "c"}, {"availabilityType", nullptr}});
  REQUIRE(both.has_value());
  CHECK(both->body == R"({"availabilityType":null})");
}
