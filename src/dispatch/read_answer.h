// How an attempt ended, from the answer of the other side. Called by dispatch/dispatcher. Pure but
// for the expression pool of `success_when`. Whatever is kept of an answer has the attempt's
// secrets cut out.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "dispatch/compiled_steps.h"
#include "triggerd/dispatch/retry.h"
#include "triggerd/http_client.h"
#include "triggerd/secret.h"
#include "triggerd/spawner.h"

namespace triggerd {

inline constexpr std::size_t kAnswerBytesMax = 1024 * 1024;

struct AnswerRules {
  const Operation* operation = nullptr;  // null: a webhook
  const Connector* connector = nullptr;
  const CompiledStep* step = nullptr;  // for success_when; may be null
  const ExpressionPool* expressions = nullptr;
  const std::vector<Secret>* secrets = nullptr;
  // The values that were sent make a write unsafe to repeat that is safe otherwise.
  bool repeat_harms = false;
  // The question of `confirm:`: that there is no such record is an answer, too, and is null.
  bool asks = false;
};

SendEnd read_http_end(const HttpReply& reply, const AnswerRules& rules);
// 0 is done, 75 (EX_TEMPFAIL) and signals and deadlines may pass, the other codes of sysexits.h (64
// to 78) will not; any further code is tried up to the horizon.
SendEnd read_spawn_end(const SpawnEnd& end, const AnswerRules& rules);

// One printable line of at most 200 bytes, secrets replaced by "***".
std::string excerpt(std::string_view text, const std::vector<Secret>* secrets);

}  // namespace triggerd
