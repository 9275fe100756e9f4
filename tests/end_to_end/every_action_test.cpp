// Each write of HighLevel as the step of a trigger: what the checker says of a step that lacks a
// parameter or misspells one, then in one running daemon an event that runs the step through a 429
// and a 500, one that the app refuses, and, where repeating would do harm, one whose answer is not
// understood.
#include <doctest/doctest.h>

#include <algorithm>
#include <ctime>
#include <map>
#include <set>

#include "end_to_end/action_scene.h"

using namespace triggerd::end_to_end;

namespace {

constexpr double kSpeed = 60;
constexpr Wait kMost{90'000};
constexpr int kStatedWaitSeconds = 60;  // far above the first waits of a retry, 2.5 to 10 s
constexpr int kPermanentTries = 3;
constexpr int kMoreThanIsRead = 17 * 1024 * 1024;
const std::string kRefusal = "the sandbox does not want this";

double seconds_of(const std::string& iso) {
  std::tm parts{};
  const char* rest = ::strptime(iso.c_str(), "%Y-%m-%dT%H:%M:%S", &parts);
  REQUIRE_MESSAGE(rest != nullptr, iso);
  return static_cast<double>(::timegm(&parts)) + (*rest == '.' ? std::stod(rest) : 0);
}

// ---- what the checker says

struct Wrong {
  std::string trigger;
  std::string behind;  // words of the problem behind which it must name
  std::string names;   // the parameter
  std::string hint;
  int line = 0;
};

int lines_of(const std::string& text) {
  return static_cast<int>(std::count(text.begin(), text.end(), '\n'));
}

json check_problems(const Folder& folder, const Sandbox& sandbox, const std::string& yaml) {
  folder.write("wrong.yaml", yaml);
  Process check({TRIGGERD_PROGRAM, "check", "--json", "-c", folder.at("wrong.yaml"), "--sandbox",
                 sandbox.url(), "--state", folder.at("unused")},
                folder.at(""), folder.at("check.log"));
  const auto code = check.wait(kMost);
  const std::string said = read_text(folder.at("check.log"));
  REQUIRE_MESSAGE(code.has_value(), said);
  CHECK_MESSAGE(*code == 3, said);
  const json answer = json::parse(said, nullptr, false);
  REQUIRE_MESSAGE(answer.is_object(), said);
  return answer.at("problems");
}

bool says(const json& problem, const Wrong& wrong) {
  const auto message = problem.at("message").get<std::string>();
  const std::size_t words = message.find(wrong.behind);
  return words != std::string::npos && message.find(wrong.names, words) != std::string::npos &&
         problem.at("hint").get<std::string>().find(wrong.hint) != std::string::npos &&
         problem.at("severity") == "error" && problem.at("line") == wrong.line &&
         problem.at("column") > 6;
}

void check_refused(const json& problems, const Wrong& wrong) {
  json own = json::array();
  for (const json& problem : problems) {
    const auto message = problem.at("message").get<std::string>();
    if (message.find("triggers." + wrong.trigger + ".") != std::string::npos) {
      own.push_back(problem);
    }
  }
  INFO(wrong.trigger, " line ", wrong.line, " should name ", wrong.names, ": ", own.dump(2));
  CHECK(own.size() == 1);
  CHECK(std::any_of(own.begin(), own.end(), [&](const json& one) { return says(one, wrong); }));
}

// All the wrong steps stand in one file: the checker says all at once.
void check_steps_that_are_wrong(const std::vector<Placed>& all) {
  const Folder folder;
  const Sandbox sandbox(folder, {});
  std::string yaml = accounts_yaml(all) + "triggers:\n";
  std::vector<Wrong> wrongs;
  const auto add = [&](const Placed& entry, Wrong wrong, const json& with) {
    yaml += trigger_yaml(entry, wrong.trigger, with);
    wrong.line = lines_of(yaml) - 1;
    wrongs.push_back(std::move(wrong));
  };
  for (const Placed& entry : all) {
    const std::string& missing = entry.one->missing;
    json with = entry.filled.with;
    if (!missing.empty()) {
      REQUIRE_MESSAGE(with.erase(missing) == 1, entry.trigger);
      add(entry, {"lacks-" + entry.trigger, " needs ", missing, ""}, with);
    }
    REQUIRE_MESSAGE(!entry.filled.with.empty(), entry.trigger);
    const std::string known = missing.empty() ? entry.filled.with.begin().key() : missing;
    with = entry.filled.with;
    with[known + "x"] = "1";
    add(entry,
        {"misspells-" + entry.trigger, "has no parameter", "`" + known + "x`", "`" + known + "`"},
        with);
  }
  const json problems = check_problems(folder, sandbox, yaml);
  for (const Wrong& wrong : wrongs) check_refused(problems, wrong);
}

using Cases = std::vector<const Placed*>;

// 429 with a stated wait, then 500, then the app's own answer.
void check_succeeded(const ActionScene& scene, const Placed& entry) {
  const ActionCase& one = entry.filled;
  CAPTURE(entry.trigger);
  const json run = scene.run_of(entry);
  CAPTURE(run.dump());
  CHECK(run.at("run") == "done");
  CHECK(run.at("state") == "succeeded");
  const auto attempts = scene.attempts_of(run);
  CAPTURE(json(attempts).dump());
  CHECK(attempts.size() == 3);
  if (attempts.size() != 3) return;
  CHECK(attempts[0].at("status") == 429);
  CHECK(attempts[1].at("status") == 500);
  CHECK(attempts[2].at("outcome") == "succeeded");
  const auto waited = attempts[1].at("started_at").get<std::int64_t>() -
                      attempts[0].at("ended_at").get<std::int64_t>();
  CHECK(waited >= kStatedWaitSeconds * 1000);
  const auto requests = scene.requests_of(entry);
  CHECK(requests.size() == 3);
  if (requests.size() != 3) return;
  // Lines of the log are written some time after the bytes have left.
  CHECK(seconds_of(requests[1].at) - seconds_of(requests[0].at) >= kStatedWaitSeconds / 2.0);

  int effects = 0;
  for (const Mutation& mutation : scene.effects_of(entry)) {
    if (mutation.collection != one.collection || mutation.op != one.op) continue;
    ++effects;
    CHECK_MESSAGE(fits(mutation.record, one.expect), mutation.record.dump());
  }
  CHECK(effects == (one.collection.empty() ? 0 : one.effects));
  if (one.collection.empty()) CHECK(scene.effects_of(entry).empty());
  const json shown = scene.webhook_of(entry);
  CHECK_MESSAGE(fits(shown, one.answer), shown.dump());
}

void check_dead(const ActionScene& scene, const Placed& entry, int tries,
                const std::string& reason) {
  CAPTURE(entry.trigger);
  const json run = scene.run_of(entry);
  CAPTURE(run.dump());
  CHECK(run.at("run") == "dead");
  CHECK(run.at("state") == "dead");
  CHECK(run.at("next_at").is_null());
  CHECK(run.at("error").get<std::string>().find(reason) != std::string::npos);
  CHECK(scene.attempts_of(run).size() == static_cast<std::size_t>(tries));
  CHECK(scene.requests_of(entry).size() == static_cast<std::size_t>(tries));
  CHECK(scene.effects_of(entry).empty());
  CHECK(scene.webhook_of(entry).is_null());
}

void run_wave(ActionScene& scene, const Cases& cases) {
  const std::string name = wave_name(cases.front()->wave);
  for (const Placed* entry : cases) {
    scene.fault(*entry, {{"kind", "throttle"}, {"retry_after", kStatedWaitSeconds}});
    scene.fault(*entry, {{"kind", "status"}, {"status", 500}});
  }
  scene.fire(cases, name);
  for (const Placed* entry : cases) check_succeeded(scene, *entry);

  const std::string body = json{{"statusCode", 400}, {"message", kRefusal}}.dump();
  for (const Placed* entry : cases) {
    scene.fault(*entry, {{"kind", "status"}, {"status", 400}, {"body", body}, {"count", -1}});
  }
  scene.fire(cases, name);
  for (const Placed* entry : cases) {
    check_dead(scene, *entry, entry->one->repeatable ? kPermanentTries : 1, kRefusal);
  }

  Cases harmful;
  for (const Placed* entry : cases) {
    if (!entry->one->repeatable) harmful.push_back(entry);
  }
  if (harmful.empty()) return;
  // It may have been done: only the user may have it repeated.
  for (const Placed* entry : harmful) {
    scene.fault(*entry, {{"kind", "huge_body"}, {"bytes", kMoreThanIsRead}});
  }
  scene.fire(harmful, name + kUnclear);
  for (const Placed* entry : harmful) check_dead(scene, *entry, 1, "");
}

void check_actions(const std::vector<ActionCase>& cases) {
  if (cases.empty()) return;  // that an operation has no case is said by the last test
  ActionScene scene(cases, kSpeed);
  check_steps_that_are_wrong(scene.all());
  std::map<int, Cases> waves;
  for (const Placed& entry : scene.all()) waves[entry.wave].push_back(&entry);
  for (const auto& [number, entries] : waves) run_wave(scene, entries);
  scene.stop();
}

std::set<std::string> writes_of_the_catalog() {
  const Folder folder;
  Process catalog({TRIGGERD_PROGRAM, "catalog", "--json"}, folder.at(""), folder.at("said"));
  CHECK(catalog.wait(kMost) == 0);
  std::set<std::string> names;
  for (const json& row : json::parse(read_text(folder.at("said")))) {
    const auto name = row.at("name").get<std::string>();
    if (row.at("kind") == "write" && name.starts_with("highlevel."))
      names.insert(name.substr(name.find('.') + 1));
  }
  return names;
}

}  // namespace

TEST_SUITE_BEGIN("contact actions");

TEST_CASE("each action on contacts and businesses: checked, retried, done once or given up") {
  check_actions(contact_actions());
}

// What is looked at is the second request, so the faults are for that one.
TEST_CASE("tags that an upsert adds are a step of their own, which alone is repeated") {
  const std::vector<ActionCase> cases = {
      {.operation = "upsert_contact",
       .with = {{"email", "tags@example.com"}, {"city", "Turin"}, {"addTags", {"new"}}},
       .prepare =
           [](const Sandbox& sandbox) {
             sandbox.create("contacts", {{"email", "tags@example.com"}, {"tags", {"old"}}},
                            "contact-keeps");
           },
       .served = "add_tags_to_contact"}};
  ActionScene scene(cases, kSpeed);
  const Placed& entry = scene.all().front();
  scene.fault(entry, {{"kind", "status"}, {"status", 500}});
  scene.fire({&entry}, wave_name(0));
  const json first = scene.run_of(entry);
  const json second = scene.run_of(entry, "it-addTags");
  INFO(first.dump(), second.dump());
  CHECK(first.at("run") == "done");
  CHECK(first.at("attempts") == 1);
  CHECK(second.at("state") == "succeeded");
  CHECK(second.at("attempts") == 2);
  const auto effects = scene.effects_of(entry);
  REQUIRE(effects.size() == 1);
  CHECK(effects[0].record.at("id") == "contact-keeps");
  CHECK(effects[0].record.at("city") == "Turin");
  CHECK(effects[0].record.at("tags") == json({"old", "new"}));
  scene.stop();
}

TEST_CASE("a delete whose answer was lost is repeated, finds nothing and is done") {
  const std::vector<ActionCase> cases = {
      {.operation = "delete_contact",
       .with = {{"contactId", "contact-lost"}},
       .prepare = [](const Sandbox& sandbox) {
         sandbox.create("contacts", {{"name", "Lost"}}, "contact-lost");
       }}};
  ActionScene scene(cases, kSpeed);
  const Placed& entry = scene.all().front();
  scene.fault(entry, {{"kind", "lost_after_effect"}});
  scene.fire({&entry}, wave_name(0));
  const json run = scene.run_of(entry);
  INFO(run.dump());
  CHECK(run.at("run") == "done");
  CHECK(run.at("attempts") == 2);
  CHECK(run.at("answer") == "null");
  CHECK(scene.effects_of(entry).size() == 1);
  scene.stop();
}

TEST_SUITE_END();
TEST_SUITE_BEGIN("calendar actions");

TEST_CASE("each action on calendars: checked, retried, done once or given up") {
  check_actions(calendar_actions());
}

TEST_SUITE_END();
TEST_SUITE_BEGIN("other actions");

TEST_CASE("each other action: checked, retried, done once or given up") {
  check_actions(other_actions());
}

TEST_CASE("each write of the catalog has a case, and each case a write") {
  std::set<std::string> covered;
  for (const auto* cases : {&contact_actions(), &calendar_actions(), &other_actions()}) {
    for (const ActionCase& one : *cases) covered.insert(one.operation);
  }
  CHECK(covered == writes_of_the_catalog());
}

TEST_SUITE_END();
