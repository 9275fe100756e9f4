#include "triggerd/dispatch/render.h"

#include <doctest/doctest.h>

#include "dispatch/dispatch_config.h"

namespace triggerd {
namespace {

using nlohmann::json;

json event_with(json record) {
  return {{"record", std::move(record)},
          {"event", {{"id", "evt_1"}, {"key", "r1"}}},
          {"account", {{"name", "dental"}}},
          {"steps", {{"deal", {{"id", "d9"}}}}}};
}

// The request, or {"reason": why not}.
json rendered(const Step& step, const json& record) {
  const auto config = testing::test_config();
  auto with = JsonTemplate::parse(step.with, *config->expressions);
  REQUIRE(with.has_value());
  REQUIRE(config->expressions->compile().empty());
  const auto done = render_step(step, *with, *config->expressions, event_with(record), *config);
  if (!done) return {{"reason", done.error()}};
  return done->request;
}

json webhook(json with, const json& record = json::object()) {
  if (!with.contains("url")) with["url"] = "https://h.example/in";
  return rendered(testing::make_step("webhook", std::move(with)), record);
}

TEST_CASE("a webhook without a body carries the whole event as JSON") {
  const json request = webhook(json::object(), {{"id", 7}});
  CHECK(request["method"] == "POST");
  CHECK(request["url"] == "https://h.example/in");
  CHECK(request["headers"]["Content-Type"] == "application/json");
  CHECK(json::parse(request["body"].get<std::string>()) == event_with({{"id", 7}}));
  CHECK(request["action"] == "webhook");
}

TEST_CASE("a body is built from values: a value cannot add members (S-28)") {
  const std::string evil = R"(","admin":true,"x":")";
  const json request = webhook({{"body", {{"name", "${{ .record.name }}"}}}}, {{"name", evil}});
  const json body = json::parse(request["body"].get<std::string>());
  CHECK(body == json{{"name", evil}});
}

TEST_CASE(
    "JSON pasted together as a text is refused, since a value could change its shape (S-28)") {
  const json headers = {{"Content-Type", "application/json"}};
  const json pasted = webhook({{"headers", headers}, {"body", R"({"name":"${{ .record.name }}"})"}},
                              {{"name", "x"}});
  CHECK(pasted["reason"].get<std::string>().starts_with("with.body: write JSON as a map"));
  // Neighbours: one expression that is the body, a text that says nothing of JSON, a literal.
  CHECK(webhook({{"headers", headers}, {"body", "${{ .record | tojson }}"}}, {{"a", 1}})["body"] ==
        R"({"a":1})");
  const json text = webhook({{"body", "new: ${{ .record.name }}"}}, {{"name", "Ann"}});
  CHECK(text["body"] == "new: Ann");
  CHECK(text["headers"]["Content-Type"] == "text/plain; charset=utf-8");
  CHECK(webhook({{"headers", headers}, {"body", R"({"a":1})"}})["body"] == R"({"a":1})");
}

TEST_CASE("a value keeps its type when it is the whole, and is text inside text") {
  const json request = webhook(
      {{"body",
        {{"n", "${{ .record.n }}"}, {"t", "n=${{ .record.n }}"}, {"none", "${{ .record.none }}"}}}},
      {{"n", 5}});
  CHECK(json::parse(request["body"].get<std::string>()) ==
        json{{"n", 5}, {"t", "n=5"}, {"none", nullptr}});
}

TEST_CASE("data is never read again as an expression or a secret (S-27)") {
  const json record = {{"name", "${{ .steps.deal.id }} ${env:HOME} {{env.SECRET}}"}};
  const json request = webhook({{"url", "https://h.example/?q=${{ .record.name }}"},
                                {"headers", {{"X-Name", "${{ .record.name }}"}}},
                                {"body", "${{ .record.name }}"}},
                               record);
  CHECK(request["body"] == record["name"]);
  CHECK(request["headers"]["X-Name"] == record["name"]);  // a text, and no {"secret": ...}
  CHECK(request["url"] ==
        "https://h.example/?q=%24%7B%7B%20.steps.deal.id%20%7D%7D%20%24%7Benv%3AHOME"
        "%7D%20%7B%7Benv.SECRET%7D%7D");
}

TEST_CASE("a header with CR, LF or NUL out of a record sends nothing (S-26)") {
  for (const std::string& evil :
       {std::string("a\r\nX: b"), std::string("a\nb"), std::string("a\rb"), std::string("a\0b", 3),
        std::string("a\x7f")}) {
    const json request =
        webhook({{"headers", {{"X-Name", "${{ .record.name }}"}}}}, {{"name", evil}});
    CHECK(request["reason"] ==
          "with.headers.X-Name: holds a line break or another control character");
  }
  CHECK(webhook({{"headers", {{"X-Name", "${{ .record.name }}"}}}},
                {{"name", "a\tb \xC3\xA4"}})["headers"]["X-Name"] == "a\tb \xC3\xA4");
}

TEST_CASE("a header that the engine or curl owns cannot be set") {
  for (const char* name : {"Host", "content-length", "Webhook-Signature", "X-Triggerd-Attempt"}) {
    INFO(name);
    CHECK(webhook({{"headers", {{name, "x"}}}})["reason"] ==
          "with.headers." + std::string(name) + ": is set by triggerd itself");
  }
  CHECK(webhook({{"headers", {{"bad name", "x"}}}})["reason"] ==
        "with.headers.bad name: is no name of a header");
  CHECK(webhook({{"headers", {{"Authorization", "x"}}}})["headers"]["Authorization"] == "x");
}

TEST_CASE("secrets stay unread: what is stored names where they are (P6, S-26)") {
  const json request =
      webhook({{"secret", "${env:HOOK}"}, {"headers", {{"Authorization", "Bearer ${env:TOKEN}"}}}});
  CHECK(request["secret"] == "${env:HOOK}");
  CHECK(request["headers"]["Authorization"] == json{{"secret", "Bearer ${env:TOKEN}"}});
  const json literal = webhook({{"secret", "plain-text-of-the-operator"}});
  CHECK(literal.dump().find("plain-text") == std::string::npos);
}

TEST_CASE("a template error gives a reason and no request at all (DSP-20)") {
  CHECK(webhook({{"body", {{"name", "${{ .record.list[\"x\"] }}"}}}},
                {{"list", json::array({1})}})["reason"]
            .get<std::string>()
            .starts_with("with.body.name: "));
  CHECK(webhook({{"body", "${{ .record.a, .record.b }}"}})["reason"].get<std::string>().starts_with(
      "with.body: "));
  CHECK(webhook({{"url", "https://h.example/${{ .record.none }}"}})["reason"] ==
        "with.url: an expression leaves a part of the path empty");
  CHECK(webhook({{"url", "https://h.example/${{ error(\"no\") }}"}}).contains("reason"));
}

TEST_CASE("GET and DELETE carry no body unless the operator writes one") {
  CHECK(webhook({{"method", "GET"}})["body"] == "");
  CHECK(webhook({{"method", "DELETE"}, {"body", {{"a", 1}}}})["body"] == R"({"a":1})");
}

// ---- operations

TEST_CASE(
    "an operation is rendered to its final path, headers and body; the account fills its keys") {
  const json request =
      rendered(testing::make_step("crm.upsert_deal",
                                  {{"name", "${{ .record.name }}"}, {"value", "${{ .record.v }}"}}),
               {{"name", "Ann"}, {"v", 12.5}});
  CHECK(request["account"] == "dental");
  CHECK(request["path"] == "/deals");
  CHECK(request["headers"]["Version"] == "2021-07-28");
  CHECK(json::parse(request["body"].get<std::string>()) ==
        json{{"name", "Ann"}, {"value", 12.5}, {"locationId", "loc-dental"}});
  CHECK(request["params"]["locationId"] == "loc-dental");
}

TEST_CASE("a step's own account is used instead of the record's") {
  Step step = testing::make_step("crm.upsert_deal", {{"name", "x"}});
  step.account = "clinic";
  CHECK(rendered(step, {})["account"] == "clinic");
  step.account = "nobody";
  CHECK(rendered(step, {})["reason"] == "with.account: there is no account nobody any more");
}

TEST_CASE("a missing or ill-typed parameter sends nothing (DSP-20)") {
  const json no_value = rendered(
      testing::make_step("crm.upsert_deal", {{"name", "${{ .record.none }}"}}), json::object());
  CHECK(no_value["reason"] == "with.parameter `name` is missing");
  const json ill_typed = rendered(
      testing::make_step("crm.upsert_deal", {{"name", "x"}, {"value", "${{ .record.v }}"}}),
      {{"v", "much"}});
  CHECK(ill_typed["reason"].get<std::string>().starts_with("with.parameter `value` "));
  CHECK(rendered(testing::make_step("crm.none", json::object()), {})["reason"] ==
        "with.action: no connector has an operation crm.none");
}

TEST_CASE("a field is cleared where the file says null, not where an expression finds nothing") {
  const auto body = [](const json& value) {
    const Step step = testing::make_step("crm.upsert_deal", {{"name", "x"}, {"value", value}});
    return json::parse(rendered(step, json::object())["body"].get<std::string>());
  };
  CHECK(body(nullptr).contains("value"));
  CHECK(body(nullptr)["value"].is_null());
  CHECK_FALSE(body("${{ .record.none }}").contains("value"));
}

TEST_CASE("a path parameter is percent-encoded and cannot climb (S-19)") {
  const Step step =
      testing::make_step("crm.add_note", {{"contactId", "${{ .record.id }}"}, {"body", "hello"}});
  CHECK(rendered(step, {{"id", "a/../b?c"}})["path"] == "/contacts/a%2F..%2Fb%3Fc/notes");
  CHECK(rendered(step, {{"id", ".."}}).contains("reason"));
}

// ---- exec, file, log

TEST_CASE("the arguments of a program are the operator's, whatever a record holds (S-23)") {
  const json command = json::array({"/bin/run", "--flag", "${{ .record.name }}"});
  for (const char* evil : {"; rm -rf /", "$(touch /tmp/x)", "`id`", "-rf", "a\nb"}) {
    const json request =
        rendered(testing::make_step("exec", {{"command", command}}), {{"name", evil}});
    CHECK(request["command"] == command);
    CHECK(json::parse(request["input"].get<std::string>())["record"]["name"] == evil);
  }
  CHECK(rendered(testing::make_step("exec", {{"command", json::array({"run"})}}), {})["reason"] ==
        "with.command: the program must be an absolute path");
}

TEST_CASE("a program's variables have the operator's names; values are bounded (S-23, S-25)") {
  const auto with_env = [](const json& env, const json& record) {
    return rendered(
        testing::make_step("exec", {{"command", json::array({"/bin/run"})}, {"env", env}}), record);
  };
  const json env = {{"NAME", "${{ .record.name }}"}};
  CHECK(with_env(env, {{"name", "LD_PRELOAD=/x"}})["env"]["NAME"] == "LD_PRELOAD=/x");
  CHECK(with_env(env, {{"name", std::string(32 * 1024, 'x')}}).contains("env"));
  CHECK(with_env(env, {{"name", std::string(32 * 1024 + 1, 'x')}})["reason"] ==
        "with.env.NAME: is above 32 KiB; read it from standard input");
  CHECK(with_env(env, {{"name", std::string("a\0b", 3)}})["reason"] ==
        "with.env.NAME: holds a NUL character");
  CHECK(with_env({{"TRIGGERD_KEY", "x"}}, {})["reason"] ==
        "with.env.TRIGGERD_KEY: is set by triggerd itself");
  CHECK(with_env({{"KEY", "${env:KEY}"}}, {})["env"]["KEY"] == json{{"secret", "${env:KEY}"}});
}

TEST_CASE("a record cannot choose the folder of a file (S-29)") {
  const auto path_for = [](const std::string& id) {
    return rendered(testing::make_step("file", {{"path", "out/${{ .record.id }}.jsonl"}}),
                    {{"id", id}});
  };
  CHECK(path_for("a")["path"] == "out/a.jsonl");
  CHECK(path_for("a")["mode"] == "append");
  for (const char* evil : {"../x", "/etc/passwd", "a/b", ".."}) {
    INFO(evil);
    const json request = path_for(evil);
    // Without a slash the name goes on to write_file, which knows the rules of names.
    if (!request.contains("reason")) CHECK(request["path"].get<std::string>().rfind('/') == 3);
  }
  CHECK(path_for("../x")["reason"] == "with.path: an expression must not give a \"/\"");
}

TEST_CASE("a file's text is the event as JSON, or what `line` says") {
  const json line = rendered(
      testing::make_step("file", {{"path", "a.jsonl"}, {"line", {{"id", "${{ .record.id }}"}}}}),
      {{"id", 4}});
  CHECK(line["text"] == R"({"id":4})");
  const json event =
      rendered(testing::make_step("file", {{"path", "out/"}, {"mode", "per_event"}}), {{"id", 4}});
  CHECK(event["mode"] == "per_event");
  CHECK(json::parse(event["text"].get<std::string>()) == event_with({{"id", 4}}));
}

TEST_CASE("a log step renders its message") {
  CHECK(rendered(testing::make_step("log", {{"message", "new ${{ .record.id }}"}}),
                 {{"id", 4}})["message"] == "new 4");
}

}  // namespace
}  // namespace triggerd
