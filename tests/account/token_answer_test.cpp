// What answers of a token endpoint mean, and what is sent to it.
#include "triggerd/account/token_answer.h"

#include <doctest/doctest.h>

#include "account/signed_in.h"

namespace triggerd {
namespace {

TEST_CASE("AUT-06: each answer of a token endpoint has its meaning") {
  struct Case {
    const char* what;
    HttpReply reply;
    TokenVerdict verdict;
  };
  const nlohmann::json grant = {{"error", "invalid_grant"}};
  const Case cases[] = {
      {"a pair", reply_of(200, pair_of("1")), TokenVerdict::granted},
      {"created", reply_of(201, pair_of("1")), TokenVerdict::granted},
      {"invalid_grant", reply_of(400, grant), TokenVerdict::lost},
      {"HighLevel's words", reply_of(400, {{"message", "Invalid grant: refresh token is invalid"}}),
       TokenVerdict::lost},
      {"401 invalid_grant", reply_of(401, grant), TokenVerdict::lost},
      {"not active", reply_of(400, {{"message", "Location is not active"}}),
       TokenVerdict::temporary},
      {"not active, described",
       reply_of(400,
                {{"error", "invalid_request"}, {"error_description", "Location is not active"}}),
       TokenVerdict::temporary},
      {"the client", reply_of(401, {{"error", "invalid_client"}}), TokenVerdict::refused},
      {"the scopes", reply_of(400, {{"error", "invalid_scope"}}), TokenVerdict::refused},
      {"401 without a word", reply_of(401, ""), TokenVerdict::temporary},
      {"403", reply_of(403, "<html>"), TokenVerdict::temporary},
      {"429", reply_of(429, ""), TokenVerdict::temporary},
      {"500", reply_of(500, grant), TokenVerdict::unclear},
      {"502", reply_of(502, "<html>Bad Gateway</html>"), TokenVerdict::unclear},
      {"a page instead", reply_of(200, "<html>Maintenance</html>"), TokenVerdict::unclear},
      {"nothing", reply_of(200, ""), TokenVerdict::unclear},
      {"no token", reply_of(200, {{"ok", true}}), TokenVerdict::unclear},
      {"an empty token", reply_of(200, {{"access_token", ""}}), TokenVerdict::unclear},
      {"a token that is none", reply_of(200, {{"access_token", "a\r\nX: y"}}),
       TokenVerdict::unclear},
      {"a redirect", reply_of(302, ""), TokenVerdict::temporary},
      {"no connection", lost_reply(HttpFailure::connect), TokenVerdict::not_sent},
      {"no name", lost_reply(HttpFailure::resolve), TokenVerdict::not_sent},
      {"no certificate", lost_reply(HttpFailure::tls), TokenVerdict::not_sent},
      {"no answer", lost_reply(HttpFailure::timeout), TokenVerdict::unclear},
      {"a cut answer", lost_reply(HttpFailure::cut_short), TokenVerdict::unclear},
      {"a reset", lost_reply(HttpFailure::broken), TokenVerdict::unclear},
  };
  const Account account = oauth_account("main");
  for (const Case& one : cases) {
    CAPTURE(one.what);
    const TokenReply reply = read_token_reply(one.reply, account);
    CHECK(to_text(reply.verdict) == to_text(one.verdict));
    CHECK(reply.reason.empty() == (one.verdict == TokenVerdict::granted));
  }
}

TEST_CASE("AUT-06: lives of tokens that are no lives are not believed") {
  TokenRequest request;
  const auto life = [&request](const nlohmann::json& stated) {
    const nlohmann::json body = {{"access_token", "a"}, {"expires_in", stated}};
    return read_grant(request, body.dump())->life;
  };
  CHECK(life(86'399) == Millis{86'399'000});
  CHECK(life("3600") == Millis{3'600'000});
  CHECK(life(1.5) == Millis{1'000});
  for (const nlohmann::json& odd : {nlohmann::json(0), nlohmann::json(-5), nlohmann::json("soon"),
                                    nlohmann::json(nullptr), nlohmann::json::array()}) {
    CHECK_FALSE(life(odd));
  }
  CHECK(life(1e12) == Millis{366LL * 24 * 3'600'000});
  request.life = Millis{60'000};
  CHECK(life(0) == Millis{60'000});
  CHECK(life(30) == Millis{30'000});
}

TEST_CASE("S-07: what a token endpoint says is told without the secrets that it repeats") {
  const Account account = oauth_account("main");
  const std::string token(60, 'x');
  const TokenReply reply = read_token_reply(
      reply_of(400, {{"error", "invalid_request"},
                     {"error_description", "no the-client-secret and " + token + " here\nplease"}}),
      account);
  CHECK(reply.reason == "HTTP 400: invalid_request: no *** and *** here please");
}

TEST_CASE("a token request is what the connector says: form or JSON, client in the body or not") {
  Account account = oauth_account("main");
  account.sign_in->request.send = {{"user_type", "Location"}};
  HttpRequest request =
      token_request(account, {{"grant_type", "refresh_token"}, {"refresh_token", "r/1"}});
  CHECK(request.method == "POST");
  CHECK(request.url == "https://app.example/token");
  CHECK(request.body ==
        "client_id=client-1&client_secret=the-client-secret&grant_type=refresh_token&"
        "refresh_token=r%2F1&user_type=Location");
  account.sign_in->request.refresh_url = "https://app.example/refresh";
  account.sign_in->request.client_as_basic = true;
  account.sign_in->request.body = BodyKind::json;
  request = token_request(account, {{"grant_type", "refresh_token"}, {"refresh_token", "r"}});
  CHECK(request.url == "https://app.example/refresh");
  CHECK(request.body ==
        R"({"grant_type":"refresh_token","refresh_token":"r","user_type":"Location"})");
  CHECK(request.headers.front().value == "Basic Y2xpZW50LTE6dGhlLWNsaWVudC1zZWNyZXQ=");
  CHECK(request.headers.front().secret);
  Account location = oauth_account("place", 2);
  location.keys["place"] = "p1";
  request = token_request(location, {}, Secret("agency-token"), {{"company", "c1"}});
  CHECK(request.body == "place=p1");
  CHECK(request.headers.front().value == "Bearer agency-token");
}

}  // namespace
}  // namespace triggerd
