// The checker of deliveries itself: it must find what it is there to find.
#include "checker/deliveries.h"

#include <doctest/doctest.h>
#include <sqlite3.h>
#include <stdlib.h>
#include <unistd.h>

#include "checker/database_rules.h"

using namespace triggerd::checker;

namespace {

// The tables of the outbox as far as the checker reads them: one record with two events.
class Outbox {
 public:
  Outbox() {
    std::string pattern = "/tmp/triggerd-checker-XXXXXX";
    ::close(::mkstemp(pattern.data()));
    path_ = pattern;
    run("CREATE TABLE events (id INTEGER, event_id, stream_id, key, n);"
        "CREATE TABLE runs (id INTEGER, state); CREATE TABLE steps (run, key, state, attempts, "
        "request); CREATE TABLE attempts (run, key, number, outcome);"
        "CREATE TABLE detections (stream_id, key, n, verdict, event);"
        "CREATE TABLE seen (stream_id, key, n);"
        "INSERT INTO detections VALUES (1, 'r', 1, 'fired', 1), (1, 'r', 2, 'fired', 2);"
        "INSERT INTO seen VALUES (1, 'r', 2);"
        "INSERT INTO events VALUES (1, 'e1', 1, 'r', 1), (2, 'e2', 1, 'r', 2);"
        "INSERT INTO runs VALUES (1, 'done'), (2, 'done');"
        "INSERT INTO steps VALUES (1, 'k1', 'succeeded', 2, '{\"body\":\"body\"}'),"
        "(2, 'k2', 'succeeded', 1, '');"
        "INSERT INTO attempts VALUES (1, 'k1', 1, 'retry'), (1, 'k1', 2, 'succeeded');");
  }
  ~Outbox() { ::unlink(path_.c_str()); }
  Outbox(const Outbox&) = delete;
  Outbox& operator=(const Outbox&) = delete;

  void run(const std::string& sql) const {
    sqlite3* database = nullptr;
    REQUIRE(sqlite3_open(path_.c_str(), &database) == SQLITE_OK);
    CHECK(sqlite3_exec(database, sql.c_str(), nullptr, nullptr, nullptr) == SQLITE_OK);
    sqlite3_close(database);
  }
  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

Arrival arrived(std::int64_t seq, const std::string& key, std::int64_t attempt, int status) {
  return {seq, key, attempt, "/", "body", status, true, status != 200};
}

std::string problems_of(const std::vector<Arrival>& arrivals, const Outbox& outbox) {
  return joined(check_deliveries(arrivals, outbox.path()));
}

bool names(const std::string& text, const char* invariant) {
  return text.find(invariant) != std::string::npos;
}

}  // namespace

TEST_CASE("the checker accepts a repeat after an error, in the order of the record's events") {
  const Outbox outbox;
  CHECK(check_deliveries(
            {arrived(1, "k1", 1, 500), arrived(2, "k1", 2, 200), arrived(3, "k2", 1, 200)},
            outbox.path())
            .empty());
  CHECK(check_database(outbox.path()).empty());
}

TEST_CASE("the checker names the invariant that arrivals break") {
  const Outbox outbox;
  const Arrival first = arrived(1, "k1", 1, 200);
  const Arrival second = arrived(3, "k2", 1, 200);
  CHECK(names(problems_of({first}, outbox), "I11"));
  CHECK(names(problems_of({first, second, arrived(4, "other", 1, 200)}, outbox), "I10"));
  CHECK(names(problems_of({first, arrived(2, "k1", 1, 200), second}, outbox), "I13"));
  CHECK(names(problems_of({first, arrived(2, "k1", 3, 200), second}, outbox), "I13"));
  CHECK(names(problems_of({first, arrived(2, "k1", 2, 200), second}, outbox), "I14"));
  CHECK(names(problems_of({arrived(5, "k1", 1, 200), second}, outbox), "I12"));
  Arrival other = arrived(2, "k1", 2, 200);
  other.body = "another";
  CHECK(names(problems_of({arrived(1, "k1", 1, 500), other, second}, outbox), "I10"));
}

TEST_CASE(
    "the checker finds bytes that are not those that are stored, and repeats without a cause") {
  Outbox outbox;
  CHECK_FALSE(names(joined(check_database(outbox.path())), "I14"));
  outbox.run("UPDATE attempts SET outcome = 'succeeded'");
  CHECK(names(joined(check_database(outbox.path())), "I14"));
  const std::vector<Arrival> both{arrived(1, "k1", 1, 200), arrived(2, "k2", 1, 200)};
  CHECK_FALSE(names(problems_of(both, outbox), "I10"));
  outbox.run("UPDATE steps SET request = '{\"body\":\"another\"}' WHERE key = 'k1'");
  CHECK(names(problems_of(both, outbox), "I10"));
}

TEST_CASE("the checker finds gaps in numbers and events without runs") {
  const Outbox outbox;
  outbox.run("UPDATE detections SET n = 3 WHERE n = 2");
  CHECK(names(joined(check_database(outbox.path())), "I2"));
  outbox.run("DELETE FROM runs WHERE id = 2");
  CHECK(names(joined(check_database(outbox.path())), "I9"));
}
