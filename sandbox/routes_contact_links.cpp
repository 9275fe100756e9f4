// What ties contacts to others: followers, campaigns, workflows, and the writes for many at once,
// tags and business. Who is in a campaign or workflow no read of the API tells; the collections
// campaign_members and workflow_members hold it.
#include <algorithm>

#include "visit.h"

namespace triggerd::sandbox {
namespace {

using nlohmann::json;

constexpr std::size_t kBulkMax = 50;

tl::expected<Place, Answer> contact_place(Visit& visit) {
  const auto contact = visit.reach("contacts", visit.path("contactId"), "Contact");
  if (!contact) return tl::unexpected(contact.error());
  return Place{text_of((*contact)->record, "locationId"), "contacts", visit.path("contactId")};
}

bool all_texts(const json& list) {
  return std::all_of(list.begin(), list.end(), [](const json& one) { return one.is_string(); });
}

// ---- followers

Answer change_followers(Visit& visit, bool adds) {
  const auto place = contact_place(visit);
  if (!place) return place.error();
  const json given = list_of(visit.body(), "followers");
  if (!all_texts(given)) return unprocessable({"each value in followers must be a string"});
  json followers = list_of(visit.world.find(*place)->record, "followers");
  json changed = json::array();
  for (const json& user : given) {
    const auto found = std::find(followers.begin(), followers.end(), user);
    if (adds == (found != followers.end())) continue;
    changed.push_back(user);
    if (adds) {
      followers.push_back(user);
    } else {
      followers.erase(found);
    }
  }
  if (!changed.empty()) visit.world.update(*place, {{"followers", followers}});
  json shown = {{"followers", followers}, {adds ? "followersAdded" : "followersRemoved", changed}};
  return adds ? created(std::move(shown)) : ok(std::move(shown));
}

Answer add_contact_followers(Visit& visit) { return change_followers(visit, true); }
Answer remove_contact_followers(Visit& visit) { return change_followers(visit, false); }

// ---- campaigns and workflows

struct Membership {
  std::string_view of, members;  // collections
  std::string id;                // parameter of the path
  std::string what;
};

const Membership kCampaign = {"campaigns", "campaign_members", "campaignId", "Campaign"};
const Membership kWorkflow = {"workflows", "workflow_members", "workflowId", "Workflow"};

bool is_start_time(Visit& visit) {
  const std::string at = visit.text("eventStartTime");
  const bool offset = at.size() > 6 && (at.ends_with('Z') || at[at.size() - 3] == ':');
  return at.empty() || (offset && parse_iso(at).has_value());
}

// Each call enrols anew, as far as the documents tell.
tl::expected<Place, Answer> enrol(Visit& visit, const Membership& kind) {
  const auto contact = contact_place(visit);
  if (!contact) return contact;
  const auto target = visit.reach(kind.of, visit.path(kind.id), kind.what);
  if (!target) return tl::unexpected(target.error());
  if (!is_start_time(visit)) {
    return tl::unexpected(unprocessable({"eventStartTime must be a date with an offset"}));
  }
  json member = {{"contactId", visit.path("contactId")}, {kind.id, visit.path(kind.id)}};
  if (visit.has("eventStartTime")) member["eventStartTime"] = visit.text("eventStartTime");
  visit.world.create({contact->owner, kind.members, visit.random.id()}, std::move(member));
  return contact;
}

// Whoever is not in it is out of it, too.
Answer withdraw(Visit& visit, const Membership& kind, const std::string& target) {
  const auto contact = contact_place(visit);
  if (!contact) return contact.error();
  std::vector<std::string> members;
  for (const auto& [id, row] : visit.world.rows(contact->owner, kind.members)) {
    const bool wanted = target.empty() || text_of(row.record, kind.id) == target;
    if (wanted && text_of(row.record, "contactId") == contact->id) members.push_back(id);
  }
  for (const std::string& id : members) visit.world.remove({contact->owner, kind.members, id});
  return ok({{"succeded", true}});
}

Answer leave(Visit& visit, const Membership& kind) {
  const auto target = visit.reach(kind.of, visit.path(kind.id), kind.what);
  if (!target) return target.error();
  return withdraw(visit, kind, visit.path(kind.id));
}

Answer add_contact_to_campaign(Visit& visit) {
  const auto enrolled = enrol(visit, kCampaign);
  return enrolled ? created({{"succeded", true}}) : enrolled.error();
}

Answer remove_from_campaign(Visit& visit) { return leave(visit, kCampaign); }
Answer remove_from_all_campaigns(Visit& visit) { return withdraw(visit, kCampaign, ""); }

Answer add_contact_to_workflow(Visit& visit) {
  const auto enrolled = enrol(visit, kWorkflow);
  return enrolled ? ok({{"succeded", true}}) : enrolled.error();
}

Answer remove_from_workflow(Visit& visit) { return leave(visit, kWorkflow); }

// ---- many at once

json changed_tags(const json& contact, const Visit& visit, bool adds) {
  json tags = list_of(contact, "tags");
  if (!adds && flag_of(visit.body(), "removeAllTags", false)) return json::array();
  for (const json& tag : list_of(visit.body(), "tags")) {
    const json small = lower(tag.get<std::string>());
    const auto found = std::find(tags.begin(), tags.end(), small);
    if (adds && found == tags.end()) tags.push_back(small);
    if (!adds && found != tags.end()) tags.erase(found);
  }
  return tags;
}

Answer bulk_update_contact_tags(Visit& visit) {
  const std::string type = visit.path("type");
  if (type != "add" && type != "remove") {
    return unprocessable({"type must be one of the following values: add, remove"});
  }
  const json contacts = list_of(visit.body(), "contacts");
  if (!all_texts(contacts) || !all_texts(list_of(visit.body(), "tags"))) {
    return unprocessable({"each value in contacts and tags must be a string"});
  }
  json responses = json::array();
  int errors = 0;
  for (const json& id : contacts) {
    const Place place = {visit.location(), "contacts", id.get<std::string>()};
    const Row* row = visit.world.find(place);
    if (row == nullptr) {
      ++errors;
      responses.push_back("Contact " + place.id + " not found");
      continue;
    }
    const json tags = changed_tags(row->record, visit, type == "add");
    if (tags != list_of(row->record, "tags")) visit.world.update(place, {{"tags", tags}});
    responses.push_back("Contact " + place.id + " updated");
  }
  return created({{"succeded", errors == 0}, {"errorCount", errors}, {"responses", responses}});
}

Answer bulk_business_update(Visit& visit) {
  // Required, but null takes the link away.
  if (!visit.body().contains("businessId")) {
    return unprocessable({"businessId should not be undefined"});
  }
  const std::string business = visit.text("businessId");
  if (!business.empty()) {
    const auto found = visit.reach("businesses", business, "Business");
    if (!found) return found.error();
  }
  const json ids = list_of(visit.body(), "ids");
  if (!all_texts(ids) || ids.size() > kBulkMax) {
    return unprocessable({"ids must contain no more than 50 strings"});
  }
  json changed = json::array();
  for (const json& id : ids) {
    const Place place = {visit.location(), "contacts", id.get<std::string>()};
    const json patch = {{"businessId", business.empty() ? json() : json(business)}};
    if (visit.world.update(place, patch)) changed.push_back(id);
  }
  return ok({{"success", true}, {"ids", changed}});
}

Route link_write(std::string operation, const std::string& request, std::vector<Param> body,
                 Answer (*answer)(Visit&)) {
  const std::size_t space = request.find(' ');
  return {.operation = std::move(operation),
          .method = request.substr(0, space),
          .path = "/contacts/" + request.substr(space + 1),
          .scope = "contacts.write",
          .body = std::move(body),
          .answer = answer};
}

}  // namespace

std::vector<Route> contact_link_routes() {
  const std::string campaign = "{contactId}/campaigns/{campaignId}";
  const std::string workflow = "{contactId}/workflow/{workflowId}";
  const std::string followers = "{contactId}/followers";
  return {link_write("add_contact_followers", "POST " + followers, {list("followers").must()},
                     add_contact_followers),
          link_write("remove_contact_followers", "DELETE " + followers, {list("followers").must()},
                     remove_contact_followers),
          link_write("add_contact_to_campaign", "POST " + campaign, {}, add_contact_to_campaign),
          link_write("remove_from_campaign", "DELETE " + campaign, {}, remove_from_campaign),
          link_write("remove_from_all_campaigns", "DELETE {contactId}/campaigns/removeAll", {},
                     remove_from_all_campaigns),
          link_write("add_contact_to_workflow", "POST " + workflow, {text("eventStartTime")},
                     add_contact_to_workflow),
          link_write("remove_from_workflow", "DELETE " + workflow, {text("eventStartTime")},
                     remove_from_workflow),
          link_write("bulk_update_contact_tags", "POST bulk/tags/update/{type}",
                     {list("contacts").must(), list("tags").must(), text("locationId").must(),
                      boolean("removeAllTags")},
                     bulk_update_contact_tags),
          link_write("bulk_business_update", "POST bulk/business",
                     {text("locationId").must(), list("ids").must(), text("businessId")},
                     bulk_business_update)};
}

}  // namespace triggerd::sandbox
