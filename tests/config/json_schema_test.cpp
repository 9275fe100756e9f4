#include "triggerd/config/json_schema.h"

#include <doctest/doctest.h>

#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>

#include "config/grammar.h"
#include "config/test_catalog.h"
#include "triggerd/json_text.h"

using namespace triggerd;

namespace {

const nlohmann::json& at(const nlohmann::json& schema, const std::string& pointer) {
  const nlohmann::json* found = find_at(schema, pointer);
  REQUIRE_MESSAGE(found != nullptr, pointer);
  return *found;
}

// Every $ref of the schema, wherever it stands.
void collect_references(const nlohmann::json& value, std::vector<std::string>& found) {
  if (value.is_object() && value.contains("$ref")) found.push_back(value.at("$ref"));
  if (value.is_structured()) {
    for (const auto& member : value) collect_references(member, found);
  }
}

}  // namespace

TEST_CASE("the schema knows each key that the checker takes, and no other") {
  const nlohmann::json schema = triggers_json_schema(*triggerd::testing::test_catalog());
  for (const auto& [kind, name] :
       {std::pair{SectionKind::trigger, "trigger"}, std::pair{SectionKind::step, "step"},
        std::pair{SectionKind::confirm, "confirm"}, std::pair{SectionKind::link, "link"},
        std::pair{SectionKind::webhook, "webhook"}}) {
    const nlohmann::json& definition = at(schema, std::string("/definitions/") + name);
    CHECK(at(definition, "/additionalProperties") == false);
    for (const KeyRule& rule : rules_of(kind)) {
      CAPTURE(rule.name);
      CHECK(at(definition, "/properties").contains(rule.name) == rule.available);
    }
  }
  CHECK(at(schema, "/required") == nlohmann::json::parse(R"(["version"])"));
  CHECK(at(schema, "/definitions/step/oneOf") ==
        nlohmann::json::parse(R"([{"required":["action"]},{"required":["link"]}])"));
}

TEST_CASE("polls and actions are the catalog's, with their parameters") {
  const nlohmann::json schema = triggers_json_schema(*triggerd::testing::test_catalog());
  const nlohmann::json& polls = at(schema, "/definitions/trigger/properties/poll/enum");
  CHECK(std::find(polls.begin(), polls.end(), "crm.search_contacts") != polls.end());
  CHECK(std::find(polls.begin(), polls.end(), "crm.upsert_contact") == polls.end());
  const nlohmann::json& actions = at(schema, "/definitions/step/properties/action/enum");
  CHECK(std::find(actions.begin(), actions.end(), "webhook") != actions.end());
  bool found = false;
  for (const nlohmann::json& rule : at(schema, "/definitions/step/allOf")) {
    if (at(rule, "/if/properties/action/const") != "crm.add_tags") continue;
    found = true;
    CHECK(at(rule, "/if/required") == nlohmann::json::parse(R"(["action"])"));
    CHECK(at(rule, "/then/properties/with/required") ==
          nlohmann::json::parse(R"(["contactId", "tags"])"));
    CHECK(at(rule, "/then/properties/with/properties/tags/anyOf").size() == 2);
  }
  CHECK(found);
}

TEST_CASE("every reference of the schema has its definition") {
  const nlohmann::json schema = triggers_json_schema(*triggerd::testing::test_catalog());
  std::vector<std::string> references;
  collect_references(schema, references);
  CHECK(references.size() > 10);
  for (const std::string& reference : references) {
    CAPTURE(reference);
    CHECK(find_at(schema, reference.substr(1)) != nullptr);
  }
}

TEST_CASE("schema/triggers.schema.json is what the program writes today") {
  const CatalogLoad loaded = load_catalog_with("");
  REQUIRE(loaded.catalog);
  std::ifstream stream(std::string(TRIGGERD_SOURCE) + "/schema/triggers.schema.json");
  std::ostringstream text;
  text << stream.rdbuf();
  const std::string fresh = triggers_json_schema(*loaded.catalog).dump(2) + "\n";
  // Renew it with `triggerd schema > schema/triggers.schema.json`.
  CHECK((text.str() == fresh));
}
