// Event + step -> what will be sent, as bytes that are stored once and kept for all attempts. Pure
// but for the expression pool. Used by dispatch/dispatcher and by `triggerd test`, which prints
// them. Knows neither secrets nor keys: those join when an attempt is made.
#pragma once

#include <nlohmann/json.hpp>
#include <string>

#include "triggerd/config/config.h"
#include "triggerd/config/load.h"
#include "triggerd/expression.h"
#include "triggerd/http_client.h"
#include "triggerd/result.h"
#include "triggerd/spawner.h"

namespace triggerd {

inline constexpr std::size_t kRequestBytesMax = 4 * 1024 * 1024;

// What is stored in `steps.request`: no secret in it, everything else final. A text that the
// operator wrote with
// `${env:...}` or `${file:...}` stands as {"secret": that text} and is read when it is sent; what
// came out of a record is never read like that.
//   operation: {"action","account","params","method","path","headers":{},"body"}
//   webhook:   {"action","method","url","headers":{},"body","secret": as written, when there is
//   one} exec:      {"action","command":[],"env":{},"input"} file: {"action","path","mode","text"}
//   log: {"action","message"}
struct Rendered {
  nlohmann::json request;
};

// `object` is the event object with `.steps` (and `.each`) filled in. The failure is the reason for
// the dead letter
// ("with.name: Cannot index number with \"x\""): nothing is sent half-filled (DSP-20).
Result<Rendered, std::string> render_step(const Step& step, const JsonTemplate& with,
                                          const ExpressionPool& expressions,
                                          const nlohmann::json& object, const Config& config);

}  // namespace triggerd
