// The writes of businesses. Their answers spell the member `buiseness`, as the documents do.
#include "visit.h"

namespace triggerd::sandbox {
namespace {

using nlohmann::json;

Answer shown(const json& business, bool is_new) {
  json answer = {{"success", true}, {"buiseness", business}};
  return is_new ? created(std::move(answer)) : ok(std::move(answer));
}

Answer create_business(Visit& visit) {
  return shown(
      visit.world.create({visit.location(), "businesses", visit.random.id()}, visit.body()).record,
      true);
}

tl::expected<Place, Answer> place_of(Visit& visit) {
  const auto business = visit.reach("businesses", visit.path("businessId"), "Business");
  if (!business) return tl::unexpected(business.error());
  return Place{text_of((*business)->record, "locationId"), "businesses", visit.path("businessId")};
}

Answer update_business(Visit& visit) {
  const auto place = place_of(visit);
  if (!place) return place.error();
  visit.world.update(*place, visit.body());
  return shown(visit.world.find(*place)->record, false);
}

Answer delete_business(Visit& visit) {
  const auto place = place_of(visit);
  if (!place) return place.error();
  visit.world.remove(*place);
  return ok({{"success", true}});
}

std::vector<Param> with_members(std::vector<Param> params) {
  for (const char* name : {"phone", "email", "website", "address", "city", "postalCode", "state",
                           "country", "description"}) {
    params.push_back(text(name));
  }
  return params;
}

Route business_write(std::string operation, std::string method, std::string path,
                     std::vector<Param> body, Answer (*answer)(Visit&)) {
  return {.operation = std::move(operation),
          .method = std::move(method),
          .path = "/businesses/" + std::move(path),
          .scope = "businesses.write",
          .body = std::move(body),
          .records = {Shape::object, "/buiseness"},
          .answer = answer};
}

}  // namespace

std::vector<Route> business_routes() {
  return {business_write("create_business", "POST", "",
                         with_members({text("name").must(), text("locationId").must()}),
                         create_business),
          business_write("update_business", "PUT", "{businessId}", with_members({text("name")}),
                         update_business),
          business_write("delete_business", "DELETE", "{businessId}", {}, delete_business)};
}

}  // namespace triggerd::sandbox
