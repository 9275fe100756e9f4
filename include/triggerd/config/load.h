// triggers.yaml -> Config, or every problem at once. Called by cli/ and at reload by engine/.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "triggerd/config/config.h"
#include "triggerd/yaml/problem.h"

namespace triggerd {

// How `${env:NAME}` and `${file:PATH}` are read, so that tests need no environment. With `sandbox`
// set, secrets are not required: absent ones are replaced by a throw-away text.
struct SecretSources {
  std::function<std::optional<std::string>(const std::string& name)> env;
  std::function<std::optional<std::string>(const std::string& path)> file;
  bool sandbox = false;
  // What is wrong with the permissions of a secret's file (S-02), shown as a warning; empty:
  // nothing.
  std::function<std::string(const std::string& path)> file_complaint = {};
};
SecretSources process_secrets();  // the real environment and files (trailing newline of a file cut)

struct ConfigLoad {
  std::shared_ptr<const Config> config;  // null when there are problems that are no warnings
  std::vector<Problem> problems;         // sorted; warnings included
  std::string text;                      // the file's text, for rendering
};

ConfigLoad load_config(const std::string& file, std::string text,
                       std::shared_ptr<const Catalog> catalog, const SecretSources& sources);
// Reads the file first; unreadable, a directory or above 1 MiB is a problem.
ConfigLoad load_config_file(const std::string& file, std::shared_ptr<const Catalog> catalog,
                            const SecretSources& sources);

// Replaces `${env:...}` and `${file:...}` in every text of a step's value, at send time. Only ever
// called on a step's definition (`with` as written): in rendered values, `${env:` may come from a
// record.
Result<nlohmann::json, std::string> resolve_secrets(const nlohmann::json& value,
                                                    const SecretSources& sources);

}  // namespace triggerd
