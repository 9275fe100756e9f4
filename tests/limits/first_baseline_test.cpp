// A location of very many contacts (TRIGGERD_CONTACTS; a million in the long form) read by the
// program as it is shipped: the first baseline through kills, and whole sweeps afterwards.
#include <doctest/doctest.h>

#include <filesystem>
#include <random>

#include "limits/contact_upstream.h"
#include "limits/daemon.h"
#include "limits/measuring.h"

using namespace triggerd::limits;
using triggerd::end_to_end::Wait;
using triggerd::end_to_end::wait_until;

namespace {

constexpr double kMemoryBound = 64;  // MB
constexpr int kSmallStreams = 20;
constexpr Wait kLongest{1'800'000};

std::string config_text(const std::string& operation) {
  std::string text = "version: 1\naccounts:\n";
  for (const auto& [name, location] :
       {std::pair{"big", kBigLocation}, std::pair{"small", kSmallLocation}}) {
    text += std::string("  ") + name + ":\n    connector: highlevel\n    location_id: " + location +
            "\n    auth: {token: \"${env:HIGHLEVEL_TOKEN}\"}\n";
  }
  text += "triggers:\n" + trigger_text("big", operation, "big", "");
  for (int i = 0; i < kSmallStreams; ++i) {
    text += trigger_text("small" + std::to_string(i), "list_contacts_deprecated", "small",
                         "    params: {query: s" + std::to_string(i) + "}\n");
  }
  return text;
}

void judge_memory(const std::string& name, double value) {
  if (!kJudgesMemory) {
    note_figure(name + " with sanitizers", value, "MB");
    return;
  }
  note_limit(name, value, "MB", kMemoryBound);
  CHECK(value < kMemoryBound);
  CHECK(value > 0);
}

}  // namespace

TEST_CASE("DET-01 PAG-15 a first baseline of very many contacts survives kills and fires nothing") {
  const std::int64_t contacts = setting("TRIGGERD_CONTACTS", kContactsShort);
  const std::int64_t kills = setting("TRIGGERD_KILLS", 5);
  const std::int64_t seed = setting("TRIGGERD_SEED", 1);
  note_seeds(seed, seed);
  std::mt19937_64 random(static_cast<std::uint64_t>(seed));
  ContactUpstream upstream(contacts);
  Daemon daemon(upstream.url(), config_text("search_contacts"));
  const auto began = std::chrono::steady_clock::now();
  const std::int64_t all_pages = (contacts + 499) / 500;
  double memory = 0;
  for (std::int64_t kill = 0; kill < kills; ++kill) {
    // Somewhere in the next part of the pages, so that all kills hit the baseline.
    const std::int64_t part = all_pages / (kills + 1);
    const std::int64_t at =
        part * kill + 1 + static_cast<std::int64_t>(random() % static_cast<std::uint64_t>(part));
    REQUIRE(wait_until(kLongest, [&] { return upstream.pages() >= at + kill; }));
    memory = std::max(memory, daemon.memory("VmHWM"));
    daemon.kill();
    if (kill + 1 == kills) {
      // What is left when nothing runs: a stream in its baseline, with some of its records read.
      const std::string shown = daemon.status();
      const auto rows = nlohmann::json::parse(shown, nullptr, false);
      REQUIRE_MESSAGE(rows.is_array(), shown);
      REQUIRE(rows.size() == 1);
      CHECK(rows[0].value("state", "") == "baseline");
      CHECK(rows[0].value("records", 0) > 0);
      CHECK(rows[0].value("records", 0) < contacts + kills * 500);
    }
    daemon.start();
  }
  REQUIRE(wait_until(kLongest, [&] {
    memory = std::max(memory, daemon.memory("VmHWM"));
    return daemon.number(
               "SELECT count(*) FROM streams WHERE trigger = 'big' AND state = 'active'") > 0;
  }));
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - began;
  CHECK(daemon.number("SELECT count(*) FROM seen s JOIN streams t ON t.id = s.stream_id "
                      "WHERE t.trigger = 'big'") == contacts);
  CHECK(daemon.number("SELECT count(*) FROM detections") == 0);
  CHECK(daemon.number("SELECT count(*) FROM events") == 0);
  std::int64_t again = 0, missing = 0;
  const auto served = upstream.served();
  for (std::int64_t page = 0; page < all_pages; ++page) {
    const auto found = served.find(page * 500);
    if (found == served.end())
      ++missing;
    else
      again += found->second - 1;
  }
  CHECK(missing == 0);
  CHECK(again <= kills);
  count("contacts_read", contacts);
  count("kills", kills);
  count("invented", daemon.number("SELECT count(*) FROM events"));
  note_limit("pages read again after " + std::to_string(kills) + " kills in the baseline",
             static_cast<double>(again), "pages", static_cast<double>(kills));
  judge_memory("peak resident memory, first baseline of " + std::to_string(contacts) + " contacts",
               memory);
  note_figure("first baseline", took.count(), "s");
  CHECK(daemon.stop() == 0);
}

TEST_CASE("DET-02 whole sweeps of very many contacts find the few that went, and hold up nobody") {
  constexpr std::int64_t kGone = 5;
  const std::int64_t contacts = setting("TRIGGERD_CONTACTS", kContactsShort);
  ContactUpstream upstream(contacts);
  Daemon daemon(upstream.url(), config_text("list_contacts_deprecated"));
  const auto began = std::chrono::steady_clock::now();
  const auto seconds = [&] {
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - began).count();
  };
  REQUIRE(wait_until(kLongest, [&] {
    return daemon.number(
               "SELECT count(*) FROM streams WHERE trigger = 'big' AND state = 'active'") > 0;
  }));
  const double baseline = seconds();
  note_lateness(upstream.small_intervals(), "beside the baseline", baseline);
  upstream.forget_intervals();
  const double after_baseline = daemon.memory("VmHWM");
  // A sweep that meets everything, then those that find the removals.
  const auto sweeps = [&] {
    return daemon.text("SELECT last_sweep FROM streams WHERE trigger = 'big'");
  };
  const std::string first = sweeps();
  REQUIRE(wait_until(kLongest, [&] { return sweeps() != first; }));
  const double one_sweep = seconds() - baseline;
  note_lateness(upstream.small_intervals(), "beside the sweep", one_sweep);
  upstream.forget_intervals();
  CHECK(daemon.number("SELECT count(*) FROM events") == 0);
  upstream.hide(contacts / 2, contacts / 2 + kGone);
  const bool found = wait_until(kLongest, [&] {
    return daemon.number("SELECT count(*) FROM events WHERE kind = 'removed'") >= kGone;
  });
  CHECK_MESSAGE(found, "removals were not found: " << daemon.status() << daemon.log());
  note_lateness(upstream.small_intervals(), "beside the sweeps that find removals",
                seconds() - baseline - one_sweep);
  CHECK(daemon.number("SELECT count(*) FROM events") == kGone);
  count("contacts_read", contacts * 4);
  judge_memory("peak resident memory, baseline and whole sweeps of " + std::to_string(contacts) +
                   " contacts",
               daemon.memory("VmHWM"));
  note_figure("  of it after the baseline", after_baseline, "MB");
  note_figure("baseline by pages of 100", baseline, "s");
  note_figure("one whole sweep", one_sweep, "s");
  note_figure("database",
              static_cast<double>(std::filesystem::file_size(daemon.database())) /
                  static_cast<double>(contacts),
              "bytes a contact");
  CHECK(daemon.stop() == 0);
}
