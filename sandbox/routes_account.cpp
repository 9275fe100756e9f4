// Businesses, workflows, campaigns, custom fields, locations, and what only an agency token sees:
// the company and its snapshots.
#include <algorithm>

#include "makers.h"
#include "visit.h"

namespace triggerd::sandbox {
namespace {

using nlohmann::json;

Answer get_business(Visit& visit) {
  const auto business = visit.reach("businesses", visit.path("businessId"), "Business");
  if (!business) return business.error();
  return ok({{"business", (*business)->record}});
}

Answer list_businesses_by_location(Visit& visit) {
  return ok({{"businesses", page_of(visit.all("businesses"), visit.count("skip", 0),
                                    visit.count("limit", 100))}});
}

Answer list_workflows(Visit& visit) {
  return ok({{"workflows", records_of(visit.all("workflows"))}});
}

Answer list_campaigns(Visit& visit) {
  std::vector<const Row*> campaigns = visit.all("campaigns");
  const std::string status = visit.text("status");
  std::erase_if(campaigns, [&](const Row* row) {
    return !status.empty() && text_of(row->record, "status") != status;
  });
  return ok({{"campaigns", records_of(campaigns)}});
}

Answer list_custom_fields(Visit& visit) {
  std::vector<const Row*> fields = visit.all("custom_fields");
  const std::string model = visit.text("model");
  std::erase_if(fields, [&](const Row* row) {
    return !model.empty() && model != "all" && text_of(row->record, "model") != model;
  });
  return ok({{"customFields", records_of(fields)}});
}

Answer list_snapshots(Visit& visit) {
  return ok({{"snapshots", records_of(visit.view.all(visit.company(), "snapshots"))}});
}

// A location token sees its own location only.
Answer list_locations(Visit& visit) {
  std::vector<const Row*> locations = visit.view.all(visit.company(), "locations");
  const auto reachable = visit.reachable_locations();
  const std::string email = lower(visit.text("email"));
  std::erase_if(locations, [&](const Row* row) {
    const std::string id = text_of(row->record, "id");
    return std::find(reachable.begin(), reachable.end(), id) == reachable.end() ||
           (!email.empty() && lower(text_of(row->record, "email")) != email);
  });
  std::sort(locations.begin(), locations.end(), [](const Row* left, const Row* right) {
    return text_of(left->record, "id") < text_of(right->record, "id");
  });
  if (visit.text("order") == "desc") std::reverse(locations.begin(), locations.end());
  return ok({{"locations", page_of(locations, visit.count("skip", 0), visit.count("limit", 10))}});
}

// With the members that only the single record has.
Answer find_location_by_id(Visit& visit) {
  const auto location = visit.reach("locations", visit.path("locationId"), "Location");
  if (!location) return location.error();
  json shown = (*location)->record;
  shown["companyId"] = visit.company();
  return ok({{"location", shown}});
}

// A new location is empty: nothing of the world is seeded into it.
Answer create_location(Visit& visit) {
  json location = make_location(visit.random, visit.random.id());
  for (const char* member : {"phone", "email", "address", "city", "state", "postalCode", "website",
                             "timezone", "country"}) {
    location[member] = "";
  }
  location.merge_patch(
      only_members(visit.body(), {"name", "phone", "address", "city", "state", "country",
                                  "postalCode", "website", "timezone", "settings", "social"}));
  const json prospect = visit.body().value("prospectInfo", json::object());
  for (const char* member : {"firstName", "lastName", "email"}) {
    if (prospect.contains(member)) location[member] = prospect[member];
  }
  json shown =
      visit.world.create({visit.company(), "locations", visit.random.id()}, std::move(location))
          .record;
  shown["companyId"] = visit.company();
  return ok(shown);
}

std::vector<Param> location_members() {
  std::vector<Param> members = {text("name").must(), text("companyId").must()};
  for (const char* name : {"phone", "address", "city", "state", "country", "postalCode", "website",
                           "timezone", "snapshotId"}) {
    members.push_back(text(name));
  }
  for (const char* name : {"prospectInfo", "settings", "social", "twilio", "mailgun"}) {
    members.push_back(object(name));
  }
  return members;
}

Answer get_company(Visit& visit) {
  const auto company = visit.reach("companies", visit.path("companyId"), "Company");
  if (!company) return company.error();
  return ok({{"company", (*company)->record}});
}

Route account_read(std::string operation, std::string path, std::string scope, RecordsAt records,
                   Answer (*answer)(Visit&)) {
  return {.operation = std::move(operation),
          .method = "GET",
          .path = std::move(path),
          .scope = std::move(scope),
          .records = std::move(records),
          .answer = answer};
}

}  // namespace

std::vector<Route> account_routes() {
  Route businesses =
      account_read("list_businesses_by_location", "/businesses/", "businesses.readonly",
                   {Shape::list, "/businesses"}, list_businesses_by_location);
  businesses.query = {text("locationId").must(), digits("limit").from(1), digits("skip")};
  businesses.paging = Paging::offset;

  Route workflows = account_read("list_workflows", "/workflows/", "workflows.readonly",
                                 {Shape::list, "/workflows"}, list_workflows);
  workflows.query = {text("locationId").must()};
  workflows.conditional = true;

  Route campaigns = account_read("list_campaigns", "/campaigns/", "campaigns.readonly",
                                 {Shape::list, "/campaigns"}, list_campaigns);
  campaigns.query = {text("locationId").must(), text("status")};

  Route fields = account_read("list_custom_fields", "/locations/{locationId}/customFields",
                              "locations/customFields.readonly", {Shape::list, "/customFields"},
                              list_custom_fields);
  fields.query = {text("model").one_of({"contact", "opportunity", "all"})};

  Route snapshots = account_read("list_snapshots", "/snapshots/", "snapshots.readonly",
                                 {Shape::list, "/snapshots"}, list_snapshots);
  snapshots.level = TokenLevel::company;
  snapshots.query = {text("companyId").must()};

  Route locations = account_read("list_locations", "/locations/search", "locations.readonly",
                                 {Shape::list, "/locations"}, list_locations);
  locations.level = TokenLevel::either;
  locations.query = {text("companyId"), digits("skip"), digits("limit").from(1),
                     text("order").one_of({"asc", "desc"}), text("email")};
  locations.paging = Paging::offset;

  Route company = account_read("get_company", "/companies/{companyId}", "companies.readonly",
                               {Shape::object, "/company"}, get_company);
  company.level = TokenLevel::company;

  Route location =
      account_read("find_location_by_id", "/locations/{locationId}", "locations.readonly",
                   {Shape::object, "/location"}, find_location_by_id);
  location.level = TokenLevel::either;

  Route new_location = account_read("create_location", "/locations/", "locations.write",
                                    {Shape::object, ""}, create_location);
  new_location.method = "POST";
  new_location.level = TokenLevel::company;
  new_location.body = location_members();

  return {account_read("get_business", "/businesses/{businessId}", "businesses.readonly",
                       {Shape::object, "/business"}, get_business),
          businesses,
          workflows,
          campaigns,
          fields,
          snapshots,
          locations,
          location,
          new_location,
          company};
}

}  // namespace triggerd::sandbox
