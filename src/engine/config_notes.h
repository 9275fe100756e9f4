// What the daemon notes about its configuration in the table `settings`, for `status`, `doctor` and
// the next start. Written in the transaction that it belongs to. Used by engine_apply,
// operator_command and cli/.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "triggerd/config/config.h"
#include "triggerd/store/database.h"

namespace triggerd {

// The state that the first stream of a trigger begins with, when an operator has said so before
// there was one.
std::string first_state_setting(const std::string& trigger);

struct RefusedFile {
  std::string file, hash;
  WallTime at{};
  std::size_t problems = 0;
};
struct AppliedFile {
  std::string file, hash;
  WallTime at{};
};

void note_applied(Database& database, const std::string& file, const Config& config, WallTime now);
void note_refused(Database& database, const RefusedFile& refused);
// The file is again as it was applied.
void forget_refused(Database& database);

// Accounts whose sign-in ends soon unless it is renewed, and when.
using EndingSignIns = std::map<std::string, WallTime>;
void note_ending_sign_ins(Database& database, const EndingSignIns& ends);
EndingSignIns read_ending_sign_ins(Database& database);

std::optional<AppliedFile> read_applied(Database& database);
std::optional<RefusedFile> read_refused(Database& database);
// Triggers with `enabled: false` in the configuration that was applied last.
std::vector<std::string> read_disabled(Database& database);

}  // namespace triggerd
