// Files of corrections: what they change, what they leave alone, and where their mistakes are
// shown.
#include <nlohmann/json.hpp>

#include "catalog/catalog_text.h"
#include "triggerd/catalog/describe.h"

using namespace triggerd;

namespace {

const std::string kAcme =
    "connector: acme\nbase_url: https://api.acme.test\nauth: [{kind: bearer}]\n"
    "limits: [{requests: 5, per: 1s}]\noperations:\n  items:\n    request: GET /items\n"
    "    confirmed: false\n    params: {after: Where it goes on., size: {type: integer, max: 9}}\n"
    "    read: {records: /items, id: /id, updated: /u, volatile: [/a, /b], confirm: {operation: "
    "item, param: id}}\n  item: {request: 'GET /items/{id}', params: {id: x}, read: {shape: "
    "object, "
    "id: /id}}\n";
const std::string kMore =
    "connector: acme\noperations:\n  parts: {request: GET /parts, read: {id: /id}}\n";

std::vector<CatalogFile> corrected(const std::string& lines) {
  return {{"acme/one.yaml", kAcme},
          {"acme/two.yaml", kMore},
          {"mine.yaml", "overrides: acme\n" + lines}};
}

std::shared_ptr<const Catalog> catalog_of(const std::string& lines) {
  const CatalogLoad load = load_catalog(corrected(lines));
  REQUIRE_MESSAGE(load.catalog != nullptr, problems_text(corrected(lines)));
  return load.catalog;
}

}  // namespace

TEST_CASE("an override corrects single keys and leaves all others as they are") {
  const auto catalog = catalog_of(
      "base_url: https://api2.acme.test\noperations:\n  items:\n    request: GET /v2/items\n"
      "    confirmed: true\n    params: {size: {max: 50}}\n    read: {updated: {at: /changed, "
      "format: epoch_s}, volatile: /c}\n  parts: {request: GET /v2/parts}\n");
  CHECK(catalog->connector("acme")->base_url == "https://api2.acme.test");
  CHECK(catalog->connector("acme")->limits.size() == 1);
  const Operation& items = *catalog->operation("acme.items");
  CHECK(items.path == "/v2/items");
  CHECK(items.confirmed);
  CHECK(items.find_param("size")->maximum == 50);
  CHECK(items.find_param("size")->type == ParamType::integer);
  CHECK(items.find_param("after") != nullptr);
  CHECK(items.read->updated.at == "/changed");
  CHECK(items.read->id.alternatives == std::vector<std::vector<std::string>>{{"/id"}});
  CHECK(items.read->volatiles == std::vector<std::string>{"/c"});
  CHECK(catalog->operation("acme.parts")->path == "/v2/parts");
  CHECK(catalog->operation("acme.item")->path == "/items/{id}");
}

TEST_CASE("an empty value of an override takes a key away") {
  const auto catalog = catalog_of("limits:\noperations: {items: {read: {confirm: , updated: }}}\n");
  CHECK(catalog->connector("acme")->limits.empty());
  CHECK_FALSE(catalog->operation("acme.items")->read->confirm);
  CHECK(catalog->operation("acme.items")->read->updated.at.empty());
}

TEST_CASE("what was corrected says so, with the file") {
  const auto catalog = catalog_of("operations: {items: {read: {records: /data}}}\n");
  const Operation& items = *catalog->operation("acme.items");
  CHECK(describe_operation_text(items).find("Corrected by mine.yaml.\n") != std::string::npos);
  CHECK(describe_operation(items)["corrected_by"] == nlohmann::json{"mine.yaml"});
  CHECK_FALSE(describe_operation(*catalog->operation("acme.item")).contains("corrected_by"));
}

TEST_CASE("a mistake in an override is shown in its own file and line") {
  CHECK(problems_text(corrected("operations:\n  items:\n    read: {udpated: /x, records: data}\n  "
                                "itms: {request: GET /}\nheadrs: {A: b}\n")) ==
        "mine.yaml:4:12: items.read: `udpated` is not a key that is known here\n"
        "  hint: did you mean `updated`?\n"
        "mine.yaml:4:34: items.read.records: `data` is not a JSON pointer\n"
        "  hint: write `/data`\n"
        "mine.yaml:5:3: operations: acme has no operation `itms`\n"
        "  hint: did you mean `items`?\n"
        "mine.yaml:6:1: `headrs` is not a key that is known here\n"
        "  hint: did you mean `headers`?\n");
  // What a correction breaks elsewhere is shown where it breaks.
  CHECK(problems_text(corrected("operations: {items: {read: {confirm: {operation: itm}}}}\n")) ==
        "mine.yaml:2:50: items.read.confirm: `itm` is not an operation of acme\n"
        "  hint: did you mean `item`?\n");
}

TEST_CASE("an override cannot correct defaults, and its operations are a map") {
  CHECK(problems_text(corrected("defaults: {scopes: x}\noperations: [items]\n")) ==
        "mine.yaml:2:1: defaults: cannot be corrected\n"
        "  hint: correct the operations, each by its name\n"
        "mine.yaml:3:13: operations: must be a map (`name: ...` lines)\n");
}

TEST_CASE("an override names a connector that is there") {
  CHECK(problems_text({{"a.yaml", kAcme}, {"m.yaml", "overrides: acm\nbase_url: https://x\n"}}) ==
        "m.yaml:1:12: overrides: there is no connector `acm`\n  hint: did you mean `acme`?\n");
}

TEST_CASE("two files of corrections are laid over one after the other") {
  auto files = corrected("operations: {items: {request: GET /one, title: One}}\n");
  files.push_back({"other.yaml", "overrides: acme\noperations: {items: {request: GET /two}}\n"});
  const CatalogLoad load = load_catalog(files);
  REQUIRE(load.catalog != nullptr);
  const Operation& items = *load.catalog->operation("acme.items");
  CHECK(items.path == "/two");
  CHECK(items.title == "One");
  CHECK(items.corrected == std::vector<std::string>{"mine.yaml", "other.yaml"});
  files.back().text += "concurrency: 0\n";
  CHECK(problems_text(files) == "other.yaml:3:14: concurrency: must be 1 to 64\n");
}
