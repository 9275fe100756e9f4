#include "triggerd/poll/reply_kind.h"

#include <doctest/doctest.h>

#include "poll/operations.h"

using namespace triggerd;

namespace {

ReplyMeaning meaning_of(const HttpReply& reply, const Operation& operation = list_operation(),
                        const Connector& connector = {}) {
  return read_reply(reply, operation, connector);
}

HttpReply failed(HttpFailure failure) {
  HttpReply reply;
  reply.failure = failure;
  return reply;
}

ErrorRule rule_of(std::vector<int> statuses, std::string at, ErrorClass means) {
  ErrorRule rule;
  rule.statuses = std::move(statuses);
  rule.at = std::move(at);
  rule.means = means;
  return rule;
}

Operation write_operation() {
  Operation operation;
  operation.kind = OperationKind::write;
  operation.write.emplace();
  return operation;
}

}  // namespace

TEST_CASE("FET-12 FET-13 without a rule the status alone says what an answer means") {
  struct Row {
    int status;
    ReplyKind kind;
  };
  for (const Row& row : {
           Row{100, ReplyKind::not_understood}, Row{200, ReplyKind::page},
           Row{201, ReplyKind::page},           Row{301, ReplyKind::refused},
           Row{304, ReplyKind::not_modified},   Row{307, ReplyKind::refused},
           Row{400, ReplyKind::refused},        Row{401, ReplyKind::unauthorised},
           Row{403, ReplyKind::refused},        Row{404, ReplyKind::refused},
           Row{408, ReplyKind::transient},      Row{410, ReplyKind::refused},
           Row{422, ReplyKind::refused},        Row{425, ReplyKind::transient},
           Row{429, ReplyKind::throttled},      Row{500, ReplyKind::transient},
           Row{502, ReplyKind::transient},      Row{503, ReplyKind::transient},
           Row{504, ReplyKind::transient},      Row{522, ReplyKind::transient},
           Row{600, ReplyKind::not_understood}, Row{0, ReplyKind::not_understood},
       }) {
    CAPTURE(row.status);
    CHECK(to_text(meaning_of(reply_of("{}", row.status)).kind) == to_text(row.kind));
  }
}

TEST_CASE("FET-11 no content says something of an object only, and a part is never a whole") {
  CHECK(meaning_of(reply_of("", 204)).kind == ReplyKind::not_understood);
  CHECK(meaning_of(reply_of("", 204), object_operation()).kind == ReplyKind::absent);
  CHECK(meaning_of(reply_of("{}", 205)).kind == ReplyKind::not_understood);
  CHECK(meaning_of(reply_of("{}", 206), object_operation()).kind == ReplyKind::not_understood);
  CHECK(meaning_of(reply_of("", 204), write_operation()).kind == ReplyKind::page);
}

TEST_CASE("FET-11 a page for people is no answer to a write, whatever its status says") {
  const auto kind = [](const std::string& body, const char* type) {
    HttpReply reply = reply_of(body, 200);
    reply.headers.clear();
    if (*type != '\0') reply.headers.push_back({"content-type", type, false});
    return meaning_of(reply, write_operation()).kind;
  };
  CHECK(kind("<html>Log in</html>", "text/html; charset=utf-8") == ReplyKind::not_understood);
  CHECK(kind("Back in a minute", "Text/HTML") == ReplyKind::not_understood);
  CHECK(kind("\n<!doctype html>", "") == ReplyKind::not_understood);
  CHECK(kind(R"({"ok":true})", "text/html") == ReplyKind::page);
  CHECK(kind("", "text/html") == ReplyKind::page);
  CHECK(kind("<done/>", "application/xml") == ReplyKind::page);
  CHECK(kind("ok", "text/plain") == ReplyKind::page);
  CHECK(kind("ok", "") == ReplyKind::page);
  HttpReply login = reply_of("<html>", 200);
  login.headers = {{"Content-Type", "text/html", false}};
  CHECK(meaning_of(login, write_operation()).reason ==
        "HTTP 200: an HTML page instead of an answer");
}

TEST_CASE(
    "an answer that did not arrive whole is tried again, unless the request can never be right") {
  for (const HttpFailure failure :
       {HttpFailure::resolve, HttpFailure::connect, HttpFailure::tls, HttpFailure::timeout,
        HttpFailure::cut_short, HttpFailure::broken}) {
    CHECK(meaning_of(failed(failure)).kind == ReplyKind::transient);
    CHECK(meaning_of(failed(failure)).reason == to_text(failure));
  }
  CHECK(meaning_of(failed(HttpFailure::refused_url)).kind == ReplyKind::refused);
  CHECK(meaning_of(failed(HttpFailure::too_large)).kind == ReplyKind::not_understood);
}

TEST_CASE("FET-14 the stated wait comes with the meaning") {
  HttpReply reply = reply_of("{}", 429);
  reply.headers.push_back({"Retry-After", "7", false});
  CHECK(meaning_of(reply).wait == Millis{7'000});
  CHECK_FALSE(meaning_of(reply_of("{}", 429)).wait);
}

TEST_CASE("the operation's rules come before the connector's, and both before the status") {
  Operation operation = list_operation();
  Connector connector;
  connector.errors = {rule_of({404}, "", ErrorClass::transient),
                      rule_of({500}, "", ErrorClass::permanent)};
  operation.errors = {rule_of({404}, "", ErrorClass::absent)};
  CHECK(meaning_of(reply_of("{}", 404), operation, connector).kind == ReplyKind::absent);
  CHECK(meaning_of(reply_of("{}", 500), operation, connector).kind == ReplyKind::refused);
  CHECK(meaning_of(reply_of("{}", 400), operation, connector).kind == ReplyKind::refused);
}

TEST_CASE("a rule can ask for a member of the body, equal to or holding a text") {
  Operation operation = list_operation();
  ErrorRule scope = rule_of({401}, "/message", ErrorClass::permanent);
  scope.contains = {"not authorized for this scope"};
  ErrorRule code = rule_of({400}, "/error/code", ErrorClass::auth);
  code.equals = {"Errors.Authorization.NoToken", "17"};
  operation.errors = {scope, code};
  const auto kind = [&](const char* body, int status) {
    return meaning_of(reply_of(body, status), operation).kind;
  };
  CHECK(kind(R"({"message":"The token is Not Authorized for this scope."})", 401) ==
        ReplyKind::refused);
  CHECK(kind(R"({"message":["x","not authorized for this scope"]})", 401) == ReplyKind::refused);
  CHECK(kind(R"({"message":"Invalid JWT"})", 401) == ReplyKind::unauthorised);
  CHECK(kind("<html>", 401) == ReplyKind::unauthorised);
  CHECK(kind(R"({"error":{"code":"Errors.Authorization.NoToken"}})", 400) ==
        ReplyKind::unauthorised);
  CHECK(kind(R"({"error":{"code":17}})", 400) == ReplyKind::unauthorised);
  CHECK(kind(R"({"error":{"code":"Errors.Authorization.NoTokenAtAll"}})", 400) ==
        ReplyKind::refused);
}

TEST_CASE("FET-15 a member that says error counts with status 200 too, unless it is empty") {
  Operation operation = list_operation();
  operation.errors = {rule_of({}, "/errors", ErrorClass::permanent)};
  const auto kind = [&](const char* body) { return meaning_of(reply_of(body), operation).kind; };
  CHECK(kind(R"({"errors":[{"message":"no such field"}]})") == ReplyKind::refused);
  CHECK(kind(R"({"errors":[],"data":{}})") == ReplyKind::page);
  CHECK(kind(R"({"errors":null,"data":{}})") == ReplyKind::page);
  CHECK(kind(R"({"data":{"errors":[1]}})") == ReplyKind::page);
}

TEST_CASE(
    "the reason is one bounded line with what the app says, without queries and long tokens") {
  CHECK(meaning_of(reply_of(R"({"message":"limit must\nnot be empty"})", 422)).reason ==
        "HTTP 422: limit must not be empty");
  CHECK(meaning_of(reply_of(R"({"message":["first","second"]})", 400)).reason == "HTTP 400: first");
  CHECK(meaning_of(reply_of("<html>", 502)).reason == "HTTP 502");
  CHECK(meaning_of(json_reply(nlohmann::json{{"message", std::string(2'000, 'x') + " y"}}, 400))
            .reason == "HTTP 400: [...] y");
  std::string words;
  while (words.size() < 2'000) words += "é ";
  const std::string reason = meaning_of(json_reply(nlohmann::json{{"message", words}}, 400)).reason;
  CHECK(reason.size() <= 512);
  CHECK(reason.size() > 500);
  CHECK_NOTHROW(nlohmann::json(reason).dump());
  HttpReply moved = reply_of("", 302);
  moved.headers.push_back({"Location", "https://evil.example/login?token=abc", false});
  CHECK(meaning_of(moved).reason ==
        "HTTP 302: redirects to https://evil.example/login, which is never followed");
}
