// The writes to opportunities. A contact has one opportunity in a pipeline unless its location
// allows more; a change of status or stage moves its own stamp, too.
#include <algorithm>

#include "makers.h"
#include "visit.h"

namespace triggerd::sandbox {
namespace {

using nlohmann::json;

Place place_of(const Row& deal) {
  return {text_of(deal.record, "locationId"), "opportunities", text_of(deal.record, "id")};
}

tl::expected<Place, Answer> deal_in_path(Visit& visit) {
  const auto deal = visit.reach("opportunities", visit.path("id"), "Opportunity");
  if (!deal) return tl::unexpected(deal.error());
  return place_of(**deal);
}

json now_at(Visit& visit, const Place& place) { return visit.world.find(place)->record; }

bool has_stage(const json& pipeline, const std::string& stage) {
  const json stages = list_of(pipeline, "stages");
  return std::any_of(stages.begin(), stages.end(),
                     [&](const json& one) { return text_of(one, "id") == stage; });
}

// What is wrong with pipeline and stage as they would be after the write.
std::optional<Answer> misplaced(Visit& visit, const std::string& location, const json& deal) {
  const Row* pipeline = visit.view.find({location, "pipelines", text_of(deal, "pipelineId")});
  if (pipeline == nullptr) return bad_request("The pipeline id is invalid.");
  const std::string stage = text_of(deal, "pipelineStageId");
  if (!stage.empty() && !has_stage(pipeline->record, stage)) {
    return bad_request("The pipeline stage id is invalid.");
  }
  return std::nullopt;
}

// Values come as {id or key, field_value} and are shown as {id, fieldValue}.
json with_fields(Visit& visit, json fields, const json& given) {
  for (const json& one : given) {
    std::string id = text_of(one, "id");
    const std::string key = text_of(one, "key");
    for (const Row* row : visit.all("custom_fields")) {
      const std::string known = text_of(row->record, "fieldKey");
      if (id.empty() && !key.empty() && (known == key || known == "opportunity." + key)) {
        id = text_of(row->record, "id");
      }
    }
    if (id.empty()) continue;
    const json value = one.value("field_value", json());
    const auto same = std::find_if(fields.begin(), fields.end(),
                                   [&](const json& old) { return text_of(old, "id") == id; });
    if (same != fields.end()) {
      (*same)["fieldValue"] = value;
    } else {
      fields.push_back({{"id", id}, {"fieldValue", value}});
    }
  }
  return fields;
}

// What the request changes in the record `before`.
json patch_of(Visit& visit, const std::string& location, const json& before) {
  json patch = only_members(visit.body(), {"pipelineId", "pipelineStageId", "name", "status",
                                           "monetaryValue", "assignedTo", "lostReasonId"});
  const std::string now = iso_utc(visit.now());
  const std::string pipeline = text_of(patch, "pipelineId");
  const bool moves = !pipeline.empty() && pipeline != text_of(before, "pipelineId");
  const Row* target = visit.view.find({location, "pipelines", pipeline});
  if (moves && target != nullptr && !visit.has("pipelineStageId")) {
    patch["pipelineStageId"] = value_at(target->record, "/stages/0/id");
  }
  const auto changes = [&](const char* member) {
    return patch.contains(member) && patch[member] != before.value(member, json());
  };
  if (changes("status")) patch["lastStatusChangeAt"] = now;
  if (changes("pipelineStageId")) patch["lastStageChangeAt"] = patch["lastActionDate"] = now;
  if (visit.body().contains("customFields")) {
    patch["customFields"] =
        with_fields(visit, list_of(before, "customFields"), list_of(visit.body(), "customFields"));
  }
  return patch;
}

json merged(json record, const json& patch) {
  record.merge_patch(patch);
  return record;
}

// The contact's opportunity in the pipeline that the request names, the oldest one first.
const Row* known_deal(Visit& visit) {
  for (const Row* row : visit.all("opportunities")) {
    if (text_of(row->record, "contactId") == visit.text("contactId") &&
        text_of(row->record, "pipelineId") == visit.text("pipelineId")) {
      return row;
    }
  }
  return nullptr;
}

bool allows_several(Visit& visit) {
  const Row* location = visit.view.find({visit.company(), "locations", visit.location()});
  return location != nullptr &&
         value_at(location->record, "/settings/allowDuplicateOpportunity") == json(true);
}

Answer already_there(const Row& deal) {
  Answer answer = bad_request("Can not create duplicate opportunity for the contact.");
  answer.body["code"] = "OPPORTUNITY_NO_DUPLICATE";
  answer.body["meta"] = {{"existingId", text_of(deal.record, "id")}};
  return answer;
}

// A new opportunity with what the request says of it.
tl::expected<Place, Answer> add_deal(Visit& visit) {
  const std::string location = visit.location();
  const Row* contact = visit.view.find({location, "contacts", visit.text("contactId")});
  if (contact == nullptr) return tl::unexpected(bad_request("The contact id is invalid."));
  const Row* pipeline = visit.view.find({location, "pipelines", visit.text("pipelineId")});
  if (pipeline == nullptr) return tl::unexpected(bad_request("The pipeline id is invalid."));
  json deal = make_opportunity(visit.random, contact->record, pipeline->record, visit.now());
  deal["name"] = text_of(contact->record, "name");
  deal["monetaryValue"] = 0;
  deal["assignedTo"] = "";
  deal = merged(deal, patch_of(visit, location, deal));
  if (auto refused = misplaced(visit, location, deal)) return tl::unexpected(*refused);
  const Place place = {location, "opportunities", visit.random.id()};
  visit.world.create(place, std::move(deal));
  return place;
}

Answer create_opportunity(Visit& visit) {
  const Row* known = known_deal(visit);
  if (known != nullptr && !allows_several(visit)) return already_there(*known);
  const auto place = add_deal(visit);
  return place ? created({{"opportunity", now_at(visit, *place)}}) : place.error();
}

std::optional<Answer> change_deal(Visit& visit, const Place& place) {
  const json before = now_at(visit, place);
  const json patch = patch_of(visit, place.owner, before);
  if (auto refused = misplaced(visit, place.owner, merged(before, patch))) return refused;
  if (merged(before, patch) != before) visit.world.update(place, patch);
  return std::nullopt;
}

Answer update_opportunity(Visit& visit) {
  const auto place = deal_in_path(visit);
  if (!place) return place.error();
  if (const auto refused = change_deal(visit, *place)) return *refused;
  return ok({{"opportunity", now_at(visit, *place)}});
}

Answer update_opportunity_status(Visit& visit) {
  const auto place = deal_in_path(visit);
  if (!place) return place.error();
  if (const auto refused = change_deal(visit, *place)) return *refused;
  return ok({{"succeded", true}});
}

Answer delete_opportunity(Visit& visit) {
  const auto place = deal_in_path(visit);
  if (!place) return place.error();
  visit.world.remove(*place);
  return ok({{"succeded", true}});
}

// ---- followers

bool holds(const json& list, const json& value) {
  return std::find(list.begin(), list.end(), value) != list.end();
}

struct FollowerChange {
  json after = json::array();
  json moved = json::array();  // who was added, or removed
};

FollowerChange added(const json& before, const json& given) {
  FollowerChange change{before, json::array()};
  for (const json& user : given) {
    if (holds(change.after, user)) continue;
    change.after.push_back(user);
    change.moved.push_back(user);
  }
  return change;
}

FollowerChange removed(const json& before, const json& given, bool all) {
  FollowerChange change;
  for (const json& user : before) {
    (all || holds(given, user) ? change.moved : change.after).push_back(user);
  }
  return change;
}

void keep(Visit& visit, const Place& place, const FollowerChange& change) {
  if (!change.moved.empty()) visit.world.update(place, {{"followers", change.after}});
}

Answer add_opportunity_followers(Visit& visit) {
  const auto place = deal_in_path(visit);
  if (!place) return place.error();
  const FollowerChange change =
      added(list_of(now_at(visit, *place), "followers"), list_of(visit.body(), "followers"));
  keep(visit, *place, change);
  return created({{"followers", change.after}, {"followersAdded", change.moved}});
}

Answer remove_opportunity_followers(Visit& visit) {
  const auto place = deal_in_path(visit);
  if (!place) return place.error();
  const FollowerChange change =
      removed(list_of(now_at(visit, *place), "followers"), list_of(visit.body(), "followers"),
              visit.flag("isRemoveAllFollowers", false));
  keep(visit, *place, change);
  return ok({{"followers", change.after}, {"followersRemoved", change.moved}});
}

// ---- upsert

void change_followers(Visit& visit, const Place& place) {
  const json before = list_of(now_at(visit, place), "followers");
  const json given = list_of(visit.body(), "followers");
  const bool all = visit.flag("isRemoveAllFollowers", false);
  if (all || visit.text("followersActionType") == "remove") {
    keep(visit, place, removed(before, given, all));
  } else {
    keep(visit, place, added(before, given));
  }
}

Answer upsert_opportunity(Visit& visit) {
  if (!visit.has("id") && !visit.has("contactId")) {
    return unprocessable({"contactId should not be empty"});
  }
  const Row* known = known_deal(visit);
  if (visit.has("id")) {
    const auto named = visit.reach("opportunities", visit.text("id"), "Opportunity");
    if (!named) return named.error();
    known = *named;
  }
  tl::expected<Place, Answer> place;
  if (known != nullptr) {
    place = place_of(*known);
    if (const auto refused = change_deal(visit, *place)) return *refused;
  } else {
    place = add_deal(visit);
    if (!place) return place.error();
  }
  change_followers(visit, *place);
  return ok({{"opportunity", now_at(visit, *place)}, {"new", known == nullptr}});
}

Route deal_write(std::string operation, std::string method, std::string rest,
                 std::vector<Param> body, Answer (*answer)(Visit&)) {
  return {.operation = std::move(operation),
          .method = std::move(method),
          .path = "/opportunities/" + std::move(rest),
          .scope = "opportunities.write",
          .body = std::move(body),
          .records = {Shape::object, "/opportunity"},
          .answer = answer};
}

}  // namespace

std::vector<Route> opportunity_write_routes() {
  const Param status = text("status").one_of({"open", "won", "lost", "abandoned"});
  const std::vector<Param> any = {
      text("pipelineId"),      text("name"),       text("pipelineStageId"), status,
      number("monetaryValue"), text("assignedTo"), list("customFields")};
  Route remove_followers = deal_write("remove_opportunity_followers", "DELETE", "{id}/followers",
                                      {list("followers").must()}, remove_opportunity_followers);
  remove_followers.query = {boolean("isRemoveAllFollowers")};
  return {deal_write("create_opportunity", "POST", "",
                     {text("pipelineId").must(), text("locationId").must(), text("name").must(),
                      text("pipelineStageId"), status.must(), text("contactId").must(),
                      number("monetaryValue"), text("assignedTo"), list("customFields")},
                     create_opportunity),
          deal_write("update_opportunity", "PUT", "{id}", any, update_opportunity),
          deal_write("delete_opportunity", "DELETE", "{id}", {}, delete_opportunity),
          deal_write("update_opportunity_status", "PUT", "{id}/status",
                     {status.must(), text("lostReasonId")}, update_opportunity_status),
          deal_write("upsert_opportunity", "POST", "upsert",
                     {text("id"), text("contactId"), text("pipelineId").must(),
                      text("locationId").must(), list("followers"), boolean("isRemoveAllFollowers"),
                      text("followersActionType").one_of({"add", "remove"}), text("name"), status,
                      text("pipelineStageId"), number("monetaryValue"), text("assignedTo"),
                      text("lostReasonId")},
                     upsert_opportunity),
          deal_write("add_opportunity_followers", "POST", "{id}/followers",
                     {list("followers").must()}, add_opportunity_followers),
          remove_followers};
}

}  // namespace triggerd::sandbox
