// The actions that stay on this machine: exec, file, log, link.
#include "dispatch/render_parts.h"
#include "triggerd/json_text.h"
#include "triggerd/store/id_links.h"

namespace triggerd {
namespace {

using nlohmann::json;

constexpr std::size_t kVariableBytesMax = 32 * 1024;

bool is_variable_name(std::string_view name) {
  if (name.empty() || (name.front() >= '0' && name.front() <= '9')) return false;
  return name.find_first_not_of(
             "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_0123456789") ==
         std::string_view::npos;
}

std::string variable_problem(const std::string& name, const RequestOrReason& value) {
  if (!is_variable_name(name)) return "is no name of a variable";
  if (name.starts_with("TRIGGERD_")) return "is set by triggerd itself";
  if (!value) return value.error();
  if (!value->is_string()) return {};
  const auto& text = value->get_ref<const std::string&>();
  if (text.find('\0') != std::string::npos) return "holds a NUL character";
  if (text.size() > kVariableBytesMax) return "is above 32 KiB; read it from standard input";
  return {};
}

// A text as it is, anything else as one line of JSON.
std::string text_or_line(const json& value) {
  return value.is_string() ? value.get<std::string>() : compact_json(value) + "\n";
}

const json& member_or(const json& object, std::string_view name, const json& absent) {
  return object.contains(name) ? member(object, name) : absent;
}

}  // namespace

RequestOrReason render_exec(const RenderInput& input) {
  // As written, never rendered: no record decides what is started or how it is called (S-23).
  const json& command = member(input.step.with, "command");
  if (!command.is_array() || command.empty()) return Failure<std::string>("command: is missing");
  json argv = json::array();
  for (const json& word : command) argv.push_back(plain_text(word));
  if (!argv.front().get_ref<const std::string&>().starts_with('/')) {
    return Failure<std::string>("command: the program must be an absolute path");
  }
  json env = json::object();
  const json& filled = member(input.filled, "env");
  const json& written = member(input.step.with, "env");
  for (const auto& [name, text] : written.items()) {
    RequestOrReason value = text_or_secret(text, member(filled, name));
    const std::string problem = variable_problem(name, value);
    if (!problem.empty()) return Failure<std::string>("env." + name + ": " + problem);
    env[name] = *std::move(value);
  }
  return json{{"command", std::move(argv)},
              {"env", std::move(env)},
              {"input", text_or_line(member_or(input.filled, "input", input.object))}};
}

RequestOrReason render_file(const RenderInput& input) {
  const std::string path = plain_text(member(input.filled, "path"));
  const std::string written = plain_text(member(input.step.with, "path"));
  // The directory is the operator's alone: a slash out of a record would choose another one (S-29).
  const std::size_t slash = written.rfind('/', written.find("${{"));
  const std::string directory = slash == std::string::npos ? "" : written.substr(0, slash + 1);
  if (!path.starts_with(directory) || path.find('/', directory.size()) != std::string::npos) {
    return Failure<std::string>("path: an expression must not give a \"/\"");
  }
  const bool per_event = plain_text(member(input.step.with, "mode")) == "per_event";
  const json& line = member_or(input.filled, "line", input.object);
  return json{{"path", path},
              {"mode", per_event ? "per_event" : "append"},
              {"text", per_event ? text_or_line(line) : compact_json(line)}};
}

RequestOrReason render_log(const RenderInput& input) {
  return json{{"message", plain_text(member(input.filled, "message"))}};
}

RequestOrReason render_link(const RenderInput& input) {
  json request = input.filled;
  const bool saves = request.contains("save");
  for (const char* side : {"left", "right"}) {
    if (!request.contains(side)) continue;
    const std::string place = std::string(side) + ": ";
    if (request[side].is_structured() || request[side].is_boolean()) {
      return Failure<std::string>(place + "is no id");
    }
    std::string id = plain_text(request[side]);
    if (saves && id.empty()) return Failure<std::string>(place + "is empty");
    if (id.size() > kLinkIdBytesMax) return Failure<std::string>(place + "is above 512 bytes");
    request[side] = std::move(id);
  }
  return request;
}

}  // namespace triggerd
