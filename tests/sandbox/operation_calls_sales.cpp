#include "operation_calls.h"

namespace triggerd::sandbox::tests {
namespace {

using nlohmann::json;

const std::string kPlace = kFirstLocation;
const std::string kAgency = kFirstCompany;

}  // namespace

void add_sales_reads(World60& world, GoodCalls& calls) {
  const std::vector<std::string> deal = {
      "id",        "name",      "monetaryValue",      "pipelineId", "pipelineStageId", "status",
      "createdAt", "updatedAt", "lastStatusChangeAt", "contactId",  "contact"};
  const std::vector<std::string> association = {"id",
                                                "key",
                                                "locationId",
                                                "firstObjectLabel",
                                                "firstObjectKey",
                                                "secondObjectKey",
                                                "associationType"};
  const json known = world.first("associations");
  const std::string in_place = "?locationId=" + kPlace;
  calls.push_back({"search_opportunities",
                   get("/opportunities/search?location_id=" + kPlace + "&status=all"),
                   200,
                   "/opportunities",
                   true,
                   deal,
                   {"location_id"}});
  calls.push_back({"get_opportunity",
                   get("/opportunities/" + text(world.first("opportunities"), "id")),
                   200,
                   "/opportunity",
                   false,
                   deal,
                   {}});
  calls.push_back({"list_pipelines",
                   get("/opportunities/pipelines" + in_place),
                   200,
                   "/pipelines",
                   true,
                   {"id", "name", "stages", "locationId"},
                   {"locationId"}});
  calls.push_back({"find_associations",
                   get("/associations/" + in_place + "&skip=0&limit=100"),
                   200,
                   "/associations",
                   true,
                   association,
                   {"locationId", "skip", "limit"}});
  calls.push_back({"get_association",
                   get("/associations/" + text(known, "id")),
                   200,
                   "",
                   false,
                   association,
                   {}});
  calls.push_back({"get_association_key",
                   get("/associations/key/" + text(known, "key") + in_place),
                   200,
                   "",
                   false,
                   association,
                   {"locationId"}});
  calls.push_back({"get_association_by_keys",
                   get("/associations/objectKey/contact" + in_place),
                   200,
                   "",
                   false,
                   association,
                   {}});
  calls.push_back(
      {"get_relations_by_record",
       get("/associations/relations/" + text(world.first("relations"), "firstRecordId") + in_place +
           "&skip=0&limit=100"),
       200,
       "/relations",
       true,
       {"id", "associationId", "firstObjectKey", "firstRecordId", "secondRecordId"},
       {"locationId", "skip", "limit"}});
}

void add_user_reads(World60& world, GoodCalls& calls) {
  const json user = world.first("users");
  const std::vector<std::string> shown = {"id",    "name",        "firstName", "lastName",
                                          "email", "permissions", "roles",     "scopes"};
  calls.push_back({"search_users",
                   get("/users/search?companyId=" + kAgency),
                   200,
                   "/users",
                   true,
                   shown,
                   {"companyId"}});
  Request by_email = post("/users/search/filter-by-email",
                          {{"companyId", kAgency}, {"emails", text(user, "email")}});
  by_email.token = world.company_token;
  calls.push_back({"filter_users_by_email",
                   by_email,
                   200,
                   "/users",
                   true,
                   {"id", "email"},
                   {"companyId", "emails"}});
  calls.push_back({"get_user", get("/users/" + text(user, "id")), 200, "", false, shown, {}});
  calls.push_back({"list_users_by_location",
                   get("/users/?locationId=" + kPlace),
                   200,
                   "/users",
                   true,
                   shown,
                   {"locationId"}});
}

}  // namespace triggerd::sandbox::tests
