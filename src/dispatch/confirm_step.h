// What the app says when it is asked whether an attempt was carried out. Called by dispatcher.cpp
// for the end of such a question; pure but for the expression pool.
#pragma once

#include <nlohmann/json.hpp>
#include <optional>
#include <string>

#include "dispatch/compiled_steps.h"
#include "triggerd/dispatch/retry.h"
#include "triggerd/store/outbox.h"
#include "triggerd/time.h"

namespace triggerd {

struct ConfirmVerdict {
  enum class Kind {
    done,      // it was carried out: `answer` is the step's
    not_done,  // it was not
    ask_again,
    give_up,  // nobody knows; the step goes to the dead letters
  };
  Kind kind = Kind::ask_again;
  std::string answer;  // JSON text
  std::string reason;
  WallTime at{};  // of ask_again
};

// `object`: what the step's expressions see, with `.sent`. `chance` in [0, 1).
ConfirmVerdict judge_confirm(const CompiledSteps& steps, const StepRow& row,
                             const nlohmann::json& object, const SendEnd& end, WallTime now,
                             double chance);

// The object of a question: that of the step with what it sent as `.sent`.
nlohmann::json confirm_object(nlohmann::json step_object, const StepRow& row);

}  // namespace triggerd
