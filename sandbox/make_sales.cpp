#include <array>

#include "fields.h"
#include "makers.h"

namespace triggerd::sandbox {
namespace {

using nlohmann::json;

json permissions() {
  json all = json::object();
  for (const char* name :
       {"campaignsEnabled", "contactsEnabled", "workflowsEnabled", "triggersEnabled",
        "funnelsEnabled", "opportunitiesEnabled", "dashboardStatsEnabled", "bulkRequestsEnabled",
        "appointmentsEnabled", "reviewsEnabled", "phoneCallEnabled", "conversationsEnabled",
        "settingsEnabled", "tagsEnabled", "marketingEnabled", "invoiceEnabled"}) {
    all[name] = true;
  }
  for (const char* name : {"campaignsReadOnly", "workflowsReadOnly", "assignedDataOnly",
                           "websitesEnabled", "membershipEnabled", "botService"}) {
    all[name] = false;
  }
  return all;
}

}  // namespace

json make_pipeline(Random& random) {
  static constexpr std::array kStages = {"New Lead", "Contacted", "Proposal", "Closing"};
  json stages = json::array();
  for (std::size_t i = 0; i < kStages.size(); ++i) {
    stages.push_back({{"id", random.uuid()},
                      {"name", kStages[i]},
                      {"position", i},
                      {"showInFunnel", true},
                      {"showInPieChart", true}});
  }
  return {{"name", "Pipeline " + some_words(random)},
          {"stages", stages},
          {"showInFunnel", false},
          {"showInPieChart", true},
          {"colorRenderMode", "dot"}};
}

json make_opportunity(Random& random, const json& contact, const json& pipeline, Millis now) {
  const std::string stamp = iso_utc(now);
  return {{"name", "Deal " + some_words(random)},
          {"monetaryValue", 100 * (1 + random.below(90))},
          {"pipelineId", text_of(pipeline, "id")},
          {"pipelineStageId", value_at(pipeline, "/stages/0/id")},
          {"assignedTo", random.id()},
          {"status", "open"},
          {"source", ""},
          {"lastStatusChangeAt", stamp},
          {"lastStageChangeAt", stamp},
          {"lastActionDate", stamp},
          {"indexVersion", 1},
          {"contactId", text_of(contact, "id")},
          {"contact",
           {{"id", text_of(contact, "id")},
            {"name", text_of(contact, "name")},
            {"companyName", text_of(contact, "companyName")},
            {"email", text_of(contact, "email")},
            {"phone", text_of(contact, "phone")},
            {"tags", list_of(contact, "tags")}}},
          {"customFields", json::array()},
          {"followers", json::array()}};
}

json make_user(Random& random, const std::string& location) {
  const std::string name = some_name(random);
  const std::size_t space = name.find(' ');
  return {{"name", name},
          {"firstName", name.substr(0, space)},
          {"lastName", name.substr(space + 1)},
          {"email", lower(name.substr(0, space) + "." + random.id(5)) + "@agency.example.com"},
          {"phone", some_phone(random)},
          {"extension", ""},
          {"permissions", permissions()},
          {"scopes", "campaigns.readonly calendars.readonly contacts.write conversations.write"},
          {"roles",
           {{"type", "account"},
            {"role", random.chance(50) ? "admin" : "user"},
            {"locationIds", {location}},
            {"restrictSubAccount", false}}},
          {"deleted", false},
          {"lcPhone", {{"locationId", some_phone(random)}}},
          {"platformLanguage", "en_US"}};
}

json make_workflow(Random& random) {
  return {{"name", "Workflow " + some_words(random)},
          {"status", random.chance(70) ? "published" : "draft"},
          {"version", 1}};
}

json make_campaign(Random& random) {
  return {{"name", "Campaign " + some_words(random)},
          {"status", random.chance(60) ? "published" : "draft"}};
}

json make_custom_field(Random& random, const std::string& model, int position) {
  const std::string name = "field " + std::to_string(position) + " " + random.id(4);
  return {{"name", name},
          {"fieldKey", model + "." + slug_of(name)},
          {"placeholder", name},
          {"dataType", "TEXT"},
          {"position", position * 50},
          {"picklistOptions", json::array()},
          {"picklistImageOptions", json::array()},
          {"isAllowedCustomOption", false},
          {"isMultiFileAllowed", false},
          {"maxFileLimit", 4},
          {"model", model}};
}

json make_snapshot(Random& random) {
  static constexpr std::array kTypes = {"own", "imported", "vertical"};
  return {{"name", "Snapshot " + some_words(random)}, {"type", random.pick(kTypes)}};
}

json make_location(Random& random, const std::string& id) {
  json social = json::object();
  for (const char* site : {"facebookUrl", "googlePlus", "linkedIn", "foursquare", "twitter", "yelp",
                           "instagram", "youtube", "pinterest", "blogRss", "googlePlacesId"}) {
    social[site] = "";
  }
  return {{"name", "Shop " + id.substr(0, 6)},
          {"phone", some_phone(random)},
          {"email", lower(random.id(6)) + "@shop.example.com"},
          {"address", "4th Fleet Street"},
          {"city", "New York"},
          {"state", "NY"},
          {"country", "US"},
          {"postalCode", std::to_string(10000 + random.below(9000))},
          {"website", "https://shop.example.com"},
          {"timezone", "US/Central"},
          {"settings",
           {{"allowDuplicateContact", false},
            {"allowDuplicateOpportunity", false},
            {"allowFacebookNameMerge", false},
            {"disableContactTimezone", false}}},
          {"social", social}};
}

json make_company(Random& random, const std::string& id) {
  return {{"name", "Agency " + id.substr(0, 5)},
          {"email", "owner@agency.example.com"},
          {"logoUrl", "https://cdn.example.com/logo.png"},
          {"phone", some_phone(random)},
          {"website", "https://agency.example.com"},
          {"domain", "app.agency.example.com"},
          {"spareDomain", "link.agency.example.com"},
          {"address", "3500 Deer Creek Road"},
          {"city", "Palo Alto"},
          {"postalCode", "94304"},
          {"country", "US"},
          {"state", "CA"},
          {"timezone", "US/Central"},
          {"relationshipNumber", "0-128-926"},
          {"subdomain", "agency"},
          {"plan", 1},
          {"currency", "USD"},
          {"customerType", "agency"},
          {"status", "active"},
          {"locationCount", 1},
          {"isReselling", true},
          {"autoSuspendEnabled", true},
          {"saasSettings", {{"agencyDashboardVisibleTo", "admin"}}},
          {"onboardingInfo", {{"pending", false}}},
          {"businessNiche", "Accounting School"},
          {"businessCategory", "Automotive"},
          {"isSandboxAccount", true},
          {"premiumUpgraded", false}};
}

json make_association(Random& random, const std::string& first_key, const std::string& second_key) {
  return {{"key", "assoc_" + lower(random.id(8))}, {"firstObjectLabel", "label " + random.id(4)},
          {"firstObjectKey", first_key},           {"secondObjectLabel", "label " + random.id(4)},
          {"secondObjectKey", second_key},         {"associationType", "USER_DEFINED"}};
}

json make_relation(const json& association, const std::string& first, const std::string& second) {
  return {{"associationId", text_of(association, "id")},
          {"firstObjectKey", text_of(association, "firstObjectKey")},
          {"firstRecordId", first},
          {"secondObjectKey", text_of(association, "secondObjectKey")},
          {"secondRecordId", second}};
}

}  // namespace triggerd::sandbox
