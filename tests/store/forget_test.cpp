// What is kept of one record, taken away for good.
#include "triggerd/store/forget.h"

#include <doctest/doctest.h>

#include <fstream>

#include "rows.h"
#include "store/seen.h"

namespace triggerd {
namespace {

constexpr const char* kMail = "ann.canary@example.com";

std::string bytes_of(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

// A record `a` with an e-mail address in everything that is kept of it, and `b` with another.
struct Known {
  ScratchDatabase scratch;
  StreamRow stream = add_active_stream(*scratch);
  StreamRow other = add_active_stream(*scratch, "others");

  Known() {
    keep(stream, "a", kMail);
    keep(other, "a", kMail);
    keep(stream, "b", "bob@example.com");
  }
  void keep(StreamRow& of, const std::string& key, const std::string& mail) {
    DetectionRow row = fired(key);
    row.event_id = "evt_" + of.trigger + key;
    row.object = R"({"record":{"email":")" + mail + R"("}})";
    row.reason = "cannot parse " + mail;
    PageCommit page = page_of(of, {row}, 0);
    page.seen = {seen_row(key, 1)};
    page.seen[0].remembered = R"({"email":")" + mail + R"("})";
    OddRecord odd;
    odd.key = key;
    odd.reason = "odd";
    odd.raw = mail;
    page.odd = {odd};
    commit_page(*scratch, page);
  }
  void send(const std::string& event, const AttemptEnd& end) {
    const std::int64_t run = run_of(*scratch, event);
    AttemptEnd told = end;
    told.reason = std::string("refused ") + kMail;
    try_step(*scratch, run, 0, told, 1);
  }
  bool holds(const std::string& what) {
    scratch->checkpoint();
    return bytes_of(scratch.directory().file("triggerd.db")).find(what) != std::string::npos ||
           bytes_of(scratch.directory().file("triggerd.db-wal")).find(what) != std::string::npos;
  }
};

TEST_CASE("S-37: no byte of a forgotten record is left in the database or its log") {
  Known world;
  world.send("evt_leadsa", death());
  world.send("evt_othersa", success());
  REQUIRE(world.holds(kMail));
  const Forgotten gone = forget_record(*world.scratch, "a", "", at(5));
  CHECK(gone.records == 2);
  CHECK(gone.events == 2);
  CHECK(gone.dropped == 2);
  CHECK(gone.odd == 2);
  CHECK_FALSE(world.holds(kMail));
  CHECK(world.holds("bob@example.com"));
}

TEST_CASE("a forgotten record is still known: its fingerprint, its number and its verdicts stay") {
  Known world;
  const Seen before = read_seen(*world.scratch, world.stream.id, {"a"}).at("a");
  forget_record(*world.scratch, "a", "leads", at(5));
  const Seen after = read_seen(*world.scratch, world.stream.id, {"a"}).at("a");
  CHECK(after.remembered.empty());
  CHECK(after.fingerprint == before.fingerprint);
  CHECK(after.raw_hash == before.raw_hash);
  CHECK(after.rule == before.rule);
  CHECK(after.n == before.n);
  CHECK(list_why(*world.scratch, "leads", "a").rows.size() == 1);
  CHECK(remembered_record(after) == nlohmann::json::object());
}

TEST_CASE("only the named trigger forgets; the other keeps its values and sends its events") {
  Known world;
  const Forgotten gone = forget_record(*world.scratch, "a", "leads", at(5));
  CHECK(gone.records == 1);
  CHECK(gone.dropped == 1);
  CHECK(state_of(*world.scratch, "evt_leadsa") == "done");
  CHECK(text(*world.scratch, "SELECT reason FROM runs WHERE id = ?",
             run_of(*world.scratch, "evt_leadsa")) == "forgotten");
  CHECK(state_of(*world.scratch, "evt_othersa") == "waiting");
  CHECK(read_seen(*world.scratch, world.other.id, {"a"}).at("a").remembered.find(kMail) !=
        std::string::npos);
}

TEST_CASE("an event that is being sent is left as it is, and said") {
  Known world;
  const std::int64_t run = run_of(*world.scratch, "evt_leadsa");
  begin_attempt(*world.scratch, run, read_run(*world.scratch, run)->steps[0], "{}", at(1));
  const Forgotten gone = forget_record(*world.scratch, "a", "leads", at(5));
  CHECK(gone.in_flight == 1);
  CHECK(gone.dropped == 0);
  CHECK(state_of(*world.scratch, "evt_leadsa") == "waiting");
}

TEST_CASE("the triggers that know a record are named") {
  Known world;
  CHECK(triggers_knowing(*world.scratch, "a") == std::vector<std::string>{"leads", "others"});
  CHECK(triggers_knowing(*world.scratch, "b") == std::vector<std::string>{"leads"});
  CHECK(triggers_knowing(*world.scratch, "c").empty());
}

}  // namespace
}  // namespace triggerd
