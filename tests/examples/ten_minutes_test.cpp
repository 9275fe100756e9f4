// docs/connector-in-ten-minutes.md, done as it says, against a help desk of a few lines.
#include <doctest/doctest.h>

#include "examples/small_service.h"

using namespace triggerd::examples;

namespace {

// The YAML blocks of the page, in order.
std::vector<std::string> blocks() {
  const std::string page =
      triggerd::end_to_end::read_text(TRIGGERD_SOURCE "/docs/connector-in-ten-minutes.md");
  std::vector<std::string> found;
  const std::string fence = "```yaml\n";
  for (std::size_t at = page.find(fence); at != std::string::npos; at = page.find(fence, at)) {
    at += fence.size();
    found.push_back(page.substr(at, page.find("\n```\n", at) - at + 1));
  }
  return found;
}

}  // namespace

TEST_CASE("the page about ten minutes works as it stands") {
  std::vector<json> tickets = {{{"id", "t1"},
                                {"subject", "Old"},
                                {"state", "open"},
                                {"changed_at", "2026-03-01T00:00:01Z"}}};
  std::vector<std::string> comments;
  SmallService desk;
  desk.server.Get("/v1/tickets", [&](const httplib::Request& request, httplib::Response& response) {
    json list = json::array();
    for (const json& one : tickets) {
      const std::string state = request.get_param_value("state");
      const bool fits = (state.empty() || one["state"] == state) &&
                        one["changed_at"] >= request.get_param_value("changed_from");
      if (fits) list.push_back(one);
    }
    response.status = request.get_header_value("Authorization") == "Bearer s3cret" ? 200 : 401;
    response.set_content(json{{"tickets", list}, {"next", nullptr}}.dump(), "application/json");
  });
  desk.server.Get("/v1/me", [](const httplib::Request&, httplib::Response& response) {
    response.set_content(R"({"id":"me"})", "application/json");
  });
  desk.server.Post(R"(/v1/tickets/(\w+)/comments)",
                   [&](const httplib::Request& request, httplib::Response& response) {
                     comments.push_back(std::string(request.matches[1]) + ": " +
                                        json::parse(request.body).value("text", ""));
                     response.set_content(R"({"comment":{"id":"c1"}})", "application/json");
                   });
  desk.start();
  const std::vector<std::string> page = blocks();
  REQUIRE(page.size() == 2);
  const Bench bench;
  bench.make_folder();
  bench.write("connectors/desk.yaml", page[0]);
  bench.write("connectors/here.yaml", "overrides: desk\nbase_url: " + desk.url() + "/v1\n");
  bench.write("triggers.yaml", page[1]);
  CHECK(bench.run({"connector", "check", "connectors/desk.yaml"}).code == 0);
  const Said tried =
      bench.run({"connector", "try", "connectors", "list_tickets", "--param", "state=open"});
  CHECK_MESSAGE(tried.code == 0, tried.text);
  CHECK(tried.has("  t1  updated"));
  const Said checked = bench.run({"check", "--online", "--connectors", "connectors"});
  CHECK_MESSAGE(checked.code == 0, checked.text);
  CHECK(checked.has("desk.whoami"));
  const auto poll = [&] {
    const Said said = bench.run({"once", "--connectors", "connectors"});
    CHECK_MESSAGE(said.code == 0, said.text);
  };
  poll();
  CHECK(comments.empty());
  tickets.push_back({{"id", "t2"},
                     {"subject", "New"},
                     {"state", "open"},
                     {"changed_at", "2026-03-01T00:05:00Z"}});
  poll();
  poll();
  CHECK(comments == std::vector<std::string>{"t2: We have it: New"});
}
