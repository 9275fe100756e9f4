// Knows an answer again that holds the same records as the last one, without cutting it: by the
// hash of the whole body, or, where the app adds something new to each answer (a trace id), by the
// hash of the bytes that are its records. Used by cycle.cpp; pure functions.
#pragma once

#include <string>

#include "triggerd/poll/cycle.h"

namespace triggerd {

// What is to be kept of a page that is the whole answer; nothing (a body hash of 0) where the body
// alone does not say what was read.
KnownPage known_page(const Page& page, const CutRules& rules);

// Whether cutting `body` would give the same page. Never true for a body that would be refused.
bool is_known_page(const KnownPage& known, const std::string& body, const CutRules& rules);

}  // namespace triggerd
