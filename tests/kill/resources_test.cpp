// What the daemon holds of the machine: open files, threads, memory, and one database connection.
#include <doctest/doctest.h>
#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <map>
#include <regex>
#include <set>

#include "kill/fire.h"

using namespace triggerd::fire;
using triggerd::end_to_end::read_text;
using triggerd::end_to_end::wait_until;

namespace {

namespace fs = std::filesystem;

constexpr Wait kSoon{20'000};
// As many requests as fall together vary a little; a socket lost with each reload is more.
constexpr int kSocketsMore = 6;
constexpr int kFilesMore = 2;  // a file that an action writes, and its folder

std::string proc(int pid, const char* name) { return "/proc/" + std::to_string(pid) + "/" + name; }

// How often each file is open, by its name.
std::map<std::string, int> open_files(int pid) {
  std::map<std::string, int> files;
  std::error_code gone;
  for (const auto& entry : fs::directory_iterator(proc(pid, "fd"), gone)) {
    const std::string target = fs::read_symlink(entry.path(), gone);
    if (!target.empty()) ++files[fs::path(target).filename()];
  }
  return files;
}

struct Held {
  int files = 0, sockets = 0, threads = 0;
  std::int64_t resident_kb = 0;
};

std::int64_t status_number(const std::string& status, const char* name) {
  const std::size_t at = status.find(name);
  REQUIRE(at != std::string::npos);
  return std::stoll(status.substr(at + std::string(name).size()));
}

Held held_by(int pid) {
  const std::string status = read_text(proc(pid, "status"));
  Held held;
  for (const auto& [name, times] : open_files(pid)) {
    (name.starts_with("socket:") ? held.sockets : held.files) += times;
  }
  held.threads = static_cast<int>(status_number(status, "Threads:"));
  held.resident_kb = status_number(status, "VmRSS:");
  return held;
}

// Seconds of processor time so far.
double processor_time(int pid) {
  std::ifstream file(proc(pid, "stat"));
  const std::string text{std::istreambuf_iterator<char>(file), {}};
  std::istringstream rest(text.substr(text.rfind(')') + 2));
  std::string word;
  for (int i = 0; i < 11; ++i) rest >> word;
  double user = 0, system = 0;
  rest >> user >> system;
  return (user + system) / static_cast<double>(::sysconf(_SC_CLK_TCK));
}

void reload(const FireScene& scene, Process& daemon) {
  const std::string before = scene.log();
  daemon.signal(SIGHUP);
  CHECK(wait_until(kSoon, [&] { return scene.log().size() > before.size(); }));
}

// The most over some moments: what is open for a request in flight comes and goes.
Held most_held(const FireScene& scene, int pid) {
  Held most;
  for (int look = 0; look < 30; ++look) {
    const Held now = held_by(pid);
    most.files = std::max(most.files, now.files);
    most.sockets = std::max(most.sockets, now.sockets);
    most.threads = std::max(most.threads, now.threads);
    most.resident_kb = std::max(most.resident_kb, now.resident_kb);
    wait_until(Wait{20}, [] { return false; });
  }
  CHECK(scene.log().find("error") == std::string::npos);
  return most;
}

}  // namespace

TEST_SUITE_BEGIN("resources");

TEST_CASE("COM-09 COM-12 the daemon opens the database once, and what runs beside it writes none") {
  FireScene scene({});
  scene.start();
  scene.wait_for_baselines();
  scene.wait_for_polls(50);
  const auto files = open_files(scene.daemon().pid());
  CHECK(files.at("triggerd.db") == 1);
  CHECK(files.at("triggerd.db-wal") == 1);
  CHECK(files.at("triggerd.db-shm") == 1);
  CHECK(files.at("lock") == 1);
  for (const char* command : {"status", "events", "dead", "held", "doctor", "pause", "resume"}) {
    CAPTURE(command);
    Failpoint point;
    point.deed = "eio";
    std::vector<std::string> more;
    if (std::string(command) == "pause" || std::string(command) == "resume") {
      more.push_back("list_workflows");
    }
    scene.say_under(point, command, more);
    CHECK(read_text(scene.report()).find("triggerd.db") == std::string::npos);
  }
  scene.finish();
}

TEST_CASE("COM-09 only src/store opens the database") {
  const std::regex opens(R"(sqlite3_open|SQLite::Database\b|triggerd\.db")");
  std::set<std::string> folders;
  for (const auto& entry :
       fs::recursive_directory_iterator(std::string(TRIGGERD_SOURCE) + "/src")) {
    if (entry.is_regular_file() && std::regex_search(read_text(entry.path()), opens)) {
      folders.insert(entry.path().parent_path().filename());
      CAPTURE(entry.path().string());
      // Whoever looks for a state asks whether the file is there; src/store opens it.
      const std::string name = entry.path().filename();
      const bool allowed = entry.path().parent_path().filename() == "store" ||
                           name == "doctor.cpp" || name == "state_place.cpp";
      CHECK(allowed);
    }
  }
  CHECK(folders.contains("store"));
}

TEST_CASE("FET-21 with few file descriptors it neither ends nor spins, and loses nothing") {
  FireScene scene({});
  scene.start();
  scene.wait_for_baselines();
  scene.kill();
  // Sanitizers open files of their own while they look at things.
  const auto limits = sanitized() ? std::vector<int>{32} : std::vector<int>{16, 20, 24, 32};
  for (const int most : limits) {
    CAPTURE(most);
    scene.start_with("ulimit -n " + std::to_string(most));
    const auto code = scene.ended(Wait{1'500});
    count("starved_of_files");
    if (code) {
      // Too few to begin with: it says so.
      CHECK(*code != 0);
      CHECK(*code > 0);
      CHECK_FALSE(scene.log().empty());
      CHECK_MESSAGE(scene.log().find("Too many open files") != std::string::npos, scene.log());
      continue;
    }
    const double used = processor_time(scene.daemon().pid());
    CHECK(used < 1.2);
    const std::string log = scene.log();
    CHECK(std::count(log.begin(), log.end(), '\n') < 100);
    scene.kill();
  }
  scene.finish();
}

TEST_CASE("COM-14 SHU-05 with little memory it may end, and loses nothing") {
  if (sanitized()) return note_not_run("ulimit -v: a program with sanitizers");
  FireScene scene({});
  scene.start();
  scene.wait_for_baselines();
  const std::string status = read_text(proc(scene.daemon().pid(), "status"));
  const std::int64_t usual_kb = status_number(status, "VmPeak:");
  scene.kill();
  for (const int percent : {40, 60, 70, 80, 85, 90, 95}) {
    CAPTURE(percent);
    scene.start_with("ulimit -v " + std::to_string(usual_kb * percent / 100));
    const auto code = scene.ended(Wait{800});
    if (code) CHECK_MESSAGE(*code != 0, scene.log());
    count("starved_of_memory");
    if (!code) scene.kill();
  }
  scene.finish();
}

TEST_CASE("SHU-10 files, threads and memory stay flat over many polls and reloads") {
  FireScene scene({});
  scene.start();
  scene.wait_for_baselines();
  // Always the same streams.
  scene.sandbox().post("/control/pause", json::object());
  scene.wait_for_polls(200);
  for (int i = 0; i < 5; ++i) reload(scene, scene.daemon());
  const Held early = most_held(scene, scene.daemon().pid());
  // Not more in a minute than the log has lines for.
  const int rounds = std::clamp(kills_wanted(20) / 4, 5, 10);
  for (int round = 0; round < rounds; ++round) {
    reload(scene, scene.daemon());
    scene.wait_for_polls(40);
  }
  const Held late = most_held(scene, scene.daemon().pid());
  CHECK(late.files <= early.files + kFilesMore);
  CHECK(late.sockets <= early.sockets + kSocketsMore);
  CHECK(late.threads <= early.threads);
  note_limit("open files after many polls and reloads", late.files, "files",
             early.files + kFilesMore);
  note_limit("open sockets after many polls and reloads", late.sockets, "sockets",
             early.sockets + kSocketsMore);
  note_limit("threads after many polls and reloads", late.threads, "threads", early.threads);
  if (!sanitized()) {
    const double bound = static_cast<double>(early.resident_kb) * 1.25 / 1024;
    const double resident = static_cast<double>(late.resident_kb) / 1024;
    CHECK(resident <= bound);
    note_limit("resident memory after many polls and reloads", resident, "MB", bound);
  } else {
    note_not_run("flat memory: a program with sanitizers keeps what it frees");
  }
  const std::string children =
      proc(scene.daemon().pid(), "task/") + std::to_string(scene.daemon().pid()) + "/children";
  CHECK(read_text(children).empty());  // no zombies
  count("reloads", rounds + 5);
  scene.finish();
}

TEST_SUITE_END();
