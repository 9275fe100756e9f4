// The functions that expressions have for mappings between apps, and phone numbers.
#include <doctest/doctest.h>

#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>
#include <string>

#include "expression_prelude.h"
#include "phone_number.h"
#include "triggerd/expression.h"
#include "triggerd/json_text.h"

using namespace triggerd;
using nlohmann::json;

namespace {

json given(std::string_view text, const json& input = nullptr) {
  ExpressionPool pool;
  const ExpressionId id = pool.add(text);
  const auto problems = pool.compile();
  REQUIRE_MESSAGE(problems.empty(), problems.front().what);
  const auto values = pool.run(id, input);
  REQUIRE_MESSAGE(values.has_value(), values.error());
  REQUIRE(values->size() == 1);
  return values->front();
}

struct Row {
  const char* expression;
  json input;
  json wanted;
};

void check_rows(const std::vector<Row>& rows) {
  for (const Row& row : rows) {
    CAPTURE(row.expression);
    CAPTURE(row.input.dump());
    CHECK(given(row.expression, row.input) == row.wanted);
  }
}

struct Rendered {
  json value;
  std::string problem;
};

Rendered rendered(const json& with, const json& input) {
  ExpressionPool pool;
  auto made = JsonTemplate::parse(with, pool);
  if (!made) return {nullptr, made.error().what};
  pool.compile();
  const auto value = made->render(pool, input);
  return value ? Rendered{*value, ""} : Rendered{nullptr, value.error()};
}

}  // namespace

TEST_CASE("times of all spellings become one, and what is no time becomes nothing") {
  check_rows({{"as_iso", "2026-03-01T09:30:00.123Z", "2026-03-01T09:30:00Z"},
              {"as_iso", "2026-03-01T09:30:00-05:00", "2026-03-01T14:30:00Z"},
              {"as_iso", "2024-11-12 17:09:13 +0900 KST", "2024-11-12T08:09:13Z"},
              {"as_iso", "2026-03-01", "2026-03-01T00:00:00Z"},
              {"as_iso", 1772357400, "2026-03-01T09:30:00Z"},
              {"as_iso", 1772357400123, "2026-03-01T09:30:00Z"},
              {"as_iso", "next week", nullptr},
              {"as_iso", "2026-13-01", nullptr},
              {"as_iso", "", nullptr},
              {"as_iso", nullptr, nullptr},
              {"as_iso", json::array(), nullptr},
              {"as_date", "2026-03-01T23:30:00-05:00", "2026-03-02"},
              {"as_time(\"%d.%m.%Y\")", "2026-03-01", "01.03.2026"},
              {"plus_days(2)", "2026-02-27T10:00:00Z", "2026-03-01T10:00:00Z"},
              {"plus_days(-1)", "2026-03-01", "2026-02-28T00:00:00Z"}});
}

TEST_CASE("names are taken apart at the last blank and joined without a hole") {
  check_rows({{"first_name", "Grace B. Hopper", "Grace B."},
              {"last_name", " Grace  Hopper ", "Hopper"},
              {"first_name", "Cher", "Cher"},
              {"last_name", "Cher", nullptr},
              {"first_name", "", nullptr},
              {"first_name", nullptr, nullptr},
              {"join_name(.a; .b)", {{"a", "Ada"}, {"b", "King"}}, "Ada King"},
              {"join_name(.a; .b)", {{"b", "King"}}, "King"},
              {"join_name(.a; .b)", {{"a", ""}}, nullptr}});
}

TEST_CASE("a table is looked into, and lists gain and lose members once") {
  check_rows({{"lookup({\"vip\": 7}; null)", "vip", 7},
              {"lookup({\"vip\": 7}; \"none\")", "other", "none"},
              {"lookup({\"5\": \"five\"}; null)", 5, "five"},
              {"lookup({\"off\": false}; true)", "off", false},
              {"with_items([\"b\", \"c\"])", {"a", "b"}, {"a", "b", "c"}},
              {"with_items([\"b\"])", nullptr, json::array({"b"})},
              {"without_items([\"b\"])", {"a", "b", "b"}, json::array({"a"})},
              {"without_items([\"b\"])", nullptr, json::array()}});
}

TEST_CASE("only what an expression names is compiled, with what that calls") {
  CHECK(prelude_for({".record.id", ".record.first_name"}).empty());
  const std::string source = prelude_for({".a | as_date"});
  CHECK(source.find("def as_date") != std::string::npos);
  CHECK(source.find("def as_epoch") != std::string::npos);
  CHECK(source.find("def lookup") == std::string::npos);
  CHECK(given("def lookup: 1; lookup") == 1);
}

TEST_CASE("each function is described in docs/mappings.md") {
  std::ifstream file(std::string(TRIGGERD_SOURCE) + "/docs/mappings.md");
  std::stringstream text;
  text << file.rdbuf();
  for (const std::string_view name : prelude_names()) {
    CAPTURE(name);
    CHECK(text.str().find("| `" + std::string(name)) != std::string::npos);
  }
}

TEST_CASE("phone numbers become international ones, and what is none becomes nothing") {
  CHECK(phone_to_e164("(415) 555-2671", "US") == "+14155552671");
  CHECK(phone_to_e164("02-312-3456", "KR") == "+8223123456");
  CHECK(phone_to_e164("+44 7777 777777", "US") == "+447777777777");
  CHECK(phone_to_e164("07777 777777", "") == std::nullopt);
  CHECK(phone_to_e164("+44 7777 777777", "") == "+447777777777");
  CHECK(phone_to_e164("12", "US") == std::nullopt);
  CHECK(phone_to_e164("call me", "US") == std::nullopt);
  CHECK(phone_to_e164("", "US") == std::nullopt);
  CHECK(is_phone_country("KR"));
  CHECK_FALSE(is_phone_country("Korea"));
}

TEST_CASE("a mapping asks for a phone number with its country") {
  const json with = {{"phone", {{"to_e164", "${{ .phone }}"}, {"country", "GB"}}}};
  CHECK(rendered(with, {{"phone", "07777 777777"}}).value == json{{"phone", "+447777777777"}});
  CHECK(rendered(with, {{"phone", nullptr}}).value == json{{"phone", nullptr}});
  CHECK(rendered({{"a", {{"to_e164", "+1 415 555 2671"}}}}, nullptr).value ==
        json{{"a", "+14155552671"}});
  CHECK(rendered({{"to_e164", "1"}, {"country", "Britain"}}, nullptr).problem.find("capital") !=
        std::string::npos);
  CHECK(rendered({{"to_e164", 5}}, nullptr).problem.find("text") != std::string::npos);
  // Not the form: it stays as it is.
  const json other = {{"to_e164", "1"}, {"country", "GB"}, {"more", 1}};
  CHECK(rendered(other, nullptr).value == other);
}
