// SIGKILL at each call on the files of tokens, and at random moments, while a token is renewed. A
// grant is lost when no later life can renew it any more; that may happen only where the app had
// taken the old token and its answer was not on the disk yet.
#include <doctest/doctest.h>

#include <filesystem>
#include <fstream>
#include <random>

#include "end_to_end/signed_in.h"
#include "kill/fire.h"

using namespace triggerd::fire;
using triggerd::end_to_end::kLocation;
using triggerd::end_to_end::read_text;
using triggerd::end_to_end::SignedIn;

namespace {

// TRIGGERD_REFRESH_KILLS; without it, the short form.
int refresh_kills_wanted() {
  return static_cast<int>(triggerd::proof::setting("TRIGGERD_REFRESH_KILLS", 100));
}
constexpr Wait kLifeMax{30'000};
// More than one life makes, so that some come to their end.
constexpr int kCallsOfARefresh = 14;
constexpr long kDayMs = 86'400'000;
const char* const kDeeds[] = {"kill_before", "kill_after", "torn"};

const std::string kBusinesses =
    "  businesses: {poll: highlevel.list_businesses_by_location, account: dental, every: 1m, do: "
    "[]}\n";

class RefreshScene {
 public:
  RefreshScene() : sandbox_(folder_, {}), signed_in_(folder_, sandbox_, kBusinesses, "businesses") {
    signed_in_.sign_in("dental");
  }

  // The token of the last life is a day old, here and at the app.
  void next_day() {
    sandbox_.advance(static_cast<int>(kDayMs / 1000));
    shift_ += kDayMs;
    folder_.write("shift", std::to_string(shift_));
  }
  std::vector<std::string> under(const Failpoint* point) const {
    std::vector<std::string> before{"/usr/bin/env", preload(),
                                    "FAILPOINT_CLOCK=" + folder_.at("shift")};
    if (point == nullptr) return before;
    before.insert(before.end(),
                  {"FAILPOINT_DIR=" + signed_in_.state() + "/tokens",
                   "FAILPOINT_CALL=" + point->call, "FAILPOINT_AT=" + std::to_string(point->at),
                   "FAILPOINT_DO=" + point->deed, "FAILPOINT_REPORT=" + folder_.at("report")});
    return before;
  }
  std::optional<int> live(const Failpoint* point, Wait kill_after) {
    Process life = signed_in_.start({"once"}, "lives.log", under(point));
    if (const auto code = life.wait(kill_after)) return code;
    life.kill_hard();
    return life.wait(kLifeMax);
  }
  const SignedIn& signed_in() const { return signed_in_; }
  // What a life has left of the tokens, and what `auth status` says of it later.
  void keep_tokens() const {
    std::filesystem::remove_all(kept_);
    std::filesystem::create_directory(kept_);
    std::filesystem::permissions(kept_, std::filesystem::perms::owner_all);
    std::filesystem::copy(signed_in_.state() + "/tokens", kept_ + "/tokens");
    std::filesystem::permissions(kept_ + "/tokens", std::filesystem::perms::owner_all);
  }
  std::string kept_state() const {
    const auto said = signed_in_.say({"auth", "status", "dental", "--json", "--state", kept_});
    const auto rows = nlohmann::json::parse(said.text, nullptr, false);
    REQUIRE_MESSAGE((rows.is_array() && rows.size() == 1), said.text);
    return rows.front().value("state", "");
  }
  // Exchanges that the app has carried out so far.
  std::int64_t granted() {
    std::ifstream truth(sandbox_.truth());
    truth.seekg(read_to_);
    for (std::string line; std::getline(truth, line) && !truth.eof();) {
      read_to_ += static_cast<std::streamoff>(line.size()) + 1;
      if (line.find("\"oauth_token\"") == std::string::npos) continue;
      granted_ += nlohmann::json::parse(line).value("status", 0) == 200 ? 1 : 0;
    }
    return granted_;
  }
  std::string log() const { return read_text(folder_.at("lives.log")); }

 private:
  const Folder folder_;
  const Sandbox sandbox_;
  const SignedIn signed_in_;
  const std::string kept_ = folder_.at("kept");
  long shift_ = 0;
  std::streamoff read_to_ = 0;  // of the truth log
  std::int64_t granted_ = 0;
};

struct Sums {
  int kills = 0, ended = 0, lost_in_window = 0, lost_outside = 0;
};

void live_and_die(RefreshScene& scene, std::mt19937& random, int round, Sums& sums) {
  scene.next_day();
  const std::int64_t taken = scene.granted();
  const bool at_a_call = round % 4 != 3;
  Failpoint point;
  point.at = 1 + (round / 3) % kCallsOfARefresh;
  point.deed = kDeeds[round % 3];
  const Wait moment{at_a_call ? kLifeMax.count()
                              : static_cast<std::int64_t>(random() % (sanitized() ? 900 : 200))};
  CAPTURE(point.at);
  CAPTURE(point.deed);
  const std::optional<int> code = scene.live(at_a_call ? &point : nullptr, moment);
  REQUIRE(code.has_value());
  ++(*code == -9 ? sums.kills : sums.ended);
  scene.keep_tokens();
  const std::optional<int> after = scene.live(nullptr, kLifeMax);
  if (after == 0) return;
  // What the killed life had sent may have reached the app after its death, so it is counted now.
  // The app takes each refresh token once, so whoever lost the answer cannot get another one.
  const bool asked = scene.kept_state() == "uncertain";
  const bool window = asked && scene.granted() > taken;
  ++(window ? sums.lost_in_window : sums.lost_outside);
  if (!window) FAIL_CHECK("a grant was lost outside the window:\n" << scene.log());
  CHECK(scene.signed_in().token_row("dental")["state"] == "reauth_required");
  scene.signed_in().sign_in("dental");
}

}  // namespace

TEST_SUITE_BEGIN("refresh");

TEST_CASE("AUT-02, AUT-03: killed at any call of a refresh, no grant is lost that was received") {
  const int wanted = refresh_kills_wanted();
  RefreshScene scene;
  std::mt19937 random(first_seed());
  Sums sums;
  for (int round = 0; sums.kills < wanted; ++round) {
    CAPTURE(round);
    live_and_die(scene, random, round, sums);
    REQUIRE(round < wanted * 4);
  }
  count("refresh_kills", sums.kills);
  count("refresh_lives_that_ended", sums.ended);
  count("refresh_grants_lost_in_the_window", sums.lost_in_window);
  count("refresh_grants_lost_outside", sums.lost_outside);
  MESSAGE("kills " << sums.kills << ", ended " << sums.ended
                   << ", grants lost between the app's commit and its answer on the disk "
                   << sums.lost_in_window << ", lost elsewhere " << sums.lost_outside);
  CHECK(sums.lost_outside == 0);
  // Both kinds of life were met, so the test can tell them apart.
  CHECK(sums.lost_in_window > 0);
  CHECK(sums.lost_in_window < sums.kills / 2);
}

TEST_SUITE_END();
