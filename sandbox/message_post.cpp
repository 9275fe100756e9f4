#include "message_post.h"

#include <algorithm>

#include "fields.h"
#include "makers.h"

namespace triggerd::sandbox {

using nlohmann::json;

Millis next_message_instant(const World& world, const std::string& location) {
  Millis at = world.now();
  for (const auto& [id, row] : world.rows(location, "conversations")) {
    at = std::max(at, row.updated + 1);
  }
  return at;
}

std::string post_message(World& world, Random& random, const Place& conversation, json message,
                         const json& email) {
  const Millis at = next_message_instant(world, conversation.owner);
  if (email.is_object()) {
    world.create({conversation.owner, "emails", email_id_of(message)}, email);
  }
  const bool inbound = text_of(message, "direction") == "inbound";
  const auto unread = number_of(world.find(conversation)->record, "unreadCount", 0);
  const json patch = {{"lastMessageBody", message.value("body", json("Call"))},
                      {"lastMessageType", message["messageType"]},
                      {"lastMessageDirection", message["direction"]},
                      {"unreadCount", unread + (inbound ? 1 : 0)}};
  const std::string id = random.id();
  world.create({conversation.owner, "messages", id}, std::move(message), at);
  world.update(conversation, patch, {.moves = true, .at = at});
  return id;
}

}  // namespace triggerd::sandbox
