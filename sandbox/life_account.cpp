// How users, businesses, workflows, campaigns, custom fields, locations, snapshots and the company
// change by themselves.
#include "fields.h"
#include "life.h"
#include "makers.h"

namespace triggerd::sandbox {
namespace {

using nlohmann::json;

constexpr std::size_t kFewMax = 12;

// Adds one, or removes one where there are enough.
bool add_or_remove(Turn& turn, std::string_view collection, json record, std::size_t most) {
  if (ids_of(turn, collection).size() >= most) return remove_any(turn, collection);
  return add(turn, collection, std::move(record));
}

bool user_edit(Turn& turn) {
  return patch_any(turn, "users", {{"phone", some_phone(turn.random)}});
}

bool user_add(Turn& turn) {
  return add_or_remove(turn, "users", make_user(turn.random, turn.location), kFewMax);
}

bool business_edit(Turn& turn) {
  return patch_any(turn, "businesses", {{"description", some_words(turn.random)}});
}

bool business_add(Turn& turn) {
  return add_or_remove(turn, "businesses", make_business(turn.random), 6);
}

bool workflow_version(Turn& turn) {
  Place place;
  if (!any_place(turn, "workflows", place)) return false;
  const auto version = number_of(record_at(turn, place), "version", 1);
  return turn.world.update(place, {{"version", version + 1}});
}

bool workflow_add(Turn& turn) {
  return add_or_remove(turn, "workflows", make_workflow(turn.random), kFewMax);
}

bool campaign_status(Turn& turn) {
  Place place;
  if (!any_place(turn, "campaigns", place)) return false;
  const bool draft = text_of(record_at(turn, place), "status") == "draft";
  return turn.world.update(place, {{"status", draft ? "published" : "draft"}});
}

bool campaign_add(Turn& turn) {
  return add_or_remove(turn, "campaigns", make_campaign(turn.random), kFewMax);
}

bool custom_field_edit(Turn& turn) {
  return patch_any(turn, "custom_fields", {{"placeholder", some_words(turn.random)}});
}

bool custom_field_add(Turn& turn) {
  const int position = static_cast<int>(turn.random.below(100));
  return add_or_remove(turn, "custom_fields",
                       make_custom_field(turn.random, "opportunity", position), 16);
}

bool location_edit(Turn& turn) {
  return turn.world.update(place_of(turn, "locations", turn.location),
                           {{"phone", some_phone(turn.random)}});
}

bool snapshot_rename(Turn& turn) {
  return patch_any(turn, "snapshots", {{"name", "Snapshot " + some_words(turn.random)}});
}

bool snapshot_add(Turn& turn) {
  return add_or_remove(turn, "snapshots", make_snapshot(turn.random), 10);
}

bool company_edit(Turn& turn) {
  return turn.world.update(place_of(turn, "companies", turn.company),
                           {{"phone", some_phone(turn.random)}});
}

}  // namespace

std::vector<LifeKind> account_life() {
  return {{"user_edit", user_edit},
          {"user_add", user_add},
          {"business_edit", business_edit},
          {"business_add", business_add},
          {"workflow_version", workflow_version},
          {"workflow_add", workflow_add},
          {"campaign_status", campaign_status},
          {"campaign_add", campaign_add},
          {"custom_field_edit", custom_field_edit},
          {"custom_field_add", custom_field_add},
          {"location_edit", location_edit},
          {"snapshot_rename", snapshot_rename},
          {"snapshot_add", snapshot_add},
          {"company_edit", company_edit}};
}

}  // namespace triggerd::sandbox
