// Whether a write whose answer is lost may be sent again. Used by dispatcher.cpp for answers that
// never came and by run_walk.cpp for those that a crash took. Pure.
#pragma once

#include <string>

#include "triggerd/catalog/operation.h"
#include "triggerd/config/config.h"
#include "triggerd/store/outbox.h"

namespace triggerd {

// By the values that were rendered, which the row keeps.
bool repeats_safely(const WriteRules& write, const StepRow& row);

// A second request would act a second time, the app cannot be asked, and the user has not said that
// this may be.
bool stops_when_unsure(const Operation& operation, const Step& step, const StepRow& row);

// The reason in the dead letters.
std::string may_have_happened(const std::string& why);

}  // namespace triggerd
