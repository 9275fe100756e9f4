#include "triggerd/account/authorization.h"

#include <doctest/doctest.h>

using namespace triggerd;

namespace {

Account account_with(const AuthRule& rule) {
  Account account;
  account.base_url = "https://api.example.com/v2/";
  account.pool = "pool-7";
  account.auth = &rule;
  account.secrets.emplace("token", Secret("s3cret&x"));
  account.secrets.emplace("username", Secret("Aladdin"));
  account.secrets.emplace("password", Secret("open sesame"));
  return account;
}

HttpRequest authorised(const AuthRule& rule, const Operation& operation = {}) {
  const Account account = account_with(rule);
  HttpRequest request;
  request.url = "/contacts/?limit=20";
  authorise_request(request, account, operation);
  return request;
}

AuthRule rule_of(AuthKind kind, std::vector<std::string> fields) {
  AuthRule rule;
  rule.kind = kind;
  rule.fields = std::move(fields);
  return rule;
}

}  // namespace

TEST_CASE("the path becomes absolute below the account's base URL, in the account's pool") {
  const HttpRequest request = authorised(rule_of(AuthKind::none, {}));
  CHECK(request.url == "https://api.example.com/v2/contacts/?limit=20");
  CHECK(request.pool == "pool-7");
  CHECK(request.headers.empty());
}

TEST_CASE("each kind of credential stands where its app wants it, marked as secret") {
  SUBCASE("bearer") {
    const HttpRequest request = authorised(rule_of(AuthKind::bearer, {"token"}));
    REQUIRE(request.headers.size() == 1);
    CHECK(request.headers[0].name == "Authorization");
    CHECK(request.headers[0].value == "Bearer s3cret&x");
    CHECK(request.headers[0].secret);
  }
  SUBCASE("basic") {
    const HttpRequest request = authorised(rule_of(AuthKind::basic, {"username", "password"}));
    REQUIRE(request.headers.size() == 1);
    CHECK(request.headers[0].value == "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==");
    CHECK(request.headers[0].secret);
  }
  SUBCASE("a key in a header of its own") {
    AuthRule rule = rule_of(AuthKind::header_key, {"token"});
    rule.header = "AccessToken";
    rule.prefix = "Key ";
    const HttpRequest request = authorised(rule);
    REQUIRE(request.headers.size() == 1);
    CHECK(request.headers[0].name == "AccessToken");
    CHECK(request.headers[0].value == "Key s3cret&x");
    CHECK(request.headers[0].secret);
  }
  SUBCASE("a key in the query") {
    AuthRule rule = rule_of(AuthKind::query_key, {"token"});
    rule.query = "api_key";
    const HttpRequest request = authorised(rule);
    CHECK(request.url == "https://api.example.com/v2/contacts/?limit=20&api_key=s3cret%26x");
    CHECK(request.headers.empty());
  }
}

TEST_CASE("fixed headers are added once, whatever the case of their names") {
  Operation operation;
  operation.headers = {{"Version", "2021-07-28"}, {"Accept", "application/json"}};
  const AuthRule rule = rule_of(AuthKind::none, {});
  const Account account = account_with(rule);
  HttpRequest request;
  request.url = "/contacts/";
  request.headers.push_back({"version", "2021-04-15", false});
  authorise_request(request, account, operation);
  REQUIRE(request.headers.size() == 2);
  CHECK(request.headers[0].value == "2021-04-15");
  CHECK(request.headers[1].name == "Accept");
}
