// The figures for monitoring: what is counted, that nothing is counted twice or invented, and that
// their number has a bound.
#include "engine/metrics.h"

#include <doctest/doctest.h>

#include <algorithm>

#include "small_app.h"

namespace triggerd {
namespace {

constexpr Millis kMinute{60'000};
const std::string kOwn = "{trigger=\"t\",account=\"main\"";

// The value of a sample; -1 when there is none.
double value_of(const std::string& page, const std::string& sample) {
  const std::size_t at = page.find("\n" + sample + " ");
  return at == std::string::npos ? -1 : std::stod(page.substr(at + sample.size() + 2));
}

double value_in(SmallWorld& world, const std::string& sample) {
  return value_of(world.engine->metrics(), sample);
}

StreamRow row_of(const std::string& trigger, const std::string& account) {
  StreamRow row;
  row.trigger = trigger;
  row.account = account;
  return row;
}

TEST_CASE("polls, records, detections, events and attempts are counted as they happen") {
  SmallWorld world(one_trigger("app.list_items"));
  for (int i = 0; i < 4; ++i) world.app.put("old" + std::to_string(i), {{"name", "n"}});
  world.pass(2 * kMinute);
  const double polls = value_in(world, "triggerd_polls_total" + kOwn + "}");
  CHECK(polls >= 1);
  CHECK(value_in(world, "triggerd_records_total" + kOwn + "}") == 4 * polls);
  CHECK(value_in(world, "triggerd_events_total" + kOwn + ",kind=\"new\"}") == 0);
  world.app.put("fresh", {{"name", "a"}});
  world.app.put("old1", {{"name", "other"}});
  world.pass(2 * kMinute);
  CHECK(value_in(world, "triggerd_events_total" + kOwn + ",kind=\"new\"}") == 1);
  CHECK(value_in(world, "triggerd_events_total" + kOwn + ",kind=\"changed\"}") == 1);
  CHECK(value_in(world, "triggerd_detections_total" + kOwn + ",kind=\"removed\"}") == 0);
  CHECK(value_in(world, "triggerd_attempts_total{trigger=\"t\",outcome=\"succeeded\"}") == 2);
  CHECK(value_in(world, "triggerd_commit_seconds_count") >= 2);
  CHECK(value_in(world, "triggerd_turns_total") > 100);
}

TEST_CASE("a detection that its filter refuses is one, and no event") {
  SmallWorld world(one_trigger("app.list_items", "    when: .record.name == \"wanted\"\n"));
  world.pass(2 * kMinute);
  world.app.put("a", {{"name", "wanted"}});
  world.app.put("b", {{"name", "other"}});
  world.pass(2 * kMinute);
  CHECK(value_in(world, "triggerd_detections_total" + kOwn + ",kind=\"new\"}") == 2);
  CHECK(value_in(world, "triggerd_events_total" + kOwn + ",kind=\"new\"}") == 1);
}

TEST_CASE("failures are counted by what the answer meant, and the stream's health is told") {
  SmallWorld world(one_trigger("app.list_items"));
  world.pass(2 * kMinute);
  CHECK(value_in(world, "triggerd_streams" + kOwn + ",health=\"ok\"}") == 1);
  world.app.fail_status = 503;
  world.pass(5 * kMinute);
  CHECK(value_in(world, "triggerd_poll_failures_total" + kOwn + ",kind=\"transient\"}") >= 1);
  CHECK(value_in(world, "triggerd_streams" + kOwn + ",health=\"failing\"}") == 1);
  CHECK(value_in(world, "triggerd_streams" + kOwn + ",health=\"ok\"}") == -1);
  CHECK(value_in(world, "triggerd_account_suspended{account=\"main\"}") == 0);
  world.app.fail_status = 401;
  world.pass(20 * kMinute);
  CHECK(value_in(world, "triggerd_account_suspended{account=\"main\"}") == 1);
}

TEST_CASE("DSP-13: dead letters and held events are told by trigger and account") {
  SmallWorld world(one_trigger("app.list_items", "    hold_above: 3\n"));
  world.pass(2 * kMinute);
  world.app.hook_status = 422;
  world.app.put("a", {{"name", "x"}});
  world.pass(2 * kMinute);
  CHECK(value_in(world, "triggerd_trigger_runs" + kOwn + ",state=\"dead\"}") == 1);
  CHECK(value_in(world, "triggerd_attempts_total{trigger=\"t\",outcome=\"dead\"}") == 1);
  CHECK(value_in(world, "triggerd_runs{state=\"dead\"}") == 1);
  for (int i = 0; i < 5; ++i) world.app.put("flood" + std::to_string(i), {{"name", "n"}});
  world.pass(2 * kMinute);
  CHECK(value_in(world, "triggerd_trigger_runs" + kOwn + ",state=\"held\"}") == 5);
  CHECK(value_in(world, "triggerd_events_held_total" + kOwn + "}") == 5);
}

TEST_CASE("a paused trigger has no lag; one that is not polled in time has") {
  SmallWorld world(one_trigger("app.list_items"));
  world.pass(2 * kMinute);
  world.clock.pass(Millis{10 * kMinute});
  CHECK(value_in(world, "triggerd_lag_seconds" + kOwn + "}") >= 500);
  world.engine->operate({{"command", "pause"}, {"trigger", "t"}});
  CHECK(value_in(world, "triggerd_lag_seconds" + kOwn + "}") == 0);
  CHECK(value_in(world, "triggerd_streams" + kOwn + ",health=\"paused\"}") == 1);
}

TEST_CASE("what was rolled back was never counted") {
  Meter meter;
  PageCounts counts;
  counts.records = 7;
  const auto page_of = [&meter] {
    MetricsText text;
    meter.write(text);
    return text.take();
  };
  meter.polled(row_of("t", "main"));
  meter.page(row_of("t", "main"), counts);
  meter.attempt("t", AttemptEnd::Kind::retry);
  CHECK(value_of(page_of(), "triggerd_polls_total" + kOwn + "}") == -1);
  meter.rollback();
  meter.commit(Millis{1});
  CHECK(value_of(page_of(), "triggerd_polls_total" + kOwn + "}") == -1);
  meter.polled(row_of("t", "main"));
  meter.page(row_of("t", "main"), counts);
  meter.commit(Millis{1});
  meter.commit(Millis{1});  // once more: nothing new
  CHECK(value_of(page_of(), "triggerd_polls_total" + kOwn + "}") == 1);
  CHECK(value_of(page_of(), "triggerd_records_total" + kOwn + "}") == 7);
}

TEST_CASE("labels have a bound: what is beyond it is told together, and nothing is lost") {
  Meter meter;
  constexpr std::size_t kPairs = kMeteredPairsMax + 500;
  for (std::size_t i = 0; i < kPairs; ++i) {
    meter.polled(row_of("t" + std::to_string(i), "main"));
    meter.attempt("t" + std::to_string(i), AttemptEnd::Kind::succeeded);
  }
  meter.commit(std::nullopt);
  MetricsText text;
  meter.write(text);
  const std::string page = text.take();
  const auto lines = std::count(page.begin(), page.end(), '\n');
  CHECK(lines < 12 * static_cast<long>(kMeteredPairsMax) + 100);
  CHECK(value_of(page, "triggerd_polls_total{trigger=\"other\",account=\"other\"}") == 500);
  CHECK(value_of(page, "triggerd_attempts_total{trigger=\"other\",outcome=\"succeeded\"}") == 500);
  CHECK(value_of(page, "triggerd_polls_total{trigger=\"t7\",account=\"main\"}") == 1);
}

TEST_CASE("triggers that are gone from the configuration are gone from the page") {
  SmallWorld world(one_trigger("app.list_items"));
  world.pass(2 * kMinute);
  std::string renamed = one_trigger("app.list_items");
  renamed.replace(renamed.find("  t:\n"), 5, "  u:\n");
  REQUIRE(world.load(renamed));
  world.pass(2 * kMinute);
  const std::string page = world.engine->metrics();
  CHECK(page.find("trigger=\"t\"") == std::string::npos);
  CHECK(value_of(page, "triggerd_polls_total{trigger=\"u\",account=\"main\"}") >= 1);
}

TEST_CASE("S-34: a name cannot end its label, or its line") {
  MetricsText text;
  text.family("triggerd_x", MetricsText::Type::gauge, "X.");
  text.sample({{"trigger", "a\"} 1\nb\\"}}, 2.5);
  CHECK(text.take() ==
        "# HELP triggerd_x X.\n# TYPE triggerd_x gauge\n"
        "triggerd_x{trigger=\"a\\\"} 1\\nb\\\\\"} 2.5\n");
}

TEST_CASE("a histogram counts what is at most each bound, and all of it in the last line") {
  Histogram histogram({1, 5});
  for (const double value : {0.5, 1.0, 3.0, 70.0}) histogram.add(value);
  MetricsText text;
  text.family("h", MetricsText::Type::histogram, "H.");
  text.samples(histogram);
  const std::string page = text.take();
  CHECK(value_of(page, "h_bucket{le=\"1\"}") == 2);
  CHECK(value_of(page, "h_bucket{le=\"5\"}") == 3);
  CHECK(value_of(page, "h_bucket{le=\"+Inf\"}") == 4);
  CHECK(value_of(page, "h_sum") == 74.5);
  CHECK(value_of(page, "h_count") == 4);
}

TEST_CASE(
    "replay and forget work in a running engine: events fire again, a forgotten one does not") {
  SmallWorld world(one_trigger("app.list_items", "    remember: record\n"));
  world.pass(2 * kMinute);
  world.app.put("a", {{"name", "Ann"}});
  world.pass(2 * kMinute);
  REQUIRE(world.app.delivered.size() == 1);
  const std::string event = world.events()[0].value("event_id", "");
  CHECK(world.engine->operate({{"command", "replay"}, {"trigger", "t"}, {"event", event}})
            .value("ok", false));
  world.pass(kMinute);
  REQUIRE(world.app.hooks.size() == 2);
  const auto header = [](const HttpRequest& request, const std::string& name) -> std::string {
    for (const HttpHeader& one : request.headers) {
      if (one.name == name) return one.value;
    }
    return "";
  };
  CHECK(header(world.app.hooks[0], "X-Triggerd-Replay").empty());
  CHECK(header(world.app.hooks[1], "X-Triggerd-Replay") == event);
  CHECK(header(world.app.hooks[1], "webhook-id") != header(world.app.hooks[0], "webhook-id"));
  CHECK(header(world.app.hooks[1], "X-Triggerd-Attempt") == "1");

  const nlohmann::json forgotten =
      world.engine->operate({{"command", "forget"}, {"record", "a"}, {"trigger", ""}});
  CHECK(forgotten.value("ok", false));
  CHECK(forgotten.value("message", "").find("1 stream, the bodies of 2 events") !=
        std::string::npos);
  world.pass(10 * kMinute);
  CHECK(world.events().size() == 2);
  CHECK_FALSE(world.engine->operate({{"command", "replay"}, {"trigger", "t"}, {"event", event}})
                  .value("ok", true));
  world.app.put("a", {{"name", "Bea"}});
  world.pass(2 * kMinute);
  CHECK(world.kinds_of("a").back() == "changed");
}

}  // namespace
}  // namespace triggerd
