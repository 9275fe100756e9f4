// One step's rendering, by kind of action. Called by render.cpp only; pure but for the expression
// pool.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

#include "triggerd/dispatch/render.h"

namespace triggerd {

struct RenderInput {
  const Step& step;
  const JsonTemplate& with;
  const ExpressionPool& expressions;
  const nlohmann::json& object;
  const Config& config;
  nlohmann::json filled;  // `with` with all its expressions replaced
};

using RequestOrReason = Result<nlohmann::json, std::string>;

RequestOrReason render_webhook(const RenderInput& input);
RequestOrReason render_operation(const RenderInput& input);
RequestOrReason render_exec(const RenderInput& input);
RequestOrReason render_file(const RenderInput& input);
RequestOrReason render_log(const RenderInput& input);
RequestOrReason render_link(const RenderInput& input);

// A member that is absent counts as null.
const nlohmann::json& member(const nlohmann::json& object, std::string_view name);

// A text of the configuration that is `${env:...}` or `${file:...}`, without expressions:
// {"secret": text}; a text that mixes both is a failure; anything else is the rendered value as
// plain text.
RequestOrReason text_or_secret(const nlohmann::json& written, const nlohmann::json& rendered);

}  // namespace triggerd
