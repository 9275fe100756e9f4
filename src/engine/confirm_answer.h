// What a direct read says about a record that its list lacks. Called by engine/poller_take; pure.
#pragma once

#include <string>

#include "engine/stream.h"
#include "triggerd/http_client.h"

namespace triggerd {

struct ConfirmAnswer {
  enum class Kind { there, gone, unclear };
  Kind kind = Kind::unclear;
  std::string reason;  // of unclear
};

ConfirmAnswer read_confirm(const Stream& stream, const std::string& key, HttpReply reply);

}  // namespace triggerd
