// The writes of contacts themselves: create, update, upsert, delete, and their tags.
#include <algorithm>

#include "contact_removal.h"
#include "makers.h"
#include "visit.h"

namespace triggerd::sandbox {
namespace {

using nlohmann::json;

// The contact that the location's duplicate setting would match: by email, then by phone.
const Row* duplicate_of(Visit& visit) {
  const std::string email = lower(visit.text("email"));
  const std::string phone = visit.text("phone");
  const Row* by_phone = nullptr;
  for (const Row* row : visit.all("contacts")) {
    if (!email.empty() && lower(text_of(row->record, "email")) == email) return row;
    if (!phone.empty() && text_of(row->record, "phone") == phone) by_phone = row;
  }
  return by_phone;
}

// Keeps the derived members in step with the ones that they repeat.
void derive_names(const json& old, json& patch) {
  const auto now = [&](const char* member) {
    return patch.contains(member) ? text_of(patch, member) : text_of(old, member);
  };
  if (patch.contains("firstName") || patch.contains("lastName")) {
    const std::string first = now("firstName");
    const std::string last = now("lastName");
    patch["name"] = first + (first.empty() || last.empty() ? "" : " ") + last;
  }
  patch["firstNameLowerCase"] = lower(now("firstName"));
  patch["lastNameLowerCase"] = lower(now("lastName"));
  patch["fullNameLowerCase"] = lower(now("name"));
  patch["emailLowerCase"] = lower(now("email"));
}

bool allows_duplicates(Visit& visit) {
  const Row* location = visit.view.find({visit.company(), "locations", visit.location()});
  return location != nullptr &&
         value_at(location->record, "/settings/allowDuplicateContact") == json(true);
}

// Tags are kept in small letters, each once.
bool add_tag(json& tags, const json& tag) {
  const json small = lower(tag.get<std::string>());
  if (std::find(tags.begin(), tags.end(), small) != tags.end()) return false;
  tags.push_back(small);
  return true;
}

// The id of the contact's custom field that an item of `customFields` names by id or key.
std::string field_id(const Visit& visit, const json& item) {
  const std::string id = text_of(item, "id");
  const std::string key = text_of(item, "key");
  for (const Row* row : visit.all("custom_fields")) {
    if (text_of(row->record, "model") != "contact") continue;
    const std::string own_key = text_of(row->record, "fieldKey");
    const bool by_key =
        id.empty() && !key.empty() && (own_key == key || own_key == "contact." + key);
    if (by_key || (!id.empty() && text_of(row->record, "id") == id)) {
      return text_of(row->record, "id");
    }
  }
  return "";
}

// Values of custom fields: those that are given replace the old ones of the same field.
std::vector<std::string> fold_custom_fields(const Visit& visit, const json& old, json& patch) {
  std::vector<std::string> problems;
  json folded = list_of(old, "customFields");
  for (const json& item : list_of(patch, "customFields")) {
    const std::string id = field_id(visit, item);
    if (id.empty()) {
      problems.push_back("customFields must name a custom field of contacts by id or key");
      continue;
    }
    const json value =
        item.contains("field_value") ? item.at("field_value") : item.value("value", json());
    const auto known = std::find_if(folded.begin(), folded.end(),
                                    [&](const json& one) { return text_of(one, "id") == id; });
    if (known != folded.end()) {
      (*known)["value"] = value;
    } else {
      folded.push_back({{"id", id}, {"value", value}});
    }
  }
  if (patch.contains("customFields")) patch["customFields"] = folded;
  return problems;
}

// The request's members as a patch of the stored record, or what is wrong with them.
tl::expected<json, Answer> patch_of(Visit& visit, const json& old) {
  json patch = visit.body();
  patch.erase("createNewIfDuplicateAllowed");
  std::vector<std::string> problems = fold_custom_fields(visit, old, patch);
  if (patch.contains("tags")) {
    json tags = json::array();
    for (const json& tag : list_of(patch, "tags")) {
      if (tag.is_string()) {
        add_tag(tags, tag);
      } else {
        problems.emplace_back("each value in tags must be a string");
      }
    }
    patch["tags"] = tags;
  }
  if (!problems.empty()) return tl::unexpected(unprocessable(problems));
  derive_names(old, patch);
  return patch;
}

const Row& add_contact(Visit& visit, json contact, const json& patch) {
  contact.merge_patch(patch);
  return visit.world.create({visit.location(), "contacts", visit.random.id()}, std::move(contact));
}

// What public clients see where a location allows no duplicates; the documents are silent.
Answer is_duplicate(const Row& known, bool by_email) {
  Answer answer = bad_request("This location does not allow duplicated contacts.");
  answer.body["meta"] = {{"contactId", text_of(known.record, "id")},
                         {"contactName", text_of(known.record, "name")},
                         {"matchingField", by_email ? "email" : "phone"}};
  return answer;
}

Answer create_contact(Visit& visit) {
  const Row* known = allows_duplicates(visit) ? nullptr : duplicate_of(visit);
  if (known != nullptr) {
    const bool by_email =
        visit.has("email") && lower(text_of(known->record, "email")) == lower(visit.text("email"));
    return is_duplicate(*known, by_email);
  }
  const json contact = bare_contact(visit.random);
  const auto patch = patch_of(visit, contact);
  if (!patch) return patch.error();
  return created({{"contact", add_contact(visit, contact, *patch).record}});
}

Answer upsert_contact(Visit& visit) {
  // Not in the documents: without both there is nothing to match by.
  if (!visit.has("email") && !visit.has("phone")) {
    return unprocessable({"email or phone should not be empty"});
  }
  const bool force_new =
      visit.flag("createNewIfDuplicateAllowed", false) && allows_duplicates(visit);
  const Row* known = force_new ? nullptr : duplicate_of(visit);
  const json contact = known != nullptr ? known->record : bare_contact(visit.random);
  const auto patch = patch_of(visit, contact);
  if (!patch) return patch.error();
  if (known == nullptr) {
    return ok({{"new", true}, {"contact", add_contact(visit, contact, *patch).record}});
  }
  const Place place = {visit.location(), "contacts", text_of(contact, "id")};
  visit.world.update(place, *patch);
  return ok({{"new", false}, {"contact", visit.world.find(place)->record}});
}

// Calls `act` with the place and the record of the contact in the path.
template <typename Act>
Answer with_contact(Visit& visit, Act act) {
  const auto contact = visit.reach("contacts", visit.path("contactId"), "Contact");
  if (!contact) return contact.error();
  return act(Place{text_of((*contact)->record, "locationId"), "contacts", visit.path("contactId")},
             (*contact)->record);
}

Answer update_contact(Visit& visit) {
  return with_contact(visit, [&](const Place& place, const json& contact) {
    const auto patch = patch_of(visit, contact);
    if (!patch) return patch.error();
    visit.world.update(place, *patch);
    return ok({{"succeded", true}, {"contact", visit.world.find(place)->record}});
  });
}

Answer delete_contact(Visit& visit) {
  return with_contact(visit, [&](const Place& place, const json&) {
    remove_contact(visit.world, place.owner, place.id);
    return ok({{"succeded", true}});
  });
}

bool all_texts(const json& list) {
  return std::all_of(list.begin(), list.end(), [](const json& one) { return one.is_string(); });
}

Answer add_tags_to_contact(Visit& visit) {
  return with_contact(visit, [&](const Place& place, const json& contact) {
    json tags = list_of(contact, "tags");
    const json given = list_of(visit.body(), "tags");
    if (!all_texts(given)) return unprocessable({"each value in tags must be a string"});
    bool changed = false;
    for (const json& tag : given) changed = add_tag(tags, tag) || changed;
    if (changed) visit.world.update(place, {{"tags", tags}});
    return created({{"tags", tags}});
  });
}

Answer remove_tags_from_contact(Visit& visit) {
  return with_contact(visit, [&](const Place& place, const json& contact) {
    json tags = list_of(contact, "tags");
    const json given = list_of(visit.body(), "tags");
    if (!all_texts(given)) return unprocessable({"each value in tags must be a string"});
    const std::size_t before = tags.size();
    for (const json& tag : given) {
      const auto found = std::find(tags.begin(), tags.end(), lower(tag.get<std::string>()));
      if (found != tags.end()) tags.erase(found);
    }
    if (tags.size() != before) visit.world.update(place, {{"tags", tags}});
    return ok({{"tags", tags}});
  });
}

// What create, update and upsert take alike.
std::vector<Param> contact_members(std::vector<Param> members) {
  for (const char* name :
       {"firstName", "lastName", "name", "email", "phone", "address1", "city", "state",
        "postalCode", "website", "timezone", "source", "country", "assignedTo"}) {
    members.push_back(text(name));
  }
  for (const char* name : {"dndSettings", "inboundDndSettings"}) members.push_back(object(name));
  // Declared as an object, sent as text: either passes.
  members.push_back({.name = "dateOfBirth", .type = ParamType::any});
  members.push_back(boolean("dnd"));
  for (const char* name : {"tags", "customFields"}) members.push_back(list(name));
  return members;
}

Route contact_write(std::string operation, const std::string& request, std::string shown,
                    std::vector<Param> body, Answer (*answer)(Visit&)) {
  const std::size_t space = request.find(' ');
  return {.operation = std::move(operation),
          .method = request.substr(0, space),
          .path = "/contacts/" + request.substr(space + 1),
          .scope = "contacts.write",
          .body = std::move(body),
          .records = {Shape::object, std::move(shown)},
          .answer = answer};
}

}  // namespace

std::vector<Route> contact_write_routes() {
  const std::vector<Param> for_new = {text("locationId").must(), text("gender"),
                                      text("companyName")};
  std::vector<Param> for_either = for_new;
  for_either.push_back(boolean("createNewIfDuplicateAllowed"));
  return {contact_write("create_contact", "POST ", "/contact", contact_members(for_new),
                        create_contact),
          contact_write("update_contact", "PUT {contactId}", "/contact", contact_members({}),
                        update_contact),
          contact_write("delete_contact", "DELETE {contactId}", "/succeded", {}, delete_contact),
          contact_write("upsert_contact", "POST upsert", "/contact", contact_members(for_either),
                        upsert_contact),
          contact_write("add_tags_to_contact", "POST {contactId}/tags", "", {list("tags").must()},
                        add_tags_to_contact),
          contact_write("remove_tags_from_contact", "DELETE {contactId}/tags", "",
                        {list("tags").must()}, remove_tags_from_contact)};
}

}  // namespace triggerd::sandbox
