// The end of a contact and of what cannot be without it. Called by life and by the route.
#pragma once

#include <string>

#include "world.h"

namespace triggerd::sandbox {

// Its tasks, notes, opportunities, events, relations and memberships go first; conversations stay.
void remove_contact(World& world, const std::string& location, const std::string& contact);

}  // namespace triggerd::sandbox
