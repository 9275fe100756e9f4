#include "triggerd/catalog/catalog.h"

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>

#include "catalog/catalog_text.h"
#include "triggerd/catalog/describe.h"

using namespace triggerd;
using nlohmann::json;
namespace fs = std::filesystem;

namespace {

// A directory that goes with the test.
class ScratchFolder {
 public:
  ScratchFolder() {
    std::string name = (fs::temp_directory_path() / "catalog-XXXXXX").string();
    REQUIRE(mkdtemp(name.data()) != nullptr);
    path_ = name;
  }
  ~ScratchFolder() { fs::remove_all(path_); }
  void write(const std::string& file, const std::string& text) const {
    fs::create_directories((path_ / file).parent_path());
    std::ofstream(path_ / file) << text;
  }
  std::string path() const { return path_.string(); }

 private:
  fs::path path_;
};

}  // namespace

TEST_CASE("a connector of several files is one connector, whatever the order of the files") {
  const CatalogFile part = {"a.yaml", R"(
connector: acme
defaults: {category: Things, headers: {Version: "2"}, token: location, scopes: things.read}
operations:
  things: {request: GET /things, read: {id: /id}}
  thing:
    request: GET /things/{id}
    params: {id: {fan_out: things}}
    headers: {version: "3"}
    read: {shape: object, id: /id}
)"};
  const CatalogFile head = {"b.yaml", R"(
connector: acme
base_url: https://api.acme.test
headers: {X-App: triggerd, Version: "1"}
auth: [{kind: none}]
)"};
  const CatalogLoad load = load_catalog({part, head});
  REQUIRE_MESSAGE(load.catalog != nullptr, problems_text({part, head}));
  const Operation* things = load.catalog->operation("acme.things");
  REQUIRE(things != nullptr);
  CHECK(things->category == "Things");
  CHECK(things->token == TokenLevel::location);
  CHECK(things->scopes == std::vector<std::string>{"things.read"});
  using Headers = std::vector<std::pair<std::string, std::string>>;
  CHECK(things->headers == Headers{{"X-App", "triggerd"}, {"Version", "2"}});
  CHECK(load.catalog->operation("acme.thing")->headers ==
        Headers{{"X-App", "triggerd"}, {"version", "3"}});
  CHECK(load.catalog->operation_names() == std::vector<std::string>{"acme.thing", "acme.things"});
}

TEST_CASE("a name that is not known finds nothing") {
  const auto catalog = acme_catalog("  things: {request: GET /things, read: {id: /id}}\n");
  CHECK(catalog->operation("acme.thing") == nullptr);
  CHECK(catalog->operation("acme") == nullptr);
  CHECK(catalog->operation("other.things") == nullptr);
  CHECK(catalog->connector("other") == nullptr);
  CHECK(catalog->operation("acme.things")->find_param("x") == nullptr);
}

TEST_CASE("two files cannot both describe a connector, nor one operation twice") {
  const std::string text = acme_file("  things: {request: GET /things, read: {id: /id}}\n");
  CHECK(problems_text({{"a.yaml", text}, {"b.yaml", text}}) ==
        "b.yaml:2:11: base_url: connector acme is already described in a.yaml\n"
        "b.yaml:5:3: `things` is already described in a.yaml\n");
}

TEST_CASE("FET-15: a body must hold the records, unless the file says what else it must hold") {
  const auto catalog = acme_catalog(R"(
  list: {request: GET /a, read: {records: /items, id: /id}}
  either: {request: GET /a, read: {records: [/items, ""], id: /id}}
  loose: {request: GET /a, read: {shape: object, records: /item, require: [], id: /id}}
  other: {request: GET /a, read: {shape: object, require: /exists, id: /id}}
)");
  const auto required = [&](const char* name) { return catalog->operation(name)->read->required; };
  CHECK(required("acme.list") == std::vector<std::string>{"/items"});
  CHECK(required("acme.either").empty());
  CHECK(required("acme.loose").empty());
  CHECK(required("acme.other") == std::vector<std::string>{"/exists"});
}

TEST_CASE("rules about errors are tried from the sharpest to the bluntest") {
  const CatalogLoad load = load_catalog({{"acme.yaml", R"(
connector: acme
base_url: https://api.acme.test
auth: [{kind: none}]
volatile: /trace
errors:
  - {status: 400, at: /message, contains: paused, means: transient}
  - {status: 403, means: auth}
operations:
  item:
    request: GET /item
    errors: [{status: 400, at: /code, equals: GONE, means: absent}]
    read: {shape: object, absent: [400, 404], id: /id, volatile: /seen}
  items: {request: GET /items, read: {records: /items, id: /id}}
)"}});
  REQUIRE(load.catalog != nullptr);
  const Operation* item = load.catalog->operation("acme.item");
  REQUIRE(item->errors.size() == 3);
  CHECK(item->errors[0].equals == std::vector<std::string>{"GONE"});
  CHECK(item->errors[1].contains == std::vector<std::string>{"paused"});
  CHECK(item->errors[2].statuses == std::vector<int>{400, 404});
  CHECK(item->errors[2].means == ErrorClass::absent);
  CHECK(item->read->volatiles == std::vector<std::string>{"/seen", "/trace"});
  const Operation* items = load.catalog->operation("acme.items");
  CHECK(items->errors.size() == 1);  // a list that answers 404 is a failure, not an empty list
  CHECK(items->read->volatiles.empty());
}

TEST_CASE("the parameters of paging and windows are hidden from users, the page size is not") {
  const auto catalog = acme_catalog(R"(
  items:
    request: GET /items
    params: {from: {}, to: {}, page: {type: integer}, size: {type: integer}}
    read:
      id: /id
      paging: {kind: page, number_param: page, size_param: size, size: 50}
      window: {start: from, end: to, ahead: 1d, covers: /at}
)");
  const Operation* items = catalog->operation("acme.items");
  for (const char* name : {"from", "to", "page"}) CHECK(items->find_param(name)->hidden);
  CHECK_FALSE(items->find_param("size")->hidden);
  CHECK(items->read->paging.first == 1);
}

TEST_CASE("files of a directory replace the embedded connector of their name and add others") {
  const ScratchFolder folder;
  folder.write("acme.yaml", acme_file("  things: {request: GET /things, read: {id: /id}}\n"));
  folder.write("highlevel/connector.yaml",
               "connector: highlevel\nbase_url: http://127.0.0.1:9\nauth: [{kind: bearer}]\n");
  folder.write("highlevel/one.yaml",
               "connector: highlevel\noperations: {one: {request: GET /one, read: {id: /id}}}\n");
  folder.write("notes.txt", "not read");
  const CatalogLoad load = load_catalog_with(folder.path());
  REQUIRE(load.catalog != nullptr);
  CHECK(load.catalog->operation("acme.things") != nullptr);
  CHECK(load.catalog->connector("highlevel")->base_url == "http://127.0.0.1:9");
  CHECK(load.catalog->operation("highlevel.one") != nullptr);
  CHECK(load.catalog->operation("highlevel.get_contact") == nullptr);
}

TEST_CASE("a directory that cannot be read is a problem") {
  const CatalogLoad load = load_catalog_with("/nonexistent/connectors");
  CHECK(load.catalog == nullptr);
  REQUIRE(load.problems.size() == 1);
  CHECK(load.problems[0].what == "cannot be read: No such file or directory");
}

TEST_CASE("the example of the documentation loads without a problem") {
  std::ifstream stream(TRIGGERD_SOURCE "/docs/connectors.md");
  const std::string page(std::istreambuf_iterator<char>(stream), {});
  const std::size_t start = page.find("```yaml\n");
  REQUIRE(start != std::string::npos);
  const std::string example = page.substr(start + 8, page.find("\n```\n", start) - start - 8);
  CHECK(problems_text({{"connectors.md", example + "\n"}}) == "");
}

TEST_CASE("an operation describes itself as JSON and as text") {
  const auto catalog = acme_catalog(R"(
  items:
    title: List Items
    about: Lists items.
    request: GET /shops/{shop}/items
    params:
      shop: {about: The shop., fan_out: {operation: shops, value: /code}}
      limit: {type: integer, min: 1, max: 50}
    read:
      records: /items
      id: [/id, [/a, /b]]
      updated: {at: /changed, format: epoch_s}
      paging: {kind: offset, number_param: limit, size_param: limit, size: 50}
  shops: {request: GET /shops, read: {id: /code}}
)");
  const Operation& items = *catalog->operation("acme.items");
  const json shown = describe_operation(items);
  CHECK(shown["name"] == "acme.items");
  CHECK(shown["kind"] == "read");
  CHECK(shown["method"] == "GET");
  CHECK(shown["path"] == "/shops/{shop}/items");
  CHECK(shown["params"][0]["fan_out"] == json::parse(R"([{"operation":"shops","value":"/code"}])"));
  CHECK(shown["read"]["updated"] == json::parse(R"({"at":"/changed","format":"epoch_s"})"));
  CHECK(describe_operation_text(items) == R"(acme.items: List Items
Lists items.

  request     GET /shops/{shop}/items
  detects     new, changed, removed: reads the whole list and compares
  id          /id, else /a + /b
  updated     /changed
  pages       offset, 50 records a page
  facts       confirmed

parameters
  shop (text, required, can follow shops (/code))
      The shop.
  limit (integer, set by triggerd, at least 1, at most 50)
)");
}

TEST_CASE("the JSON Schema of a parameter takes its values and expressions") {
  const auto catalog = acme_catalog(
      "  items: {request: GET /a, params: {n: {type: integer, max: 5}, k: {enum: [x, y]}}, "
      "read: {id: /id}}\n");
  const Operation& items = *catalog->operation("acme.items");
  CHECK(param_json_schema(*items.find_param("n")) == json::parse(R"({"anyOf":[
      {"type":"integer","maximum":5.0},{"type":"string","pattern":"\\$\\{\\{"}]})"));
  CHECK(param_json_schema(*items.find_param("k"))["anyOf"][0] ==
        json::parse(R"({"enum":["x","y"]})"));
}
