// Associations between object types and relations between records. The paged lists have the
// envelopes that public clients read; single associations are bare objects.
#include <algorithm>

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

}  // namespace triggerd::sandbox
