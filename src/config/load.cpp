#include "triggerd/config/load.h"

#include <filesystem>
#include <fstream>

#include "config/loading.h"
#include "triggerd/hash.h"

namespace triggerd {
namespace {

ConfigLoad failed(std::vector<Problem> problems, std::string text) {
  sort_problems(problems);
  return {nullptr, std::move(problems), std::move(text)};
}

bool holds_errors(const std::vector<Problem>& problems) {
  for (const Problem& problem : problems) {
    if (!problem.warning) return true;
  }
  return false;
}

void load_root(Loading& loading) {
  Section root = loading.section(SectionKind::root, loading.document.root, "");
  if (root.has("version")) root.integer("version");
  load_engine(loading, root);
  root.each("accounts", [&](const std::string& name, const YamlNode& key, const YamlNode& value) {
    load_account(loading, name, key, value);
  });
  check_agencies(loading);
  load_follow(loading, root);
  load_defaults(loading, root);
  if (const YamlNode* triggers = root.node("triggers")) {
    for (const auto& [key, value] : triggers->members) loading.trigger_ids.insert(key.text);
  }
  root.each("triggers", [&](const std::string& id, const YamlNode& key, const YamlNode& value) {
    load_trigger(loading, id, key, value);
  });
  finish_triggers(loading);
  check_links(loading);
  check_reconcile(loading, root);
  compile_expressions(loading);
  root.finish();
}

}  // namespace

ConfigLoad load_config(const std::string& file, std::string text,
                       std::shared_ptr<const Catalog> catalog, const SecretSources& sources) {
  std::vector<Problem> problems;
  const std::optional<YamlDocument> document = parse_yaml(file, text, problems);
  if (!document) return failed(std::move(problems), std::move(text));
  if (document->root.kind == YamlNode::Kind::null) {
    problems.push_back({file, {}, "the file is empty", "`triggerd init` writes one to begin with"});
    return failed(std::move(problems), std::move(text));
  }
  auto config = std::make_shared<Config>();
  config->catalog = catalog;
  config->expressions = std::make_shared<ExpressionPool>();
  config->file_hash = hash128_hex(text);
  Loading loading{*document, problems, *config, sources, *catalog};
  load_root(loading);
  if (holds_errors(problems)) return failed(std::move(problems), std::move(text));
  sort_problems(problems);
  return {std::move(config), std::move(problems), std::move(text)};
}

ConfigLoad load_config_file(const std::string& file, std::shared_ptr<const Catalog> catalog,
                            const SecretSources& sources) {
  const auto refuse = [&](std::string what, std::string hint = {}) {
    return failed({{file, {}, std::move(what), std::move(hint)}}, {});
  };
  std::error_code error;
  const std::filesystem::file_status status = std::filesystem::status(file, error);
  if (!std::filesystem::exists(status)) {
    return refuse("there is no such file", "`triggerd init` writes one to begin with");
  }
  // Neither a directory nor a pipe, whose reading would never end.
  if (!std::filesystem::is_regular_file(status)) return refuse("is not a regular file");
  std::ifstream stream(file, std::ios::binary);
  if (!stream) return refuse("cannot be read", "check its owner and permissions");
  std::string text(kYamlBytesMax + 1, '\0');
  stream.read(text.data(), static_cast<std::streamsize>(text.size()));
  if (stream.bad()) return refuse("cannot be read");
  text.resize(static_cast<std::size_t>(stream.gcount()));
  ConfigLoad load = load_config(file, std::move(text), std::move(catalog), sources);
  // Who writes there decides which programs run.
  if ((status.permissions() & std::filesystem::perms::others_write) !=
      std::filesystem::perms::none) {
    load.problems.push_back({file,
                             {},
                             "anyone on this machine can write to the file",
                             "`chmod o-w " + file + "`",
                             true});
  }
  return load;
}

}  // namespace triggerd
