// One use of a statement: values in, values out, failures as StoreFailure.
#include <doctest/doctest.h>

#include "rows.h"
#include "store/connection.h"

namespace triggerd {
namespace {

TEST_CASE("values come back as they were bound") {
  ScratchDatabase scratch;
  const std::string lvalue("a\0b", 3);
  const std::optional<WallTime> absent;
  Query query(*scratch, "SELECT ?, ?, ?, ?, ?, ?, ?, ?, ?, ?", lvalue, std::string("gone soon"),
              std::string_view(), "literal", 0xFFFF'FFFF'FFFF'FFFFULL, absent, at(1), true, 1.5,
              Millis{20});
  REQUIRE(query.next());
  CHECK(query.text(0) == lvalue);
  CHECK(query.text(1) == "gone soon");
  CHECK(query.text(2).empty());
  CHECK(!query.is_null(2));
  CHECK(query.text(3) == "literal");
  CHECK(query.hash(4) == 0xFFFF'FFFF'FFFF'FFFFULL);
  CHECK(!query.time(5));
  CHECK(query.time(6) == at(1));
  CHECK(query.flag(7));
  CHECK(query.real(8) == 1.5);
  CHECK(query.number(9) == 20);
  CHECK(!query.next());
}

TEST_CASE("a statement can be used again after its use ended early or failed") {
  ScratchDatabase scratch;
  const auto insert = [&](const char* name) {
    return Query(*scratch, "INSERT INTO settings (name, value) VALUES (?, '')", name).run();
  };
  CHECK(insert("a") == 1);
  CHECK_THROWS_AS(insert("a"), StoreFailure);
  CHECK(insert("b") == 1);
  const auto first = [&] {
    Query query(*scratch, "SELECT name FROM settings ORDER BY name");
    return query.next() ? query.text(0) : std::string();
  };
  CHECK(first() == "a");
  CHECK(first() == "a");
}

TEST_CASE("a statement with fewer places than values is a failure and stays usable") {
  ScratchDatabase scratch;
  const auto ask = [&](int value, bool more) {
    const char* sql = "SELECT ?";
    return more ? Query(*scratch, sql, value, value).next() : Query(*scratch, sql, value).next();
  };
  CHECK_THROWS_AS(ask(1, true), StoreFailure);
  CHECK(ask(1, false));
}

}  // namespace
}  // namespace triggerd
