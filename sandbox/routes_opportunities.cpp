// Opportunities and pipelines. The search alone uses snake_case names and pages by a cursor of the
// sort value and the id; its nextPageUrl points at localhost, as in the published example.
#include <algorithm>

#include "visit.h"

namespace triggerd::sandbox {
namespace {

using nlohmann::json;

struct Order {
  bool by_name = false;
  bool ascending = false;
};

Order order_of(Visit& visit) {
  const std::string order = visit.text("order");
  return {order.starts_with("name"), order.ends_with("asc")};
}

json sort_value(const Row& row, const Order& order) {
  return order.by_name ? json(lower(text_of(row.record, "name"))) : json(row.created);
}

bool comes_before(const Row& left, const Row& right, const Order& order) {
  const json left_value = sort_value(left, order);
  const json right_value = sort_value(right, order);
  if (left_value != right_value) return (left_value < right_value) == order.ascending;
  return text_of(left.record, "id") < text_of(right.record, "id");
}

bool past_cursor(Visit& visit, const Row& row, const Order& order) {
  const std::string after_id = visit.text("startAfterId");
  if (after_id.empty()) return true;
  const json cursor =
      order.by_name ? json(visit.text("startAfter")) : json(visit.instant("startAfter"));
  const json own = sort_value(row, order);
  if (own != cursor) return (cursor < own) == order.ascending;
  return text_of(row.record, "id") > after_id;
}

bool is_from(Visit& visit, const json& opportunity, const std::string& country) {
  const Row* contact =
      visit.view.find({visit.location(), "contacts", text_of(opportunity, "contactId")});
  return contact != nullptr && lower(text_of(contact->record, "country")) == lower(country);
}

bool fits(Visit& visit, const Row& row) {
  const json& record = row.record;
  struct Filter {
    const char* parameter;
    const char* member;
  };
  static constexpr Filter kFilters[] = {
      {"pipeline_id", "pipelineId"}, {"pipeline_stage_id", "pipelineStageId"},
      {"contact_id", "contactId"},   {"assigned_to", "assignedTo"},
      {"campaignId", "campaignId"},  {"id", "id"}};
  for (const Filter& filter : kFilters) {
    const std::string wanted = visit.text(filter.parameter);
    if (!wanted.empty() && text_of(record, filter.member) != wanted) return false;
  }
  const std::string status = visit.text("status");
  if (!status.empty() && status != "all" && text_of(record, "status") != status) return false;
  if (visit.has("country") && !is_from(visit, record, visit.text("country"))) return false;
  const std::string query = visit.text("q");
  if (!query.empty() && !contains_text(text_of(record, "name"), query)) return false;
  const auto from = parse_month_day_year(visit.text("date"));
  const auto until = parse_month_day_year(visit.text("endDate"));
  return (!from || row.created >= *from) && (!until || row.created < *until + kDay);
}

json of_contact(Visit& visit, const Row& opportunity, std::string_view collection) {
  json found = json::array();
  for (const Row* row : visit.all(collection)) {
    if (text_of(row->record, "contactId") == text_of(opportunity.record, "contactId")) {
      found.push_back(row->record);
    }
  }
  return found;
}

json shown(Visit& visit, const Row& row, const Order& order) {
  json record = row.record;
  record["sort"] = {sort_value(row, order), text_of(row.record, "id")};
  if (visit.flag("getTasks", false)) record["tasks"] = of_contact(visit, row, "tasks");
  if (visit.flag("getNotes", false)) record["notes"] = of_contact(visit, row, "notes");
  if (visit.flag("getCalendarEvents", false)) {
    record["calendarEvents"] = of_contact(visit, row, "events");
  }
  return record;
}

json page_meta(Visit& visit, const json& page, std::size_t total, bool more) {
  const std::size_t current = visit.count("page", 1);
  json meta = {{"total", total},
               {"currentPage", current},
               {"nextPage", nullptr},
               {"prevPage", nullptr},
               {"nextPageUrl", nullptr}};
  if (current > 1) meta["prevPage"] = current - 1;
  if (page.empty()) return meta;
  const json& sort = page.back()["sort"];
  meta["startAfter"] = sort[0];
  meta["startAfterId"] = sort[1];
  if (more) {
    meta["nextPage"] = current + 1;
    meta["nextPageUrl"] =
        "http://localhost:5066/opportunities/search?location_id=" + visit.location() +
        "&startAfter=" + sort[0].dump() + "&startAfterId=" + sort[1].get<std::string>() +
        "&page=" + std::to_string(current + 1);
  }
  return meta;
}

Answer search_opportunities(Visit& visit) {
  for (const char* date : {"date", "endDate"}) {
    if (visit.has(date) && !parse_month_day_year(visit.text(date))) {
      return unprocessable({std::string(date) + " must be in the format mm-dd-yyyy"});
    }
  }
  const Order order = order_of(visit);
  std::vector<const Row*> hits;
  std::size_t total = 0;
  for (const Row* row : visit.all("opportunities")) {
    if (!fits(visit, *row)) continue;
    ++total;
    if (past_cursor(visit, *row, order)) hits.push_back(row);
  }
  std::sort(hits.begin(), hits.end(),
            [&](const Row* left, const Row* right) { return comes_before(*left, *right, order); });
  const std::size_t limit = visit.count("limit", 20);
  // A cursor and a page number may come together; then the cursor decides.
  const std::size_t number = std::max<std::size_t>(visit.count("page", 1), 1);
  const std::size_t skip = visit.has("startAfterId") ? 0 : (number - 1) * limit;
  json page = json::array();
  for (std::size_t i = skip; i < hits.size() && page.size() < limit; ++i) {
    page.push_back(shown(visit, *hits[i], order));
  }
  const bool more = skip + page.size() < hits.size();
  return ok({{"opportunities", page},
             {"meta", page_meta(visit, page, total, more)},
             {"aggregations", json::object()}});
}

Answer get_opportunity(Visit& visit) {
  const auto opportunity = visit.reach("opportunities", visit.path("id"), "Opportunity");
  if (!opportunity) return opportunity.error();
  return ok({{"opportunity", (*opportunity)->record}});
}

Answer list_pipelines(Visit& visit) {
  return ok({{"pipelines", records_of(visit.all("pipelines"))}});
}

}  // namespace

std::vector<Route> opportunity_routes() {
  std::vector<Param> search = {
      text("q"),
      text("location_id").must(),
      text("status").one_of({"open", "won", "lost", "abandoned", "all"}),
      text("order").one_of({"added_asc", "added_desc", "name_asc", "name_desc"}),
      number("page").from(1),
      number("limit").from(1).upto(100)};
  for (const char* name :
       {"pipeline_id", "pipeline_stage_id", "contact_id", "assigned_to", "campaignId", "id",
        "endDate", "startAfter", "startAfterId", "date", "country"}) {
    search.push_back(text(name));
  }
  for (const char* name : {"getTasks", "getNotes", "getCalendarEvents"}) {
    search.push_back(boolean(name));
  }
  return {{.operation = "search_opportunities",
           .method = "GET",
           .path = "/opportunities/search",
           .scope = "opportunities.readonly",
           .query = search,
           .paging = Paging::start_after,
           .records = {Shape::list, "/opportunities"},
           .answer = search_opportunities},
          {.operation = "get_opportunity",
           .method = "GET",
           .path = "/opportunities/{id}",
           .scope = "opportunities.readonly",
           .records = {Shape::object, "/opportunity"},
           .answer = get_opportunity},
          {.operation = "list_pipelines",
           .method = "GET",
           .path = "/opportunities/pipelines",
           .scope = "opportunities.readonly",
           .query = {text("locationId").must()},
           .records = {Shape::list, "/pipelines"},
           .answer = list_pipelines}};
}

}  // namespace triggerd::sandbox
