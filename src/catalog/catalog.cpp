#include "triggerd/catalog/catalog.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>

#include "catalog/load.h"
#include "catalog/overrides.h"
#include "triggerd/embedded_file.h"
#include "triggerd/json_text.h"

namespace triggerd {
namespace {

namespace fs = std::filesystem;

bool corrects(const ConnectorFile& file) { return file.document.root.find("overrides") != nullptr; }

// Reads `connector: NAME` or `overrides: NAME` alone; nothing when the file cannot be used at all.
std::optional<ConnectorFile> open_file(const CatalogFile& file, CatalogLoad& load) {
  load.texts[file.path] = file.text;
  const std::size_t before = load.problems.size();
  std::optional<YamlDocument> document = parse_yaml(file.path, file.text, load.problems);
  if (!document || load.problems.size() > before) return std::nullopt;
  const YamlNode* name = document->root.find("overrides");
  if (name == nullptr) name = document->root.find("connector");
  if (name == nullptr || name->kind != YamlNode::Kind::scalar || name->text.empty() ||
      name->text.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789_-") != std::string::npos) {
    load.problems.push_back({file.path, name == nullptr ? Place{1, 1} : name->place,
                             "connector: must be a name of a-z, 0-9, _ and -",
                             "begin the file with `connector: NAME`, or `overrides: NAME` to "
                             "correct one"});
    return std::nullopt;
  }
  std::string connector = name->text;
  return ConnectorFile{*std::move(document), std::move(connector)};
}

void read_file(const ConnectorFile& file, ConnectorDraft& draft, std::vector<Problem>& problems) {
  YamlMap root(file.document, file.document.root, "", problems);
  root.text("connector");
  draft.connector.name = file.connector;
  if (draft.first_file.empty()) draft.first_file = file.document.file;
  if (root.has("base_url")) {
    if (!draft.head_file.empty()) {
      root.problem("base_url",
                   "connector " + file.connector + " is already described in " + draft.head_file);
    }
    draft.head_file = file.document.file;
    load_connector_head(root, draft);
  }
  load_operations(root, load_defaults(root), draft);
  root.finish();
}

bool only_warnings(const std::vector<Problem>& problems) {
  return std::all_of(problems.begin(), problems.end(),
                     [](const Problem& problem) { return problem.warning; });
}

CatalogLoad load_files(const std::vector<CatalogFile>& embedded,
                       const std::vector<CatalogFile>& others) {
  CatalogLoad load;
  std::vector<ConnectorFile> files;
  std::vector<ConnectorFile> corrections;
  std::vector<std::string> replaced;
  for (const CatalogFile& file : others) {
    auto opened = open_file(file, load);
    if (!opened) continue;
    if (!corrects(*opened)) replaced.push_back(opened->connector);
    (corrects(*opened) ? corrections : files).push_back(*std::move(opened));
  }
  for (const CatalogFile& file : embedded) {
    auto opened = open_file(file, load);
    if (!opened) continue;
    const bool gone =
        std::find(replaced.begin(), replaced.end(), opened->connector) != replaced.end();
    if (!gone) files.push_back(*std::move(opened));
  }
  Overrides overrides;
  for (const ConnectorFile& each : corrections) overrides.lay_over(files, each, load.problems);
  std::map<std::string, ConnectorDraft, std::less<>> drafts;
  for (const ConnectorFile& file : files) read_file(file, drafts[file.connector], load.problems);
  auto catalog = std::make_shared<Catalog>();
  for (auto& [name, draft] : drafts) {
    finish_connector(draft, load.problems);
    overrides.mark(draft.connector);
    catalog->by_name.emplace(name, std::move(draft.connector));
  }
  overrides.place_problems(load.problems);
  sort_problems(load.problems);
  if (only_warnings(load.problems)) load.catalog = std::move(catalog);
  return load;
}

bool is_yaml(const fs::path& path) {
  return path.extension() == ".yaml" || path.extension() == ".yml";
}

void add_yaml_files(const fs::path& directory, bool with_folders, std::vector<fs::path>& paths,
                    std::error_code& error) {
  const fs::directory_iterator end;
  for (fs::directory_iterator at(directory, error); !error && at != end; at.increment(error)) {
    std::error_code unreadable;
    if (at->is_regular_file(unreadable) && is_yaml(at->path())) paths.push_back(at->path());
    if (with_folders && at->is_directory(unreadable)) {
      add_yaml_files(at->path(), false, paths, error);
    }
  }
}

}  // namespace

bool WriteRules::repeats_safely(const nlohmann::json& values) const {
  if (!retry_safe || !unsafe_with.is_object()) return retry_safe;
  // An expression may have given "true" for true.
  return std::none_of(
      unsafe_with.items().begin(), unsafe_with.items().end(), [&](const auto& each) {
        const auto given = values.find(each.key());
        return given != values.end() && plain_text(*given) == plain_text(each.value());
      });
}

const Param* Operation::find_param(std::string_view param) const {
  for (const Param& candidate : params) {
    if (candidate.name == param) return &candidate;
  }
  return nullptr;
}

const Connector* Catalog::connector(std::string_view name) const {
  const auto found = by_name.find(name);
  return found == by_name.end() ? nullptr : &found->second;
}

const Operation* Catalog::operation(std::string_view full_name) const {
  const std::size_t dot = full_name.find('.');
  if (dot == std::string_view::npos) return nullptr;
  const Connector* home = connector(full_name.substr(0, dot));
  if (home == nullptr) return nullptr;
  const std::string_view name = full_name.substr(dot + 1);
  const auto found = std::lower_bound(
      home->operations.begin(), home->operations.end(), name,
      [](const Operation& operation, std::string_view wanted) { return operation.name < wanted; });
  return found != home->operations.end() && found->name == name ? &*found : nullptr;
}

std::vector<const Connector*> Catalog::connectors() const {
  std::vector<const Connector*> all;
  for (const auto& [name, connector] : by_name) all.push_back(&connector);
  return all;
}

std::vector<std::string> Catalog::operation_names() const {
  std::vector<std::string> names;
  for (const auto& [name, connector] : by_name) {
    for (const Operation& operation : connector.operations) names.push_back(operation.full_name);
  }
  std::sort(names.begin(), names.end());
  return names;
}

CatalogLoad load_catalog(const std::vector<CatalogFile>& files) { return load_files({}, files); }

CatalogLoad load_catalog_with(const std::string& directory) {
  std::vector<CatalogFile> embedded;
  for (const EmbeddedFile& file : embedded_connectors()) {
    embedded.push_back({"connectors/" + std::string(file.path), std::string(file.text)});
  }
  if (directory.empty()) return load_files(embedded, {});
  std::error_code error;
  std::vector<fs::path> paths;
  if (fs::is_regular_file(directory, error)) {
    paths.push_back(directory);
  } else {
    add_yaml_files(directory, true, paths, error);
  }
  std::sort(paths.begin(), paths.end());
  std::vector<CatalogFile> others;
  for (const fs::path& path : paths) {
    std::ifstream stream(path, std::ios::binary);
    others.push_back({path.string(), std::string(std::istreambuf_iterator<char>(stream), {})});
  }
  CatalogLoad load = load_files(embedded, others);
  if (error) {
    load.problems.push_back({directory, {}, "cannot be read: " + error.message(), ""});
    load.catalog = nullptr;
  }
  return load;
}

}  // namespace triggerd
