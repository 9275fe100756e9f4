// How opportunities, pipelines, associations and relations change by themselves.
#include "fields.h"
#include "life.h"
#include "makers.h"

namespace triggerd::sandbox {
namespace {

using nlohmann::json;

constexpr std::size_t kDealsMax = 60;
constexpr std::size_t kDealsMin = 12;
constexpr std::size_t kLinksMax = 40;
constexpr std::size_t kLinksMin = 6;

std::size_t count(const Turn& turn, std::string_view collection) {
  return turn.world.rows(turn.location, collection).size();
}

bool pipeline_rename(Turn& turn) {
  return patch_any(turn, "pipelines", {{"name", "Pipeline " + some_words(turn.random)}});
}

bool opportunity_delete(Turn& turn) {
  return count(turn, "opportunities") > kDealsMin && remove_any(turn, "opportunities");
}

bool opportunity_create(Turn& turn) {
  if (count(turn, "opportunities") >= kDealsMax) return opportunity_delete(turn);
  Place contact;
  Place pipeline;
  return any_place(turn, "contacts", contact) && any_place(turn, "pipelines", pipeline) &&
         add(turn, "opportunities",
             make_opportunity(turn.random, record_at(turn, contact), record_at(turn, pipeline),
                              turn.world.now()));
}

bool opportunity_stage(Turn& turn) {
  Place place;
  if (!any_place(turn, "opportunities", place)) return false;
  const Place pipeline = place_of(turn, "pipelines", text_of(record_at(turn, place), "pipelineId"));
  const Row* row = turn.world.find(pipeline);
  if (row == nullptr) return false;
  const json stages = list_of(row->record, "stages");
  if (stages.empty()) return false;
  const std::string stamp = iso_utc(turn.world.now());
  return turn.world.update(
      place, {{"pipelineStageId", text_of(stages[turn.random.below(stages.size())], "id")},
              {"lastStageChangeAt", stamp},
              {"lastActionDate", stamp}});
}

bool opportunity_status(Turn& turn) {
  static constexpr const char* kStatuses[] = {"open", "won", "lost", "abandoned"};
  return patch_any(
      turn, "opportunities",
      {{"status", turn.random.pick(kStatuses)}, {"lastStatusChangeAt", iso_utc(turn.world.now())}});
}

bool opportunity_value(Turn& turn) {
  return patch_any(turn, "opportunities", {{"monetaryValue", 100 * (1 + turn.random.below(90))}});
}

bool association_label(Turn& turn) {
  return patch_any(turn, "associations", {{"firstObjectLabel", "label " + turn.random.id(4)}});
}

bool association_add(Turn& turn) {
  if (count(turn, "associations") < 6) {
    return add(turn, "associations",
               make_association(turn.random, "contact", "custom_objects.cars"));
  }
  // The oldest ones stay, they answer the look-up by object key.
  Place place;
  if (!any_place(turn, "associations", place)) return false;
  if (text_of(record_at(turn, place), "secondObjectKey") != "custom_objects.cars") return false;
  return turn.world.remove(place);
}

bool relation_remove(Turn& turn) {
  return count(turn, "relations") > kLinksMin && remove_any(turn, "relations");
}

bool relation_add(Turn& turn) {
  if (count(turn, "relations") >= kLinksMax) return relation_remove(turn);
  Place association;
  Place contact;
  Place deal;
  return any_place(turn, "associations", association) && any_place(turn, "contacts", contact) &&
         any_place(turn, "opportunities", deal) &&
         add(turn, "relations", make_relation(record_at(turn, association), contact.id, deal.id));
}

}  // namespace

std::vector<LifeKind> sales_life() {
  return {{"pipeline_rename", pipeline_rename},     {"opportunity_create", opportunity_create},
          {"opportunity_stage", opportunity_stage}, {"opportunity_status", opportunity_status},
          {"opportunity_value", opportunity_value}, {"opportunity_delete", opportunity_delete},
          {"association_label", association_label}, {"association_add", association_add},
          {"relation_add", relation_add},           {"relation_remove", relation_remove}};
}

}  // namespace triggerd::sandbox
