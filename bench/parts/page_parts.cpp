// What is done with one answer: cut it, know it again, compare it with what was seen, commit it.
#include <benchmark/benchmark.h>

#include "pages.h"
#include "poll/known_page.h"
#include "triggerd/detect/detect.h"
#include "triggerd/store/page_commit.h"
#include "world.h"

namespace triggerd::bench {
namespace {

const Config& config() {
  static const std::shared_ptr<const Config> made = config_of(1);
  return *made;
}

const WallTime kNow = *parse_iso8601("2026-03-03T09:30:00Z");

DetectMode mode_of(PollMode mode) {
  DetectMode made;
  made.mode = mode;
  made.t0 = made.now = kNow;
  return made;
}

std::vector<std::string> keys_of(const Page& page) {
  std::vector<std::string> keys;
  for (const Record& record : page.records) keys.push_back(record.key);
  return keys;
}

// The first of its records was edited since page_body().
std::string edited_body(int records) {
  std::string body = page_body(records);
  const std::string from = "\"city\":\"London\"";
  return body.replace(body.find(from), from.size(), "\"city\":\"Turin!\"");
}

StreamRow add_row(Database& database, const std::string& item) {
  TriggerRow trigger;
  trigger.id = "t";
  save_trigger(database, trigger, kNow);
  StreamRow row;
  row.trigger = "t";
  row.account = "bench";
  row.item = item;
  row.state = "active";
  add_stream(database, row, kNow);
  return row;
}

void commit_of(Database& database, StreamRow& row, const PageOutcome& outcome) {
  PageCommit page;
  page.stream = &row;
  page.generation = row.generation;
  page.seen = outcome.rows;
  for (const Detection& found : outcome.detections) {
    DetectionRow one;
    one.key = found.key;
    one.n = found.n;
    one.kind = found.kind;
    one.fingerprint = found.fingerprint;
    one.event_id = "evt_" + std::to_string(static_cast<std::int64_t>(row.id)) + found.key + "_" +
                   std::to_string(found.n);
    one.object = found.record.dump();
    page.detections.push_back(std::move(one));
  }
  page.steps_hash = "steps";
  page.step_ids = {"hook"};
  page.walk_over = true;
  page.now = kNow;
  commit_page(database, page);
}

void cut(benchmark::State& state) {
  const std::string body = page_body(static_cast<int>(state.range(0)));
  for (auto _ : state) benchmark::DoNotOptimize(page_of(body, config()));
  state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(body.size()));
}
BENCHMARK(cut)->Arg(20)->Arg(100);

// Argument 2: the members around the list are others than last time.
void know_again(benchmark::State& state) {
  std::string body = page_body(static_cast<int>(state.range(0)));
  const nlohmann::json values = nlohmann::json::object();
  CutRules rules;
  rules.operation = config().triggers.front().operation;
  rules.values = &values;
  const KnownPage known = known_page(page_of(body, config()), rules);
  if (state.range(1) == 1) body.replace(body.find("5f0c8d6a"), 8, "00000000");
  for (auto _ : state) {
    if (!is_known_page(known, body, rules)) return state.SkipWithError("not known");
  }
}
BENCHMARK(know_again)->ArgsProduct({{20, 100}, {0, 1}})->ArgNames({"records", "around_moved"});

// With the rows read from the database, as for each page that is not known again.
void detect(benchmark::State& state) {
  const int records = static_cast<int>(state.range(0));
  const Folder folder;
  Database database = Database::open(folder.path(), {}, kNow);
  database.begin();
  StreamRow row = add_row(database, "{}");
  const DetectRules rules = detect_rules(config().triggers.front());
  const Page first = page_of(page_body(records), config());
  commit_of(database, row, detect_page(rules, first, {}, mode_of(PollMode::baseline), {}));
  database.commit();
  const bool changed = state.range(1) == 1;
  const Page page = page_of(changed ? edited_body(records) : page_body(records), config());
  for (auto _ : state) {
    const SeenMap seen = read_seen(database, row.id, keys_of(page));
    const PageOutcome outcome = detect_page(rules, page, seen, mode_of(PollMode::normal), {});
    if (outcome.detections.size() != (changed ? 1U : 0U)) return state.SkipWithError("detections");
  }
}
BENCHMARK(detect)->ArgsProduct({{20, 100}, {0, 1}})->ArgNames({"records", "changed"});

// Pages with one change each, so many in a transaction; figures are of one transaction.
void commit(benchmark::State& state) {
  const auto together = static_cast<std::size_t>(state.range(0));
  const Folder folder;
  Database database = Database::open(folder.path(), {}, kNow);
  const DetectRules rules = detect_rules(config().triggers.front());
  const Page first = page_of(page_body(20), config());
  std::vector<StreamRow> rows;
  database.begin();
  for (std::size_t i = 0; i < together; ++i) {
    rows.push_back(add_row(database, "{\"n\":\"" + std::to_string(i) + "\"}"));
    commit_of(database, rows.back(),
              detect_page(rules, first, {}, mode_of(PollMode::baseline), {}));
  }
  database.commit();
  const Page page = page_of(edited_body(20), config());
  const SeenMap seen = read_seen(database, rows.front().id, keys_of(page));
  PageOutcome outcome = detect_page(rules, page, seen, mode_of(PollMode::normal), {});
  for (auto _ : state) {
    database.begin();
    for (StreamRow& row : rows) commit_of(database, row, outcome);
    database.commit();
    ++outcome.detections.front().n;
    ++outcome.rows.front().n;
  }
  state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(together));
}
BENCHMARK(commit)->Arg(1)->Arg(16)->Arg(64)->ArgName("pages");

}  // namespace
}  // namespace triggerd::bench
