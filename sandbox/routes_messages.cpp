// Messages, emails, recordings and transcriptions, in the envelopes that public clients receive:
// the list nests twice under `messages`, single records under `message` and `emailMessage`.
#include <algorithm>

#include "makers.h"
#include "visit.h"

namespace triggerd::sandbox {
namespace {

using nlohmann::json;

bool newer(const Row* left, const Row* right) {
  if (left->created != right->created) return left->created > right->created;
  return text_of(left->record, "id") < text_of(right->record, "id");
}

Answer get_messages_by_conversation(Visit& visit) {
  const auto conversation =
      visit.reach("conversations", visit.path("conversationId"), "Conversation");
  if (!conversation) return conversation.error();
  const auto types = split_commas(visit.text("type"));
  std::vector<const Row*> found;
  const std::string location = text_of((*conversation)->record, "locationId");
  for (const Row* row : visit.view.all(location, "messages")) {
    if (text_of(row->record, "conversationId") != visit.path("conversationId")) continue;
    const std::string type = text_of(row->record, "messageType");
    if (types.empty() || std::find(types.begin(), types.end(), type) != types.end()) {
      found.push_back(row);
    }
  }
  std::sort(found.begin(), found.end(), newer);
  std::size_t skip = 0;
  if (const std::string last = visit.text("lastMessageId"); !last.empty()) {
    const auto at = std::find_if(found.begin(), found.end(), [&](const Row* row) {
      return text_of(row->record, "id") == last;
    });
    if (at == found.end()) return bad_request("lastMessageId does not exist");
    skip = static_cast<std::size_t>(at - found.begin()) + 1;
  }
  const json page = page_of(found, skip, visit.count("limit", 20));
  const json last = page.empty() ? json() : page.back().value("id", json());
  return ok({{"messages",
              {{"lastMessageId", last},
               {"nextPage", skip + page.size() < found.size()},
               {"messages", page}}}});
}

Answer get_message_by_id(Visit& visit) {
  const auto message = visit.reach("messages", visit.path("id"), "Message");
  if (!message) return message.error();
  return ok({{"message", (*message)->record}});
}

// The id comes from meta.email.messageIds of a message, not from the message.
Answer get_email_by_id(Visit& visit) {
  const auto email = visit.reach("emails", visit.path("id"), "Email message");
  if (!email) return email.error();
  return ok({{"emailMessage", (*email)->record}});
}

Answer get_message_recording(Visit& visit) {
  const auto message = visit.reach("messages", visit.path("messageId"), "Message");
  if (!message) return message.error();
  const Row* recording = visit.view.find({visit.location(), "recordings", visit.path("messageId")});
  if (recording == nullptr) {
    Answer absent = bad_request("Recording not found for the message");
    absent.body["code"] = "CONVERSATIONS_MSG_RECORDING_NOT_FOUND";
    return absent;
  }
  return file(wav_bytes(static_cast<std::uint64_t>(number_of(recording->record, "audio", 0))),
              "audio/x-wav", "audio.wav");
}

tl::expected<json, Answer> sentences_of(Visit& visit) {
  const auto message = visit.reach("messages", visit.path("messageId"), "Message");
  if (!message) return tl::unexpected(message.error());
  const Row* transcription =
      visit.view.find({visit.location(), "transcriptions", visit.path("messageId")});
  if (transcription == nullptr) return tl::unexpected(not_found("Transcription"));
  return list_of(transcription->record, "sentences");
}

// One sentence object on paper, an array of them in practice.
Answer get_message_transcription(Visit& visit) {
  auto sentences = sentences_of(visit);
  return sentences ? ok(*sentences) : sentences.error();
}

Answer download_transcription(Visit& visit) {
  const auto sentences = sentences_of(visit);
  if (!sentences) return sentences.error();
  std::string text;
  for (const json& sentence : *sentences) {
    text += "Speaker " + sentence.value("speaker", json(0)).dump() + ": " +
            text_of(sentence, "transcript") + "\n";
  }
  return file(text, "text/plain; charset=utf-8", "transcription.txt");
}

std::vector<std::string> message_types() {
  return {"TYPE_CALL",
          "TYPE_SMS",
          "TYPE_RCS",
          "TYPE_EMAIL",
          "TYPE_FACEBOOK",
          "TYPE_GMB",
          "TYPE_INSTAGRAM",
          "TYPE_WHATSAPP",
          "TYPE_ACTIVITY_APPOINTMENT",
          "TYPE_ACTIVITY_CONTACT",
          "TYPE_ACTIVITY_INVOICE",
          "TYPE_ACTIVITY_PAYMENT",
          "TYPE_ACTIVITY_OPPORTUNITY",
          "TYPE_LIVE_CHAT",
          "TYPE_INTERNAL_COMMENTS",
          "TYPE_ACTIVITY_EMPLOYEE_ACTION_LOG",
          "TYPE_TIKTOK",
          "TYPE_ACTIVITY_WHATSAPP",
          "TYPE_FORM_SUBMISSION"};
}

Route message_read(std::string operation, std::string rest, RecordsAt records,
                   Answer (*answer)(Visit&)) {
  return {.operation = std::move(operation),
          .method = "GET",
          .path = "/conversations/" + std::move(rest),
          .version = kCalendar,
          .scope = "conversations/message.readonly",
          .records = std::move(records),
          .answer = answer};
}

}  // namespace

std::vector<Route> message_routes() {
  Route list_messages =
      message_read("get_messages_by_conversation", "{conversationId}/messages",
                   {Shape::list, "/messages/messages"}, get_messages_by_conversation);
  list_messages.query = {text("lastMessageId"), number("limit").from(1),
                         text("type").some_of(message_types())};
  list_messages.paging = Paging::last_id;
  return {
      list_messages,
      message_read("get_message_by_id", "messages/{id}", {Shape::object, "/message"},
                   get_message_by_id),
      message_read("get_email_by_id", "messages/email/{id}", {Shape::object, "/emailMessage"},
                   get_email_by_id),
      message_read("get_message_recording", "messages/{messageId}/locations/{locationId}/recording",
                   {Shape::blob}, get_message_recording),
      message_read("get_message_transcription",
                   "locations/{locationId}/messages/{messageId}/transcription",
                   {Shape::object, "", ""}, get_message_transcription),
      message_read("download_transcription",
                   "locations/{locationId}/messages/{messageId}/transcription/download",
                   {Shape::blob}, download_transcription)};
}

}  // namespace triggerd::sandbox
