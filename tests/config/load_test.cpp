#include "triggerd/config/load.h"

#include <doctest/doctest.h>

#include <filesystem>
#include <fstream>
#include <random>

#include "config/test_catalog.h"
#include "triggerd/yaml/reader.h"

using namespace triggerd;
using triggerd::testing::load;

namespace {

const std::string kAccounts =
    "version: 1\naccounts:\n"
    "  main:\n    connector: crm\n    location_id: loc1\n    auth: {token: \"${env:CRM_TOKEN}\"}\n"
    "  second:\n    connector: crm\n    location_id: loc2\n    auth: {token: "
    "\"${env:CRM_TOKEN}\"}\n"
    "  help:\n    connector: desk\n    club: north\n    branch: main street\n"
    "    auth: {username: me, password: \"${env:DESK_PASSWORD}\"}\n";

std::shared_ptr<const Config> config_of(const std::string& triggers) {
  const ConfigLoad loaded = load(kAccounts + "triggers:\n" + triggers);
  std::string told;
  for (const Problem& problem : loaded.problems) told += render_problem(problem, loaded.text);
  REQUIRE_MESSAGE(loaded.config, told);
  return loaded.config;
}

const std::string kLeads = "  leads: {poll: crm.search_contacts, account: main}\n";

}  // namespace

TEST_CASE("what a trigger does not say has the documented default") {
  const auto config = config_of(kLeads);
  const Trigger& leads = config->triggers.at(0);
  CHECK(leads.every == Millis{5 * 60'000});
  CHECK(leads.detect_new);
  CHECK(leads.detect_changed);
  CHECK_FALSE(leads.detect_removed);
  CHECK(leads.remember == Remember::fields);
  CHECK(leads.start == Start::baseline);
  CHECK(leads.on_change == OnChange::refuse);
  CHECK(leads.ordering == Ordering::record);
  CHECK(leads.priority == Priority::normal);
  CHECK(leads.enabled);
  CHECK(leads.hold_above == 0);
  CHECK_FALSE(leads.when.has_value());
  CHECK(leads.place == Place{17, 3});
  CHECK(config->engine.state == "./state");
  CHECK(config->engine.metrics.empty());
  CHECK(config->trigger("leads") == &leads);
  CHECK(config->trigger("other") == nullptr);
}

TEST_CASE("an account knows its connector, address, level and secrets") {
  const auto config = config_of(kLeads);
  const Account* main = config->account("main");
  REQUIRE(main != nullptr);
  CHECK(main->base_url == "https://api.crm.example");
  CHECK(main->level == TokenLevel::location);
  CHECK(main->keys.at("location_id") == "loc1");
  CHECK(main->secrets.at("token").reveal() == "pit-0123456789");
  const Account* help = config->account("help");
  REQUIRE(help != nullptr);
  CHECK(help->base_url == "https://north.desk.example/api/main%20street");
  CHECK(help->auth->name == "basic");
  CHECK(help->pool != main->pool);
  CHECK(config->account("nobody") == nullptr);
}

TEST_CASE("accounts: all takes every account that fits, sorted") {
  const auto config = config_of("  leads: {poll: crm.search_contacts, accounts: all}\n");
  CHECK(config->triggers.at(0).accounts == std::vector<std::string>{"main", "second"});
}

TEST_CASE(
    "a parameter that is a step of its own becomes one, behind the step that it is given to") {
  const auto config = config_of(
      "  leads:\n    poll: crm.search_contacts\n    account: main\n    do:\n"
      "      - id: up\n        action: crm.upsert_contact\n        account: second\n"
      "        on_error: continue\n        retry: {attempts: 4}\n"
      "        with: {email: a@x.test, addTags: [hot, \"${{ .record.tag }}\"]}\n"
      "      - {action: log, with: {message: \"${{ .steps.up }}\"}}\n");
  const auto& steps = config->triggers.at(0).steps;
  REQUIRE(steps.size() == 3);
  CHECK(steps[0].with == nlohmann::json{{"email", "a@x.test"}});
  CHECK(steps[1].id == "up-addTags");
  CHECK(steps[1].action == "crm.add_tags");
  CHECK(steps[1].account == "second");
  CHECK(steps[1].continue_on_error);
  CHECK(steps[1].retry.attempts == 4);
  CHECK(steps[1].when == ".steps[\"up\"] != null");
  CHECK(steps[1].with ==
        nlohmann::json{{"tags", {"hot", "${{ .record.tag }}"}},
                       {"contactId", "${{ .steps[\"up\"][\"contact\"][\"id\"] }}"}});
  CHECK(steps[2].id == "log");
}

TEST_CASE("such a parameter cannot stand beside each, nor take the name of another step") {
  const auto told = [](const std::string& step, const std::string& more) {
    std::string text;
    for (const Problem& problem :
         load(kAccounts +
              "triggers:\n  leads:\n    poll: crm.search_contacts\n    account: main\n"
              "    do:\n      - {id: up, action: crm.upsert_contact, " +
              step + "with: {email: a, addTags: [b]}}\n" + more)
             .problems) {
      text += problem.what + "\n";
    }
    return text;
  };
  CHECK(told("each: '[1]', ", "") ==
        "triggers.leads.do[0]: `addTags` cannot stand beside `each`\n");
  CHECK(told("", "      - {id: up-addTags, action: log, with: {message: a}}\n") ==
        "triggers.leads.do[0]: `addTags` makes a step `up-addTags`, and there is one already\n");
}

TEST_CASE("steps without id are named by their action, with -2 and -3 for repeats") {
  const auto config = config_of(
      "  leads:\n    poll: crm.search_contacts\n    account: main\n    do:\n"
      "      - {action: crm.upsert_contact, with: {email: a}}\n"
      "      - {action: log, with: {message: a}}\n"
      "      - {id: log-2, action: log, with: {message: b}}\n"
      "      - {action: log, with: {message: c}}\n");
  std::vector<std::string> ids;
  for (const Step& step : config->triggers.at(0).steps) ids.push_back(step.id);
  CHECK(ids == std::vector<std::string>{"upsert_contact", "log", "log-2", "log-3"});
}

TEST_CASE("a step's account is the stream's unless it names one") {
  const auto config = config_of(
      "  leads:\n    poll: crm.search_contacts\n    account: main\n    do:\n"
      "      - {action: crm.upsert_contact, with: {email: a}}\n"
      "      - {action: desk.create_ticket, account: help, with: {title: a}}\n");
  CHECK(config->triggers.at(0).steps.at(0).account.empty());
  CHECK(config->triggers.at(0).steps.at(1).account == "help");
}

TEST_CASE("S-04 secrets of a step stay unresolved in its definition") {
  const auto config = config_of(
      "  leads:\n    poll: crm.search_contacts\n    account: main\n    do:\n"
      "      - action: webhook\n        with: {url: \"https://example.com/\", secret: "
      "\"${env:HOOK_SECRET}\"}\n");
  const Step& step = config->triggers.at(0).steps.at(0);
  CHECK(step.with.at("secret") == "${env:HOOK_SECRET}");
  CHECK(step_to_json(step).dump().find("whsec_") == std::string::npos);
}

TEST_CASE("a step is the same after it was stored and read again") {
  const auto config = config_of(
      "  leads:\n    poll: crm.search_contacts\n    account: main\n    do:\n"
      "      - {id: a, action: log, with: {message: x}, when: .record.a, each: .record.b,\n"
      "         retry: {attempts: 4, min: 2s, max: 3m}, on_error: continue, timeout: 9s}\n");
  const Step& step = config->triggers.at(0).steps.at(0);
  const Step again = step_from_json(step_to_json(step));
  CHECK(step_to_json(again) == step_to_json(step));
  CHECK(again.retry.attempts == 4);
  CHECK(again.retry.max == Millis{180'000});
  CHECK(again.timeout == Millis{9'000});
  CHECK(again.continue_on_error);
  CHECK(step_to_json(step_from_json(nlohmann::json::parse("[1]"))) == step_to_json(Step{}));
}

TEST_CASE("what fields keeps is watch, transition, the operation's own and what children take") {
  const auto config = config_of(
      "  messages:\n    poll: crm.get_messages\n    account: main\n"
      "    for_each: {contactId: [c1]}\n    watch: [/status]\n"
      "    transition: {field: /status, to: read}\n"
      "  mails: {poll: crm.get_email, account: main, for_each: {id: messages}}\n" +
      kLeads);
  CHECK(config->trigger("messages")->remember_pointers ==
        std::vector<std::string>{"/meta/email/ids", "/status"});
  CHECK(config->trigger("leads")->remember_pointers ==
        std::vector<std::string>{"/email", "/firstName"});
  const ForEach& each = config->trigger("mails")->for_each.at(0);
  CHECK(each.parent == "messages");
  CHECK(each.parent_value == "/meta/email/ids");
  CHECK(config->trigger("mails")->follows_parent());
  CHECK_FALSE(config->trigger("messages")->follows_parent());
}

TEST_CASE("a child takes a required parameter that its parent has fixed") {
  const auto config = config_of(
      "  tasks: {poll: crm.get_contact_tasks, account: main, params: {contactId: c1}}\n"
      "  one: {poll: crm.get_contact_task_by_id, account: main, for_each: {taskId: tasks}}\n");
  CHECK(config->trigger("one")->params.at("contactId") == "c1");
}

TEST_CASE("values of params may come from the environment") {
  const auto config = config_of(
      "  leads: {poll: crm.search_contacts, account: main, params: {query: \"${env:QUERY}\"}}\n");
  CHECK(config->triggers.at(0).params.at("query") == "from the environment");
}

TEST_CASE(
    "REL-04 an edit of steps leaves the hash of the source, and of the source that of the steps") {
  const auto one = config_of("  a: {poll: crm.search_contacts, account: main}\n");
  const auto steps = config_of(
      "  a: {poll: crm.search_contacts, account: main, do: [{action: log, with: {message: x}}]}\n");
  const auto params =
      config_of("  a: {poll: crm.search_contacts, account: main, params: {query: x}}\n");
  const auto watch =
      config_of("  a: {poll: crm.search_contacts, account: main, watch: [/email]}\n");
  CHECK(one->triggers[0].source_hash == steps->triggers[0].source_hash);
  CHECK(one->triggers[0].steps_hash != steps->triggers[0].steps_hash);
  CHECK(one->triggers[0].source_hash != params->triggers[0].source_hash);
  CHECK(one->triggers[0].source_hash == watch->triggers[0].source_hash);
  CHECK(one->triggers[0].watch_hash != watch->triggers[0].watch_hash);
  CHECK(one->file_hash != watch->file_hash);
}

TEST_CASE("REL-05 adding a fan-out value or an account is no edit of the source") {
  const auto one =
      config_of("  a: {poll: crm.get_contact, account: main, for_each: {contactId: [x]}}\n");
  const auto two = config_of(
      "  a: {poll: crm.get_contact, accounts: [main, second], for_each: {contactId: [x, y]}}\n");
  CHECK(one->triggers[0].source_hash == two->triggers[0].source_hash);
}

TEST_CASE("expressions are compiled and can be run") {
  const auto config =
      config_of("  leads: {poll: crm.search_contacts, account: main, when: .record.a == 1}\n");
  REQUIRE(config->triggers[0].when.has_value());
  const auto result = config->expressions->run(*config->triggers[0].when,
                                               nlohmann::json::parse(R"({"record":{"a":1}})"));
  REQUIRE(result);
  CHECK(*result == std::vector<nlohmann::json>{true});
}

TEST_CASE("a sandbox needs no secrets") {
  SecretSources sources = triggerd::testing::test_secrets();
  const std::string text =
      "version: 1\naccounts:\n  a:\n    connector: crm\n    location_id: l\n"
      "    auth: {token: \"${env:ABSENT}\"}\n";
  CHECK(load_config("t", text, triggerd::testing::test_catalog(), sources).config == nullptr);
  sources.sandbox = true;
  const ConfigLoad loaded = load_config("t", text, triggerd::testing::test_catalog(), sources);
  REQUIRE(loaded.config);
  CHECK_FALSE(loaded.config->account("a")->secrets.at("token").empty());
}

TEST_CASE("S-02 a secret file that others can read is a warning") {
  SecretSources sources = triggerd::testing::test_secrets();
  sources.file_complaint = [](const std::string& path) { return path + " is open"; };
  const std::string text =
      "version: 1\naccounts:\n  a:\n    connector: crm\n    location_id: l\n"
      "    auth: {token: \"${file:/run/secrets/token}\"}\n";
  const ConfigLoad loaded = load_config("t", text, triggerd::testing::test_catalog(), sources);
  REQUIRE(loaded.config);
  REQUIRE(loaded.problems.size() == 1);
  CHECK(loaded.problems[0].warning);
  CHECK(loaded.problems[0].what == "accounts.a.auth.token: /run/secrets/token is open");
}

TEST_CASE("S-31 a secret that signs for two endpoints is a warning, for one it is none") {
  const auto warnings_of = [](const std::string& second_url) {
    const std::string step = "      - {action: webhook, with: {secret: '${env:HOOK_SECRET}', url: ";
    return triggerd::testing::load(
               "version: 1\naccounts:\n"
               "  a: {connector: crm, location_id: l, auth: {token: '${env:CRM_TOKEN}'}}\n"
               "triggers:\n  leads:\n    poll: crm.search_contacts\n    account: a\n    do:\n" +
               step + "'https://a.example/'}}\n" + step + "'" + second_url + "'}}\n")
        .problems;
  };
  CHECK(warnings_of("https://a.example/").empty());
  const std::vector<Problem> warned = warnings_of("https://b.example/");
  REQUIRE(warned.size() == 1);
  CHECK(warned[0].warning);
  CHECK(warned[0].place == Place{10, 42});
  CHECK(warned[0].what ==
        "triggers.leads.do[1].with.secret: the secret also signs what goes to https://a.example/");
}

TEST_CASE("REL-01 a file that is absent, a directory, empty or too large is a problem") {
  const auto directory = std::filesystem::temp_directory_path() /
                         ("config_test_" + std::to_string(std::random_device{}()));
  std::filesystem::create_directories(directory);
  const auto what = [&](const std::string& name) {
    const ConfigLoad loaded =
        load_config_file((directory / name).string(), triggerd::testing::test_catalog(),
                         triggerd::testing::test_secrets());
    CHECK(loaded.config == nullptr);
    return loaded.problems.empty() ? std::string{} : loaded.problems[0].what;
  };
  CHECK(what("absent.yaml") == "there is no such file");
  CHECK(what(".") == "is not a regular file");
  std::ofstream(directory / "empty.yaml").close();
  CHECK(what("empty.yaml") == "the file is empty");
  std::ofstream(directory / "large.yaml") << std::string(kYamlBytesMax + 1, '#');
  CHECK(what("large.yaml") == "the file is larger than 1 MiB");
  std::filesystem::remove_all(directory);
}

TEST_CASE("REL-09 a file that anyone can write to is warned of each time it is loaded") {
  const auto file = std::filesystem::temp_directory_path() /
                    ("config_test_" + std::to_string(std::random_device{}()) + ".yaml");
  std::ofstream(file) << kAccounts << "triggers:\n  leads:\n    poll: crm.search_contacts\n"
                      << "    account: main\n    params: {pageLimit: 5}\n    do:\n"
                      << "      - action: log\n        with: {message: x}\n";
  const auto warnings = [&] {
    return load_config_file(file.string(), triggerd::testing::test_catalog(),
                            triggerd::testing::test_secrets())
        .problems;
  };
  std::filesystem::permissions(file, std::filesystem::perms{0640});
  CHECK(warnings().empty());
  std::filesystem::permissions(file, std::filesystem::perms{0646});
  REQUIRE(warnings().size() == 1);
  CHECK(warnings()[0].warning);
  CHECK(warnings()[0].what == "anyone on this machine can write to the file");
  std::filesystem::remove(file);
}

TEST_CASE("S-33 no cut, doubled or overwritten byte of a file makes the loader crash") {
  const std::string text =
      kAccounts +
      "defaults: {every: 5m}\ntriggers:\n  leads:\n    poll: crm.search_contacts\n"
      "    account: main\n    params: {pageLimit: 5}\n    watch: [/email]\n"
      "    when: .record.a == 1\n    do:\n      - action: webhook\n"
      "        with: {url: \"https://x.example/\", body: {a: \"${{ .record.id }}\"}}\n"
      "  tasks: {poll: crm.get_contact_tasks, account: main, for_each: {contactId: leads}}\n";
  REQUIRE(load(text).config);
  std::mt19937 random(11);
  const std::string bytes = "{}[]:,-&*!|>'\"%@`#\n \t~$a0\xff";
  for (int round = 0; round < 150; ++round) {
    std::string broken = text;
    for (int edit = 0; edit < 3; ++edit) {
      const std::size_t at = random() % broken.size();
      switch (random() % 3) {
        case 0:
          broken.erase(at, 1 + random() % 20);
          break;
        case 1:
          broken.insert(at, 1, bytes[random() % bytes.size()]);
          break;
        case 2:
          broken[at] = bytes[random() % bytes.size()];
          break;
      }
      if (broken.empty()) broken = " ";
    }
    const ConfigLoad loaded = load(broken);
    CHECK((loaded.config != nullptr || !loaded.problems.empty()));
    for (const Problem& problem : loaded.problems) render_problem(problem, loaded.text);
  }
}
