// Keeps what an attempt wrote, so that a poll which shows it is known as an echo. Called by
// dispatcher.cpp in the transaction that ends the attempt.
#pragma once

#include <string>

#include "triggerd/config/config.h"
#include "triggerd/store/database.h"
#include "triggerd/store/outbox.h"

namespace triggerd {

// `answer`: what `.steps.<id>` shows; empty when it was lost. Nothing is kept for a write whose
// connector does not say which record it touches, or whose records no trigger polls.
void note_write(Database& database, const Config& config, const StepRow& row,
                const std::string& answer, WallTime now);

}  // namespace triggerd
