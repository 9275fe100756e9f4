// Associations between object types and relations between records. The paged lists have the
// envelopes that public clients read; single associations are bare objects.
#include <algorithm>

#include "makers.h"
#include "visit.h"

namespace triggerd::sandbox {
namespace {

using nlohmann::json;

Answer find_associations(Visit& visit) {
  return ok({{"associations", page_of(visit.all("associations"), visit.count("skip", 0),
                                      visit.count("limit", 100))}});
}

Answer get_association(Visit& visit) {
  const auto association = visit.reach("associations", visit.path("associationId"), "Association");
  if (!association) return association.error();
  return ok((*association)->record);
}

Answer get_association_key(Visit& visit) {
  for (const Row* row : visit.all("associations")) {
    if (text_of(row->record, "key") == visit.path("key_name")) return ok(row->record);
  }
  return not_found("Association");
}

// Documented as one object, though a type may have several: the oldest one answers.
Answer get_association_by_keys(Visit& visit) {
  for (const Row* row : visit.all("associations")) {
    for (const char* side : {"firstObjectKey", "secondObjectKey"}) {
      if (text_of(row->record, side) == visit.path("objectKey")) return ok(row->record);
    }
  }
  return not_found("Association");
}

Answer get_relations_by_record(Visit& visit) {
  const auto wanted = visit.list("associationIds");
  std::vector<const Row*> relations = visit.all("relations");
  std::erase_if(relations, [&](const Row* row) {
    const json& record = row->record;
    if (text_of(record, "firstRecordId") != visit.path("recordId") &&
        text_of(record, "secondRecordId") != visit.path("recordId")) {
      return true;
    }
    return !wanted.empty() && std::find(wanted.begin(), wanted.end(),
                                        text_of(record, "associationId")) == wanted.end();
  });
  return ok({{"relations", page_of(relations, visit.count("skip", 0), visit.count("limit", 100))},
             {"total", relations.size()}});
}

// ---- writes

Place place_in(const Row& row, std::string_view collection) {
  return {text_of(row.record, "locationId"), collection, text_of(row.record, "id")};
}

Answer create_association(Visit& visit) {
  for (const Row* row : visit.all("associations")) {
    if (text_of(row->record, "key") == visit.text("key")) {
      return bad_request("Association key already exists");
    }
  }
  json record = visit.body();
  record["associationType"] = "USER_DEFINED";
  const Place place = {visit.location(), "associations", visit.random.id()};
  return created(visit.world.create(place, std::move(record)).record);
}

tl::expected<Place, Answer> association_in_path(Visit& visit) {
  const auto row = visit.reach("associations", visit.path("associationId"), "Association");
  if (!row) return tl::unexpected(row.error());
  return place_in(**row, "associations");
}

Answer update_association(Visit& visit) {
  const auto place = association_in_path(visit);
  if (!place) return place.error();
  visit.world.update(*place, visit.body());
  return ok(visit.world.find(*place)->record);
}

// Its relations go with it.
Answer delete_association(Visit& visit) {
  const auto place = association_in_path(visit);
  if (!place) return place.error();
  if (text_of(visit.world.find(*place)->record, "associationType") != "USER_DEFINED") {
    return bad_request("Only user defined associations can be deleted");
  }
  std::vector<std::string> relations;
  for (const auto& [id, row] : visit.world.rows(place->owner, "relations")) {
    if (text_of(row.record, "associationId") == place->id) relations.push_back(id);
  }
  for (const std::string& id : relations) visit.world.remove({place->owner, "relations", id});
  visit.world.remove(*place);
  return ok(
      {{"deleted", true}, {"id", place->id}, {"message", "Association deleted successfully"}});
}

// Objects of other kinds are not in this world, so any id passes for them.
bool is_there(Visit& visit, const std::string& kind, const std::string& id) {
  const std::string_view collection = kind == "contact"       ? "contacts"
                                      : kind == "opportunity" ? "opportunities"
                                                              : "";
  return collection.empty() || visit.view.find({visit.location(), collection, id}) != nullptr;
}

Answer create_relation(Visit& visit) {
  const auto row = visit.reach("associations", visit.text("associationId"), "Association");
  if (!row) return row.error();
  const std::string first = visit.text("firstRecordId");
  const std::string second = visit.text("secondRecordId");
  const json relation = make_relation((*row)->record, first, second);
  if (!is_there(visit, text_of(relation, "firstObjectKey"), first) ||
      !is_there(visit, text_of(relation, "secondObjectKey"), second)) {
    return not_found("Record");
  }
  for (const Row* known : visit.all("relations")) {
    if (only_members(known->record, {"associationId", "firstRecordId", "secondRecordId"}) ==
        only_members(relation, {"associationId", "firstRecordId", "secondRecordId"})) {
      return bad_request("Relation already exists");
    }
  }
  const Place place = {visit.location(), "relations", visit.random.id()};
  return created(visit.world.create(place, relation).record);
}

Answer delete_relation(Visit& visit) {
  const auto row = visit.reach("relations", visit.path("relationId"), "Relation");
  if (!row) return row.error();
  const json record = (*row)->record;
  visit.world.remove(place_in(**row, "relations"));
  return ok(record);
}

Route association_write(std::string operation, std::string method, std::string rest,
                        std::vector<Param> body, Answer (*answer)(Visit&)) {
  return {.operation = std::move(operation),
          .method = std::move(method),
          .path = "/associations/" + std::move(rest),
          .scope = "associations.write",
          .body = std::move(body),
          .answer = answer};
}

Route association_read(std::string operation, std::string rest, RecordsAt records,
                       Answer (*answer)(Visit&)) {
  return {.operation = std::move(operation),
          .method = "GET",
          .path = "/associations/" + std::move(rest),
          .scope = "associations.readonly",
          .records = std::move(records),
          .answer = answer};
}

}  // namespace

std::vector<Route> association_routes() {
  const std::vector<Param> paged = {text("locationId").must(), number("skip").must().from(0),
                                    number("limit").must().from(1)};
  Route all =
      association_read("find_associations", "", {Shape::list, "/associations"}, find_associations);
  all.query = paged;
  all.paging = Paging::offset;

  Route by_key = association_read("get_association_key", "key/{key_name}", {}, get_association_key);
  by_key.query = {text("locationId").must()};

  Route by_object = association_read("get_association_by_keys", "objectKey/{objectKey}", {},
                                     get_association_by_keys);
  by_object.query = {text("locationId")};

  Route relations = association_read("get_relations_by_record", "relations/{recordId}",
                                     {Shape::list, "/relations"}, get_relations_by_record);
  relations.scope = "associations/relation.readonly";
  relations.query = paged;
  relations.query.push_back(list("associationIds"));
  relations.paging = Paging::offset;

  return {all, association_read("get_association", "{associationId}", {}, get_association), by_key,
          by_object, relations};
}

std::vector<Route> association_write_routes() {
  const std::vector<Param> labels = {text("firstObjectLabel").must(),
                                     text("secondObjectLabel").must()};
  std::vector<Param> whole = labels;
  for (const char* name : {"locationId", "key", "firstObjectKey", "secondObjectKey"}) {
    whole.push_back(text(name).must());
  }
  Route relate = association_write("create_relation", "POST", "relations",
                                   {text("locationId").must(), text("associationId").must(),
                                    text("firstRecordId").must(), text("secondRecordId").must()},
                                   create_relation);
  relate.scope = "associations/relation.write";
  Route part =
      association_write("delete_relation", "DELETE", "relations/{relationId}", {}, delete_relation);
  part.scope = "associations/relation.write";
  part.query = {text("locationId").must()};
  return {
      association_write("create_association", "POST", "", whole, create_association),
      association_write("update_association", "PUT", "{associationId}", labels, update_association),
      association_write("delete_association", "DELETE", "{associationId}", {}, delete_association),
      relate, part};
}

}  // namespace triggerd::sandbox
