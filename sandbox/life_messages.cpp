// How conversations, messages, emails, recordings and transcriptions change by themselves.
#include <algorithm>

#include "fields.h"
#include "life.h"
#include "makers.h"
#include "message_post.h"

namespace triggerd::sandbox {
namespace {

using nlohmann::json;

constexpr std::size_t kMessagesMax = 400;
constexpr std::size_t kConversationsMax = 40;

void drop_oldest_message(Turn& turn) {
  const auto& rows = turn.world.rows(turn.location, "messages");
  if (rows.size() < kMessagesMax) return;
  const auto oldest = std::min_element(rows.begin(), rows.end(), [](const auto& a, const auto& b) {
    return a.second.created < b.second.created;
  });
  const std::string id = oldest->first;
  turn.world.remove(place_of(turn, "emails", email_id_of(oldest->second.record)));
  for (const char* collection : {"messages", "recordings", "transcriptions"}) {
    turn.world.remove(place_of(turn, collection, id));
  }
}

bool add_message(Turn& turn, MessageKind kind, bool inbound) {
  drop_oldest_message(turn);
  Place conversation;
  if (!any_place(turn, "conversations", conversation)) return false;
  const json before = record_at(turn, conversation);
  json message = make_message(turn.random, before, kind, inbound);
  json email;
  if (kind == MessageKind::email) {
    const Row* contact = turn.world.find(place_of(turn, "contacts", text_of(before, "contactId")));
    email = make_email(turn.random, message, contact == nullptr ? json::object() : contact->record);
  }
  post_message(turn.world, turn.random, conversation, std::move(message), email);
  return true;
}

bool message_inbound(Turn& turn) { return add_message(turn, MessageKind::sms, true); }

bool message_outbound(Turn& turn) { return add_message(turn, MessageKind::sms, false); }

bool email_outbound(Turn& turn) { return add_message(turn, MessageKind::email, false); }

bool call_logged(Turn& turn) { return add_message(turn, MessageKind::call, true); }

std::string next_status(const std::string& status) {
  if (status == "pending") return "sent";
  if (status == "sent") return "delivered";
  return status == "delivered" ? "opened" : "";
}

// Status moves pending, sent, delivered, opened; the message follows its email.
bool email_progress(Turn& turn) {
  for (const std::string& id : ids_of(turn, "messages")) {
    const Place place = place_of(turn, "messages", id);
    const json message = record_at(turn, place);
    if (text_of(message, "messageType") != "TYPE_EMAIL") continue;
    const std::string status = next_status(text_of(message, "status"));
    if (status.empty()) continue;
    const std::string email = email_id_of(message);
    turn.world.update(place_of(turn, "emails", email), {{"status", status}});
    return turn.world.update(place, {{"status", status}});
  }
  return email_outbound(turn);
}

// A call without the collection's record gets one; `record` makes it.
bool appear(Turn& turn, std::string_view collection, json (*record)(Random&)) {
  for (const std::string& id : ids_of(turn, "messages")) {
    if (text_of(record_at(turn, place_of(turn, "messages", id)), "messageType") != "TYPE_CALL") {
      continue;
    }
    const Place place = place_of(turn, collection, id);
    if (turn.world.find(place) != nullptr) continue;
    turn.world.create(place, record(turn.random));
    return true;
  }
  return call_logged(turn);
}

bool recording_appears(Turn& turn) {
  return appear(turn, "recordings", [](Random& random) {
    return json{{"audio", random.below(1'000'000)}};
  });
}

bool transcription_appears(Turn& turn) {
  return appear(turn, "transcriptions", make_transcription);
}

// Neither of these moves lastMessageDate.
bool conversation_read(Turn& turn) {
  Place place;
  if (!any_place(turn, "conversations", place)) return false;
  const auto unread = number_of(record_at(turn, place), "unreadCount", 0);
  return turn.world.update(place, {{"unreadCount", unread == 0 ? 1 : 0}}, {.moves = false});
}

bool conversation_star(Turn& turn) {
  Place place;
  if (!any_place(turn, "conversations", place)) return false;
  const bool starred = flag_of(record_at(turn, place), "starred", false);
  return turn.world.update(place, {{"starred", !starred}}, {.moves = false});
}

bool conversation_start(Turn& turn) {
  Place contact;
  if (turn.world.rows(turn.location, "conversations").size() >= kConversationsMax ||
      !any_place(turn, "contacts", contact)) {
    return false;
  }
  const Millis at = next_message_instant(turn.world, turn.location);
  turn.world.create(place_of(turn, "conversations", turn.random.id()),
                    make_conversation(turn.random, record_at(turn, contact)), at);
  return true;
}

}  // namespace

std::vector<LifeKind> message_life() {
  return {{"message_inbound", message_inbound},
          {"message_outbound", message_outbound},
          {"email_outbound", email_outbound},
          {"email_progress", email_progress},
          {"call_logged", call_logged},
          {"recording_appears", recording_appears},
          {"transcription_appears", transcription_appears},
          {"conversation_read", conversation_read},
          {"conversation_star", conversation_star},
          {"conversation_start", conversation_start}};
}

}  // namespace triggerd::sandbox
