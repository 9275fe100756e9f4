#include "collections.h"

#include <algorithm>
#include <array>

namespace triggerd::sandbox {
namespace {

constexpr std::string_view kAdded = "dateAdded";
constexpr std::string_view kChanged = "dateUpdated";
constexpr std::string_view kMade = "created_at";
constexpr std::string_view kTouched = "updated_at";

constexpr auto kCollections = std::to_array<Collection>({
    {.name = "contacts", .created_member = kAdded, .updated_member = kChanged},
    {.name = "tasks", .shows_location = false},
    {.name = "notes", .created_member = kAdded, .shows_location = false},
    {.name = "businesses", .created_member = "createdAt", .updated_member = "updatedAt"},
    {.name = "calendar_groups"},
    {.name = "calendars"},
    {.name = "calendar_notifications", .id_member = "_id", .shows_location = false},
    {.name = "resources"},
    {.name = "events", .created_member = kAdded, .updated_member = kChanged},
    {.name = "blocked_slots", .created_member = kAdded, .updated_member = kChanged},
    {.name = "appointment_notes", .created_member = kAdded, .shows_location = false},
    {.name = "opportunities", .created_member = "createdAt", .updated_member = "updatedAt"},
    {.name = "pipelines"},
    {.name = "users", .shows_location = false},
    {.name = "conversations",
     .created_member = kAdded,
     .updated_member = "lastMessageDate",
     .stamps = StampStyle::epoch_ms},
    {.name = "messages", .created_member = kAdded, .updated_member = kChanged},
    {.name = "emails", .created_member = kAdded},
    {.name = "recordings", .shows_location = false},
    {.name = "transcriptions", .shows_location = false},
    {.name = "workflows", .created_member = "createdAt", .updated_member = "updatedAt"},
    {.name = "workflow_members", .created_member = kAdded, .shows_location = false},
    {.name = "campaigns"},
    {.name = "campaign_members", .created_member = kAdded, .shows_location = false},
    {.name = "custom_fields"},
    {.name = "associations"},
    {.name = "relations"},
    {.name = "blog_sites", .id_member = "_id", .shows_location = false},
    {.name = "blog_posts",
     .id_member = "_id",
     .updated_member = "updatedAt",
     .shows_location = false},
    {.name = "blog_authors", .id_member = "_id", .updated_member = "updatedAt"},
    {.name = "blog_categories", .id_member = "_id", .updated_member = "updatedAt"},
    {.name = "partnerstack_leads",
     .id_member = "key",
     .created_member = kMade,
     .updated_member = kTouched,
     .shows_location = false,
     .stamps = StampStyle::epoch_ms},
    {.name = "partnerstack_deals",
     .id_member = "key",
     .created_member = kMade,
     .updated_member = kTouched,
     .shows_location = false,
     .stamps = StampStyle::epoch_ms},
    {.name = "partnerstack_customers",
     .id_member = "key",
     .created_member = kMade,
     .updated_member = kTouched,
     .shows_location = false,
     .stamps = StampStyle::epoch_ms},
    {.name = "partnerstack_partnerships",
     .id_member = "key",
     .created_member = kMade,
     .updated_member = kTouched,
     .shows_location = false,
     .stamps = StampStyle::epoch_ms},
    {.name = "stibee_subscribers",
     .id_member = "email",
     .created_member = "createdTime",
     .updated_member = "modifiedTime",
     .shows_location = false,
     .stamps = StampStyle::korean},
    {.name = "stibee_groups", .shows_location = false},
    {.name = "stibee_email_logs", .shows_location = false},
    {.name = "clubos_prospects", .shows_location = false},
    {.name = "clubos_users", .shows_location = false},
    {.name = "clubos_events", .shows_location = false},
    {.name = "clubos_notes", .shows_location = false},
    {.name = "payaca_customers", .shows_location = false},
    {.name = "payaca_projects", .shows_location = false},
    {.name = "my_app_people",
     .created_member = "createdAt",
     .updated_member = "updatedAt",
     .shows_location = false},
    {.name = "my_app_todos",
     .created_member = "createdAt",
     .updated_member = "updatedAt",
     .shows_location = false},
    {.name = "locations", .shows_location = false, .level = Level::company},
    {.name = "snapshots", .shows_location = false, .level = Level::company},
    {.name = "companies", .shows_location = false, .level = Level::company},
});

}  // namespace

std::span<const Collection> collections() { return kCollections; }

const Collection* find_collection(std::string_view name) {
  const auto found = std::find_if(kCollections.begin(), kCollections.end(),
                                  [&](const Collection& one) { return one.name == name; });
  return found == kCollections.end() ? nullptr : &*found;
}

}  // namespace triggerd::sandbox
