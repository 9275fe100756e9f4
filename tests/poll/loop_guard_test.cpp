// Apps whose paging lies: walks end, say why, and never pass for complete.
#include <doctest/doctest.h>

#include "poll/walk.h"

using namespace triggerd;
using nlohmann::json;

namespace {

json page_with_next(int first, json next) {
  json page = contacts_page(first, 1);
  page["next"] = std::move(next);
  return page;
}

Operation time_cursor_operation(std::int64_t size) {
  Operation operation = cursor_operation();
  Paging& paging = operation.read->paging;
  paging.size_param = "limit";
  paging.size = size;
  paging.parts[0].from = CursorPart::From::last_record;
  paging.parts[0].at = {"/dateUpdated"};
  paging.parts[0].format = DateFormat{DateFamily::epoch_ms, {}, {}};
  paging.parts[0].back = Millis{1};
  return operation;
}

json stamped(std::vector<std::pair<int, std::int64_t>> records) {
  json list = json::array();
  for (const auto& [id, at] : records) list.push_back({{"id", id}, {"dateUpdated", at}});
  return {{"contacts", list}};
}

}  // namespace

TEST_CASE("PAG-05 a cursor that repeats ends the walk at once, incomplete and without a cursor") {
  Walk walk(cursor_operation());
  walk.read(page_with_next(0, "a"));
  const PageRead read = walk.read(page_with_next(1, "a"));
  CHECK(read.cut);
  CHECK_FALSE(read.last);
  CHECK(read.reason == "the page cursor repeats");
  CHECK(read.cursor.is_null());
  CHECK(read.page.records.size() == 1);  // what was read is still proven
}

TEST_CASE("PAG-06 a circle of cursors of any length is found when it closes") {
  for (const int length : {2, 3, 7, 50}) {
    CAPTURE(length);
    Walk walk(cursor_operation());
    for (int i = 0; i < length; ++i) {
      REQUIRE_FALSE(walk.read(page_with_next(i, "c" + std::to_string(i))).cut);
    }
    const PageRead read = walk.read(page_with_next(length, "c0"));
    CHECK(read.cut);
    CHECK(read.reason == "the page cursor repeats");
  }
}

TEST_CASE("PAG-05 an app that gives the same page for every number is found out") {
  Walk walk(offset_operation(2));
  REQUIRE_FALSE(walk.read(contacts_page(0, 2)).cut);
  const PageRead read = walk.read(contacts_page(0, 2));
  CHECK(read.cut);
  CHECK(read.reason == "the page repeats one before");
}

TEST_CASE("PAG-07 an endless walk pauses, keeps its cursor, and the next one goes on from there") {
  Walk walk(cursor_operation());
  for (int i = 0; i < kPagesPerCycleMax - 1; ++i) {
    REQUIRE_FALSE(walk.read(page_with_next(i, i + 1)).cut);
  }
  const PageRead read = walk.read(page_with_next(kPagesPerCycleMax - 1, kPagesPerCycleMax));
  CHECK(read.cut);
  CHECK_FALSE(read.last);
  CHECK(read.reason == "2000 pages");
  Walk next(cursor_operation(), {.cursor = read.cursor});
  CHECK(next.url() == "/contacts?after=2000");
  CHECK_FALSE(next.read(page_with_next(9'000, 2'001)).cut);
}

TEST_CASE("PAG-04 a full page of equal stamps that leads nowhere is told, not walked for ever") {
  Walk walk(time_cursor_operation(2));
  walk.read(stamped({{1, 5'000}, {2, 5'000}}));
  CHECK(walk.url() == "/contacts?after=4999&limit=2");
  const PageRead read = walk.read(stamped({{1, 5'000}, {2, 5'000}}));
  CHECK(read.cut);
  CHECK(read.reason == "no progress: a full page of equal stamps");
  CHECK(read.cursor.is_null());
}

TEST_CASE(
    "PAG-03 equal stamps across a border are read again, and the border's page ends the walk") {
  Walk walk(time_cursor_operation(2));
  walk.read(stamped({{1, 4'000}, {2, 5'000}}));
  CHECK(walk.url() == "/contacts?after=4999&limit=2");
  CHECK_FALSE(walk.read(stamped({{2, 5'000}, {3, 6'000}})).cut);
  CHECK(walk.url() == "/contacts?after=5999&limit=2");
  const PageRead read = walk.read(stamped({{3, 6'000}}));
  CHECK(read.last);
  CHECK_FALSE(read.cut);
}

TEST_CASE("PAG-08 a total is advice: too small, too large or odd, the walk ends by its own signs") {
  for (const json& total : {json(1), json(3), json(50), json("3"), json(-1), json(nullptr)}) {
    CAPTURE(total.dump());
    Operation operation = offset_operation(2);
    operation.read->paging.total_at = "/total";
    Walk walk(operation);
    json page = contacts_page(0, 2);
    page["total"] = total;
    CHECK_FALSE(walk.read(page).last);
    page = contacts_page(2, 1);
    page["total"] = total;
    const PageRead shorter = walk.read(page);
    // Only a total that promises more asks for one request more.
    CHECK(shorter.last == (total != 50));
    if (shorter.last) continue;
    page = contacts_page(3, 0);
    page["total"] = total;
    CHECK(walk.read(page).last);
  }
}

TEST_CASE("PAG-09 an empty page ends a walk, unless the app says that there are more") {
  Operation operation = offset_operation(2);
  Walk plain(operation);
  CHECK(plain.read(contacts_page(0, 0)).last);

  Operation flagged = cursor_operation();
  flagged.read->paging.more_at = {"/more", "/meta/more"};
  Walk walk(flagged);
  json page = contacts_page(0, 0);
  page["next"] = "a";
  page["meta"] = {{"more", true}};
  CHECK_FALSE(walk.read(page).last);
  page["next"] = "b";
  page["more"] = false;
  CHECK(walk.read(page).last);
}

TEST_CASE("PAG-09 a promise of more pages without a cursor makes the walk incomplete") {
  Operation operation = cursor_operation();
  operation.read->paging.more_at = {"/more"};
  Walk walk(operation);
  json page = contacts_page(0, 1);
  page["more"] = true;
  const PageRead read = walk.read(page);
  CHECK(read.cut);
  CHECK_FALSE(read.last);
  CHECK(read.reason == "the app promises more pages but names none");
}

TEST_CASE("PAG-09 without the sign of a short page only an empty one ends the walk") {
  Operation operation = offset_operation(10);
  operation.read->paging.ends_on_short_page = false;
  Walk walk(operation);
  CHECK_FALSE(walk.read(contacts_page(0, 10)).last);
  CHECK_FALSE(walk.read(contacts_page(10, 3)).last);
  CHECK_FALSE(walk.read(contacts_page(13, 10)).last);
  CHECK(walk.read(contacts_page(23, 0)).last);
}

TEST_CASE(
    "PAG-14 a baseline learns the page size that the app really gives, and later walks know it") {
  Walk baseline(offset_operation(100), {.probe_short_pages = true});
  CHECK_FALSE(baseline.read(contacts_page(0, 20)).last);
  CHECK(baseline.url() == "/contacts?limit=100&skip=20");
  const PageRead second = baseline.read(contacts_page(20, 20));
  CHECK_FALSE(second.last);
  CHECK(second.page_size_seen == 20);
  CHECK_FALSE(baseline.read(contacts_page(40, 7)).last);
  const PageRead last = baseline.read(contacts_page(47, 0));
  CHECK(last.last);
  CHECK(last.page_size_seen == 20);

  Walk later(offset_operation(100), {.page_size_seen = 20});
  CHECK_FALSE(later.read(contacts_page(0, 20)).last);
  CHECK(later.read(contacts_page(20, 19)).last);
}

TEST_CASE("PAG-14 a short first page that really was the last leaves the size as asked") {
  Walk baseline(offset_operation(100), {.probe_short_pages = true});
  CHECK_FALSE(baseline.read(contacts_page(0, 7)).last);
  const PageRead read = baseline.read(contacts_page(7, 0));
  CHECK(read.last);
  CHECK(read.page_size_seen == 0);
}

TEST_CASE("PAG-14 a learnt size above the one asked for now does not end a walk early") {
  Walk walk(offset_operation(10), {.page_size_seen = 20});
  CHECK_FALSE(walk.read(contacts_page(0, 10)).last);
  CHECK(walk.read(contacts_page(10, 9)).last);
}

TEST_CASE("PAG-01 PAG-02 a record that is seen on two pages is handed on twice and ends nothing") {
  Walk walk(offset_operation(2));
  CHECK_FALSE(walk.read(contacts_page(0, 2)).cut);
  const PageRead read = walk.read(contacts_page(1, 2));
  CHECK_FALSE(read.cut);
  CHECK(read.page.records[0].key == "c1");
  CHECK(walk.url() == "/contacts?limit=2&skip=4");
}

TEST_CASE("PAG-11 stamps that descend though the walk asked for ascending ones are told") {
  Operation operation = time_cursor_operation(3);
  operation.params.push_back(param_of("sort"));
  Since since;
  since.set = json::object();
  since.always = {{"sort", "asc"}};
  operation.read->since = since;
  CHECK_FALSE(
      Walk(operation).read(stamped({{1, 1'000}, {2, 1'000}, {3, 2'000}})).page.out_of_order);
  CHECK(Walk(operation).read(stamped({{1, 1'000}, {2, 3'000}, {3, 2'000}})).page.out_of_order);
  operation.read->since->always = {{"sort", "desc"}};
  CHECK_FALSE(Walk(operation).read(stamped({{1, 3'000}, {2, 2'000}})).page.out_of_order);
}
