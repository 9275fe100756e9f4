// The disk of the real program: broken, full, too small a file limit, read-only, gone. It says so,
// stands still or ends, and goes on where it was.
#include <doctest/doctest.h>
#include <signal.h>
#include <sys/mount.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <random>

#include "kill/fire.h"

using namespace triggerd::fire;
using triggerd::end_to_end::read_text;
using triggerd::end_to_end::wait_until;

namespace {

constexpr int kExitState = 4;
constexpr Wait kSoon{20'000};
constexpr const char* kStands = "the state cannot be written; polling and sending stand still";
constexpr const char* kGoesOn = "the state can be written again";

bool says(const FireScene& scene, const std::string& part) {
  return wait_until(kSoon, [&] { return scene.log().find(part) != std::string::npos; });
}

std::int64_t requests(const FireScene& scene) {
  return scene.sandbox().get("/control/state").at("requests").get<std::int64_t>();
}

// A file system in the place of a folder, as long as it lives.
class Mounted {
 public:
  Mounted(const char* source, const std::string& place, const char* type, unsigned long flags,
          const char* options)
      : place_(place), held_(::mount(source, place.c_str(), type, flags, options) == 0) {}
  ~Mounted() {
    if (held_) ::umount2(place_.c_str(), MNT_DETACH);
  }
  Mounted(const Mounted&) = delete;
  Mounted& operator=(const Mounted&) = delete;
  bool held() const { return held_; }

 private:
  const std::string place_;
  const bool held_;
};

// Some lives, each with one call that fails once.
void live_with_errors(FireScene& scene, const char* call, int most, int rounds) {
  std::mt19937 random(first_seed());
  for (int round = 0; round < rounds; ++round) {
    Failpoint point;
    point.call = call;
    point.deed = "eio";
    point.at = 1 + static_cast<int>(random() % static_cast<unsigned>(most));
    CAPTURE(point.at);
    std::filesystem::remove(scene.report());
    scene.start(point);
    const auto code = scene.ended(Wait{1'200});
    const std::string where = read_text(scene.report());
    CAPTURE(where);
    scene.count_report();
    if (code) {
      CHECK(*code == kExitState);
      // SQLite's words, or those of the system where the call was about another file of the state.
      const std::string log = scene.log();
      const bool named = log.find("disk I/O error") != std::string::npos ||
                         log.find("Input/output error") != std::string::npos;
      CHECK_MESSAGE(named, log);
      continue;
    }
    // Who cannot sync the database must not go on as if it had: only a restart reads the truth.
    CHECK(where.find("sync triggerd.db") == std::string::npos);
    scene.kill();
  }
}

}  // namespace

TEST_SUITE_BEGIN("disk trouble");

TEST_CASE("COM-04 a sync or write that fails ends the daemon with 4; a restart goes on") {
  FireScene scene({});
  scene.start();
  scene.wait_for_baselines();
  scene.kill();
  live_with_errors(scene, "sync", 25, kills_wanted(20) / 5 + 2);
  live_with_errors(scene, "any", 200, kills_wanted(20) / 5 + 2);
  scene.finish();
}

TEST_CASE("COM-03 with a full disk it stands still, says so, and goes on when there is room") {
  FireScene scene({});
  scene.start();
  scene.wait_for_baselines();
  scene.kill();
  const std::string full = scene.folder().at("disk_is_full");
  for (const int at : {150, 400, 700}) {
    scene.doubt_answers();
    std::ofstream(full) << "full";
    Failpoint point;
    point.call = "write";
    point.deed = "enospc";
    point.at = at;
    point.during = full;
    scene.start(point);
    REQUIRE_MESSAGE(says(scene, kStands), scene.log());
    const std::int64_t before = requests(scene);
    CHECK(scene.ended(Wait{700}) == std::nullopt);  // three polls' time
    CHECK(requests(scene) - before <= 1);
    const FireScene::Said status = scene.say("status");
    CHECK(status.code == 0);
    CHECK_MESSAGE(
        status.text.find("polling pauses: the state cannot be written") != std::string::npos,
        status.text);
    std::filesystem::remove(full);
    CHECK_MESSAGE(says(scene, kGoesOn), scene.log());
    scene.trust_answers();
    scene.wait_for_polls(20);
    scene.kill();
    count("full_disks");
  }
  scene.finish();
}

TEST_CASE("COM-03 a full disk of its own: status and doctor say so, and nothing is lost") {
  FireScene scene({});
  const Mounted disk("none", scene.work(), "tmpfs", 0, "size=8m,mode=0700");
  if (!disk.held()) return note_not_run("full disk on a tmpfs: mount refused");
  scene.start();
  scene.wait_for_baselines();
  scene.doubt_answers();
  const std::string filler = scene.work() + "/filler";
  std::ofstream(filler) << std::string(8 * 1024 * 1024, 'x');
  REQUIRE_MESSAGE(says(scene, kStands), scene.log());
  const FireScene::Said status = scene.say("status");
  CHECK_MESSAGE(status.text.find("polling pauses") != std::string::npos, status.text);
  const FireScene::Said doctor = scene.say("doctor");
  CHECK_MESSAGE(doctor.text.find("free disk") != std::string::npos, doctor.text);
  scene.daemon().signal(SIGKILL);
  CHECK(scene.ended(kSoon) == -SIGKILL);
  // A start on a full disk may end or wait; either way it says why.
  scene.start();
  CHECK_MESSAGE(says(scene, "full"), scene.log());
  const auto code = scene.ended(Wait{1'000});
  if (code) CHECK(*code == kExitState);
  std::filesystem::remove(filler);
  if (!code) CHECK_MESSAGE(says(scene, kGoesOn), scene.log());
  scene.trust_answers();
  count("full_disks");
  scene.finish();
}

TEST_CASE("COM-05 a file-size limit does not kill it: SIGXFSZ is ignored, EFBIG is a full disk") {
  FireScene scene({});
  scene.start();
  scene.wait_for_baselines();
  scene.kill();
  scene.doubt_answers();
  scene.start_with("ulimit -f 700");  // blocks of 512 bytes: less than the database has
  const auto code = scene.ended(Wait{1'500});
  if (code) {
    CHECK(*code == kExitState);
  } else {
    CHECK_MESSAGE(says(scene, kStands), scene.log());
    scene.kill();
  }
  scene.trust_answers();
  scene.finish();
}

TEST_CASE("COM-06 a read-only state directory is refused with its name, and is no loss") {
  FireScene scene({});
  scene.start();
  scene.wait_for_baselines();
  CHECK(scene.stop() == 0);
  {
    const Mounted same(scene.work().c_str(), scene.work(), nullptr, MS_BIND, nullptr);
    const bool closed = same.held() && ::mount(nullptr, scene.work().c_str(), nullptr,
                                               MS_REMOUNT | MS_BIND | MS_RDONLY, nullptr) == 0;
    if (!closed) return note_not_run("read-only state directory: mount refused");
    scene.start();
    CHECK(scene.ended(kSoon) == kExitState);
    CHECK_MESSAGE(scene.log().find(scene.state()) != std::string::npos, scene.log());
    CHECK_MESSAGE(scene.log().find("Read-only file system") != std::string::npos, scene.log());
    const FireScene::Said doctor = scene.say("doctor");
    CHECK(doctor.code == 1);
    CHECK_MESSAGE(doctor.text.find("error") != std::string::npos, doctor.text);
  }
  scene.finish();
}

TEST_CASE("COM-06 a state directory that is moved away ends it; moved back, it goes on") {
  FireScene scene({});
  scene.start();
  scene.wait_for_baselines();
  scene.doubt_answers();
  const std::string away = scene.work() + "/away";
  std::filesystem::rename(scene.state(), away);
  CHECK(scene.ended(kSoon) == kExitState);
  CHECK_MESSAGE(scene.log().find("was replaced or deleted while in use") != std::string::npos,
                scene.log());
  std::error_code none;
  std::filesystem::remove_all(scene.state(), none);
  std::filesystem::rename(away, scene.state());
  scene.trust_answers();
  scene.finish();
}

TEST_SUITE_END();
