// What the file says of writes and of how their values are sent.
#include <nlohmann/json.hpp>

#include "catalog/problem_samples.h"
#include "triggerd/catalog/describe.h"
#include "triggerd/catalog/request.h"

using namespace triggerd;
using nlohmann::json;

namespace {

std::string writing(const std::string& params, const std::string& write) {
  return acme_file("  make:\n    request: POST /items\n    params:\n" + params +
                   "    write: " + write + "\n");
}

constexpr const char* kMake = R"(  make:
    request: POST /items
    params:
      name: {nullable: true}
      due: {format: "%Y-%m-%dT%H:%M:%SZ"}
      twice: {type: boolean}
      mode: {in: query}
    one_of: [name, due]
    write: {retry_safe: true, unsafe_with: {twice: true}}
)";

std::string body_of(const json& values) {
  const auto catalog = acme_catalog(kMake);
  const auto request = build_request(*catalog->operation("acme.make"), values);
  return request ? request->body : request.error();
}

}  // namespace

TEST_CASE("unsafe_with holds values of parameters, of a write that is safe to repeat otherwise") {
  CHECK(problems(writing("      twice: {type: boolean}\n",
                         "{retry_safe: true, unsafe_with: {twic: true}}")) ==
        "acme.yaml:9:45: make.write: `twic` is not a parameter of make\n"
        "  hint: did you mean `twice`?\n");
  CHECK(problems(writing("      twice: {type: boolean}\n",
                         "{retry_safe: true, unsafe_with: {twice: 3}}")) ==
        "acme.yaml:9:52: make.write: unsafe_with.twice: must be true or false\n");
  CHECK(problems(writing("      twice: {type: boolean}\n", "{unsafe_with: {twice: true}}")) ==
        "acme.yaml:9:26: make.write.unsafe_with: needs `retry_safe: true`: without it nothing is "
        "repeated anyway\n");
}

TEST_CASE("nullable is for a JSON body, format for times") {
  CHECK(problems(writing("      mode: {in: query, nullable: true}\n", "{}")) ==
        "acme.yaml:8:35: make.params.mode.nullable: is for parameters of a JSON body\n");
  CHECK(problems(writing("      due: {type: integer, format: epoch}\n", "{}")) ==
        "acme.yaml:8:36: make.params.due.format: `epoch` is not one of iso8601, epoch_s, epoch_ms, "
        "epoch_us, date, date_time, number, or a pattern with %\n");
  CHECK(problems(writing("      due: {type: integer, format: date}\n", "{}")) ==
        "acme.yaml:8:36: make.params.due.format: is for times, which are of type text or any\n");
}

TEST_CASE("a null that is given clears a field that can be cleared, and is left out elsewhere") {
  CHECK(body_of({{"name", nullptr}, {"due", "2026-03-01T09:30:00Z"}, {"twice", nullptr}}) ==
        R"({"due":"2026-03-01T09:30:00Z","name":null})");
  CHECK(body_of({{"due", "2026-03-01T09:30:00Z"}}) == R"({"due":"2026-03-01T09:30:00Z"})");
}

TEST_CASE("a parameter that is required and nullable must be given, if only as null") {
  const auto catalog = acme_catalog(R"(  link:
    request: POST /links
    params:
      to: {required: true, nullable: true}
    write: {}
)");
  const Operation& link = *catalog->operation("acme.link");
  CHECK(build_request(link, {{"to", nullptr}})->body == R"({"to":null})");
  CHECK(build_request(link, {{"to", "x"}})->body == R"({"to":"x"})");
  CHECK(build_request(link, json::object()).error() == "parameter `to` is missing");
}

TEST_CASE("a time is sent in the parameter's format, however it is spelt") {
  for (const json& time :
       {json("2026-03-01T09:30:00.123Z"), json("2026-03-01T10:30:00+01:00"), json(1772357400123)}) {
    CAPTURE(time.dump());
    CHECK(body_of({{"due", time}}) == R"({"due":"2026-03-01T09:30:00Z"})");
  }
  CHECK(body_of({{"due", "next week"}}) ==
        "parameter `due` must be a time, as in 2026-03-01T09:30:00Z");
  const auto catalog = acme_catalog(kMake);
  const Param& due = *catalog->operation("acme.make")->find_param("due");
  CHECK(check_param_value(due, "soon") == "must be a time, as in 2026-03-01T09:30:00Z");
  CHECK(check_param_value(due, "${{ .record.due }}") == "");
}

TEST_CASE("without any of the parameters of which one must be given nothing is sent") {
  CHECK(body_of({{"twice", true}}) == "one of the parameters name, due must be given");
  CHECK(body_of({{"name", nullptr}, {"due", ""}}) ==
        "one of the parameters name, due must be given");
}

TEST_CASE("a write repeats safely but for the values that make it unsafe") {
  const auto catalog = acme_catalog(kMake);
  const WriteRules& rules = *catalog->operation("acme.make")->write;
  CHECK(rules.repeats_safely({{"name", "x"}}));
  CHECK(rules.repeats_safely({{"twice", false}}));
  CHECK_FALSE(rules.repeats_safely({{"twice", true}}));
  CHECK_FALSE(rules.repeats_safely({{"twice", "true"}}));
  CHECK_FALSE(WriteRules{}.repeats_safely(json::object()));
}

TEST_CASE("what a write says of repeats, nulls and times is described") {
  const auto catalog = acme_catalog(kMake);
  const json shown = describe_operation(*catalog->operation("acme.make"));
  CHECK(shown["write"]["unsafe_with"] == json{{"twice", true}});
  CHECK(shown["params"][0]["nullable"] == true);
  CHECK(shown["params"][1]["format"] == "%Y-%m-%dT%H:%M:%SZ");
  const std::string text = describe_operation_text(*catalog->operation("acme.make"));
  CHECK(text.find("does no harm, but with twice: true it may act twice") != std::string::npos);
  CHECK(text.find("name (text, null clears it)") != std::string::npos);
  CHECK(text.find("due (text, a time)") != std::string::npos);
}

TEST_CASE("`record` names read operations and a parameter of the write") {
  const std::string wrong =
      problems(writing("      name: Its name.\n", "{record: {of: [make, itms], param: nam}}"));
  CHECK(wrong.find("make.write.record.of: `make` is not a read operation") != std::string::npos);
  CHECK(wrong.find("`itms` is not an operation of acme") != std::string::npos);
  CHECK(wrong.find("`nam` is not a parameter of make") != std::string::npos);
  CHECK(problems(writing("      name: Its name.\n", "{record: {at: /item}}"))
            .find("`of` is missing") != std::string::npos);
  const auto catalog = acme_catalog(R"(  get:
    request: GET /items/{id}
    params: {id: Its id.}
    read: {shape: object, id: /id}
  make:
    request: POST /items
    params: {name: Its name.}
    write: {record: {of: get, at: /item, made_at: /new}}
)");
  const std::optional<TouchedRecord>& record = catalog->operation("acme.make")->write->record;
  REQUIRE(record.has_value());
  CHECK(record->of == std::vector<std::string>{"acme.get"});
  CHECK(record->id == "/id");
  CHECK(describe_operation(*catalog->operation("acme.make"))["write"]["record"]["at"] == "/item");
}

TEST_CASE("a list of maps may be written as one map, whose nulls are left out") {
  const auto catalog = acme_catalog(R"(  make:
    request: POST /items
    params:
      fields: {type: list, map_as: [key, field_value]}
    write: {}
)");
  const Operation& make = *catalog->operation("acme.make");
  const auto body = [&](const json& fields) {
    return build_request(make, {{"fields", fields}})->body;
  };
  const std::string both =
      R"({"fields":[{"field_value":41,"key":"size"},{"field_value":"red","key":"tint"}]})";
  CHECK(body({{"size", 41}, {"tint", "red"}, {"none", nullptr}}) == both);
  CHECK(body(json::parse(
            R"([{"field_value":41,"key":"size"},{"field_value":"red","key":"tint"}])")) == both);
  CHECK(body({{"id", "f1"}, {"field_value", 1}}) == R"({"fields":[{"field_value":1,"id":"f1"}]})");
  CHECK(check_param_value(*make.find_param("fields"), {{"size", 41}}).empty());
  CHECK(problems(writing("      f: {type: list, map_as: [key]}\n", "{}")) ==
        "acme.yaml:8:31: make.params.f.map_as: must be two names: of the key's member and of the "
        "value's\n");
  CHECK(problems(writing("      f: {map_as: [key, value]}\n", "{}")) ==
        "acme.yaml:8:19: make.params.f.map_as: is for parameters of type list\n");
}

constexpr const char* kFind = R"(  read_item:
    request: GET /items/{id}
    params: {id: The id., place: Where.}
    read: {shape: object, id: /id}
  look_up:
    request: POST /lookup
    params: {text: {required: true}, limit: {type: integer}}
    read: {shape: object, id: /id}
  find:
    request: GET /find
    params: {id: The id., text: Words., mail: E-mail., place: Where.}
    alternatives:
      - {param: id, operation: read_item}
      - {param: text, operation: look_up, with: {limit: 1}}
    write: {absent: 404, result: [/item, /items/0]}
)";

TEST_CASE("another operation is asked where a parameter has a value, with what both know") {
  const auto catalog = acme_catalog(kFind);
  const Operation& find = *catalog->operation("acme.find");
  const auto asked = [&](const json& values) {
    const auto request = build_request(find, values);
    return request->method + " " + request->url + " " + request->body;
  };
  CHECK(asked({{"id", "i1"}, {"text", "a"}, {"place", "p"}}) == "GET /items/i1?place=p ");
  CHECK(asked({{"id", nullptr}, {"text", "a"}, {"place", "p"}}) ==
        R"(POST /lookup {"limit":1,"text":"a"})");
  CHECK(asked({{"id", ""}, {"mail", "m"}, {"text", nullptr}}) == "GET /find?id=&mail=m ");
  CHECK(find.write->result == std::vector<std::string>{"/item", "/items/0"});
  CHECK(find.errors.back().statuses == std::vector<int>{404});
  CHECK(find.errors.back().means == ErrorClass::absent);
  CHECK(describe_operation(find)["alternatives"][1]["operation"] == "look_up");
  const std::string text = describe_operation_text(find);
  CHECK(text.find("with text   asks look_up") != std::string::npos);
}

TEST_CASE("alternatives and steps behind a step name what there is") {
  const std::string head =
      "  make:\n    request: POST /items\n    params:\n      name: Its name.\n";
  CHECK(problems(acme_file(head + "    alternatives: [{param: nam, operation: mak}]\n"
                                  "    write: {}\n")) ==
        "acme.yaml:9:28: make.alternatives[0]: `nam` is not a parameter of make\n"
        "  hint: did you mean `name`?\n"
        "acme.yaml:9:44: make.alternatives[0]: `mak` is not an operation of acme\n"
        "  hint: did you mean `make`?\n");
  CHECK(problems(acme_file(head + "      tags: {type: list, then: {operation: make, param: nam, "
                                  "with: {name: id}}}\n    write: {}\n")) ==
        "acme.yaml:9:44: make.params.tags.then: `nam` is not a parameter of make\n"
        "  hint: did you mean `name`?\n"
        "acme.yaml:9:75: make.params.tags.then: with.name: must be a pointer into the answer, such "
        "as /contact/id\n");
}

TEST_CASE("a parameter that is a step of its own is no part of the request") {
  const auto catalog = acme_catalog(R"(  tag:
    request: POST /items/{id}/tags
    params: {id: The id., tags: {type: list}}
    write: {}
  make:
    request: POST /items
    params:
      name: Its name.
      tags: {type: list, then: {operation: tag, param: tags, with: {id: /item/id}}}
    write: {}
)");
  const Operation& make = *catalog->operation("acme.make");
  CHECK(build_request(make, {{"name", "n"}, {"tags", {"a"}}})->body == R"({"name":"n"})");
  CHECK(describe_operation(make)["params"][1]["then"] ==
        json{{"operation", "tag"}, {"param", "tags"}});
}
