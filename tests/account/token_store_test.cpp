// The files of tokens: what is refused, what a crash leaves, what is kept.
#include "triggerd/account/token_store.h"

#include <doctest/doctest.h>
#include <fcntl.h>
#include <unistd.h>

#include <fstream>
#include <functional>
#include <sstream>

#include "account/signed_in.h"

namespace triggerd {
namespace {

const WallTime kNow = *parse_iso8601("2026-03-01T09:30:00Z");

std::string bytes_of(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

void write_bytes(const std::string& path, const std::string& text) {
  std::ofstream(path, std::ios::binary | std::ios::trunc) << text;
  REQUIRE(::chmod(path.c_str(), 0600) == 0);
}

TEST_CASE("AUT-09, S-03: a token that is stored is read again, closed to others under any umask") {
  const mode_t before = ::umask(0);
  TokenFolder folder;
  const Account account = oauth_account("main");
  CHECK(TokenStore(folder.tokens(), "main").read(account).file == TokenState::File::absent);
  store_pair(folder, account, "1", kNow);
  ::umask(before);
  const TokenState state = TokenStore(folder.tokens(), "main").read(account);
  REQUIRE(state.file == TokenState::File::found);
  CHECK(state.token.generation == 1);
  CHECK(state.token.received == kNow);
  CHECK(state.token.grant.access.reveal() == "at-1");
  CHECK(state.token.grant.refresh.reveal() == "rt-1");
  CHECK(state.token.grant.life == Millis{86'400'000});
  CHECK(state.journal == TokenState::Journal::idle);
  CHECK(mode_of(folder.tokens()) == 0700);
  for (const char* name : {"main.json", "main.pending", "main.lock"}) {
    CAPTURE(name);
    CHECK(mode_of(folder.at(name)) == 0600);
  }
}

TEST_CASE("S-10, AUT-13: the file holds the last two generations") {
  TokenFolder folder;
  const Account account = oauth_account("main");
  for (const char* name : {"1", "2", "3"}) store_pair(folder, account, name, kNow);
  const std::string bytes = bytes_of(folder.at("main.json"));
  CHECK(TokenStore(folder.tokens(), "main").read(account).token.generation == 3);
  for (const char* kept : {"at-2", "rt-2", "at-3", "rt-3"}) {
    CHECK(bytes.find(kept) != std::string::npos);
  }
  CHECK(bytes.find("rt-1") == std::string::npos);
}

TEST_CASE("AUT-09: what is no token file of ours is refused with its reason, and left as it is") {
  struct Case {
    const char* what;
    std::function<void(const std::string& path)> spoil;
    const char* reason;
  };
  const Case cases[] = {
      {"readable by others", [](auto& path) { ::chmod(path.c_str(), 0644); }, "chmod 600"},
      {"readable by the group", [](auto& path) { ::chmod(path.c_str(), 0640); }, "chmod 600"},
      {"empty", [](auto& path) { write_bytes(path, ""); }, "no token of triggerd, or damaged"},
      {"garbage", [](auto& path) { write_bytes(path, "garbage\n"); }, "or damaged"},
      {"too large", [](auto& path) { write_bytes(path, std::string(200'000, 'x')); }, "too large"},
      {"cut", [](auto& path) { write_bytes(path, bytes_of(path).substr(0, 65'536 + 40)); },
       "or damaged"},
      {"one byte of it another one",
       [](auto& path) {
         std::string bytes = bytes_of(path);
         bytes[bytes.find("at-1") + 3] = '9';
         write_bytes(path, bytes);
       },
       "or damaged"},
      {"a symbolic link",
       [](auto& path) {
         REQUIRE(::rename(path.c_str(), (path + ".else").c_str()) == 0);
         REQUIRE(::symlink((path + ".else").c_str(), path.c_str()) == 0);
       },
       "symbolic link"},
      {"a pipe",
       [](auto& path) {
         ::unlink(path.c_str());
         REQUIRE(::mkfifo(path.c_str(), 0600) == 0);
       },
       "no regular file"},
      {"a directory",
       [](auto& path) {
         ::unlink(path.c_str());
         REQUIRE(::mkdir(path.c_str(), 0700) == 0);
       },
       "no regular file"},
  };
  for (const Case& one : cases) {
    CAPTURE(one.what);
    TokenFolder folder;
    const Account account = oauth_account("main");
    store_pair(folder, account, "1", kNow);
    const std::string path = folder.at("main.json");
    one.spoil(path);
    const bool plain = std::filesystem::is_regular_file(path);  // a pipe would hold us
    const std::string before = plain ? bytes_of(path) : "";
    TokenStore store(folder.tokens(), "main");
    REQUIRE(store.try_lock().value());
    const TokenState state = store.read(account);
    CHECK(state.file == TokenState::File::refused);
    CHECK(state.reason.find(one.reason) != std::string::npos);
    CHECK(state.reason.find(path) != std::string::npos);
    CHECK(state.token.grant.access.empty());
    if (!before.empty()) CHECK(bytes_of(path) == before);
  }
}

TEST_CASE("AUT-09: a file of another user is refused") {
  if (::geteuid() != 0) {
    MESSAGE("not run: only root can give files away");
    return;
  }
  TokenFolder folder;
  const Account account = oauth_account("main");
  store_pair(folder, account, "1", kNow);
  REQUIRE(::chown(folder.at("main.json").c_str(), 65'534, 65'534) == 0);
  const TokenState state = TokenStore(folder.tokens(), "main").read(account);
  CHECK(state.file == TokenState::File::refused);
  CHECK(state.reason.find("belongs to another user") != std::string::npos);
}

TEST_CASE("AUT-09: a directory that is open to others, or a link, holds no tokens") {
  TokenFolder folder;
  REQUIRE(::mkdir(folder.tokens().c_str(), 0755) == 0);
  REQUIRE(::chmod(folder.tokens().c_str(), 0755) == 0);
  const auto open = TokenStore(folder.tokens(), "main").try_lock();
  REQUIRE_FALSE(open);
  CHECK(open.error().find("chmod 700") != std::string::npos);
  REQUIRE(::rmdir(folder.tokens().c_str()) == 0);
  REQUIRE(::symlink("/tmp", folder.tokens().c_str()) == 0);
  CHECK_FALSE(TokenStore(folder.tokens(), "main").try_lock());
}

TEST_CASE("AUT-02: an answer that reached the journal is put in place by whoever comes next") {
  TokenFolder folder;
  const Account account = oauth_account("main");
  store_pair(folder, account, "1", kNow);
  {
    TokenStore dying(folder.tokens(), "main");
    REQUIRE(dying.try_lock().value());
    REQUIRE(dying.note_intent({client_name(account), "refresh_token", kNow}, dying.read(account)));
    CHECK(TokenStore(folder.tokens(), "main").read(account).journal == TokenState::Journal::asked);
    REQUIRE(dying.note_answer(200, pair_of("2").dump(), kNow + Millis{500}));
  }
  TokenStore looking(folder.tokens(), "main");
  CHECK(looking.read(account).token.generation == 1);  // without the lock nothing is changed
  REQUIRE(looking.try_lock().value());
  const TokenState state = looking.read(account);
  CHECK(state.token.generation == 2);
  CHECK(state.token.grant.refresh.reveal() == "rt-2");
  CHECK(state.journal == TokenState::Journal::idle);
}

TEST_CASE("AUT-02: a journal that was torn leaves the tokens before, and says that one was asked") {
  TokenFolder folder;
  const Account account = oauth_account("main");
  store_pair(folder, account, "1", kNow);
  std::string whole;
  {
    TokenStore dying(folder.tokens(), "main");
    REQUIRE(dying.try_lock().value());
    REQUIRE(dying.note_intent({client_name(account), "refresh_token", kNow}, dying.read(account)));
    REQUIRE(dying.note_answer(200, pair_of("2").dump(), kNow));
    whole = bytes_of(folder.at("main.pending"));
  }
  const std::size_t answer_end = whole.find_last_not_of('\0') + 1;
  for (std::size_t cut = 0; cut < answer_end; cut += cut < 400 || cut > 65'536 ? 7 : 997) {
    CAPTURE(cut);
    std::string torn = whole;
    std::fill(torn.begin() + static_cast<std::ptrdiff_t>(cut), torn.end(), '\0');
    write_bytes(folder.at("main.pending"), torn);
    TokenStore store(folder.tokens(), "main");
    REQUIRE(store.try_lock().value());
    const TokenState state = store.read(account);
    REQUIRE(state.file == TokenState::File::found);
    CHECK(state.token.generation == 1);
    CHECK(state.token.grant.refresh.reveal() == "rt-1");
    CHECK(state.journal == (cut == 0 ? TokenState::Journal::idle : TokenState::Journal::asked));
  }
}

TEST_CASE("AUT-06: an answer without a refresh token keeps the one that was used") {
  TokenFolder folder;
  const Account account = oauth_account("main");
  store_pair(folder, account, "1", kNow);
  TokenStore store(folder.tokens(), "main");
  REQUIRE(store.try_lock().value());
  for (const char* name : {"2", "3"}) {
    REQUIRE(store.note_intent({client_name(account), "refresh_token", kNow}, store.read(account)));
    nlohmann::json answer = pair_of(name);
    answer.erase("refresh_token");
    REQUIRE(store.note_answer(200, answer.dump(), kNow));
    REQUIRE(store.commit());
  }
  const TokenState state = store.read(account);
  CHECK(state.token.grant.access.reveal() == "at-3");
  CHECK(state.token.grant.refresh.reveal() == "rt-1");
}

TEST_CASE("AUT-04: one exchange at a time, whoever asks") {
  TokenFolder folder;
  TokenStore one(folder.tokens(), "main"), two(folder.tokens(), "main"),
      other(folder.tokens(), "second");
  CHECK(one.try_lock().value());
  CHECK_FALSE(two.try_lock().value());
  CHECK(other.try_lock().value());
  one.unlock();
  CHECK(two.try_lock().value());
}

TEST_CASE("AUT-10: the journal has its blocks before anything is asked") {
  TokenFolder folder;
  TokenStore store(folder.tokens(), "main");
  REQUIRE(store.try_lock().value());
  // As a crash leaves it that comes right after it was made.
  write_bytes(folder.at("main.pending"), "");
  REQUIRE(store.prepare());
  struct stat found {};
  REQUIRE(::stat(folder.at("main.pending").c_str(), &found) == 0);
  CHECK(found.st_size == 128 * 1024);
  CHECK(found.st_blocks * 512 >= found.st_size);
}

}  // namespace
}  // namespace triggerd
