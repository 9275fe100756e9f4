#include "operation_calls.h"

namespace triggerd::sandbox::tests {
namespace {

using nlohmann::json;

const std::string kPlace = kFirstLocation;
const std::string kAgency = kFirstCompany;

}  // namespace

void add_conversation_reads(World60& world, GoodCalls& calls) {
  const json message = world.first("messages");
  const std::string conversation = "/conversations/" + text(message, "conversationId");
  const std::string recorded = text(world.first("recordings"), "id");
  const std::string spoken = text(world.first("transcriptions"), "id");
  const std::string transcription =
      "/conversations/locations/" + kPlace + "/messages/" + spoken + "/transcription";
  const std::vector<std::string> shown = {"id",         "type",      "messageType",
                                          "locationId", "contactId", "conversationId",
                                          "dateAdded",  "direction", "contentType"};
  calls.push_back({"search_conversations",
                   get("/conversations/search?locationId=" + kPlace, kCalendarVersion),
                   200,
                   "/conversations",
                   true,
                   {"id", "contactId", "locationId", "lastMessageBody", "lastMessageType", "type",
                    "unreadCount", "fullName", "lastMessageDate"},
                   {"locationId"}});
  calls.push_back({"get_conversation",
                   get(conversation, kCalendarVersion),
                   200,
                   "",
                   false,
                   {"id", "contactId", "locationId", "deleted", "inbox", "type", "unreadCount"},
                   {}});
  calls.push_back(
      {"get_email_by_id",
       get("/conversations/messages/email/" + text(world.first("emails"), "id"), kCalendarVersion),
       200,
       "/emailMessage",
       false,
       {"id", "threadId", "conversationId", "dateAdded", "direction", "status", "from", "to"},
       {}});
  calls.push_back({"get_message_by_id",
                   get("/conversations/messages/" + text(message, "id"), kCalendarVersion),
                   200,
                   "/message",
                   false,
                   shown,
                   {}});
  calls.push_back({"get_messages_by_conversation",
                   get(conversation + "/messages", kCalendarVersion),
                   200,
                   "/messages/messages",
                   true,
                   shown,
                   {}});
  calls.push_back(
      {"get_message_recording",
       get("/conversations/messages/" + recorded + "/locations/" + kPlace + "/recording",
           kCalendarVersion),
       200,
       "",
       false,
       {},
       {}});
  calls.push_back({"get_message_transcription",
                   get(transcription, kCalendarVersion),
                   200,
                   "",
                   true,
                   {"speaker", "transcript", "startTime", "endTime"},
                   {}});
  calls.push_back({"download_transcription",
                   get(transcription + "/download", kCalendarVersion),
                   200,
                   "",
                   false,
                   {},
                   {}});
}

void add_account_reads(World60& world, GoodCalls& calls) {
  const std::string in_place = "?locationId=" + kPlace;
  const std::vector<std::string> business = {"id", "name", "locationId", "createdAt", "updatedAt"};
  const std::vector<std::string> location = {"id", "name", "email", "timezone", "settings"};
  calls.push_back({"get_business",
                   get("/businesses/" + text(world.first("businesses"), "id")),
                   200,
                   "/business",
                   false,
                   business,
                   {}});
  calls.push_back({"list_businesses_by_location",
                   get("/businesses/" + in_place),
                   200,
                   "/businesses",
                   true,
                   business,
                   {"locationId"}});
  calls.push_back({"list_workflows",
                   get("/workflows/" + in_place),
                   200,
                   "/workflows",
                   true,
                   {"id", "name", "status", "version", "createdAt", "updatedAt", "locationId"},
                   {"locationId"}});
  calls.push_back({"list_campaigns",
                   get("/campaigns/" + in_place),
                   200,
                   "/campaigns",
                   true,
                   {"id", "name", "status", "locationId"},
                   {"locationId"}});
  calls.push_back({"list_custom_fields",
                   get("/locations/" + kPlace + "/customFields?model=all"),
                   200,
                   "/customFields",
                   true,
                   {"id", "name", "fieldKey", "dataType", "position", "model"},
                   {}});
  Request snapshots = get("/snapshots/?companyId=" + kAgency);
  snapshots.token = world.company_token;
  calls.push_back({"list_snapshots",
                   snapshots,
                   200,
                   "/snapshots",
                   true,
                   {"id", "name", "type"},
                   {"companyId"}});
  calls.push_back(
      {"list_locations", get("/locations/search"), 200, "/locations", true, location, {}});
  Request company = get("/companies/" + kAgency);
  company.token = world.company_token;
  calls.push_back({"get_company",
                   company,
                   200,
                   "/company",
                   false,
                   {"id", "name", "email", "phone", "status", "locationCount"},
                   {}});
}

void add_blog_reads(World60& world, GoodCalls& calls) {
  const std::string paged = "?locationId=" + kPlace + "&limit=10&offset=0";
  const std::vector<std::string> needed = {"locationId", "limit", "offset"};
  calls.push_back({"check_blog_url_slug",
                   get("/blogs/posts/url-slug-exists?urlSlug=spring-offer&locationId=" + kPlace),
                   200,
                   "",
                   false,
                   {"exists"},
                   {"urlSlug", "locationId"}});
  calls.push_back({"get_blog_authors",
                   get("/blogs/authors" + paged),
                   200,
                   "/authors",
                   true,
                   {"_id", "name", "locationId", "updatedAt", "canonicalLink"},
                   needed});
  calls.push_back({"get_blog_categories",
                   get("/blogs/categories" + paged),
                   200,
                   "/categories",
                   true,
                   {"_id", "label", "locationId", "updatedAt", "urlSlug"},
                   needed});
  calls.push_back(
      {"get_blog_posts",
       get("/blogs/posts/all" + paged + "&blogId=" + text(world.first("blog_posts"), "blogId")),
       200,
       "/blogs",
       true,
       {"_id", "title", "description", "status", "urlSlug", "archived", "updatedAt"},
       {"locationId", "limit", "offset", "blogId"}});
  calls.push_back({"get_blogs_by_location",
                   get("/blogs/site/all?locationId=" + kPlace + "&limit=10&skip=0"),
                   200,
                   "/data",
                   true,
                   {"_id", "name"},
                   {"locationId", "limit", "skip"}});
}

}  // namespace triggerd::sandbox::tests
