#include "triggerd/account/token_store.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <nlohmann/json.hpp>

#include "account/token_file.h"
#include "triggerd/check.h"
#include "triggerd/json_text.h"

namespace triggerd {
namespace {

using nlohmann::json;
using Done = Result<void, std::string>;

Failure<std::string> refuse(const std::string& what, const std::string& path, int number) {
  return Failure<std::string>(what + " " + path + ": " + std::strerror(number));
}

Done make_directory(const std::string& path) {
  if (::mkdir(path.c_str(), 0700) == 0) {
    if (::chmod(path.c_str(), 0700) != 0) return refuse("cannot set the mode of", path, errno);
    return {};
  }
  if (errno != EEXIST) return refuse("cannot make", path, errno);
  struct stat found {};
  if (::lstat(path.c_str(), &found) != 0) return refuse("cannot look at", path, errno);
  if (!S_ISDIR(found.st_mode)) return Failure<std::string>(path + " is no directory");
  if (found.st_uid != ::geteuid()) return Failure<std::string>(path + " belongs to another user");
  if ((found.st_mode & 077U) != 0) {
    return Failure<std::string>(path + " is open to others: chmod 700 " + path);
  }
  return {};
}

Done sync_directory(const std::string& path) {
  const int descriptor = ::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (descriptor < 0) return refuse("cannot open", path, errno);
  const int result = ::fsync(descriptor);
  const int number = errno;
  ::close(descriptor);
  if (result != 0) return refuse("cannot write", path, number);
  return {};
}

Done write_at(int descriptor, std::string_view text, std::int64_t place) {
  while (!text.empty()) {
    const ssize_t count = ::pwrite(descriptor, text.data(), text.size(), place);
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) return Failure<std::string>(std::strerror(count < 0 ? errno : EIO));
    text.remove_prefix(static_cast<std::size_t>(count));
    place += count;
  }
  if (::fdatasync(descriptor) != 0) return Failure<std::string>(std::strerror(errno));
  return {};
}

HttpReply reply_in(const json& answer) {
  HttpReply reply;
  reply.status = static_cast<int>(number_in(answer, "status"));
  reply.body = text_in(answer, "body");
  return reply;
}

// The token that intent and answer of one exchange make together.
std::optional<StoredToken> token_in(const TokenFile& file, const Account& account) {
  if (!file.intent || !file.answer ||
      number_in(*file.intent, "ask") != number_in(*file.answer, "ask")) {
    return std::nullopt;
  }
  TokenReply reply = read_token_reply(reply_in(*file.answer), account);
  if (reply.verdict != TokenVerdict::granted) return std::nullopt;
  StoredToken token;
  token.generation = number_in(*file.intent, "generation");
  token.client = text_in(*file.intent, "client");
  token.received = wall_from_ms(number_in(*file.answer, "at"));
  token.by_person = text_in(*file.intent, "grant_type") != "refresh_token";
  token.grant = std::move(reply.grant);
  if (token.grant.refresh.empty()) {
    token.grant.refresh = Secret(text_in(*file.intent, "refresh_token"));
  }
  return token;
}

}  // namespace

TokenStore::TokenStore(std::string directory, std::string credential)
    : directory_(std::move(directory)),
      credential_(std::move(credential)),
      file_(directory_ + "/" + credential_ + ".json"),
      journal_(directory_ + "/" + credential_ + ".pending"),
      lock_file_(directory_ + "/" + credential_ + ".lock") {}

TokenStore::~TokenStore() { unlock(); }

Result<bool, std::string> TokenStore::try_lock() {
  if (locked()) return true;
  if (const Done made = make_directory(directory_); !made) {
    return Failure<std::string>(made.error());
  }
  const int descriptor =
      ::open(lock_file_.c_str(), O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK, 0600);
  if (descriptor < 0) return refuse("cannot open", lock_file_, errno);
  // Of the open file description, like the owner's lock: nothing else in this process drops it.
  struct flock wanted {};
  wanted.l_type = F_WRLCK;
  wanted.l_whence = SEEK_SET;
  if (::fcntl(descriptor, F_OFD_SETLK, &wanted) != 0) {
    const int number = errno;
    ::close(descriptor);
    if (number == EAGAIN || number == EACCES) return false;
    return refuse("cannot lock", lock_file_, number);
  }
  lock_ = descriptor;
  return true;
}

void TokenStore::unlock() {
  if (lock_ >= 0) ::close(std::exchange(lock_, -1));
}

TokenState TokenStore::read(const Account& account) {
  TokenState state;
  const TokenFile file = read_token_file(file_);
  if (file.kind == TokenFile::Kind::refused) {
    state.file = TokenState::File::refused;
    state.reason = file.reason;
    return state;
  }
  if (file.kind != TokenFile::Kind::absent) {
    std::optional<StoredToken> token = token_in(file, account);
    if (!token) {
      state.file = TokenState::File::refused;
      state.reason = file_ + " is no token of triggerd, or damaged: move it aside";
      return state;
    }
    state.file = TokenState::File::found;
    state.token = std::move(*token);
  }
  return read_journal(state, account) ? read(account) : state;
}

// True when it was finished: the file is another one now.
bool TokenStore::read_journal(TokenState& state, const Account& account) {
  const TokenFile journal = read_token_file(journal_);
  ask_ = journal.intent ? number_in(*journal.intent, "ask") : ask_;
  if (journal.kind == TokenFile::Kind::refused) {
    state.file = TokenState::File::refused;
    state.reason = journal.reason;
    return false;
  }
  if (journal.kind != TokenFile::Kind::read) return false;
  if (!journal.intent) {  // torn: whether something was asked before is not known
    state.journal = TokenState::Journal::asked;
    return false;
  }
  if (number_in(*journal.intent, "generation") <= state.token.generation) return false;
  state.journal_at = wall_from_ms(number_in(*journal.intent, "at"));
  state.journal = TokenState::Journal::asked;
  if (!journal.answer || number_in(*journal.answer, "ask") != ask_) return false;
  const std::string failed = text_in(*journal.answer, "failed");
  if (!failed.empty()) {
    const bool lost = failed == "lost";
    state.journal = lost ? TokenState::Journal::lost : TokenState::Journal::idle;
    state.journal_reason = text_in(*journal.answer, "reason");
    return false;
  }
  const TokenReply reply = read_token_reply(reply_in(*journal.answer), account);
  switch (reply.verdict) {
    case TokenVerdict::granted:
      return locked() && commit();
    case TokenVerdict::lost:
      state.journal = TokenState::Journal::lost;
      break;
    case TokenVerdict::refused:
    case TokenVerdict::temporary:
    case TokenVerdict::not_sent:
      state.journal = TokenState::Journal::idle;
      break;
    case TokenVerdict::unclear:
      state.unread = text_in(*journal.answer, "body");
      break;
  }
  state.journal_reason = reply.reason;
  return false;
}

Done TokenStore::prepare() {
  TRIGGERD_CHECK(locked());
  const int descriptor =
      ::open(journal_.c_str(), O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK, 0600);
  if (descriptor < 0) return refuse("cannot make", journal_, errno);
  struct stat found {};
  int number = ::fstat(descriptor, &found) == 0 ? 0 : errno;
  // One that a crash left before it had its blocks gets them now.
  const bool whole = number == 0 && found.st_size >= kTokenFileBytes;
  if (!whole && number == 0) number = ::fchmod(descriptor, 0600) == 0 ? 0 : errno;
  if (!whole && number == 0) number = ::posix_fallocate(descriptor, 0, kTokenFileBytes);
  if (!whole && number == 0 && ::fsync(descriptor) != 0) number = errno;
  ::close(descriptor);
  if (number != 0) return refuse("cannot make room for", journal_, number);
  return whole ? Done{} : sync_directory(directory_);
}

Done TokenStore::write_record(std::int64_t place, const std::string& text) {
  TRIGGERD_CHECK(locked());
  const std::string record = token_record(text);
  if (record.size() > static_cast<std::size_t>(kTokenRecordBytes)) {
    return Failure<std::string>("the tokens of " + credential_ + " are too long to be kept");
  }
  const int descriptor = ::open(journal_.c_str(), O_RDWR | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK);
  if (descriptor < 0) return refuse("cannot open", journal_, errno);
  const Done written = write_at(descriptor, record, place);
  ::close(descriptor);
  if (!written) return Failure<std::string>("cannot write " + journal_ + ": " + written.error());
  return {};
}

Done TokenStore::note_intent(const TokenIntent& intent, const TokenState& now) {
  if (const Done made = prepare(); !made) return made;
  json record = {{"ask", ask_ + 1},
                 {"credential", credential_},
                 {"client", intent.client},
                 {"grant_type", intent.grant_type},
                 {"at", epoch_ms(intent.at)},
                 {"generation", now.token.generation + 1},
                 {"refresh_token", now.token.grant.refresh.reveal()}};
  if (now.file == TokenState::File::found) {
    record["before"] = {{"generation", now.token.generation},
                        {"client", now.token.client},
                        {"received", to_iso8601(now.token.received)},
                        {"access_token", now.token.grant.access.reveal()},
                        {"refresh_token", now.token.grant.refresh.reveal()}};
  }
  if (!now.unread.empty()) record["unread"] = now.unread.substr(0, kTokenRecordBytes / 8);
  std::string text = compact_json(record);
  const Done written = write_record(0, text);
  wipe_text(text);
  if (written) ++ask_;
  return written;
}

Done TokenStore::note_answer(int status, std::string_view body, WallTime at) {
  std::string text = compact_json(
      {{"ask", ask_}, {"at", epoch_ms(at)}, {"status", status}, {"body", std::string(body)}});
  const Done written = write_record(kTokenRecordBytes, text);
  wipe_text(text);
  return written;
}

Done TokenStore::commit() {
  TRIGGERD_CHECK(locked());
  if (std::rename(journal_.c_str(), file_.c_str()) != 0) {
    return refuse("cannot replace", file_, errno);
  }
  if (const Done synced = sync_directory(directory_); !synced) return synced;
  // Without room it is tried again before the next exchange, which does not begin without it.
  static_cast<void>(prepare());
  return {};
}

Done TokenStore::note_failure(bool lost, const std::string& reason, WallTime at) {
  return write_record(kTokenRecordBytes, compact_json({{"ask", ask_},
                                                       {"at", epoch_ms(at)},
                                                       {"failed", lost ? "lost" : "kept"},
                                                       {"reason", reason}}));
}

}  // namespace triggerd
