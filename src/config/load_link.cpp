// link: of a step, which stands in place of an action. It is kept as the action "link" whose `with`
// is the map below the key.
#include <algorithm>

#include "config/loading.h"

namespace triggerd {
namespace {

// What only steps that send something have.
constexpr const char* kSendKeys[] = {"account", "with",         "retry",
                                     "timeout", "success_when", "confirm"};

// save, find or forget; empty when it is not one of them.
std::string verb_of(Section& link) {
  std::vector<std::string> verbs;
  for (const char* verb : {"save", "find", "forget"}) {
    if (link.has(verb)) verbs.emplace_back(verb);
  }
  if (verbs.size() == 1) return verbs.front();
  link.map().problem_at(link.map().here().place,
                        verbs.empty() ? "needs `save`, `find` or `forget`"
                                      : "has " + listed(verbs) + "; it must be one of them");
  return {};
}

void check_sides(Section& link, const std::string& verb) {
  const bool left = link.has("left");
  const bool right = link.has("right");
  const Place place = link.map().here().place;
  if (verb == "save" && !(left && right)) {
    link.map().problem_at(place, "`save` needs both `left` and `right`");
  } else if (verb != "save" && left == right) {
    link.map().problem_at(place, "`" + verb + "` needs `left` or `right`, one of them");
  }
  if (verb != "save" && link.has("replace")) link.problem("replace", "is for `save` only");
}

}  // namespace

void load_link(Loading& loading, Section& step_section, const StepScope& scope, Step& step) {
  std::optional<Section> link = step_section.section("link");
  if (!link) return;
  for (const char* key : kSendKeys) {
    if (step_section.has(key)) {
      step_section.problem(key, "a `link` step sends nothing", "remove it");
    }
  }
  const YamlNode& node = *step_section.node("link");
  const std::string verb = verb_of(*link);
  const std::string path = step_section.path_of("link");
  for (const char* key : {"save", "find", "forget"}) {
    const std::optional<std::string> name = link->text(key);
    if (!name) continue;
    check_name(loading, link->node(key)->place, path + "." + key, *name);
    LinkUse use{*name, link->node(key)->place, path + "." + key};
    (std::string(key) == "save" ? loading.links_saved : loading.links_used)
        .push_back(std::move(use));
  }
  link->text("left");
  link->text("right");
  link->boolean("replace");
  if (!verb.empty()) check_sides(*link, verb);
  link->finish();
  if (node.kind != YamlNode::Kind::map) return;
  load_templates(loading, node, path, scope);
  step.action = kLinkAction;
  step.with = yaml_to_json(node);
}

void check_links(Loading& loading) {
  std::vector<std::string> saved;
  for (const LinkUse& use : loading.links_saved) saved.push_back(use.name);
  for (const LinkUse& use : loading.links_used) {
    if (std::find(saved.begin(), saved.end(), use.name) != saved.end()) continue;
    loading.warn(use.place, use.path + ": no step saves links of the name `" + use.name + "`",
                 did_you_mean(use.name, saved));
  }
}

}  // namespace triggerd
