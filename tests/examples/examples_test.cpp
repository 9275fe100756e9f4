// The example connectors against look-alikes that are as strict as the apps' documents: tried with
// one request, then polled by the program, which fires for what is new and changed.
#include <doctest/doctest.h>

#include <algorithm>

#include "examples/small_service.h"

using namespace triggerd::examples;

namespace {

void answer(httplib::Response& response, const json& body, int status = 200) {
  response.status = status;
  response.set_content(body.dump(), "application/json");
}

bool bears(const httplib::Request& request, const std::string& value) {
  return request.get_header_value("Authorization") == value;
}

// triggers.yaml with one trigger whose events go to events.jsonl, one line each.
std::string configured(const std::string& account, const std::string& trigger) {
  return "version: 1\nengine: {state: ./state}\naccounts:\n  main:\n" + account +
         "triggers:\n  t:\n" + trigger +
         "    account: main\n    detect: [new, changed]\n    do:\n      - action: file\n        "
         "with: "
         "{path: ./events.jsonl, line: {kind: \"${{ .event.kind }}\", key: \"${{ .event.key "
         "}}\"}}\n";
}

// "new 7; changed 3; " of all events so far.
std::string events(const Bench& bench) {
  std::string text;
  std::istringstream lines(bench.read("events.jsonl"));
  for (std::string line; std::getline(lines, line);) {
    const json event = json::parse(line);
    text += event.value("kind", "") + " " + event.value("key", "") + "; ";
  }
  return text;
}

void poll(const Bench& bench) {
  const Said said = bench.run({"once", "--connectors", "connectors"});
  CHECK_MESSAGE(said.code == 0, said.text);
}

json issue(int number, const std::string& updated) {
  return {{"number", number},
          {"title", "Issue " + std::to_string(number)},
          {"state", "open"},
          {"created_at", "2026-01-01T00:00:00Z"},
          {"updated_at", updated}};
}

}  // namespace

TEST_CASE("GitHub: issues come by pages of the Link header, and pull requests are left out") {
  std::map<int, json> issues = {{1, issue(1, "2026-03-01T00:00:01Z")},
                                {2, issue(2, "2026-03-01T00:00:02Z")},
                                {3, issue(3, "2026-03-01T00:00:03Z")}};
  issues[2]["pull_request"] = {{"url", "x"}};
  SmallService github;
  github.server.Get(
      "/repos/o/r/issues", [&](const httplib::Request& request, httplib::Response& response) {
        if (!bears(request, "Bearer s3cret")) return answer(response, {{"message", "Bad"}}, 401);
        if (request.get_param_value("sort") != "updated") return answer(response, {}, 422);
        std::vector<json> chosen;
        for (const auto& [number, one] : issues) {
          if (one.value("updated_at", "") >= request.get_param_value("since"))
            chosen.push_back(one);
        }
        std::sort(chosen.begin(), chosen.end(), [](const json& a, const json& b) {
          return a.value("updated_at", "") < b.value("updated_at", "");
        });
        const std::size_t page =
            request.has_param("page") ? std::stoul(request.get_param_value("page")) : 1;
        json list = json::array();
        for (std::size_t i = (page - 1) * 2; i < page * 2 && i < chosen.size(); ++i) {
          list.push_back(chosen[i]);
        }
        // The app names its repositories by number there.
        if (page * 2 < chosen.size()) {
          response.set_header("Link",
                              "<https://api.github.com/repositories/1/issues?per_page=100&page=" +
                                  std::to_string(page + 1) + ">; rel=\"next\"");
        }
        answer(response, list);
      });
  github.start();
  const Bench bench;
  bench.use_example("github", "base_url: " + github.url() + "\n");
  const Said tried =
      bench.run({"connector", "try", "connectors", "list_issues", "--param", "owner=o", "--param",
                 "repo=r", "--account", "token=${env:SECRET}", "--json"});
  CHECK_MESSAGE(tried.code == 0, tried.text);
  CHECK(tried.parsed()["count"] == 1);
  CHECK(tried.parsed()["passed_over"] == 1);
  CHECK(tried.parsed()["next"] == json{{"page", "2"}});
  bench.write("triggers.yaml",
              configured("    connector: github\n    auth: {token: \"${env:SECRET}\"}\n",
                         "    poll: github.list_issues\n    params: {owner: o, repo: r}\n"));
  poll(bench);
  CHECK(events(bench).empty());
  CHECK(github.count("page=2") >= 1);
  issues[4] = issue(4, "2026-03-01T00:10:00Z");
  issues[1]["title"] = "Another";
  issues[1]["updated_at"] = "2026-03-01T00:09:00Z";
  poll(bench);
  CHECK(events(bench) == "changed 1; new 4; ");
  poll(bench);
  CHECK(events(bench) == "changed 1; new 4; ");
}

TEST_CASE("Linear: issues come by GraphQL with a cursor, and errors of status 200 are errors") {
  std::vector<json> issues;
  for (int i = 1; i <= 3; ++i) {
    issues.push_back({{"id", "i" + std::to_string(i)},
                      {"title", "Issue"},
                      {"updatedAt", "2026-03-01T00:00:0" + std::to_string(i) + ".000Z"},
                      {"createdAt", "2026-01-01T00:00:00.000Z"},
                      {"state", {{"name", "Todo"}}}});
  }
  std::string trouble;
  SmallService linear;
  linear.server.Post("/graphql", [&](const httplib::Request& request, httplib::Response& response) {
    if (!bears(request, "s3cret"))
      return answer(response, {{"errors", {{{"message", "no"}}}}}, 401);
    const json body = json::parse(request.body);
    if (!trouble.empty()) {
      return answer(response,
                    {{"data", nullptr},
                     {"errors", {{{"message", "x"}, {"extensions", {{"code", trouble}}}}}}});
    }
    const json variables = body.value("variables", json::object());
    const bool whole = body["query"].get<std::string>().find("pageInfo") != std::string::npos;
    if (!whole) return answer(response, {{"data", {{"viewer", {{"id", "me"}}}}}});
    const std::size_t from =
        variables.contains("after") ? std::stoul(variables["after"].get<std::string>()) : 0;
    json nodes = json::array();
    std::size_t at = from;
    for (; at < issues.size() && nodes.size() < 2; ++at) {
      if (issues[at]["updatedAt"] >= variables.value("changed", "")) nodes.push_back(issues[at]);
    }
    const bool more = at < issues.size();
    answer(response,
           {{"data",
             {{"issues",
               {{"nodes", nodes},
                {"pageInfo", {{"hasNextPage", more}, {"endCursor", std::to_string(at)}}}}}}}});
  });
  linear.start();
  const Bench bench;
  bench.use_example("linear", "base_url: " + linear.url() + "\n");
  const std::vector<std::string> words = {"connector",   "try",       "connectors",
                                          "list_issues", "--account", "key=${env:SECRET}"};
  const Said tried = bench.run(words);
  CHECK_MESSAGE(tried.code == 0, tried.text);
  CHECK(tried.has("2 records; next page: {\"after\":\"2\"}"));
  bench.write("triggers.yaml",
              configured("    connector: linear\n    auth: {key: \"${env:SECRET}\"}\n",
                         "    poll: linear.list_issues\n"));
  poll(bench);
  CHECK(events(bench).empty());
  issues.push_back(issues[0]);
  issues.back()["id"] = "i9";
  issues.back()["updatedAt"] = "2026-03-01T00:20:00.000Z";
  poll(bench);
  CHECK(events(bench) == "new i9; ");
  trouble = "RATELIMITED";
  CHECK(bench.run(words).has("throttled"));
  trouble = "INVALID_INPUT";
  const Said refused = bench.run(words);
  CHECK(refused.code == 1);
  CHECK(refused.has("status 200, refused"));
}

TEST_CASE("Spotify: a token by client credentials, then albums by offset") {
  std::vector<json> albums;
  const auto album = [](int number) {
    return json{{"id", "a" + std::to_string(number)},
                {"name", "Album"},
                {"release_date", "2026-01-0" + std::to_string(number)}};
  };
  for (int i = 1; i <= 3; ++i) albums.push_back(album(i));
  SmallService spotify;
  spotify.server.Post("/api/token", [&](const httplib::Request& request,
                                        httplib::Response& response) {
    // client-1:s3cret
    const bool right = bears(request, "Basic Y2xpZW50LTE6czNjcmV0") &&
                       request.body == "grant_type=client_credentials";
    answer(response,
           right ? json{{"access_token", "live"}, {"token_type", "Bearer"}, {"expires_in", 3600}}
                 : json{{"error", "invalid_client"}},
           right ? 200 : 400);
  });
  spotify.server.Get(
      "/artists/x/albums", [&](const httplib::Request& request, httplib::Response& response) {
        if (!bears(request, "Bearer live"))
          return answer(response, {{"error", {{"status", 401}}}}, 401);
        const auto offset = std::stoul(request.get_param_value("offset"));
        const auto limit = std::stoul(request.get_param_value("limit"));
        json items = json::array();
        for (std::size_t i = offset; i < albums.size() && items.size() < limit; ++i) {
          items.push_back(albums[i]);
        }
        answer(response, {{"items", items}, {"total", albums.size()}, {"offset", offset}});
      });
  spotify.start();
  const Bench bench;
  bench.use_example("spotify", "base_url: " + spotify.url() +
                                   "\nauth:\n  - kind: oauth2_client\n    token: {url: " +
                                   spotify.url() + "/api/token, client: basic}\n");
  const Said tried = bench.run({"connector", "try", "connectors", "list_albums", "--param",
                                "artist=x", "--param", "limit=2", "--account", "client_id=client-1",
                                "--account", "client_secret=${env:SECRET}"});
  CHECK_MESSAGE(tried.code == 0, tried.text);
  CHECK(tried.has("2 records; next page: {\"number\":2}"));
  CHECK_FALSE(tried.has("s3cret"));
  CHECK_FALSE(tried.has("live"));
  bench.write(
      "triggers.yaml",
      configured("    connector: spotify\n    auth: {kind: oauth2_client, client_id: client-1, "
                 "client_secret: \"${env:SECRET}\"}\n",
                 "    poll: spotify.list_albums\n    params: {artist: x, limit: 2}\n"));
  poll(bench);
  CHECK(events(bench).empty());
  albums.push_back(album(4));
  poll(bench);
  CHECK(events(bench) == "new a4; ");
}
