// TokenStore: the file of one credential's tokens, and the protocol that loses no grant that was
// received. Under the lock of the credential, which all processes share: the intent is written to a
// journal that was allocated before, then the app is asked, then its raw answer is written behind
// the intent, and only then is the journal renamed over the file. Whoever comes next finishes a
// journal that a crash left. What is left open is the time between the app's commit and its answer
// on the disk. Files: NAME.json, NAME.pending (the journal), NAME.lock; 0600 in a directory of
// 0700. Each holds two records of a fixed size with a checksum: the intent, which keeps the tokens
// before, and the answer. Nothing that cannot be read is ever overwritten. Called by account/tokens
// and by the commands `auth`. Loop thread; blocks for a sync at most. Failures are sentences.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "triggerd/account/token_answer.h"
#include "triggerd/result.h"
#include "triggerd/secret.h"
#include "triggerd/time.h"

namespace triggerd {

struct StoredToken {
  std::int64_t generation = 0;  // rises by one with each exchange
  std::string client;           // see client_name()
  WallTime received{};
  bool by_person = false;  // it came from a sign-in, not from a renewal
  TokenGrant grant;  // with the refresh token that holds now, also when the answer brought none
};

// What is known of a credential on the disk.
struct TokenState {
  enum class File { found, absent, refused };
  enum class Journal {
    idle,
    asked,  // an exchange was begun and its answer is not here: the app may have taken it
    lost,   // the app said that the refresh token is not valid
  };
  File file = File::absent;
  std::string reason;  // of refused: what is wrong with the file
  StoredToken token;   // of found
  Journal journal = Journal::idle;
  WallTime journal_at{};
  std::string journal_reason;
  std::string unread;  // an answer of the journal that was not understood; kept with the next one
};

struct TokenIntent {
  std::string client;
  std::string grant_type;
  WallTime at{};
};

class TokenStore {
 public:
  // `directory`: state/tokens; made when it is absent.
  TokenStore(std::string directory, std::string credential);
  ~TokenStore();
  TokenStore(const TokenStore&) = delete;
  TokenStore& operator=(const TokenStore&) = delete;

  // True: the lock is ours; false: another process exchanges a token just now. Never waits.
  Result<bool, std::string> try_lock();
  void unlock();
  bool locked() const { return lock_ >= 0; }

  // What is there. Under the lock, a journal whose answer arrived is put in place first.
  TokenState read(const Account& account);

  // The following need the lock. Allocates the journal; anew only when it is absent.
  Result<void, std::string> prepare();
  // Before the request leaves. `now`: what read() gave; its tokens are kept in the new file.
  Result<void, std::string> note_intent(const TokenIntent& intent, const TokenState& now);
  // The raw answer, before it is read.
  Result<void, std::string> note_answer(int status, std::string_view body, WallTime at);
  // The answer brought a token: the journal takes the file's place.
  Result<void, std::string> commit();
  // The answer brought none. `lost`: it never will, with this refresh token.
  Result<void, std::string> note_failure(bool lost, const std::string& reason, WallTime at);

  const std::string& path() const { return file_; }

 private:
  bool read_journal(TokenState& state, const Account& account);
  Result<void, std::string> write_record(std::int64_t place, const std::string& text);

  const std::string directory_, credential_;
  const std::string file_, journal_, lock_file_;
  int lock_ = -1;
  std::int64_t ask_ = 0;  // number of the intent in the journal
};

}  // namespace triggerd
