// The `with` of steps: the four built-in actions, and operations of connectors.
#include <algorithm>

#include "config/loading.h"
#include "triggerd/hash.h"

namespace triggerd {
namespace {

constexpr std::size_t kSecretBytesMin = 24;  // of Standard Webhooks (S-31)

std::string lower(std::string text) {
  for (char& c : text) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return text;
}

bool is_secret_header(const std::string& name) {
  const std::string folded = lower(name);
  for (const char* mark :
       {"authorization", "token", "secret", "api-key", "apikey", "cookie", "password"}) {
    if (folded.find(mark) != std::string::npos) return true;
  }
  return false;
}

bool is_header_name(const std::string& name) {
  static constexpr std::string_view kMarks = "!#$%&'*+-.^_`|~";
  return !name.empty() && std::all_of(name.begin(), name.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           kMarks.find(c) != std::string_view::npos;
  });
}

bool is_variable_name(const std::string& name) {
  return is_header_name(name) && name.find_first_of("!#$%&'*+-.^`|~") == std::string::npos &&
         !(name.front() >= '0' && name.front() <= '9');
}

// One text of `with` that may hold a reference to a secret.
struct SecretText {
  const YamlNode& node;
  std::string path;
  bool is_secret = false;  // a literal is refused
  bool whole = false;      // nothing may stand beside the reference
};

// Checks the references in it, and that they can be resolved now; the resolved text when all is
// well.
std::optional<std::string> check_secret_text(Loading& loading, const SecretText& text) {
  const auto refuse = [&](const std::string& what, std::string hint = {}) {
    loading.problem(text.node.place, text.path + ": " + what, std::move(hint));
    return std::nullopt;
  };
  if (text.node.kind != YamlNode::Kind::scalar) return refuse("must be a text");
  const std::string& written = text.node.text;
  const auto references = secret_references(written);
  if (!references) return refuse(references.error());
  const bool templated = written.find("${{") != std::string::npos;
  if (references->empty()) {
    if (text.is_secret && !templated && !loading.config.engine.allow_plain_secrets) {
      return refuse("a secret must not stand in this file",
                    "write \"${env:NAME}\" or \"${file:/path}\"");
    }
    return written;
  }
  // Secrets are read when a request is sent, expressions are worked out before; a text that holds
  // both would put the one or the other through the wrong step.
  if (templated) return refuse("a reference to a secret and an expression cannot share a text");
  if (text.whole && (references->size() > 1 || references->front().begin != 0 ||
                     references->front().end != written.size())) {
    return refuse("a secret must be one reference and nothing else");
  }
  auto resolved = resolve_text(written, loading.sources);
  if (!resolved) return refuse(resolved.error(), secret_hint(written));
  if (resolved->find_first_of(std::string_view("\r\n\0", 3)) != std::string::npos) {
    return refuse("the secret holds a line break");
  }
  return std::move(*resolved);
}

// References anywhere else would stay as text, or carry a secret into places where it is kept and
// shown.
void refuse_references(Loading& loading, const YamlNode& node, const std::string& path) {
  for (const YamlNode& item : node.items) refuse_references(loading, item, path);
  for (const auto& [key, value] : node.members) {
    refuse_references(loading, value, path + "." + key.text);
  }
  if (node.kind != YamlNode::Kind::scalar) return;
  const auto references = secret_references(node.text);
  if (references && references->empty()) return;
  loading.problem(node.place,
                  path + ": " + (references ? "a secret cannot stand here" : references.error()),
                  "${env:...} and ${file:...} may stand in secret, headers and env");
}

// A value of `with` that holds secrets at `pointers`; references stand there and nowhere else.
void check_secrets_in(Loading& loading, const YamlNode& node, const std::string& path,
                      const std::string& at, const std::vector<std::string>& pointers) {
  const auto leads_there = [&](const std::string& pointer) {
    return pointer.starts_with(at + "/");
  };
  if (std::find(pointers.begin(), pointers.end(), at) != pointers.end()) {
    if (node.text.find("${{") != std::string::npos) {
      loading.problem(node.place, path + ": an expression cannot be a secret",
                      "write \"${env:NAME}\" or \"${file:/path}\"");
    } else {
      check_secret_text(loading, {node, path, true, true});
    }
    return;
  }
  const bool above = std::any_of(pointers.begin(), pointers.end(), leads_there);
  if (above && node.text.find("${{") != std::string::npos) {
    loading.problem(node.place, path + ": an expression cannot give what holds a secret",
                    "write the map out");
    return;
  }
  if (!above || node.kind != YamlNode::Kind::map) {
    refuse_references(loading, node, path);
    return;
  }
  for (const auto& [key, value] : node.members) {
    check_secrets_in(loading, value, path + "." + key.text, at + "/" + key.text, pointers);
  }
}

void check_headers(Loading& loading, Section& with) {
  with.each("headers", [&](const std::string& name, const YamlNode& key, const YamlNode& value) {
    const std::string path = with.path_of("headers") + "." + name;
    if (!is_header_name(name)) {
      loading.problem(key.place, path + ": is no name of a header");
    }
    const std::string folded = lower(name);
    if (folded.starts_with("webhook-") || folded.starts_with("x-triggerd-") ||
        folded == "content-length" || folded == "host" || folded == "transfer-encoding" ||
        folded == "connection" || folded == "expect") {
      loading.problem(key.place, path + ": is set by triggerd", "remove it");
    }
    check_secret_text(loading, {value, path, is_secret_header(name), false});
  });
}

void check_webhook(Loading& loading, Section& with) {
  if (const std::optional<std::string> url = with.text("url")) {
    const std::string fault = url_fault(*url);
    if (!fault.empty()) with.problem("url", fault);
    refuse_references(loading, *with.node("url"), with.path_of("url"));
    const std::string_view fixed = std::string_view(*url).substr(0, url->find("${{"));
    if (fixed.find_first_of(" \\\t\r\n") != std::string_view::npos) {
      with.problem("url", "holds a character that must be percent-encoded");
    }
  }
  with.choice("method");
  check_headers(loading, with);
  if (const YamlNode* body = with.node("body")) {
    refuse_references(loading, *body, with.path_of("body"));
  }
  const YamlNode* secret = with.node("secret");
  if (secret == nullptr) return;
  if (secret->text.find("${{") != std::string::npos) {
    with.problem("secret", "an expression cannot be a secret");
    return;
  }
  const auto resolved = check_secret_text(loading, {*secret, with.path_of("secret"), true, true});
  if (resolved && resolved->size() < kSecretBytesMin) {
    loading.warn(secret->place, with.path_of("secret") + ": the secret is shorter than 24 bytes",
                 "make one with: openssl rand -base64 32");
  }
  // Who has one endpoint's secret could sign for the other.
  const std::string url = with.text("url").value_or("");
  if (!resolved || url.empty()) return;
  const auto [known, first] = loading.webhook_urls.emplace(hash128_hex(*resolved), url);
  if (!first && known->second != url) {
    loading.warn(secret->place,
                 with.path_of("secret") + ": the secret also signs what goes to " + known->second,
                 "give each endpoint its own");
  }
}

void check_exec(Loading& loading, Section& with) {
  const YamlNode* command = with.node("command");
  if (command != nullptr && command->kind == YamlNode::Kind::scalar) {
    with.problem("command", "must be a list, since no shell takes it apart",
                 "write [/absolute/path, argument, ...]");
  } else if (command != nullptr && with.map().texts("command")) {
    if (command->items.empty() || command->items.front().text.empty() ||
        command->items.front().text.front() != '/') {
      with.problem("command", "must begin with the absolute path of a program");
    }
    for (const YamlNode& item : command->items) {
      // S-23: data reaches a program on its standard input or in its environment only.
      if (item.text.find("${{") != std::string::npos) {
        with.problem_at(item.place, "command", "an expression cannot be an argument",
                        "use `env` or `input`");
      }
      refuse_references(loading, item, with.path_of("command"));
    }
  }
  with.each("env", [&](const std::string& name, const YamlNode& key, const YamlNode& value) {
    const std::string path = with.path_of("env") + "." + name;
    if (!is_variable_name(name)) {
      loading.problem(key.place, path + ": is no name of an environment variable");
    } else if (name.starts_with("LD_") || name.starts_with("TRIGGERD_")) {
      loading.problem(key.place, path + ": cannot be set",
                      "names with LD_ and TRIGGERD_ are taken");
    }
    check_secret_text(loading, {value, path, false, false});
  });
  if (const YamlNode* input = with.node("input")) {
    refuse_references(loading, *input, with.path_of("input"));
  }
}

constexpr char kExpressionMark = '\x01';

// Each expression as one mark, since a slash within it is jq's division and no directory.
std::string without_expressions(std::string text) {
  for (std::size_t open = text.find("${{"); open != std::string::npos; open = text.find("${{")) {
    const std::size_t close = text.find("}}", open);
    text.replace(open, close == std::string::npos ? close : close + 2 - open, 1, kExpressionMark);
  }
  return text;
}

void check_file(Loading& loading, Section& with) {
  const std::optional<std::string> path = with.text("path");
  const bool per_event = with.choice("mode").value_or("append") == "per_event";
  if (const YamlNode* line = with.node("line")) {
    refuse_references(loading, *line, with.path_of("line"));
  }
  if (!path) return;
  refuse_references(loading, *with.node("path"), with.path_of("path"));
  const std::string fixed = without_expressions(*path);
  const std::size_t expression = fixed.find(kExpressionMark);
  if (expression != std::string::npos && fixed.find('/', expression) != std::string::npos) {
    with.problem("path", "expressions may stand in the last component only",
                 "data must not choose a directory");
  }
  if (path->ends_with("/")) with.problem("path", "is a directory", "add the file's name");
  if (per_event && expression == std::string::npos) {
    with.problem("path", "`mode: per_event` needs an expression in the file's name",
                 "for example ${{ .event.id }}.json");
  }
  if (fixed.find('\n') != std::string::npos) with.problem("path", "holds a line break");
}

// A `with` that is not there, for actions that then miss what they need.
const YamlNode& with_node(const WithPlace& with) {
  static const YamlNode kEmpty = [] {
    YamlNode node;
    node.kind = YamlNode::Kind::map;
    return node;
  }();
  return with.node == nullptr ? kEmpty : *with.node;
}

}  // namespace

void check_built_in(Loading& loading, const BuiltInAction& action, const WithPlace& with) {
  YamlNode node = with_node(with);
  if (with.node == nullptr) node.place = with.place;
  Section section = loading.section(action.with, node, with.path + ".with");
  if (action.name == "webhook") check_webhook(loading, section);
  if (action.name == "exec") check_exec(loading, section);
  if (action.name == "file") check_file(loading, section);
  if (action.name == "log" && section.text("message")) {
    refuse_references(loading, *section.node("message"), section.path_of("message"));
  }
  section.finish();
}

void check_operation_with(Loading& loading, const Operation& operation, const WithPlace& with,
                          std::vector<const Account*> accounts) {
  GivenParams given{{}, std::move(accounts), with.place, with.path};
  const YamlNode& node = with_node(with);
  if (node.kind != YamlNode::Kind::map) {
    loading.problem(node.place, with.path + ".with: must be a map of parameters");
    return;
  }
  for (const auto& [key, value] : node.members) {
    given.names.insert(key.text);
    check_given_param(loading, operation, {key.text, &key, &value, with.path + ".with"}, true);
    const Param* param = operation.find_param(key.text);
    check_secrets_in(loading, value, with.path + ".with." + key.text, "",
                     param == nullptr ? std::vector<std::string>{} : param->secret_at);
  }
  check_token_levels(loading, operation, given);
  check_required_params(loading, operation, given);
}

}  // namespace triggerd
