// A message on its way into the world, sent by a call or come by itself: the message, its e-mail
// where it is one, and what its conversation shows of it. Called by routes and life; knows no HTTP.
#pragma once

#include <nlohmann/json.hpp>
#include <string>

#include "random.h"
#include "world.h"

namespace triggerd::sandbox {

// When the next message of a location can be dated: the search pages by lastMessageDate alone and
// exclusively, so two equal dates could hide a conversation at a page's end; they never get one.
Millis next_message_instant(const World& world, const std::string& location);

// Adds the message to its conversation, the e-mail first where `email` is an object. The message's
// id.
std::string post_message(World& world, Random& random, const Place& conversation,
                         nlohmann::json message, const nlohmann::json& email);

}  // namespace triggerd::sandbox
