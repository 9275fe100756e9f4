#include "end_to_end/signed_in.h"

#include <doctest/doctest.h>
#include <httplib.h>

#include <filesystem>
#include <fstream>

namespace triggerd::end_to_end {
namespace {

constexpr Wait kMost{60'000};
const std::string kApp = "https://services.leadconnectorhq.com";
const std::string kConsent = "https://marketplace.gohighlevel.com/v2/oauth/chooselocation";

std::string replaced(std::string text, const std::string& from, const std::string& to) {
  for (std::size_t at = 0; (at = text.find(from, at)) != std::string::npos; at += to.size()) {
    text.replace(at, from.size(), to);
  }
  return text;
}

// The built-in connector, at another address.
void write_connector(const Folder& folder, const std::string& url, const std::string& category) {
  const std::filesystem::path from = std::filesystem::path(TRIGGERD_SOURCE) / "connectors";
  for (const auto& entry : std::filesystem::recursive_directory_iterator(from / "highlevel")) {
    if (entry.path().extension() != ".yaml") continue;
    const std::string name = entry.path().stem();
    if (!category.empty() && name != category && name != "connector") continue;
    const auto to = std::filesystem::path(folder.at("connectors")) /
                    std::filesystem::relative(entry.path(), from);
    std::filesystem::create_directories(to.parent_path());
    const std::string text = read_text(entry.path());
    std::ofstream(to) << replaced(replaced(text, kApp, url + "/highlevel"), kConsent,
                                  url + "/highlevel/oauth/chooselocation");
  }
}

std::string account_yaml(const Sandbox& sandbox, const std::string& name, const std::string& key,
                         const std::string& id) {
  const json client = sandbox.post("/control/accounts", {{key, id}, {"oauth", true}});
  return "  " + name + ":\n    connector: highlevel\n    " + key + ": " + id +
         "\n    auth: {oauth: {client_id: " + client.at("client_id").get<std::string>() +
         ", client_secret: " + client.at("client_secret").get<std::string>() +
         ", scopes: [contacts.readonly, oauth.write]}}\n";
}

}  // namespace

std::string sent_to(const std::string& url) {
  const std::size_t path = url.find('/', 7);
  httplib::Client client(url.substr(0, path));
  const httplib::Result result = client.Get(url.substr(path));
  REQUIRE_MESSAGE(result, url << " is not answered");
  REQUIRE_MESSAGE(result->status == 302, url << ": " << result->body);
  return result->get_header_value("Location");
}

std::string browse(const std::string& url) {
  const std::string place = sent_to(url);
  const std::size_t path = place.find('/', 7);
  httplib::Client client(place.substr(0, path));
  const httplib::Result result = client.Get(place.substr(path));
  REQUIRE_MESSAGE(result, place << " is not answered");
  return result->body;
}

SignedIn::SignedIn(const Folder& folder, const Sandbox& sandbox, const std::string& triggers,
                   const std::string& category)
    : folder_(folder), sandbox_(sandbox) {
  write_connector(folder, sandbox.url(), category);
  folder.write("triggers.yaml",
               "version: 1\nengine: {state: ./state, allow_plain_secrets: true}\naccounts:\n" +
                   account_yaml(sandbox, "dental", "location_id", kLocation) +
                   account_yaml(sandbox, "agency", "company_id", kCompany) +
                   "  minted:\n    connector: highlevel\n    location_id: " + kLocation +
                   "\n    auth: {agency: agency}\n" + "triggers:\n" + triggers);
}

Process SignedIn::start(const std::vector<std::string>& words, const std::string& output,
                        const std::vector<std::string>& before) const {
  std::vector<std::string> line = before;
  if (line.empty()) line.emplace_back("/usr/bin/env");
  line.emplace_back(TRIGGERD_PROGRAM);
  line.insert(line.end(), words.begin(), words.end());
  line.insert(line.end(),
              {"-c", folder_.at("triggers.yaml"), "--connectors", folder_.at("connectors")});
  return {line, folder_.at(""), folder_.at(output)};
}

SignedIn::Said SignedIn::say(const std::vector<std::string>& words,
                             const std::string& input) const {
  folder_.write("said", "");
  folder_.write("typed", input);
  Process process =
      start(words, "said", {"/bin/sh", "-c", "exec \"$@\" < " + folder_.at("typed"), "sh"});
  const auto code = process.wait(kMost);
  REQUIRE_MESSAGE(code, "it does not come to its end: " << read_text(folder_.at("said")));
  return {*code, read_text(folder_.at("said"))};
}

void SignedIn::sign_in(const std::string& account) const {
  const bool agency = account == "agency";
  const json client = sandbox_.post(
      "/control/accounts",
      {{agency ? "company_id" : "location_id", agency ? kCompany : kLocation}, {"oauth", true}});
  const Said said =
      say({"auth", "login", account, "--paste"}, client.at("code").get<std::string>() + "\n");
  REQUIRE_MESSAGE(said.code == 0, said.text);
}

json SignedIn::token_row(const std::string& account) const {
  const Said said = say({"auth", "status", account, "--json"});
  const json rows = json::parse(said.text, nullptr, false);
  REQUIRE_MESSAGE((rows.is_array() && rows.size() == 1), said.text);
  return rows.front();
}

std::int64_t SignedIn::token_requests(int status) const {
  std::int64_t count = 0;
  std::ifstream truth(sandbox_.truth());
  for (std::string line; std::getline(truth, line);) {
    if (line.find("\"oauth_token\"") == std::string::npos) continue;
    const json one = json::parse(line, nullptr, false);
    if (one.is_object() && (status == 0 || one.value("status", 0) == status)) ++count;
  }
  return count;
}

}  // namespace triggerd::end_to_end
