// Accounts that agencies list: their lists are read beside polls, kept in the turn's transaction,
// and laid into the configuration when they have changed.
#include "engine/config_notes.h"
#include "engine/engine_parts.h"
#include "triggerd/log.h"

namespace triggerd {

namespace {

constexpr Millis kDay{24LL * 3600 * 1000};

}  // namespace

void Engine::Parts::work_agencies(TurnTime time) {
  if (config != nullptr) agencies.start_requests(gates, time);
}

void Engine::Parts::take_agency_answers(std::vector<HttpFinished>& finished) {
  if (config == nullptr || config->followed.empty()) return;
  const TurnTime time = now();
  std::erase_if(finished, [&](const HttpFinished& one) { return agencies.take(one, gates, time); });
}

void Engine::Parts::keep_agency_lists() {
  if (!agencies.take_news()) return;
  database.begin();
  note_agency_lists(database, agencies.lists());
}

void Engine::Parts::follow_found_accounts() {
  if (draining || !agencies.take_changed()) return;
  // A newer file that waits for the disk is not put off by this.
  for (const Problem& problem : apply(waiting_config == nullptr ? file_config : waiting_config)) {
    log(LogLevel::error, "the accounts of an agency cannot be followed",
        {{"reason", problem.what}});
  }
}

// Renewals keep a sign-in alive; when they have failed for most of a year, or nothing ran, a person
// must hear of it while there is time.
void Engine::Parts::watch_sign_ins(TurnTime time) {
  std::map<std::string, WallTime> ends = tokens.sign_in_ends();
  std::erase_if(ends, [&](const auto& one) { return one.second - time.wall > kSignInEndTold; });
  const bool moved = ends != ending_sign_ins;
  if (moved) {
    database.begin();
    note_ending_sign_ins(database, ends);
  }
  if (!ends.empty() && (moved || time.steady >= next_sign_in_word)) {
    next_sign_in_word = time.steady + kDay;
    for (const auto& [account, end] : ends) {
      log(LogLevel::error, "the sign-in of an account ends soon: run `triggerd auth login`",
          {{"account", account}, {"ends", to_iso8601(end)}});
    }
  }
  ending_sign_ins = std::move(ends);
}

}  // namespace triggerd
