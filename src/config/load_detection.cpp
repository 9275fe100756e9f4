// What counts as a detection: detect, watch, ignore, transition, when, remember, start, hold_above.
#include <algorithm>

#include "config/loading.h"

namespace triggerd {
namespace {

bool holds(const std::vector<std::string>& names, const std::string& name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

// Whether `inner` is `outer` or a part of it: /address and /address/city.
bool is_within(const std::string& inner, const std::string& outer) {
  return inner == outer || inner.starts_with(outer + "/");
}

void load_kinds(Section& section, Trigger& trigger) {
  if (!section.has("detect")) return;
  const std::vector<std::string> kinds = section.choices("detect");
  trigger.detect_new = holds(kinds, "new");
  trigger.detect_changed = holds(kinds, "changed");
  trigger.detect_removed = holds(kinds, "removed");
}

void load_fields(Section& section, Trigger& trigger) {
  if (section.has("watch")) trigger.watch = section.pointers("watch");
  if (section.has("ignore")) trigger.ignore = section.pointers("ignore");
  for (const std::string& field : trigger.watch) {
    if (!holds(trigger.ignore, field)) continue;
    section.problem("ignore", "`" + field + "` is watched and ignored at once");
  }
}

// A transition that could never fire is a mistake.
void check_transition(Section& section, const Trigger& trigger, Section& transition) {
  const std::string& field = trigger.transition->field;
  if (!trigger.transition->from && !trigger.transition->to) {
    transition.map().problem_at(transition.map().here().place, "`from` or `to` is missing");
  }
  if (trigger.transition->from && trigger.transition->from == trigger.transition->to) {
    transition.problem("to", "is the same as `from`");
  }
  if (!trigger.detect_changed) {
    section.problem("detect", "a transition needs `changed`", "add changed to `detect`");
  }
  if (trigger.remember == Remember::fingerprint) {
    section.problem("remember", "a transition needs the value before", "write `remember: fields`");
  }
  const auto covers = [&](const std::string& outer) { return is_within(field, outer); };
  if (!trigger.watch.empty() && std::none_of(trigger.watch.begin(), trigger.watch.end(), covers)) {
    transition.problem("field", "`" + field + "` is not watched", "add it to `watch`");
  }
  if (std::any_of(trigger.ignore.begin(), trigger.ignore.end(), covers)) {
    transition.problem("field", "`" + field + "` is ignored");
  }
  if (trigger.operation == nullptr || !trigger.operation->read || !trigger.watch.empty()) return;
  const std::vector<std::string>& volatiles = trigger.operation->read->volatiles;
  if (std::any_of(volatiles.begin(), volatiles.end(), covers)) {
    transition.problem("field",
                       "`" + field + "` is volatile in " + trigger.operation->full_name +
                           ": its changes do not count",
                       "name it under `watch` to make them count");
  }
}

void load_transition(Section& section, Trigger& trigger) {
  std::optional<Section> below = section.section("transition");
  if (!below) return;
  Transition transition;
  const std::optional<std::string> field = below->pointer("field");
  if (const YamlNode* from = below->node("from")) transition.from = yaml_to_json(*from);
  if (const YamlNode* to = below->node("to")) transition.to = yaml_to_json(*to);
  below->finish();
  if (!field) return;
  transition.field = *field;
  trigger.transition = std::move(transition);
  check_transition(section, trigger, *below);
}

void load_start(Section& section, Trigger& trigger) {
  const bool backfill = section.choice("start").value_or("baseline") == "backfill";
  trigger.start = backfill ? Start::backfill : Start::baseline;
  trigger.backfill_limit = section.integer("limit").value_or(0);
  if (section.has("limit") && !backfill) {
    section.problem("limit", "is for `start: backfill` only");
  }
  trigger.hold_above = section.integer("hold_above").value_or(0);
}

}  // namespace

void load_detection(Loading& loading, Section& section, Trigger& trigger) {
  load_kinds(section, trigger);
  load_fields(section, trigger);
  const std::string remember = section.choice("remember").value_or("fields");
  trigger.remember = remember == "fingerprint" ? Remember::fingerprint
                     : remember == "record"    ? Remember::record
                                               : Remember::fields;
  load_transition(section, trigger);
  load_start(section, trigger);
  trigger.when_text = load_expression(loading, section, "when", {});
  if (!trigger.when_text.empty()) {
    trigger.when = loading.config.expressions->add(trigger.when_text);
  }
}

}  // namespace triggerd
