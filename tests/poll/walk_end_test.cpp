// How a walk ends, or does not, where flags, totals and cursors contradict each other.
#include <doctest/doctest.h>

#include "poll/walk.h"

using namespace triggerd;
using nlohmann::json;

namespace {

// GET /contacts?after=..: a cursor, a flag at /more and a total at /total.
Operation flagged_operation() {
  Operation operation = cursor_operation();
  operation.read->paging.more_at = {"/more"};
  operation.read->paging.total_at = "/total";
  return operation;
}

json flagged_page(int first, int count, const json& next, int total) {
  json page = contacts_page(first, count);
  page.update({{"next", next}, {"more", 2}, {"total", total}});
  return page;
}

// GET /contacts?from=..&limit=..: by the time of the last record, three a page.
Operation by_time_operation() {
  Operation operation = list_operation();
  operation.params = {param_of("from"), param_of("limit"), param_of("sort")};
  Paging& paging = operation.read->paging;
  paging.kind = PagingKind::cursor;
  paging.size_param = "limit";
  paging.size = 3;
  paging.ends_on_short_page = true;
  paging.total_at = "/total";
  CursorPart part;
  part.from = CursorPart::From::last_record;
  part.at = {"/dateUpdated"};
  part.param = "from";
  part.format = DateFormat{DateFamily::epoch_ms, {}, {}};
  part.back = Millis{1};
  paging.parts = {part};
  Since since;
  since.set = {{"from", "{since}"}};
  since.always = {{"sort", "asc"}};
  since.format.family = DateFamily::epoch_ms;
  operation.read->since = since;
  return operation;
}

json timed(const char* id, const json& at) { return {{"id", id}, {"dateUpdated", at}}; }

json page_of(json records, int total) {
  return {{"contacts", std::move(records)}, {"total", total}};
}

}  // namespace

TEST_CASE("an empty page behind all that the app says it has ends the walk, whatever a flag says") {
  Walk walk(flagged_operation());
  CHECK_FALSE(walk.read(flagged_page(0, 2, "c1", 4)).last);
  CHECK_FALSE(walk.read(flagged_page(2, 2, "c2", 4)).last);
  CHECK(walk.read(flagged_page(4, 0, "c2", 4)).last);

  Walk nothing(flagged_operation());
  CHECK(nothing.read(flagged_page(0, 0, "c0", 0)).last);

  Walk resumed(flagged_operation(), {.cursor = {{"after", "c1"}}});
  resumed.read(flagged_page(2, 2, "c2", 4));
  CHECK(resumed.read(flagged_page(4, 0, "c2", 4)).last);
}

TEST_CASE("PAG-09 an empty page in the middle goes on where the flag promises more than has come") {
  Walk walk(flagged_operation());
  walk.read(flagged_page(0, 2, "c1", 4));
  const PageRead empty = walk.read(flagged_page(2, 0, "c2", 4));
  CHECK_FALSE(empty.last);
  CHECK_FALSE(empty.cut);
  CHECK(walk.url() == "/contacts?after=c2");
}

TEST_CASE("a full page whose last record has no time goes on from the one before it") {
  Walk walk(by_time_operation());
  const PageRead read =
      walk.read(page_of({timed("a", 1000), timed("b", 2000), timed("c", nullptr)}, 8));
  CHECK_FALSE(read.last);
  CHECK_FALSE(read.cut);
  CHECK(walk.url() == "/contacts?from=1999&limit=3&sort=asc");
}

TEST_CASE("a full page that does not say where to go on is a cut, unless all has come") {
  const json page = {timed("a", nullptr), timed("b", nullptr), timed("c", nullptr)};
  Walk walk(by_time_operation());
  const PageRead read = walk.read(page_of(page, 8));
  CHECK_FALSE(read.last);
  CHECK(read.cut);
  CHECK(read.cursor.is_null());
  CHECK(read.reason == "the last record of a full page has no cursor");

  // What was read twice at the borders does not make up for what is not read at all.
  Walk borders(by_time_operation());
  borders.read(page_of({timed("1", 1000), timed("2", 2000), timed("3", 3000)}, 8));
  borders.read(page_of({timed("3", 3000), timed("4", 4000), timed("5", 5000)}, 8));
  CHECK(borders.read(page_of(page, 8)).cut);

  Walk all(by_time_operation());
  CHECK(all.read(page_of(page, 3)).last);
  Walk few(by_time_operation());
  CHECK(few.read(page_of({timed("a", nullptr)}, 1)).last);
}

TEST_CASE("PAG-08 the total of all records does not keep a walk for changes from ending") {
  Walk changes(by_time_operation(), {.kind = CycleKind::incremental, .since = wall_from_ms(1'000)});
  const PageRead read = changes.read(page_of({timed("a", 2000)}, 50));
  CHECK(read.last);
  CHECK_FALSE(read.total);

  Walk sweep(by_time_operation());
  CHECK_FALSE(sweep.read(page_of({timed("a", 2000)}, 50)).last);
}

TEST_CASE("PAG-11 a walk for changes is cut where its order is ignored, a sweep is not") {
  const json page = {timed("a", 3000), timed("b", 2000), timed("c", 1000)};
  Walk changes(by_time_operation(), {.kind = CycleKind::incremental, .since = wall_from_ms(500)});
  const PageRead read = changes.read(page_of(page, 50));
  CHECK(read.page.out_of_order);
  CHECK(read.cut);
  CHECK(read.cursor.is_null());

  Walk sweep(by_time_operation());
  const PageRead swept = sweep.read(page_of(page, 50));
  CHECK(swept.page.out_of_order);
  CHECK_FALSE(swept.cut);
}

TEST_CASE("a record that says that it is gone is not there, but counts for the page") {
  Operation operation = offset_operation(3);
  operation.read->gone = "/deleted";
  Walk walk(operation);
  const PageRead read = walk.read(json::parse(
      R"({"contacts":[{"id":"a","deleted":false},{"id":"b","deleted":true},{"id":"c"}]})"));
  CHECK_FALSE(read.last);
  REQUIRE(read.page.records.size() == 2);
  CHECK(read.page.records[1].key == "c");
  CHECK(read.page.gone == std::vector<std::string>{"b"});
  CHECK(walk.url() == "/contacts?limit=3&skip=3");
}

TEST_CASE("an object that says that it is gone is absent") {
  Operation operation = object_operation();
  operation.read->gone = "/deleted";
  Walk gone(operation);
  CHECK(gone.read(json::parse(R"({"contact":{"id":"a","deleted":true}})")).page.records.empty());
  Walk there(operation);
  CHECK(there.read(json::parse(R"({"contact":{"id":"a","deleted":null}})")).page.records.size() ==
        1);
}
