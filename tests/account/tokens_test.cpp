// The life of credentials on a set clock: when a token is asked for, what answers do, who waits.
#include <doctest/doctest.h>
#include <sys/stat.h>
#include <unistd.h>

#include "account/token_world.h"
#include "fakes/log_recorder.h"

namespace triggerd {
namespace {

using testing::kHour;
using testing::kMinute;
using testing::kSecond;
using testing::World;

TEST_CASE("AUT-11: a token is renewed at about half of its life, for 400 idle days") {
  World world({oauth_account("main")});
  world.turn();
  CHECK(world.asked.empty());
  world.pass(9 * kHour);  // it was an hour old
  CHECK(world.asked.empty());
  world.pass(2 * kHour);
  CHECK(world.asked["main"] == 1);
  CHECK(world.access("main") == "at-main1");
  world.pass(400 * 24 * kHour, 10 * kMinute);
  CHECK(world.asked["main"] >= 800);
  CHECK(world.asked["main"] <= 900);
  CHECK(world.good["main"] != "revoked");
  CHECK(world.standing["main"].reason.empty());
}

TEST_CASE("AUT-03: a reply that was lost is asked for once more; then a person is called") {
  World world({oauth_account("main")});
  world.script = {lost_reply(HttpFailure::broken)};
  world.committed = true;
  world.pass(13 * kHour);
  // The app had exchanged it, so the second use ends the grant.
  CHECK(world.asked["main"] == 2);
  CHECK(world.access("main") == "at-main0");  // which holds until its end
  CHECK(world.standing["main"].hold == Millis{0});
  CHECK(world.tokens->refused("main", world.live("main").number, world.now));
  world.pass(12 * kHour);
  CHECK(world.asked["main"] == 2);
  CHECK(world.standing["main"].hold > Millis{0});
  CHECK(world.standing["main"].reason.find("triggerd auth login main") != std::string::npos);
  world.restart(kMinute);
  world.pass(kHour);
  CHECK(world.asked["main"] == 2);  // also not after a restart
  store_pair(world.folder, *world.config->account("main"), "new", world.wall);
  world.good["main"] = "rt-new";
  world.pass(kMinute, kSecond);
  CHECK(world.access("main") == "at-new");
  CHECK(world.standing["main"] == TokenStanding{"main", Millis{0}, ""});
}

TEST_CASE("AUT-03: a reply that was lost before the app exchanged anything costs nothing") {
  World world({oauth_account("main")});
  world.script = {lost_reply(HttpFailure::timeout)};
  world.pass(13 * kHour);
  CHECK(world.asked["main"] == 2);
  CHECK(world.access("main") == "at-main1");
}

TEST_CASE("AUT-04: who loses the lock takes the token that the other one got") {
  World world({oauth_account("main")});
  TokenStore other(world.folder.tokens(), "main");
  const Account& account = *world.config->account("main");
  REQUIRE(other.try_lock().value());
  CHECK(world.tokens->refused("main", world.live("main").number, world.now));
  world.pass(10 * kSecond, kSecond);
  CHECK(world.asked.empty());
  CHECK(world.standing["main"].hold > Millis{0});
  REQUIRE(
      other.note_intent({client_name(account), "refresh_token", world.wall}, other.read(account)));
  REQUIRE(other.note_answer(200, pair_of("theirs").dump(), world.wall));
  REQUIRE(other.commit());
  other.unlock();
  world.pass(5 * kSecond, kSecond);
  CHECK(world.asked.empty());
  CHECK(world.access("main") == "at-theirs");
  CHECK(world.standing["main"].hold == Millis{0});
}

TEST_CASE("AUT-04: however many requests are refused, the token is asked for once") {
  World world({oauth_account("main"), oauth_account("second")});
  const std::int64_t number = world.live("main").number;
  for (int i = 0; i < 50; ++i) CHECK(world.tokens->refused("main", number, world.now));
  world.turn();
  for (int i = 0; i < 50; ++i) CHECK(world.tokens->refused("main", number, world.now));
  world.pass(kMinute, kSecond);
  CHECK(world.asked["main"] == 1);
  CHECK(world.asked["second"] == 0);
}

TEST_CASE("AUT-05: a token that another program put into the file is used") {
  World world({oauth_account("main")});
  const Account& account = *world.config->account("main");
  // It has no idea of our lock, and exchanges ours while we do.
  CHECK(world.tokens->refused("main", world.live("main").number, world.now));
  const auto calls = world.tokens->due(world.wall, world.now, false);
  REQUIRE(calls.size() == 1);
  {
    TokenFolder elsewhere;
    store_pair(elsewhere, account, "x", world.wall);
    store_pair(elsewhere, account, "theirs", world.wall);
    REQUIRE(::rename(elsewhere.at("main.json").c_str(), world.folder.at("main.json").c_str()) == 0);
  }
  world.tokens->answered("main", kInvalidGrant, world.wall, world.now);
  CHECK(world.access("main") == "at-theirs");
  world.turn();
  CHECK(world.standing["main"] == TokenStanding{"main", Millis{0}, ""});
}

TEST_CASE("AUT-06: what passes is tried again with growing waits, with the same refresh token") {
  for (const int status : {400, 403, 429, 500, 503, 200}) {
    CAPTURE(status);
    World world({oauth_account("main")});
    for (int i = 0; i < 5; ++i) world.script.push_back(reply_of(status, "<html>later</html>"));
    world.pass(12 * kHour);
    const int after_a_while = world.asked["main"];
    CHECK(after_a_while >= 1);
    world.pass(3 * kHour);
    CHECK(world.asked["main"] == 6);
    CHECK(world.access("main") == "at-main1");
    CHECK(world.refresh_token_in(world.sent.front()) == "rt-main0");
    CHECK(world.refresh_token_in(world.sent[4]) == "rt-main0");
    CHECK(world.refresh_token_in(world.sent[5]) == "rt-main0");
  }
}

TEST_CASE("AUT-07: a new token that is refused, too, is not renewed again for ten minutes") {
  World world({oauth_account("main")});
  world.pass(kHour);
  CHECK(world.tokens->refused("main", world.live("main").number, world.now));
  world.turn();
  CHECK(world.asked["main"] == 1);
  CHECK_FALSE(world.tokens->refused("main", world.live("main").number, world.now));
  world.pass(kRefreshApart - kSecond, kSecond);
  CHECK_FALSE(world.tokens->refused("main", world.live("main").number, world.now));
  world.pass(kSecond, kSecond);
  CHECK(world.asked["main"] == 1);
  CHECK(world.tokens->refused("main", world.live("main").number, world.now));
}

TEST_CASE("AUT-07: a token that the app ends minutes after it was renewed in time is replaced") {
  World world({oauth_account("main")});
  world.pass(11 * kHour);
  REQUIRE(world.asked["main"] == 1);
  CHECK(world.tokens->refused("main", world.live("main").number, world.now));
  world.turn();
  CHECK(world.asked["main"] == 2);
  // The next one followed on a refusal.
  CHECK_FALSE(world.tokens->refused("main", world.live("main").number, world.now));
  world.turn();
  CHECK(world.asked["main"] == 2);
}

TEST_CASE(
    "AUT-11: the end of a sign-in that nothing renews is known, and moves with each renewal") {
  Account account = oauth_account("main");
  account.sign_in->request.refresh_life = 365 * 24 * kHour;
  World world({account});
  const auto left = [&] { return world.tokens->sign_in_ends().at("main") - world.wall; };
  CHECK(left() == 365 * 24 * kHour - kHour);
  world.script = std::vector<HttpReply>(1'000, reply_of(429, "{}"));
  world.pass(30 * 24 * kHour, kHour);
  CHECK(left() == 335 * 24 * kHour - kHour);
  world.script.clear();
  world.pass(2 * kHour);
  CHECK(left() > 364 * 24 * kHour);
}

TEST_CASE("AUT-09: an account whose token cannot be read stands still, and its file stays") {
  World world({oauth_account("main"), oauth_account("second")});
  REQUIRE(::chmod(world.folder.at("main.json").c_str(), 0644) == 0);
  world.restart();
  world.pass(kHour);
  CHECK(world.standing["main"].reason.find("chmod 600") != std::string::npos);
  CHECK(world.standing["second"].reason.empty());
  CHECK(world.asked["main"] == 0);
  REQUIRE(::chmod(world.folder.at("main.json").c_str(), 0600) == 0);
  world.pass(kMinute, kSecond);
  CHECK(world.standing["main"].reason.empty());
  CHECK(world.access("main").starts_with("at-main"));
}

TEST_CASE("AUT-10: an answer that cannot be written is kept, tried each second, and holds a stop") {
  World world({oauth_account("main")});
  CHECK(world.tokens->refused("main", world.live("main").number, world.now));
  const auto calls = world.tokens->due(world.wall, world.now, false);
  REQUIRE(calls.size() == 1);
  // A link in the journal's place is never written through.
  const std::string journal = world.folder.at("main.pending");
  REQUIRE(::rename(journal.c_str(), (journal + ".away").c_str()) == 0);
  REQUIRE(::symlink("/nowhere", journal.c_str()) == 0);
  world.tokens->answered("main", world.answer(calls.front()), world.wall, world.now);
  for (int i = 0; i < 5; ++i) {
    CHECK_FALSE(world.tokens->settled());
    CHECK(world.access("main") == "at-main0");
    world.pass(kSecond, kSecond);
  }
  REQUIRE(::rename((journal + ".away").c_str(), journal.c_str()) == 0);
  world.wall += kSecond;
  world.now += kSecond;
  CHECK(world.tokens->due(world.wall, world.now, true).empty());  // also while it stops
  CHECK(world.tokens->settled());
  CHECK(world.access("main") == "at-main1");
  CHECK(world.asked["main"] == 1);
  world.restart();
  CHECK(world.access("main") == "at-main1");
}

TEST_CASE("AUT-12: a clock that is a day wrong costs a refresh at most, and no poll") {
  for (const Millis skew : {-24 * kHour, 24 * kHour, -400 * 24 * kHour, 400 * 24 * kHour}) {
    CAPTURE(skew.count());
    World world({oauth_account("main")});
    world.wall += skew;
    world.restart();
    world.pass(kMinute, kSecond);
    CHECK(world.standing["main"].hold == Millis{0});
    CHECK(world.asked["main"] <= 1);
    world.wall -= skew;  // put right while it runs
    world.pass(kHour);
    CHECK(world.standing["main"].hold == Millis{0});
    CHECK(world.asked["main"] <= 1);
    CHECK(world.good["main"] != "revoked");
  }
}

TEST_CASE("AUT-12: with the clock ahead and the token endpoint away, the old token is tried") {
  World world({oauth_account("main")});
  world.wall += 24 * kHour;
  for (int i = 0; i < 20; ++i) world.script.push_back(lost_reply(HttpFailure::connect));
  world.restart();
  world.pass(kMinute, kSecond);
  CHECK(world.asked["main"] >= 1);
  CHECK(world.access("main") == "at-main0");
  CHECK(world.standing["main"].hold == Millis{0});
}

TEST_CASE("AUT-13: tokens that do not work are said to be so, and the ones before are kept") {
  World world({oauth_account("main")});
  world.pass(kHour);
  world.script = {reply_of(200, pair_of("broken"))};
  CHECK(world.tokens->refused("main", world.live("main").number, world.now));
  world.turn();
  CHECK(world.access("main") == "at-broken");
  CHECK_FALSE(world.tokens->refused("main", world.live("main").number, world.now));
  TokenStore store(world.folder.tokens(), "main");
  CHECK(store.read(*world.config->account("main")).token.grant.refresh.reveal() == "rt-broken");
}

}  // namespace
}  // namespace triggerd
