// Triggers, their rules and steps, accounts and settings.
#include <doctest/doctest.h>

#include "rows.h"

namespace triggerd {
namespace {

TriggerRow trigger_row(const std::string& id, const std::string& source) {
  TriggerRow row;
  row.id = id;
  row.operation = "app.list";
  row.source_hash = source;
  row.watch_hash = "watch";
  return row;
}

StreamRow stream_with_cursor(Database& database, const std::string& trigger) {
  StreamRow stream = add_active_stream(database, trigger);
  stream.watermark = at(3);
  PageCommit page = page_of(stream, {});
  page.seen = {seen_row("a")};
  commit_page(database, page);
  return stream;
}

TEST_CASE("a trigger's row is the same after a restart") {
  ScratchDatabase scratch;
  TriggerRow put = trigger_row("leads", "s1");
  put.paused = true;
  put.paused_reason = "holidays";
  save_trigger(*scratch, put, at(0));
  scratch.reopen();
  const std::vector<TriggerRow> rows = load_triggers(*scratch);
  REQUIRE(rows.size() == 1);
  CHECK(rows[0].id == "leads");
  CHECK(rows[0].operation == "app.list");
  CHECK(rows[0].source_hash == "s1");
  CHECK(rows[0].watch_hash == "watch");
  CHECK(rows[0].paused);
  CHECK(rows[0].paused_reason == "holidays");
}

TEST_CASE("which accounts a trigger has streams of, and what they stood for, outlive a restart") {
  ScratchDatabase scratch;
  stream_with_cursor(*scratch, "leads");
  save_identity(*scratch, "main", "app location_id=a");
  save_identity(*scratch, "main", "app location_id=b");
  scratch.reopen();
  using Names = std::vector<std::string>;
  CHECK(polled_accounts(*scratch) == std::map<std::string, Names>{{"leads", Names{"dental"}}});
  CHECK(load_identities(*scratch) ==
        std::map<std::string, std::string>{{"main", "app location_id=b"}});
  remove_trigger(*scratch, "leads", at(1));
  CHECK(polled_accounts(*scratch).empty());
}

TEST_CASE("P10: a trigger that was removed and comes back unchanged goes on from its cursor") {
  ScratchDatabase scratch;
  StreamRow stream = stream_with_cursor(*scratch, "leads");
  remove_trigger(*scratch, "leads", at(1));
  CHECK(load_triggers(*scratch).empty());
  CHECK(load_streams(*scratch).empty());
  StreamRow again = add_active_stream(*scratch, "leads");
  CHECK(again.id == stream.id);
  CHECK(again.watermark == at(3));
  CHECK(count_seen(*scratch, again.id) == 1);
}

TEST_CASE("a trigger that comes back with another source starts with a baseline") {
  ScratchDatabase scratch;
  stream_with_cursor(*scratch, "leads");
  remove_trigger(*scratch, "leads", at(1));
  save_trigger(*scratch, trigger_row("leads", "another"), at(2));
  StreamRow again;
  again.trigger = "leads";
  again.account = "dental";
  add_stream(*scratch, again, at(2));
  CHECK(again.state == "baseline");
  CHECK(!again.watermark);
  CHECK(count_seen(*scratch, again.id) == 0);
}

TEST_CASE("a renamed trigger keeps streams, rules and events under its new name") {
  ScratchDatabase scratch;
  StreamRow stream = stream_with_cursor(*scratch, "old");
  commit_page(*scratch, page_of(stream, {fired("a")}));
  save_rule(*scratch, "old", 7, {"/email"});
  rename_trigger(*scratch, "old", "new");
  REQUIRE(load_triggers(*scratch).size() == 1);
  CHECK(load_triggers(*scratch)[0].id == "new");
  CHECK(load_streams(*scratch)[0].trigger == "new");
  CHECK(load_streams(*scratch)[0].watermark == at(3));
  CHECK(load_rules(*scratch, "new").size() == 1);
  CHECK(list_view(*scratch, "recent_events", "new", 10).rows.size() == 1);
}

TEST_CASE("a trigger can take the id of one that was removed; that one's events keep a name") {
  ScratchDatabase scratch;
  StreamRow removed = stream_with_cursor(*scratch, "leads");
  commit_page(*scratch, page_of(removed, {fired("a")}));
  remove_trigger(*scratch, "leads", at(1));
  StreamRow living = stream_with_cursor(*scratch, "other");
  rename_trigger(*scratch, "other", "leads");
  REQUIRE(load_streams(*scratch).size() == 1);
  CHECK(load_streams(*scratch)[0].id == living.id);
  CHECK(list_view(*scratch, "recent_events", "leads", 10).rows.empty());
  CHECK(list_view(*scratch, "recent_events", "", 10).rows.size() == 1);
}

TEST_CASE("watch lists by rule and definitions of steps are read as they were written") {
  ScratchDatabase scratch;
  save_rule(*scratch, "leads", 0xFFFF'FFFFU, {"/email", "/a~1b"});
  save_rule(*scratch, "leads", 2, {});
  save_rule(*scratch, "other", 3, {"/x"});
  const auto rules = load_rules(*scratch, "leads");
  REQUIRE(rules.size() == 2);
  CHECK(rules.at(0xFFFF'FFFFU) == std::vector<std::string>{"/email", "/a~1b"});
  CHECK(rules.at(2).empty());
  save_steps(*scratch, "h1", R"([{"id":"a"}])", at(0));
  save_steps(*scratch, "h1", "something else under a known hash", at(1));
  CHECK(load_steps(*scratch, "h1") == R"([{"id":"a"}])");
  CHECK(!load_steps(*scratch, "h2"));
}

TEST_CASE("an account's budget survives a restart") {
  ScratchDatabase scratch;
  AccountRow put;
  put.name = "dental";
  put.budget.day_start = at(0);
  put.budget.day_used = 199'999;
  put.budget.day_remaining = 1;
  put.budget.blocked_until = at(60);
  put.budget.blocked_reason = "HTTP 429";
  put.budget.window_start = at(1);
  put.budget.window_used = 100;
  put.suspended = "HTTP 401";
  put.suspended_at = at(2);
  save_account(*scratch, put);
  put.budget.day_used = 200'000;
  save_account(*scratch, put);
  scratch.reopen();
  const std::vector<AccountRow> rows = load_accounts(*scratch);
  REQUIRE(rows.size() == 1);
  CHECK(rows[0].name == "dental");
  CHECK(rows[0].budget.day_start == at(0));
  CHECK(rows[0].budget.day_used == 200'000);
  CHECK(rows[0].budget.day_remaining == 1);
  CHECK(rows[0].budget.blocked_until == at(60));
  CHECK(rows[0].budget.blocked_reason == "HTTP 429");
  CHECK(rows[0].budget.window_start == at(1));
  CHECK(rows[0].budget.window_used == 100);
  CHECK(rows[0].suspended == "HTTP 401");
  CHECK(rows[0].suspended_at == at(2));
}

TEST_CASE("a setting is found under its name, and absent is not empty") {
  ScratchDatabase scratch;
  note_setting(*scratch, "stopped", "the disk is full");
  note_setting(*scratch, "stopped", "");
  CHECK(read_setting(*scratch, "stopped") == std::optional<std::string>(""));
  CHECK(!read_setting(*scratch, "other"));
}

}  // namespace
}  // namespace triggerd
