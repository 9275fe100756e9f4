#include "contact_removal.h"

#include <vector>

#include "fields.h"

namespace triggerd::sandbox {
namespace {

// What goes with its contact, and the member that names the contact.
constexpr std::pair<std::string_view, const char*> kOfContact[] = {
    {"tasks", "contactId"},           {"notes", "contactId"},
    {"opportunities", "contactId"},   {"events", "contactId"},
    {"relations", "firstRecordId"},   {"campaign_members", "contactId"},
    {"workflow_members", "contactId"}};

}  // namespace

void remove_contact(World& world, const std::string& location, const std::string& contact) {
  for (const auto& [collection, member] : kOfContact) {
    std::vector<std::string> owned;
    for (const auto& [id, row] : world.rows(location, collection)) {
      if (text_of(row.record, member) == contact) owned.push_back(id);
    }
    for (const std::string& id : owned) world.remove({location, collection, id});
  }
  world.remove({location, "contacts", contact});
}

}  // namespace triggerd::sandbox
