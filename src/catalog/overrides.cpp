#include "catalog/overrides.h"

#include <algorithm>

namespace triggerd {
namespace {

YamlNode moved_down(YamlNode node, int lines) {
  node.place.line += lines;
  for (YamlNode& item : node.items) item = moved_down(std::move(item), lines);
  for (YamlMember& member : node.members) {
    member.key.place.line += lines;
    member.value = moved_down(std::move(member.value), lines);
  }
  return node;
}

YamlMember* member_of(YamlNode& map, const std::string& key) {
  for (YamlMember& member : map.members) {
    if (member.key.text == key) return &member;
  }
  return nullptr;
}

void merge_member(YamlNode& map, const YamlMember& correction);

void merge(YamlNode& node, const YamlNode& correction) {
  if (node.kind != YamlNode::Kind::map || correction.kind != YamlNode::Kind::map) {
    node = correction;
    return;
  }
  for (const YamlMember& member : correction.members) merge_member(node, member);
}

void merge_member(YamlNode& map, const YamlMember& correction) {
  YamlMember* known = member_of(map, correction.key.text);
  if (correction.value.kind == YamlNode::Kind::null) {
    std::erase_if(map.members, [&](const YamlMember& member) { return &member == known; });
  } else if (known == nullptr) {
    map.members.push_back(correction);
  } else {
    known->key.place = correction.key.place;
    merge(known->value, correction.value);
  }
}

YamlMember* operation_in(ConnectorFile& file, const std::string& name) {
  YamlMember* all = member_of(file.document.root, "operations");
  return all == nullptr || all->value.kind != YamlNode::Kind::map ? nullptr
                                                                  : member_of(all->value, name);
}

std::string did_you_mean(const std::string& name, const std::vector<std::string>& names) {
  const std::string nearest = nearest_name(name, names);
  return nearest.empty() ? "" : "did you mean `" + nearest + "`?";
}

// The names of all operations in the files of one connector.
std::vector<std::string> operation_names(const std::vector<ConnectorFile*>& files) {
  std::vector<std::string> names;
  for (const ConnectorFile* file : files) {
    const YamlNode* all = file->document.root.find("operations");
    if (all == nullptr) continue;
    for (const YamlMember& member : all->members) names.push_back(member.key.text);
  }
  return names;
}

}  // namespace

int Overrides::append(YamlDocument& document, const ConnectorFile& correction) {
  std::vector<Part>& parts = parts_[document.file];
  for (const Part& part : parts) {
    if (part.file == correction.document.file) return part.from - 1;
  }
  document.text += '\n';
  const auto lines = static_cast<int>(std::count(document.text.begin(), document.text.end(), '\n'));
  document.text += correction.document.text;
  parts.push_back({lines + 1, correction.document.file});
  return lines;
}

void Overrides::lay_over(std::vector<ConnectorFile>& files, const ConnectorFile& correction,
                         std::vector<Problem>& problems) {
  const std::string& file = correction.document.file;
  const auto add = [&](Place place, std::string what, std::string hint) {
    problems.push_back({file, place, std::move(what), std::move(hint)});
  };
  std::vector<ConnectorFile*> own;
  std::vector<std::string> connectors;
  for (ConnectorFile& each : files) {
    connectors.push_back(each.connector);
    if (each.connector == correction.connector) own.push_back(&each);
  }
  if (own.empty()) {
    add(correction.document.root.find("overrides")->place,
        "overrides: there is no connector `" + correction.connector + "`",
        did_you_mean(correction.connector, connectors));
    return;
  }
  const auto head = std::find_if(own.begin(), own.end(), [](const ConnectorFile* each) {
    return each->document.root.find("base_url") != nullptr;
  });
  for (const YamlMember& member : correction.document.root.members) {
    const std::string& key = member.key.text;
    if (key == "overrides") continue;
    if (key == "defaults" || key == "connector") {
      add(member.key.place, key + ": cannot be corrected",
          "correct the operations, each by its name");
      continue;
    }
    if (key != "operations") {
      if (head == own.end()) continue;
      const int lines = append((*head)->document, correction);
      YamlMember moved{moved_down(member.key, lines), moved_down(member.value, lines)};
      merge_member((*head)->document.root, moved);
      continue;
    }
    if (member.value.kind != YamlNode::Kind::map) {
      add(member.value.place, "operations: must be a map (`name: ...` lines)", "");
    }
    for (const YamlMember& operation : member.value.members) {
      const std::string& name = operation.key.text;
      const auto home = std::find_if(own.begin(), own.end(), [&](ConnectorFile* each) {
        return operation_in(*each, name) != nullptr;
      });
      if (home == own.end()) {
        add(operation.key.place,
            "operations: " + correction.connector + " has no operation `" + name + "`",
            did_you_mean(name, operation_names(own)));
        continue;
      }
      const int lines = append((*home)->document, correction);
      merge(operation_in(**home, name)->value, moved_down(operation.value, lines));
      corrected_by_[correction.connector + "." + name].push_back(file);
    }
  }
}

void Overrides::mark(Connector& connector) const {
  for (Operation& operation : connector.operations) {
    const auto found = corrected_by_.find(operation.full_name);
    if (found != corrected_by_.end()) operation.corrected = found->second;
  }
}

void Overrides::place_problems(std::vector<Problem>& problems) const {
  for (Problem& problem : problems) {
    const auto parts = parts_.find(problem.file);
    if (parts == parts_.end()) continue;
    for (auto part = parts->second.rbegin(); part != parts->second.rend(); ++part) {
      if (problem.place.line < part->from) continue;
      problem.file = part->file;
      problem.place.line -= part->from - 1;
      break;
    }
  }
}

}  // namespace triggerd
