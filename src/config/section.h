// One map of triggers.yaml, read by the table of grammar.h: required keys, unknown keys, types,
// choices and bounds are checked here, so that the loaders only ask for values. A key that is not
// in the table is a mistake of ours (TRIGGERD_CHECK). Used by the loaders of this folder.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <vector>

#include "config/grammar.h"
#include "triggerd/yaml/reader.h"

namespace triggerd {

class Section {
 public:
  Section(SectionKind kind, const YamlDocument& document, const YamlNode& node, std::string path,
          std::vector<Problem>& problems);

  bool has(const std::string& key) { return map_.has(key); }
  const YamlNode* node(const std::string& key);
  std::optional<std::string> text(const std::string& key);
  std::optional<std::int64_t> integer(const std::string& key);
  std::optional<bool> boolean(const std::string& key);
  std::optional<Millis> duration(const std::string& key);
  std::optional<std::string> choice(const std::string& key);
  // The nodes of one text or a list of texts, of a `choices`, `texts` or `pointers` key; others are
  // problems.
  std::vector<const YamlNode*> text_nodes(const std::string& key);
  // The same as texts, with wrong choices and what stands twice named.
  std::vector<std::string> choices(const std::string& key);
  std::vector<std::string> pointers(const std::string& key);
  std::optional<std::string> pointer(const std::string& key);
  // The map below a key of the type `section`.
  std::optional<Section> section(const std::string& key);
  void each(const std::string& key,
            const std::function<void(const std::string& name, const YamlNode& key_node,
                                     const YamlNode& value)>& visit);
  void each_item(const std::string& key,
                 const std::function<void(std::size_t index, const YamlNode& item)>& visit);

  // Names every key that is not in the table and was not asked for through map().
  void finish() { map_.finish(); }

  void problem(const std::string& key, std::string what, std::string hint = {}) {
    map_.problem(key, std::move(what), std::move(hint));
  }
  void problem_at(Place place, const std::string& key, std::string what, std::string hint = {});
  YamlMap& map() { return map_; }
  std::string path_of(const std::string& key) const { return map_.path_of(key); }
  std::vector<Problem>& problems() { return map_.problems(); }

 private:
  const KeyRule& rule(const std::string& key, std::initializer_list<KeyType> types) const;

  SectionKind kind_;
  YamlMap map_;
};

// "did you mean `x`?", or nothing.
std::string did_you_mean(const std::string& name, const std::vector<std::string>& candidates);
std::string listed(const std::vector<std::string>& names);

}  // namespace triggerd
