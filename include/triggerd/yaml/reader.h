// YAML text to a tree of plain nodes with places, and field access that collects every problem
// instead of stopping at the first. The one home of yaml-cpp (src/yaml/reader.cpp); catalog and
// config read through it. Limits (failure-modes S-33): 1 MiB, 32 levels, no anchors, aliases, merge
// keys or tags, duplicate keys are problems (yaml-cpp keeps them silently). No exceptions leave it.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "triggerd/time.h"
#include "triggerd/yaml/problem.h"

namespace triggerd {

inline constexpr std::size_t kYamlBytesMax = 1024UL * 1024;
inline constexpr int kYamlDepthMax = 32;

struct YamlMember;

struct YamlNode {
  enum class Kind { null, scalar, list, map };
  Kind kind = Kind::null;
  Place place;
  std::string text;                 // of a scalar
  bool quoted = false;              // a quoted or block scalar is always text
  std::vector<YamlNode> items;      // of a list
  std::vector<YamlMember> members;  // of a map; order kept

  const YamlNode* find(std::string_view key) const;
};

struct YamlMember {
  YamlNode key;
  YamlNode value;
};

// A scalar that is not quoted becomes null, boolean, integer or number where JSON spells it so; all
// else is text. Stricter than YAML's core schema on purpose: 007 and +49301234 are postal codes and
// telephone numbers here. Integers that do not fit 64 bits stay text.
nlohmann::json yaml_to_json(const YamlNode& node);

struct YamlDocument {
  std::string file;  // as the user named it
  std::string text;
  YamlNode root;
};

// Parses one document; syntax errors and broken limits are added to `problems` (then the result is
// empty). A parse error whose line holds `${{` or `${env:` unquoted inside `{...}`/`[...]`, or ": "
// / " #" behind an expression, says so and how to quote it.
std::optional<YamlDocument> parse_yaml(std::string file, std::string text,
                                       std::vector<Problem>& problems);

// What follows a plain scalar on its line as a comment: empty, or from ` #` on. Text behind ` #` is
// lost without a word from YAML, also when a person meant it as a part of an expression.
std::string_view comment_behind(const YamlDocument& document, const YamlNode& node);

// Reads one map key by key. Each getter adds a problem (with the key's path, place and hint) when
// the value has the wrong type; finish() adds one for each key that nobody asked for, with the
// nearest known name.
class YamlMap {
 public:
  // `path` is how problems name this map ("triggers.hot-leads"); empty for the root. A node that is
  // no map gives one problem and then behaves as an empty map.
  YamlMap(const YamlDocument& document, const YamlNode& node, std::string path,
          std::vector<Problem>& problems);

  bool has(std::string_view key);
  const YamlNode* node(std::string_view key);      // marks the key as known
  const YamlNode* required(std::string_view key);  // adds "is missing" when absent
  std::optional<std::string> text(
      std::string_view key);  // scalars only; numbers keep their spelling
  std::optional<std::int64_t> integer(std::string_view key);
  std::optional<bool> boolean(std::string_view key);
  std::optional<Millis> duration(std::string_view key);
  std::optional<nlohmann::json> json(std::string_view key);
  // One text or a list of texts.
  std::optional<std::vector<std::string>> texts(std::string_view key);
  // One of `choices`, else a problem with the nearest one.
  std::optional<std::string> choice(std::string_view key, const std::vector<std::string>& choices);
  void each(std::string_view key,
            const std::function<void(const std::string& name, const YamlNode& key_node,
                                     const YamlNode& value)>& visit);  // members of a map
  void each_item(std::string_view key,
                 const std::function<void(std::size_t index, const YamlNode& item)>& visit);

  // Adds a problem at the value of `key` (at the map itself when absent).
  void problem(std::string_view key, std::string what, std::string hint = {});
  void problem_at(Place place, std::string what, std::string hint = {});
  void warn(std::string_view key, std::string what, std::string hint = {});
  void finish();

  const std::string& path() const { return path_; }
  std::string path_of(std::string_view key) const;  // "triggers.hot-leads.every"
  const YamlDocument& document() const { return *document_; }
  const YamlNode& here() const { return *node_; }
  std::vector<Problem>& problems() { return *problems_; }

 private:
  const YamlDocument* document_;
  const YamlNode* node_;
  std::string path_;
  std::vector<Problem>* problems_;
  std::vector<std::string> known_;
};

}  // namespace triggerd
