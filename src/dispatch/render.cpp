#include "triggerd/dispatch/render.h"

#include <algorithm>

#include "dispatch/render_parts.h"
#include "triggerd/json_text.h"

namespace triggerd {
namespace {

using nlohmann::json;

RequestOrReason render_action(const RenderInput& input) {
  const std::string& action = input.step.action;
  if (action == "webhook") return render_webhook(input);
  if (action == "exec") return render_exec(input);
  if (action == "file") return render_file(input);
  if (action == "log") return render_log(input);
  if (action == kLinkAction) return render_link(input);
  return render_operation(input);
}

// "at /name: Cannot index" -> "with.name: Cannot index".
std::string with_place(const std::string& problem) {
  if (!problem.starts_with("at /")) return "with: " + problem;
  const std::size_t end = std::min(problem.find(": "), problem.size());
  std::string place = problem.substr(3, end - 3);
  std::replace(place.begin(), place.end(), '/', '.');
  return "with" + place + problem.substr(end);
}

}  // namespace

const json& member(const json& object, std::string_view name) {
  static const json kAbsent;
  if (!object.is_object()) return kAbsent;
  const auto found = object.find(name);
  return found == object.end() ? kAbsent : *found;
}

RequestOrReason text_or_secret(const json& written, const json& rendered) {
  if (written.is_string()) {
    const auto& text = written.get_ref<const std::string&>();
    const bool secret =
        text.find("${env:") != std::string::npos || text.find("${file:") != std::string::npos;
    if (secret && text.find("${{") != std::string::npos) {
      return Failure<std::string>("a text cannot hold both a secret and an expression");
    }
    if (secret) return json{{"secret", text}};
  }
  return json(plain_text(rendered));
}

Result<Rendered, std::string> render_step(const Step& step, const JsonTemplate& with,
                                          const ExpressionPool& expressions, const json& object,
                                          const Config& config) {
  Result<json, std::string> filled = with.render(expressions, object);
  if (!filled) return Failure<std::string>(with_place(filled.error()));
  const RenderInput input{step, with, expressions, object, config, *std::move(filled)};
  RequestOrReason request = render_action(input);
  if (!request) return Failure<std::string>("with." + request.error());
  (*request)["action"] = step.action;
  return Rendered{*std::move(request)};
}

}  // namespace triggerd
