// Writes of a daemon come back to its own triggers: what a poll shows of them does not fire, a
// change of others does. The sandbox's world stands for the app.
#include <doctest/doctest.h>

#include "checker/state_reader.h"
#include "end_to_end/processes.h"

using namespace triggerd::checker;
using namespace triggerd::end_to_end;

namespace {

constexpr double kSpeed = 120;
constexpr int kPollsOfRemovals = 4;

// One write as a step, and what it does to which trigger's record.
struct Write {
  std::string operation;
  json with;
  std::string trigger;
  std::string kind;
  std::string key;  // empty: the record is new
};

// Ids of the sandbox's world that the writes are about.
struct Ground {
  explicit Ground(const Sandbox& sandbox)
      : pipeline(sandbox.records("pipelines").at(0)),
        site(sandbox.records("blog_sites").at(0).at("_id")),
        author(sandbox.records("blog_authors").at(0).at("_id")),
        category(sandbox.records("blog_categories").at(0).at("_id")),
        event(sandbox.records("events").at(0)),
        user(sandbox.records("users").at(0).at("id")),
        calendar(sandbox.records("calendars").at(0).at("id")) {
    for (const char* id : {"deal-changed", "deal-switched", "deal-removed"}) {
      sandbox.create("opportunities",
                     {{"name", "Roof"},
                      {"status", "open"},
                      {"pipelineId", pipeline.at("id")},
                      {"pipelineStageId", pipeline.at("stages").at(0).at("id")},
                      {"contactId", std::string("contact-of-") + id}},
                     id);
    }
    sandbox.create("contacts", {{"name", "Bea Buyer"}}, "contact-buys");
    sandbox.create("businesses", {{"name", "Acme"}, {"city", "Rome"}}, "business-changed");
    sandbox.create("businesses", {{"name", "Old"}}, "business-removed");
    json group = sandbox.records("calendar_groups").at(0);
    group["slug"] = "switched";
    sandbox.create("calendar_groups", group, "group-switched");
  }
  json pipeline, site, author, category, event, user, calendar;
};

std::vector<Write> writes_on(const Ground& ground) {
  return {
      {"update_opportunity",
       {{"id", "deal-changed"}, {"name", "Ours"}, {"monetaryValue", "300"}},
       "deals",
       "changed",
       "deal-changed"},
      {"update_opportunity_status",
       {{"id", "deal-switched"}, {"status", "won"}},
       "deals",
       "changed",
       "deal-switched"},
      {"delete_opportunity", {{"id", "deal-removed"}}, "deals", "removed", "deal-removed"},
      {"create_opportunity",
       {{"pipelineId", ground.pipeline.at("id")},
        {"name", "Made"},
        {"status", "open"},
        {"contactId", "contact-buys"}},
       "deals",
       "new",
       ""},
      {"update_appointment",
       {{"eventId", ground.event.at("id")}, {"title", "Ours"}, {"ignoreFreeSlotValidation", true}},
       "appointments",
       "changed",
       ground.event.at("id")},
      {"create_appointment_note",
       {{"appointmentId", ground.event.at("id")}, {"body", "Brings cake"}},
       "notes",
       "new",
       ""},
      {"update_user",
       {{"userId", ground.user}, {"lastName", "Ours"}},
       "users",
       "changed",
       ground.user},
      {"update_calendar",
       {{"calendarId", ground.calendar}, {"name", "Ours"}},
       "calendars",
       "changed",
       ground.calendar},
      {"create_calendar_group",
       {{"name", "Made"}, {"description", "By a step"}, {"slug", "made-group"}},
       "groups",
       "new",
       ""},
      {"update_group_status",
       {{"groupId", "group-switched"}, {"isActive", false}},
       "groups",
       "changed",
       "group-switched"},
      {"create_business", {{"name", "Made"}, {"city", "Oslo"}}, "businesses", "new", ""},
      {"update_business",
       {{"businessId", "business-changed"}, {"city", "Turin"}},
       "businesses",
       "changed",
       "business-changed"},
      {"delete_business",
       {{"businessId", "business-removed"}},
       "businesses",
       "removed",
       "business-removed"},
      {"create_blog_post",
       {{"blogId", ground.site},
        {"title", "How to"},
        {"imageUrl", "https://cdn.example.com/a.png"},
        {"description", "In short"},
        {"rawHTML", "<p>At length</p>"},
        {"status", "PUBLISHED"},
        {"imageAltText", "a hand"},
        {"categories", {ground.category}},
        {"author", ground.author},
        {"urlSlug", "made-by-step"},
        {"publishedAt", "2026-12-01T10:00:00+01:00"}},
       "posts",
       "new",
       ""},
  };
}

// `derived`: a field that the app sets by itself with a write; nothing was sent for it, so it would
// fire.
std::string watcher(const std::string& name, const std::string& operation, const json& params,
                    const std::string& derived = "") {
  return "  " + name + ":\n    poll: highlevel." + operation +
         "\n    account: main\n    every: 1m\n    detect: [new, changed, removed]\n    params: " +
         params.dump() + (derived.empty() ? "" : "\n    ignore: [" + derived + "]") +
         "\n    do: [{action: log, with: {message: \"${{ .event.key }}\"}}]\n";
}

std::string configuration(const Ground& ground, const std::vector<Write>& writes) {
  std::string yaml = std::string("version: 1\naccounts:\n  main: {connector: highlevel, ") +
                     "location_id: " + kLocation + ", company_id: " + kCompany +
                     ", auth: {token: \"${env:UNUSED}\"}}\ntriggers:\n" +
                     "  go:\n    poll: highlevel.list_custom_fields\n    account: main\n"
                     "    every: 1m\n    detect: [new]\n    do:\n";
  for (const Write& write : writes) {
    yaml += "      - {action: highlevel." + write.operation + ", with: " + write.with.dump() +
            ", on_error: continue}\n";
  }
  const json empty = json::object();
  return yaml + watcher("deals", "search_opportunities", empty, "/lastStatusChangeAt") +
         watcher("appointments", "list_calendar_events",
                 {{"calendarId", ground.event.at("calendarId")}}) +
         watcher("notes", "list_appointment_notes", {{"appointmentId", ground.event.at("id")}}) +
         watcher("users", "list_users_by_location", empty, "/name") +
         watcher("calendars", "list_calendars", empty) +
         watcher("groups", "list_calendar_groups", empty) +
         watcher("businesses", "list_businesses_by_location", empty) +
         watcher("posts", "get_blog_posts", {{"blogId", ground.site}});
}

std::string verdict_of(const Write& write, const std::string& database) {
  const std::string by_key = write.key.empty() ? "" : " AND key = '" + write.key + "'";
  const auto rows =
      query_state(database, "SELECT verdict FROM why WHERE trigger = '" + write.trigger +
                                "' AND kind = '" + write.kind + "' AND n > 0" + by_key);
  return rows.empty() ? "" : rows.front().at("verdict").get<std::string>();
}

}  // namespace

TEST_SUITE_BEGIN("echoes");

TEST_CASE("DET-16: what steps write to records that are polled does not fire, others' writes do") {
  const Folder folder;
  const Sandbox sandbox(folder, {.speed = kSpeed});
  const Ground ground(sandbox);
  const std::vector<Write> writes = writes_on(ground);
  Triggerd daemon(folder, sandbox, kSpeed);
  daemon.configure(configuration(ground, writes));
  CHECK(daemon.run("once") == 0);
  sandbox.create("custom_fields", {{"name", "go"}, {"model", "contact"}});
  // Nothing else is polled while the steps write: what a poll reads between a write and its answer
  // cannot be told from others' writes.
  CHECK(daemon.run("once", {"go"}) == 0);
  // A removal is believed after a second look at the list.
  for (int polls = 0; polls < kPollsOfRemovals; ++polls) CHECK(daemon.run("once") == 0);
  for (const json& row :
       query_state(daemon.database(), "SELECT step_id, error FROM steps WHERE state = 'dead'")) {
    FAIL_CHECK(row.dump());
  }
  for (const Write& write : writes) {
    CAPTURE(write.operation);
    CHECK(verdict_of(write, daemon.database()) == "echo");
  }
  const auto fired = [&] {
    return query_state(daemon.database(),
                       "SELECT trigger, key, kind FROM why WHERE verdict = 'fired' AND "
                       "trigger <> 'go'");
  };
  for (const json& row : fired()) FAIL_CHECK(row.dump());
  sandbox.update("opportunities", "deal-changed", {{"name", "Theirs"}});
  sandbox.update("businesses", "business-changed", {{"city", "Bern"}});
  CHECK(daemon.run("once") == 0);
  CHECK(fired().size() == 2);
}

TEST_SUITE_END();
