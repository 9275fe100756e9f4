#include <nlohmann/json.hpp>

#include "catalog/problem_samples.h"
#include "triggerd/catalog/describe.h"

using namespace triggerd;

TEST_CASE("pointers and formats are well-formed") {
  CHECK(problems(with_read("      records: items\n      updated: {at: /u.x, format: iso}\n      "
                           "created: u.x\n      volatile: [/a, b]\n")) ==
        "acme.yaml:10:16: items.read.records: `items` is not a JSON pointer\n"
        "  hint: write `/items`\n"
        "acme.yaml:11:35: items.read.updated.format: `iso` is not one of iso8601, "
        "epoch_s, epoch_ms, epoch_us, date, date_time, number, or a pattern with %\n"
        "acme.yaml:12:16: items.read.created: `u.x` is not a JSON pointer\n"
        "  hint: write it as /outer/inner\n"
        "acme.yaml:13:17: items.read.volatile: `b` is not a JSON pointer\n"
        "  hint: write `/b`\n");
}

TEST_CASE("a record has an id, from its members or from a parameter") {
  CHECK(problems(acme_file("  items:\n    request: GET /items\n    read: {records: /items}\n")) ==
        R"(acme.yaml:7:11: items.read: `id` is missing
)");
  CHECK(problems(with_id("{param: pag}")) ==
        R"(acme.yaml:9:19: items.read.id: `pag` is not a parameter of items
  hint: did you mean `page`?
)");
}

TEST_CASE("a shape has what belongs to it and nothing else") {
  CHECK(problems(acme_file("  items:\n    request: GET /items\n    read: {shape: map, entry_key: "
                           "'[', id: /value, records: /a}\n")) ==
        R"(acme.yaml:7:11: items.read: `members` is missing
acme.yaml:7:35: items.read.entry_key: `[` is not a regular expression
acme.yaml:7:61: items.read.records: is for shapes list and object alone
)");
  CHECK(problems(with_read("      shape: lists\n")) ==
        "acme.yaml:10:14: items.read.shape: `lists` is not one of list, object, map, value, text, "
        "binary\n"
        R"(  hint: did you mean `list`?
)");
  CHECK(problems(with_read("      shape: object\n      paging: {kind: none}\n      confirm: "
                           "{operation: items, param: id}\n")) ==
        R"(acme.yaml:11:15: items.read.paging: is for shape list alone
acme.yaml:12:16: items.read.confirm: is for shape list alone
acme.yaml:12:28: items.read.confirm: `id` is not a parameter of items
)");
}

TEST_CASE("paging names parameters of the operation and how it ends") {
  CHECK(problems(with_read("      paging: {kind: offsets, size_param: limit, size: x}\n")) ==
        "acme.yaml:10:22: items.read.paging.kind: `offsets` is not one of none, page, "
        "offset, cursor, next_url, link_header\n"
        "  hint: did you mean `offset`?\n"
        "acme.yaml:10:43: items.read.paging: `limit` is not a parameter of items\n"
        "acme.yaml:10:56: items.read.paging.size: must be a whole number\n");
  CHECK(problems(with_read(
            "      paging: {kind: offset, size_param: page, ends_on_short_page: true}\n")) ==
        "acme.yaml:10:15: items.read.paging.size: must say how many records a page is "
        "asked for\n"
        "acme.yaml:10:15: items.read.paging: `number_param` is missing\n"
        "acme.yaml:10:68: items.read.paging.ends_on_short_page: needs `size`: without "
        "it no page is known to be short\n");
  CHECK(problems(with_read("      paging: {kind: cursor, parts: {aftr: /next, page: {from: last, "
                           "at: x, back: 1ms}}}\n")) ==
        "acme.yaml:10:38: items.read.paging: `aftr` is not a parameter of items\n"
        "  hint: did you mean `after`?\n"
        "acme.yaml:10:64: items.read.paging.parts.page.from: `last` is not one of "
        "body, last_record, header\n"
        "acme.yaml:10:74: items.read.paging.parts.page.at: `x` is not a JSON pointer\n"
        "  hint: write `/x`\n"
        "acme.yaml:10:83: items.read.paging.parts.page.back: needs `format`, since "
        "only a time can be set back\n");
  CHECK(problems(with_read("      paging: {kind: next_url, next_url_params: [aftr]}\n")) ==
        R"(acme.yaml:10:15: items.read.paging: `next_url_at` is missing
acme.yaml:10:49: items.read.paging: `aftr` is not a parameter of items
  hint: did you mean `after`?
)");
}

TEST_CASE("since holds its bound, and the records have a time to take it from") {
  CHECK(problems(with_read("      since: {set: {aftr: x}}\n")) ==
        R"(acme.yaml:10:20: items.read.since.set: must hold `{since}` where the bound goes
acme.yaml:10:20: items.read.since.set: needs `updated`, since the bound comes from the records
acme.yaml:10:21: items.read.since: `aftr` is not a parameter of items
  hint: did you mean `after`?
)");
}

TEST_CASE("a window has two parameters, a length and the time that it covers") {
  CHECK(problems(with_read("      window: {start: page, end: until, format: epoch}\n")) ==
        "acme.yaml:10:15: items.read.window.ahead: the window is empty: `past` and "
        "`ahead` are both 0\n"
        "acme.yaml:10:15: items.read.window: `covers` is missing\n"
        "acme.yaml:10:34: items.read.window: `until` is not a parameter of items\n"
        "acme.yaml:10:49: items.read.window.format: `epoch` is not one of iso8601, "
        "epoch_s, epoch_ms, epoch_us, date, date_time, number, or a pattern with %\n");
}

TEST_CASE("confirm names an operation and a parameter of it") {
  CHECK(problems(with_read("      confirm: {operation: items, param: id}\n")) ==
        R"(acme.yaml:10:28: items.read.confirm: `id` is not a parameter of items
)");
}

TEST_CASE("a problem is shown with its line, a caret and a hint") {
  const CatalogLoad load = load_catalog({{"acme.yaml", with_read("      shape: lists\n")}});
  CHECK(load.catalog == nullptr);
  REQUIRE(load.problems.size() == 1);
  CHECK(render_problem(load.problems[0], load.texts.at("acme.yaml")) ==
        "acme.yaml:10:14: error: items.read.shape: `lists` is not one of list, object, "
        "map, value, text, binary\n"
        "   10 |       shape: lists\n"
        "      |              ^\n"
        "      hint: did you mean `list`?\n");
}

TEST_CASE("gone is for records that can say so, and version for the updated stamp alone") {
  CHECK(problems(with_read("      gone: deleted\n")) ==
        "acme.yaml:10:13: items.read.gone: `deleted` is not a JSON pointer\n"
        "  hint: write `/deleted`\n");
  CHECK(problems(with_read("      shape: value\n      gone: /deleted\n")) ==
        "acme.yaml:11:13: items.read.gone: is for shapes list and object alone\n");
  CHECK(problems(with_read("      created: {at: /made, version: false}\n")) ==
        "acme.yaml:10:37: items.read.created.version: is for `updated` alone\n");
}

TEST_CASE("gone and version are read and described") {
  const auto catalog = acme_catalog(
      "  items:\n    request: GET /items\n    read:\n      records: /items\n      id: /id\n"
      "      gone: /deleted\n      updated: {at: /moved, version: false}\n      created: /made\n");
  const Operation& items = *catalog->operation("acme.items");
  CHECK(items.read->gone == "/deleted");
  CHECK_FALSE(items.read->updated.version);
  CHECK(items.read->created.version);
  const nlohmann::json shown = describe_operation(items)["read"];
  CHECK(shown["gone"] == "/deleted");
  CHECK(shown["updated"]["version"] == false);
  CHECK_FALSE(shown["created"].contains("version"));
  CHECK(describe_operation_text(items).find("gone        /deleted") != std::string::npos);
}
