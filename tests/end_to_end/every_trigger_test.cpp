// Each of the 55 operations by `triggerd once`: a silent baseline over more pages than one, a new,
// a changed and a removed record, with a kill -9 in between; the events are exactly those.
#include <doctest/doctest.h>

#include <algorithm>
#include <random>

#include "checker/database_rules.h"
#include "checker/deliveries.h"
#include "checker/state_reader.h"
#include "end_to_end/cases.h"
#include "end_to_end/comparison.h"
#include "end_to_end/plain_config.h"

using namespace triggerd::checker;
using namespace triggerd::end_to_end;

namespace {

constexpr double kSpeed = 100;
// Longer than any sweep of a small list may wait.
constexpr int kToNextSweepSeconds = 1'200;
constexpr int kOk = 0;

using Expected = std::vector<std::pair<std::string, std::string>>;  // key, kind

std::string emails_of(const Sandbox& sandbox) {
  std::string emails = "new.user@agency.example.com";
  for (const json& user : sandbox.records("users")) {
    emails += "," + user.at("email").get<std::string>();
  }
  return emails;
}

// One operation's trigger and those above it, against a sandbox that changes only when told.
class Scene {
 public:
  explicit Scene(std::string operation)
      : operation_(std::move(operation)),
        chain_(with_parents(operation_)),
        sandbox(folder_, {.speed = kSpeed}),
        daemon(folder_, sandbox, kSpeed),
        random_(std::hash<std::string>{}(operation_)) {
    PlainConfig config;
    config.operations = chain_;
    config.small_pages = true;
    config.emails = emails_of(sandbox);
    daemon.configure(plain_yaml(config));
  }

  void poll_all() { poll(chain_); }
  void poll_own() { poll({operation_}); }

  // A poll that ends by SIGKILL at some moment of it, then a whole one.
  void poll_through_a_kill() {
    Process process = daemon.start("once", chain_);
    const auto most = std::max<std::int64_t>(1, poll_time_.count());
    process.wait(Wait{static_cast<std::int64_t>(random_()) % most});
    process.kill_hard();
    poll_all();
  }

  void two_sweeps() {
    for (int i = 0; i < 2; ++i) {
      sandbox.advance(kToNextSweepSeconds);
      poll_own();
    }
  }

  void expect(const std::string& key, const std::string& kind) {
    expected_.emplace_back(key, kind);
  }

  Expected found() const {
    Expected pairs;
    for (const json& row :
         query_state(daemon.database(),
                     "SELECT d.key, d.kind FROM detections d JOIN streams s "
                     "ON s.id = d.stream_id WHERE d.verdict = 'fired' AND s.trigger = '" +
                         operation_ + "'")) {
      pairs.emplace_back(row.at("key").get<std::string>(), row.at("kind").get<std::string>());
    }
    std::sort(pairs.begin(), pairs.end());
    return pairs;
  }

  void check(const char* moment) {
    std::sort(expected_.begin(), expected_.end());
    const Expected seen = found();
    INFO(operation_, " ", std::string(moment), ", found: ", json(seen).dump(),
         ", expected: ", json(expected_).dump());
    CHECK(seen == expected_);
  }

  void check_pages() const {
    if (plain_trigger(operation_).small_page.empty()) return;
    const Truth truth = read_truth(sandbox.truth());
    const auto pages =
        std::count_if(truth.answers.begin(), truth.answers.end(),
                      [&](const Answer& one) { return one.operation == operation_; });
    const auto streams = query_number(
        daemon.database(), "SELECT count(*) FROM streams WHERE trigger = '" + operation_ + "'");
    CHECK_MESSAGE(pages > streams, operation_, ": ", pages, " pages of ", streams, " streams");
  }

  void check_at_rest() const {
    const auto problems = check_database(daemon.database());
    CHECK_MESSAGE(problems.empty(), operation_, ": ", joined(problems));
    const auto sends = check_deliveries(read_truth(sandbox.truth()).arrivals, daemon.database());
    CHECK_MESSAGE(sends.empty(), operation_, ": ", joined(sends));
  }

 private:
  void poll(const std::vector<std::string>& triggers) {
    const auto start = std::chrono::steady_clock::now();
    const int code = daemon.run("once", triggers);
    CHECK_MESSAGE(code == kOk, operation_, ": once ended with ", code, "\n", daemon.output());
    poll_time_ = std::chrono::duration_cast<Wait>(std::chrono::steady_clock::now() - start);
  }

  const std::string operation_;
  const std::vector<std::string> chain_;
  const Folder folder_;

 public:
  const Sandbox sandbox;
  Triggerd daemon;

 private:
  std::mt19937 random_;
  Wait poll_time_{0};
  Expected expected_;
};

bool has_members(const json& record, const json& members) {
  return std::all_of(members.items().begin(), members.items().end(), [&](const auto& member) {
    return record.contains(member.key()) && record.at(member.key()) == member.value();
  });
}

// The record that is changed, or copied.
json chosen(const Scene& scene, const Case& one) {
  json best;
  std::string greatest;
  for (const json& record : scene.sandbox.records(one.collection)) {
    if (!has_members(record, one.like)) continue;
    const std::string value = one.latest_by.empty() ? "" : record.value(one.latest_by, "");
    if (!best.is_null() && value <= greatest) continue;
    best = record;
    greatest = value;
  }
  REQUIRE_MESSAGE(!best.is_null(), one.operation);
  return best;
}

json copy_of(const Case& one, json record) {
  record.erase("id");
  record.erase("_id");
  record.merge_patch(one.copied_with);
  return record;
}

json add_copy(const Scene& scene, const Case& one) {
  const json pattern = chosen(scene, one);
  const json made = scene.sandbox.create(one.collection, copy_of(one, pattern));
  if (one.collection != "emails") return made;
  // An e-mail is found by way of a message that names it.
  Case message;
  message.collection = "messages";
  message.like = {{"messageType", "TYPE_EMAIL"}};
  message.copied_with = {{"meta", {{"email", {{"messageIds", {id_of(made)}}}}}}};
  scene.sandbox.create("messages", copy_of(message, chosen(scene, message)));
  return made;
}

std::string key_of(const Case& one, const json& record) {
  return one.key ? one.key(record) : id_of(record);
}

void run_several(Scene& scene, const Case& one) {
  const json made = add_copy(scene, one);
  const std::string key = key_of(one, made);
  scene.poll_all();
  scene.expect(key, "new");
  scene.check("after a record was made");

  scene.sandbox.update(one.collection, id_of(made), one.change);
  scene.poll_through_a_kill();
  scene.expect(key, "changed");
  scene.check("after it changed and triggerd was killed");
  scene.poll_own();
  scene.check("after one more poll");

  scene.sandbox.remove(one.collection, id_of(made));
  scene.two_sweeps();
  scene.expect(key, "removed");
  scene.check("after it was removed");
}

void run_single(Scene& scene, const Case& one) {
  const json record = chosen(scene, one);
  const std::string key = key_of(one, record);
  scene.sandbox.update(one.collection, id_of(record), one.change);
  scene.poll_through_a_kill();
  scene.expect(key, "changed");
  scene.check("after it changed and triggerd was killed");
  if (one.style == Style::changes_only) return;

  scene.sandbox.remove(one.collection, id_of(record));
  scene.two_sweeps();
  scene.expect(key, "removed");
  if (one.style == Style::oldest) {
    for (const auto& [other, kind] : scene.found()) {
      if (kind == "new" && other != key) scene.expect(other, kind);
    }
  }
  scene.check("after it was removed");
  if (one.style == Style::oldest) return;

  scene.sandbox.create(one.collection, record, id_of(record));
  scene.poll_own();
  scene.expect(key, "new");
  scene.check("after it came back");
}

void run_case(const Case& one) {
  Scene scene(one.operation);
  for (int i = 0; i < one.copies_before; ++i) add_copy(scene, one);
  scene.poll_all();
  scene.check("at the baseline");
  scene.check_pages();
  scene.poll_all();
  scene.check("at rest");
  if (one.style == Style::several) {
    run_several(scene, one);
  } else {
    run_single(scene, one);
  }
  scene.poll_own();
  scene.check("at the end");
  scene.check_at_rest();
}

}  // namespace

TEST_SUITE_BEGIN("contacts");

TEST_CASE("each contact trigger fires once per new, changed and removed record, also over a kill") {
  for (const Case& one : contact_cases()) run_case(one);
}

TEST_SUITE_END();
TEST_SUITE_BEGIN("calendars");

TEST_CASE(
    "each calendar trigger fires once per new, changed and removed record, also over a kill") {
  for (const Case& one : calendar_cases()) run_case(one);
}

TEST_CASE("free slots fire when they close and open, and not when they pass") {
  Scene scene("get_free_slots");
  scene.poll_all();
  scene.check("at the baseline");
  const std::string slot = query_text(scene.daemon.database(),
                                      "SELECT key FROM seen ORDER BY stream_id, key LIMIT 1 OFFSET "
                                      "(SELECT count(*) / 6 FROM seen)");
  REQUIRE(slot.size() > 20);
  const std::string item =
      query_text(scene.daemon.database(),
                 "SELECT s.item FROM seen k JOIN streams s ON s.id = k.stream_id WHERE k.key = '" +
                     slot + "' ORDER BY s.id LIMIT 1");
  std::string end = slot;
  end.replace(14, 2, "30");
  const json made =
      scene.sandbox.create("events", {{"calendarId", json::parse(item).at("calendarId")},
                                      {"startTime", slot},
                                      {"endTime", end},
                                      {"appointmentStatus", "confirmed"},
                                      {"title", "taken"}});
  scene.two_sweeps();
  scene.expect(slot, "removed");
  scene.check("after it was booked");
  scene.sandbox.remove("events", id_of(made));
  scene.poll_through_a_kill();
  scene.expect(slot, "new");
  scene.check("after it was free again and triggerd was killed");
  scene.sandbox.advance(24 * 3600);
  scene.poll_own();
  scene.check("a day later");
  scene.check_at_rest();
}

TEST_SUITE_END();
TEST_SUITE_BEGIN("conversations and sales");

TEST_CASE("each conversation and sales trigger fires once per change, also over a kill") {
  for (const Case& one : conversation_and_sales_cases()) run_case(one);
}

TEST_SUITE_END();
TEST_SUITE_BEGIN("account and others");

TEST_CASE("each other trigger fires once per new, changed and removed record, also over a kill") {
  for (const Case& one : account_and_other_cases()) run_case(one);
}

TEST_CASE("the cases are those of all 55 operations") {
  std::vector<std::string> covered{"get_free_slots"};
  for (const auto* cases : {&contact_cases(), &calendar_cases(), &conversation_and_sales_cases(),
                            &account_and_other_cases()}) {
    for (const Case& one : *cases) covered.push_back(one.operation);
  }
  std::vector<std::string> all;
  for (const PlainTrigger& trigger : plain_triggers()) all.push_back(trigger.operation);
  std::sort(covered.begin(), covered.end());
  std::sort(all.begin(), all.end());
  CHECK(all.size() == 55);
  CHECK(covered == all);
}

TEST_SUITE_END();
