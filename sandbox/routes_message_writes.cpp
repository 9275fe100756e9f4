// The writes to conversations and messages. What is sent goes into the contact's conversation,
// which is opened where there is none; nothing leaves this world.
#include <algorithm>
#include <array>

#include "makers.h"
#include "message_post.h"
#include "visit.h"

namespace triggerd::sandbox {
namespace {

using nlohmann::json;

// How a type is called in requests and in records. `address` is what the contact must have.
struct Channel {
  std::string_view type;
  int number;
  std::string_view message_type;
  std::string_view address;
};

constexpr auto kChannels = std::to_array<Channel>({{"SMS", 2, "TYPE_SMS", "phone"},
                                                   {"RCS", 2, "TYPE_RCS", "phone"},
                                                   {"Email", 3, "TYPE_EMAIL", "email"},
                                                   {"WhatsApp", 19, "TYPE_WHATSAPP", "phone"},
                                                   {"IG", 18, "TYPE_INSTAGRAM", ""},
                                                   {"FB", 11, "TYPE_FACEBOOK", ""},
                                                   {"Custom", 20, "TYPE_CUSTOM_SMS", ""},
                                                   {"Live_Chat", 29, "TYPE_LIVE_CHAT", ""},
                                                   {"TIKTOK", 37, "TYPE_TIKTOK", ""}});

std::vector<std::string> types() {
  std::vector<std::string> names;
  for (const Channel& channel : kChannels) names.emplace_back(channel.type);
  return names;
}

const Channel& channel_of(const std::string& type) {
  return *std::find_if(kChannels.begin(), kChannels.end(),
                       [&](const Channel& one) { return one.type == type; });
}

Place open_conversation(Visit& visit, const json& contact) {
  const Place place = {text_of(contact, "locationId"), "conversations", visit.random.id()};
  visit.world.create(place, make_conversation(visit.random, contact),
                     next_message_instant(visit.world, place.owner));
  return place;
}

// The contact's conversation, where it has one that is not in the trash.
std::optional<Place> known_conversation(Visit& visit, const json& contact) {
  const std::string location = text_of(contact, "locationId");
  for (const Row* row : visit.view.all(location, "conversations")) {
    if (text_of(row->record, "contactId") == text_of(contact, "id") &&
        !flag_of(row->record, "deleted", false)) {
      return Place{location, "conversations", text_of(row->record, "id")};
    }
  }
  return std::nullopt;
}

// An e-mail's text is its `html`: without one, and without anything else, it is not sent.
std::optional<Answer> unsendable(Visit& visit, const Channel& channel, const json& contact) {
  const bool email = channel.type == "Email";
  if (!visit.has(email ? "html" : "message") && list_of(visit.body(), "attachments").empty() &&
      !visit.has("templateId") && !visit.has("forward")) {
    Answer answer = unprocessable({});
    answer.body["message"] = "There is no message or attachments for this message. Skip sending.";
    answer.body["code"] = "CONVERSATIONS_MSG_NO_CONTENT";
    return answer;
  }
  const std::string address(channel.address);
  if (address.empty() || !text_of(contact, address).empty() ||
      visit.has(email ? "emailTo" : "toNumber")) {
    return std::nullopt;
  }
  return bad_request("The contact has no " + address + ".");
}

json message_of(Visit& visit, const Channel& channel, const json& conversation) {
  const bool email = channel.type == "Email";
  json message = make_message(visit.random, conversation,
                              email ? MessageKind::email : MessageKind::sms, false);
  message["type"] = channel.number;
  message["messageType"] = channel.message_type;
  message["body"] = visit.text(email && visit.has("html") ? "html" : "message");
  message["attachments"] = list_of(visit.body(), "attachments");
  message["source"] = "api";
  message["status"] = visit.has("status")               ? visit.text("status")
                      : visit.has("scheduledTimestamp") ? "scheduled"
                                                        : "pending";
  return message;
}

json email_of(Visit& visit, const json& message, const json& contact) {
  json email = make_email(visit.random, message, contact);
  email["subject"] = visit.text("subject");
  if (visit.has("emailFrom")) email["from"] = visit.text("emailFrom");
  if (visit.has("emailTo")) email["to"] = {visit.text("emailTo")};
  email["cc"] = list_of(visit.body(), "emailCc");
  email["bcc"] = list_of(visit.body(), "emailBcc");
  return email;
}

Answer send_message(Visit& visit) {
  const auto contact = visit.reach("contacts", visit.text("contactId"), "Contact");
  if (!contact) return contact.error();
  const json whom = (*contact)->record;
  const Channel& channel = channel_of(visit.text("type"));
  if (auto refused = unsendable(visit, channel, whom)) return *refused;
  const auto known = known_conversation(visit, whom);
  const Place conversation = known ? *known : open_conversation(visit, whom);
  json message = message_of(visit, channel, visit.world.find(conversation)->record);
  const json email = channel.type == "Email" ? email_of(visit, message, whom) : json();
  json said = {{"conversationId", conversation.id}, {"status", message["status"]}};
  if (email.is_object()) said["emailMessageId"] = email_id_of(message);
  said["messageId"] =
      post_message(visit.world, visit.random, conversation, std::move(message), email);
  said["msg"] = "Message queued successfully.";
  return ok(said);
}

// What a contact with a conversation gets is not documented; here the request is refused.
Answer create_conversation(Visit& visit) {
  const auto contact = visit.reach("contacts", visit.text("contactId"), "Contact");
  if (!contact) return contact.error();
  const json whom = (*contact)->record;
  if (const auto known = known_conversation(visit, whom)) {
    Answer answer = bad_request("Conversation already exists");
    answer.body["conversationId"] = known->id;
    return answer;
  }
  const Row* row = visit.world.find(open_conversation(visit, whom));
  json shown =
      only_members(row->record, {"id", "deleted", "contactId", "locationId", "assignedTo"});
  shown["dateAdded"] = shown["lastMessageDate"] = iso_utc(row->created);
  shown["dateUpdated"] = iso_utc(row->updated);
  return created({{"success", true}, {"conversation", shown}});
}

// The e-mail of a message follows it.
Answer update_message_status(Visit& visit) {
  const auto message = visit.reach("messages", visit.path("messageId"), "Message");
  if (!message) return message.error();
  const json record = (*message)->record;
  json patch = {{"status", visit.text("status")}};
  if (visit.has("error")) patch["error"] = visit.body()["error"];
  const std::string location = text_of(record, "locationId");
  const std::string email = email_id_of(record);
  if (!email.empty()) visit.world.update({location, "emails", email}, patch);
  visit.world.update({location, "messages", visit.path("messageId")}, patch);
  json said = {{"conversationId", text_of(record, "conversationId")},
               {"messageId", visit.path("messageId")},
               {"status", visit.text("status")}};
  if (!email.empty()) said["emailMessageId"] = email;
  return ok(said);
}

// Seen by the visitor alone, so nothing of the world changes.
Answer agent_typing_indicator(Visit& visit) {
  const auto conversation =
      visit.reach("conversations", visit.text("conversationId"), "Conversation");
  return conversation ? created({{"success", true}}) : conversation.error();
}

Route conversation_write(std::string operation, std::string rest, std::string scope,
                         std::vector<Param> body, Answer (*answer)(Visit&)) {
  return {.operation = std::move(operation),
          .method = "POST",
          .path = "/conversations/" + std::move(rest),
          .version = kCalendar,
          .scope = std::move(scope),
          .body = std::move(body),
          .answer = answer};
}

std::vector<Param> message_members() {
  const std::vector<std::string> statuses = {"delivered", "failed", "pending", "read"};
  std::vector<Param> members = {text("type").must().one_of(types()),
                                {.name = "subType", .type = ParamType::any},
                                text("contactId").must(),
                                number("scheduledTimestamp"),
                                text("emailReplyMode").one_of({"reply", "reply_all"}),
                                object("forward"),
                                text("status").one_of(statuses),
                                boolean("usesNativeSchedulingAi"),
                                text("optimizationPeriod").one_of({"24h", "48h", "72h"})};
  for (const char* name : {"attachments", "emailCc", "emailBcc"}) members.push_back(list(name));
  for (const char* name : {"appointmentId", "emailFrom", "html", "message", "subject",
                           "replyMessageId", "templateId", "threadId", "conversationProviderId",
                           "emailTo", "customSubtypeId", "fromNumber", "toNumber"}) {
    members.push_back(text(name));
  }
  return members;
}

}  // namespace

std::vector<Route> message_write_routes() {
  Route status = conversation_write(
      "update_message_status", "messages/{messageId}/status", "conversations/message.write",
      {text("status").must().one_of({"delivered", "failed", "pending", "read"}), object("error"),
       text("emailMessageId"), list("recipients")},
      update_message_status);
  status.method = "PUT";
  status.records.id_member = "messageId";
  Route send = conversation_write("send_message", "messages", "conversations/message.write",
                                  message_members(), send_message);
  send.records.id_member = "messageId";
  Route open = conversation_write("create_conversation", "", "conversations.write",
                                  {text("locationId").must(), text("contactId").must()},
                                  create_conversation);
  open.records.pointer = "/conversation";
  return {
      send, open, status,
      conversation_write(
          "agent_typing_indicator", "providers/live-chat/typing", "conversations/livechat.write",
          {text("locationId").must(), text("isTyping").must().one_of({"true", "false"}),
           text("visitorId").must(), text("conversationId").must()},
          agent_typing_indicator)};
}

}  // namespace triggerd::sandbox
