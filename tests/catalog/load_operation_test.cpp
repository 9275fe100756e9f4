#include <nlohmann/json.hpp>

#include "catalog/problem_samples.h"

using namespace triggerd;

TEST_CASE("a request is a known method and a path whose placeholders are parameters, both ways") {
  CHECK(problems(acme_file("  items:\n    request: GTE /items\n    read: {id: /id}\n")) ==
        R"(acme.yaml:6:14: items.request: `GTE` is not GET, POST, PUT, PATCH or DELETE
  hint: did you mean `GET`?
)");
  CHECK(problems(acme_file("  items:\n    request: GET items?limit=1\n    read: {id: /id}\n")) ==
        R"(acme.yaml:6:14: items.request: the path must begin with one slash
  hint: write it as `GET /path`
acme.yaml:6:14: items.request: the path must not hold a query, a fragment or blanks
  hint: parameters go under `params:`
)");
  CHECK(problems(acme_file("  items:\n    request: GET /a/{b}/{c\n    params: {d: {in: path}}\n    "
                           "read: {id: /id}\n")) ==
        R"(acme.yaml:6:14: items.request: `{` in the path is not closed with `}`
acme.yaml:6:14: items.request: `{b}` of the path is not described under `params`
acme.yaml:7:13: items.params: `d` is a path parameter, but the path has no `{d}`
)");
}

TEST_CASE("an operation has a plain name and is either a read or a write") {
  CHECK(problems(acme_file("  Items:\n    request: GET /items\n    read: {id: /id}\n")) ==
        R"(acme.yaml:5:3: `Items` is not a name of an operation
  hint: names are of a-z, 0-9 and _, and begin with a letter
)");
  CHECK(problems(acme_file("  items:\n    request: GET /items\n  both: {request: GET /x, read: "
                           "{id: /id}, write: {}}\n")) ==
        R"(acme.yaml:6:5: items: needs `read:` or `write:`
acme.yaml:7:9: both: has both `read` and `write`; it must be one of them
)");
}

TEST_CASE("a parameter has a known place and type, and its values fit it") {
  CHECK(problems(with_lines(
            "    params:\n      a: {type: int}\n      b: {in: url}\n      c: {type: "
            "integer, default: x}\n      d: {enum: [1, x], type: integer}\n      e: {min: "
            "5, max: 1, type: integer}\n      f: {at: /f}\n      g: {from_account: "
            "shop}\n      h: {from_account: shop, type: integer}\n      i: [1]\n")) ==
        "acme.yaml:9:17: items.params.a.type: `int` is not one of text, integer, "
        "number, boolean, list, object, any\n"
        "acme.yaml:10:15: items.params.b.in: `url` is not one of path, query, header, "
        "body\n"
        "acme.yaml:11:35: items.params.c.default: must be a whole number\n"
        "acme.yaml:12:17: items.params.d.enum: `x` must be a whole number\n"
        "acme.yaml:13:16: items.params.e.min: is above `max`\n"
        "acme.yaml:14:15: items.params.f.at: is for parameters in the body alone\n"
        "acme.yaml:15:25: items.params.g.from_account: `shop` is not a key of an "
        "account\n"
        "acme.yaml:16:25: items.params.h.from_account: `shop` is not a key of an "
        "account\n"
        "acme.yaml:16:25: items.params.h.from_account: only a text parameter can be "
        "filled from the account\n"
        "acme.yaml:17:10: items.params.i: must be a map (`key: value` lines), but is a "
        "list\n");
}

// Lists of values under `defaults`, and one parameter whose `enum` is this.
std::string with_enums(const std::string& enums, const std::string& named) {
  return acme_file("  items:\n    request: GET /items\n    params: {a: {enum: " + named +
                   "}}\n    read: {id: /id}\ndefaults:\n  enums: " + enums + "\n");
}

TEST_CASE("a parameter's values can be a list that the file names once") {
  const std::string colours = "{colours: [red, blue], sizes: [1, 2]}";
  const CatalogLoad load = load_catalog({{"acme.yaml", with_enums(colours, "colours")}});
  REQUIRE(load.catalog != nullptr);
  CHECK(load.catalog->operation("acme.items")->find_param("a")->choices ==
        std::vector<nlohmann::json>{"red", "blue"});
  CHECK(problems(with_enums(colours, "colour")) ==
        "acme.yaml:7:24: items.params.a.enum: there is no list `colour` under `defaults.enums`\n"
        "  hint: did you mean `colours`?\n");
  CHECK(problems(with_enums(colours, "5")) ==
        "acme.yaml:7:24: items.params.a.enum: must be a list, or the name of one under "
        "`defaults.enums`\n");
  CHECK(problems(with_enums("{colours: red}", "[red]")) ==
        "acme.yaml:10:11: defaults: `enums.colours` must be a list\n");
}

TEST_CASE("a secret is a text of a JSON body, or texts in a map of one") {
  const auto with_params = [](const std::string& params) {
    return acme_file("  items:\n    request: POST /items\n    params: {" + params +
                     "}\n    write: {}\n");
  };
  const std::string right =
      "a: {secret: true}, b: {type: object, secret: [/x, /y/z]}, c: {secret: "
      "false}";
  const CatalogLoad load = load_catalog({{"acme.yaml", with_params(right)}});
  REQUIRE(load.catalog != nullptr);
  const Operation& items = *load.catalog->operation("acme.items");
  CHECK(items.find_param("a")->secret_at == std::vector<std::string>{""});
  CHECK(items.find_param("b")->secret_at == std::vector<std::string>{"/x", "/y/z"});
  CHECK(items.find_param("c")->secret_at.empty());
  CHECK(problems(with_params("a: {secret: true, type: object}, b: {secret: /x}")) ==
        "acme.yaml:7:26: items.params.a.secret: is for parameters of type text; name the secrets "
        "in a map by pointers\n"
        "acme.yaml:7:59: items.params.b.secret: pointers are for parameters of type object\n");
  CHECK(problems(with_params("a: {secret: true, in: query}")) ==
        "acme.yaml:7:26: items.params.a.secret: is for parameters of a JSON body\n");
}

TEST_CASE("one_of names two or more optional parameters") {
  CHECK(problems(with_lines(
            "    params: {alpha: x, beta: {required: true}}\n    one_of: [alpah, beta]\n")) ==
        R"(acme.yaml:9:13: items: `alpah` is not a parameter of items
  hint: did you mean `alpha`?
acme.yaml:9:13: items: one_of: `beta` is required anyway
)");
  CHECK(problems(with_lines("    params: {alpha: x}\n    one_of: alpha\n")) ==
        R"(acme.yaml:9:13: items.one_of: needs at least two parameters
)");
}

TEST_CASE("fan_out names read operations of the connector") {
  CHECK(problems(with_lines("    params: {a: {fan_out: item}, b: {fan_out: {operation: make, "
                            "value: id}}}\n  make: {request: POST /items, write: {}}\n")) ==
        R"(acme.yaml:8:27: items.params.a.fan_out: `item` is not an operation of acme
  hint: did you mean `items`?
acme.yaml:8:59: items.params.b.fan_out: `make` is not a read operation
acme.yaml:8:72: items.params.b.fan_out.value: `id` is not a JSON pointer
  hint: write `/id`
)");
}

TEST_CASE("a body has a known kind that holds its parameters") {
  CHECK(problems(acme_file("  items:\n    request: POST /items\n    body: xml\n    params: {a: "
                           "x}\n    write: {}\n")) ==
        R"(acme.yaml:7:11: items.body: `xml` is not one of none, json, form, text, graphql
acme.yaml:7:11: items.body: is none, but there are parameters in the body
)");
  CHECK(problems(acme_file("  items:\n    request: POST /items\n    body: none\n    params: {a: "
                           "x}\n    write: {}\n")) ==
        R"(acme.yaml:7:11: items.body: is none, but there are parameters in the body
)");
  CHECK(problems(acme_file("  items:\n    request: POST /graphql\n    body: {kind: graphql, fixed: "
                           "[1]}\n    write: {}\n")) ==
        R"(acme.yaml:7:34: items.body.fixed: a GraphQL body needs the member `query`
acme.yaml:7:34: items.body.fixed: must be a map, or in a JSON body a list of one map
)");
  for (const char* fixed : {"[]", "[{}, {}]", "[x]", "x"}) {
    CAPTURE(fixed);
    CHECK(problems(acme_file("  items:\n    request: POST /items\n    body: {fixed: " +
                             std::string(fixed) + "}\n    write: {}\n")) ==
          "acme.yaml:7:19: items.body.fixed: must be a map, or in a JSON body a list of one map\n");
  }
  CHECK(problems(acme_file("  items:\n    request: POST /items\n    body: {kind: form, fixed: [{}]}"
                           "\n    write: {}\n")) ==
        "acme.yaml:7:31: items.body.fixed: must be a map, or in a JSON body a list of one map\n");
}

TEST_CASE("headers are names with one line each") {
  CHECK(problems(with_lines("    headers: {\"X Y\": a, Z: [1], W: \"a\\nb\"}\n")) ==
        R"(acme.yaml:8:15: items: `X Y` is not a header name
acme.yaml:8:28: items: the value of header Z must be a text
acme.yaml:8:36: items: the value of header W must be one line
)");
}

TEST_CASE("token and flags are known words") {
  CHECK(problems(with_lines("    token: agency\n    deprecated: maybe\n")) ==
        R"(acme.yaml:8:12: items.token: `agency` is not one of any, location, company
acme.yaml:9:17: items.deprecated: must be true or false
)");
}
