// The parts of the table of grammar.h, one function per map of the file, and the rules that several
// maps share. Only for the files grammar*.cpp.
#pragma once

#include <string>
#include <vector>

#include "config/grammar.h"

namespace triggerd {

using Rules = std::vector<KeyRule>;

inline constexpr std::int64_t kSecond = 1000;
inline constexpr std::int64_t kHour = 3600 * kSecond;
inline constexpr std::int64_t kDay = 24 * kHour;

KeyRule interval_rule(std::string about);
KeyRule retry_rule();
KeyRule timeout_rule();

// grammar_trigger.cpp
Rules trigger_rules();
Rules transition_rules();
Rules step_rules();
Rules retry_rules();
Rules confirm_rules();
Rules link_rules();

// grammar_action.cpp
Rules oauth_rules();
Rules follow_rules();
Rules agency_rules();
Rules reconcile_rules();
Rules reconcile_side_rules();
Rules reconcile_do_rules();
Rules webhook_rules();
Rules exec_rules();
Rules file_rules();
Rules log_rules();

}  // namespace triggerd
