// Contacts as lists: the search, the deprecated list, the contacts of a business and the search for
// a duplicate. Each shows another cut of the record, as in the real API.
#include <algorithm>

#include "contact_search.h"
#include "visit.h"

namespace triggerd::sandbox {
namespace {

using nlohmann::json;

constexpr std::size_t kSearchReach = 10'000;  // page/pageLimit reach no further

json listed_contact(const Row& row) {
  json shown =
      only_members(row.record, {"id", "locationId", "email", "timezone", "country", "source",
                                "dateAdded", "customFields", "tags", "businessId", "followers"});
  shown["attributions"] = json::array({value_at(row.record, "/attributionSource")});
  return shown;
}

// Sort keys are made once per record: comparing records would parse dates in every step.
struct Hit {
  json keys;
  const Row* row;
};

json searched_contact(const Hit& hit) {
  json shown = hit.row->record;
  for (const char* left_out :
       {"dndSettings", "emailLowerCase", "firstNameLowerCase", "lastNameLowerCase",
        "fullNameLowerCase", "attributionSource", "lastAttributionSource", "lastActivity"}) {
    shown.erase(left_out);
  }
  shown["searchAfter"] = hit.keys;
  return shown;
}

Answer search_contacts(Visit& visit) {
  std::vector<std::string> problems;
  const ContactSearch search(visit.body(), problems);
  const std::size_t limit = visit.count("pageLimit", 20);
  const std::size_t page = std::max<std::size_t>(visit.count("page", 1), 1);
  if (problems.empty() && limit * page > kSearchReach && !search.has_cursor()) {
    problems.emplace_back("page and pageLimit reach only the first 10000 records");
  }
  if (!problems.empty()) return unprocessable(problems);
  std::size_t total = 0;
  std::vector<Hit> hits;
  for (const Row* row : visit.all("contacts")) {
    if (!search.matches(row->record)) continue;
    ++total;
    json keys = search.cursor_of(*row);
    if (search.past_cursor(keys)) hits.push_back({std::move(keys), row});
  }
  const std::size_t skip = search.has_cursor() ? 0 : (page - 1) * limit;
  const std::size_t end = std::min(hits.size(), skip + limit);
  std::partial_sort(
      hits.begin(), hits.begin() + static_cast<std::ptrdiff_t>(end), hits.end(),
      [&](const Hit& left, const Hit& right) { return search.compare(left.keys, right.keys) < 0; });
  json contacts = json::array();
  for (std::size_t i = skip; i < end; ++i) contacts.push_back(searched_contact(hits[i]));
  return ok({{"contacts", contacts}, {"total", total}});
}

Answer get_contacts_by_business(Visit& visit) {
  const auto business = visit.reach("businesses", visit.path("businessId"), "Business");
  if (!business) return business.error();
  const std::string query = visit.text("query");
  std::vector<const Row*> linked;
  for (const Row* row : visit.all("contacts")) {
    if (text_of(row->record, "businessId") != visit.path("businessId")) continue;
    if (query.empty() || contains_text(text_of(row->record, "name"), query) ||
        contains_text(text_of(row->record, "email"), query)) {
      linked.push_back(row);
    }
  }
  json contacts = json::array();
  const std::size_t limit = visit.count("limit", 25);
  for (std::size_t i = visit.count("skip", 0); i < linked.size() && contacts.size() < limit; ++i) {
    contacts.push_back(listed_contact(*linked[i]));
  }
  return ok({{"contacts", contacts}, {"count", linked.size()}});
}

Answer get_duplicate_contact(Visit& visit) {
  const std::string email = lower(visit.text("email"));
  const std::string phone = visit.text("number");
  if (email.empty() && phone.empty()) {
    return unprocessable({"email or number should not be empty"});
  }
  const Row* by_phone = nullptr;
  for (const Row* row : visit.all("contacts")) {
    if (!email.empty() && lower(text_of(row->record, "email")) == email) {
      return ok({{"contact", row->record}});
    }
    if (!phone.empty() && text_of(row->record, "phone") == phone) by_phone = row;
  }
  return ok({{"contact", by_phone == nullptr ? json() : by_phone->record}});
}

// Newest first; the cursor is dateAdded in epoch ms plus the id.
bool newer(const Row* left, const Row* right) {
  if (left->created != right->created) return left->created > right->created;
  return text_of(left->record, "id") < text_of(right->record, "id");
}

json deprecated_contact(const Row& row) {
  json shown = listed_contact(row);
  for (const char* member : {"firstName", "lastName", "phone", "companyName", "dnd", "type",
                             "assignedTo", "dateUpdated"}) {
    const auto found = row.record.find(member);
    if (found != row.record.end()) shown[member] = *found;
  }
  shown["contactName"] = text_of(row.record, "name");
  return shown;
}

json cursor_meta(const std::vector<const Row*>& hits, std::size_t end, std::size_t total) {
  json meta = {{"total", total}, {"currentPage", 1}, {"nextPage", nullptr}, {"prevPage", nullptr}};
  if (end > 0) {
    meta["startAfter"] = hits[end - 1]->created;
    meta["startAfterId"] = text_of(hits[end - 1]->record, "id");
  }
  if (end < hits.size()) {
    meta["nextPage"] = 2;
    meta["nextPageUrl"] =
        "http://localhost:5066/contacts/?startAfter=" + meta["startAfter"].dump() +
        "&startAfterId=" + meta["startAfterId"].get<std::string>();
  }
  return meta;
}

Answer list_contacts_deprecated(Visit& visit) {
  const std::string query = visit.text("query");
  std::vector<const Row*> hits;
  std::size_t total = 0;
  const Millis after = visit.instant("startAfter");
  const std::string after_id = visit.text("startAfterId");
  for (const Row* row : visit.all("contacts")) {
    if (!query.empty() && !contains_text(text_of(row->record, "name"), query) &&
        !contains_text(text_of(row->record, "email"), query)) {
      continue;
    }
    ++total;
    const bool older =
        row->created < after || (row->created == after && text_of(row->record, "id") > after_id);
    if (after == 0 || older) hits.push_back(row);
  }
  std::sort(hits.begin(), hits.end(), newer);
  const std::size_t end = std::min(hits.size(), visit.count("limit", 20));
  json contacts = json::array();
  for (std::size_t i = 0; i < end; ++i) contacts.push_back(deprecated_contact(*hits[i]));
  return ok({{"contacts", contacts}, {"count", total}, {"meta", cursor_meta(hits, end, total)}});
}

}  // namespace

std::vector<Route> contact_list_routes() {
  const RecordsAt contacts = {Shape::list, "/contacts"};
  return {
      {.operation = "search_contacts",
       .method = "POST",
       .path = "/contacts/search",
       .scope = "contacts.readonly",
       .body = {text("locationId").must(), number("pageLimit").must().from(1).upto(500),
                number("page").from(1), list("searchAfter"), list("filters"), list("sort"),
                text("query")},
       .paging = Paging::search_after,
       .records = contacts,
       .answer = search_contacts},
      {.operation = "get_contacts_by_business",
       .method = "GET",
       .path = "/contacts/business/{businessId}",
       .scope = "contacts.readonly",
       .query = {digits("limit").from(1).upto(100), text("locationId").must(), digits("skip"),
                 text("query")},
       .paging = Paging::offset,
       .records = contacts,
       .answer = get_contacts_by_business},
      {.operation = "get_duplicate_contact",
       .method = "GET",
       .path = "/contacts/search/duplicate",
       .scope = "contacts.readonly",
       .query = {text("locationId").must(), text("number"), text("email")},
       .records = {Shape::object, "/contact"},
       .answer = get_duplicate_contact},
      {.operation = "list_contacts_deprecated",
       .method = "GET",
       .path = "/contacts/",
       .scope = "contacts.readonly",
       .query = {text("locationId").must(), text("startAfterId"), number("startAfter"),
                 text("query"), number("limit").from(1).upto(100)},
       .paging = Paging::start_after,
       .records = contacts,
       .answer = list_contacts_deprecated},
  };
}

}  // namespace triggerd::sandbox
