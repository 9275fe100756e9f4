#include <array>

#include "fields.h"
#include "makers.h"

namespace triggerd::sandbox {
namespace {

using nlohmann::json;

struct Channel {
  int type;
  const char* message_type;
  const char* content_type;
};

Channel channel_of(MessageKind kind) {
  switch (kind) {
    case MessageKind::sms:
      return {2, "TYPE_SMS", "text/plain"};
    case MessageKind::email:
      return {3, "TYPE_EMAIL", "text/html"};
    case MessageKind::call:
      return {1, "TYPE_CALL", "text/plain"};
  }
  return {2, "TYPE_SMS", "text/plain"};
}

void append_number(std::string& bytes, std::uint32_t value, int width) {
  for (int i = 0; i < width; ++i) bytes += static_cast<char>((value >> (8 * i)) & 0xFFU);
}

}  // namespace

json make_conversation(Random& random, const json& contact) {
  return {{"contactId", text_of(contact, "id")},
          {"fullName", text_of(contact, "name")},
          {"contactName", text_of(contact, "name")},
          {"email", text_of(contact, "email")},
          {"phone", text_of(contact, "phone")},
          {"lastMessageBody", ""},
          {"lastMessageType", "TYPE_SMS"},
          {"lastMessageDirection", "inbound"},
          {"type", "TYPE_PHONE"},
          {"unreadCount", 0},
          {"assignedTo", random.id()},
          {"starred", false},
          {"inbox", true},
          {"deleted", false}};
}

json make_message(Random& random, const json& conversation, MessageKind kind, bool inbound) {
  const Channel channel = channel_of(kind);
  json message = {{"type", channel.type},
                  {"messageType", channel.message_type},
                  {"contactId", text_of(conversation, "contactId")},
                  {"conversationId", text_of(conversation, "id")},
                  {"body", "About the " + some_words(random)},
                  {"direction", inbound ? "inbound" : "outbound"},
                  {"status", kind == MessageKind::call  ? "connected"
                             : kind == MessageKind::sms ? "delivered"
                                                        : "pending"},
                  {"contentType", channel.content_type},
                  {"attachments", json::array()},
                  {"source", "app"},
                  {"userId", random.id()}};
  if (kind == MessageKind::email) {
    message["meta"] = {{"email", {{"messageIds", {random.id()}}}}};
  } else if (kind == MessageKind::call) {
    message.erase("body");
    message["meta"] = {{"call", {{"duration", 20 + random.below(300)}, {"status", "completed"}}}};
  }
  return message;
}

std::string email_id_of(const json& message) {
  const json id = value_at(message, "/meta/email/messageIds/0");
  return id.is_string() ? id.get<std::string>() : "";
}

json make_email(Random& random, const json& message, const json& contact) {
  const bool inbound = text_of(message, "direction") == "inbound";
  const std::string desk = "desk@agency.example.com";
  const std::string address = text_of(contact, "email");
  return {{"altId", random.id()},
          {"threadId", random.id()},
          {"contactId", text_of(message, "contactId")},
          {"conversationId", text_of(message, "conversationId")},
          {"subject", "Re: " + some_words(random)},
          {"body", text_of(message, "body")},
          {"direction", text_of(message, "direction")},
          {"status", text_of(message, "status")},
          {"contentType", "text/html"},
          {"attachments", json::array()},
          {"provider", "Leadconnector Gmail"},
          {"from", inbound ? address : desk},
          {"to", {inbound ? desk : address}},
          {"cc", json::array()},
          {"bcc", json::array()},
          {"source", "app"}};
}

json make_transcription(Random& random) {
  json sentences = json::array();
  const std::size_t count = 2 + random.below(4);
  for (std::size_t i = 0; i < count; ++i) {
    sentences.push_back({{"speaker", i % 2},
                         {"mediaChannel", i % 2},
                         {"sentenceIndex", i},
                         {"startTime", i * 4000},
                         {"endTime", i * 4000 + 3500},
                         {"transcript", "We spoke about the " + some_words(random) + "."},
                         {"confidence", 0.9}});
  }
  return {{"sentences", sentences}};
}

std::string wav_bytes(std::uint64_t number) {
  constexpr std::uint32_t kSamples = 400;
  std::string bytes = "RIFF";
  append_number(bytes, 36 + kSamples, 4);
  bytes += "WAVEfmt ";
  append_number(bytes, 16, 4);    // length of the format part
  append_number(bytes, 1, 2);     // uncompressed
  append_number(bytes, 1, 2);     // one channel
  append_number(bytes, 8000, 4);  // samples per second
  append_number(bytes, 8000, 4);  // bytes per second
  append_number(bytes, 1, 2);     // bytes per sample
  append_number(bytes, 8, 2);     // bits per sample
  bytes += "data";
  append_number(bytes, kSamples, 4);
  Random noise(number);
  for (std::uint32_t i = 0; i < kSamples; ++i) bytes += static_cast<char>(noise.below(256));
  return bytes;
}

}  // namespace triggerd::sandbox
