#include <algorithm>
#include <nlohmann/json.hpp>

#include "counted_part.h"
#include "pointer.h"
#include "triggerd/detect/detect.h"
#include "triggerd/hash.h"
#include "triggerd/json_text.h"

namespace triggerd {
namespace {

using nlohmann::json;

void sort_unique(std::vector<std::string>& texts) {
  std::sort(texts.begin(), texts.end());
  texts.erase(std::unique(texts.begin(), texts.end()), texts.end());
}

// Everything that decides how a row is made: when one of these moves, rows are made anew.
std::uint32_t rule_of(const DetectRules& rules) {
  const json parts = {kFingerprintVersion,
                      static_cast<int>(rules.shape),
                      rules.watch,
                      rules.left_out,
                      rules.unordered,
                      static_cast<int>(rules.remember),
                      rules.remember_pointers};
  const auto rule = static_cast<std::uint32_t>(hash64(compact_json(parts)));
  return rule == 0 ? 1 : rule;  // 0 stands for a row that no rule made
}

}  // namespace

DetectRules detect_rules(const Trigger& trigger) {
  DetectRules rules;
  rules.watch = trigger.watch;
  rules.left_out = trigger.ignore;
  rules.remember = trigger.remember;
  rules.remember_pointers = trigger.remember_pointers;
  rules.remember_pointers.insert(rules.remember_pointers.end(), trigger.watch.begin(),
                                 trigger.watch.end());
  if (trigger.transition) {
    rules.remember_pointers.push_back(trigger.transition->field);
    if (!rules.watch.empty()) {
      rules.watch.push_back(trigger.transition->field);  // else it could never be seen to happen
    }
  }
  if (trigger.operation != nullptr && trigger.operation->read) {
    const ReadRules& read = *trigger.operation->read;
    rules.shape = read.shape;
    rules.unordered = read.unordered;
    rules.versioned = read.updated.version;
    for (const std::string& pointer : read.volatiles) {
      // A field that the user names counts, volatile or not.
      const bool named =
          std::any_of(rules.watch.begin(), rules.watch.end(),
                      [&](const auto& field) { return is_at_or_below(field, pointer); });
      if (!named) {
        rules.left_out.push_back(pointer);
      }
    }
  }
  sort_unique(rules.watch);
  sort_unique(rules.left_out);
  sort_unique(rules.unordered);
  sort_unique(rules.remember_pointers);
  rules.rule = rule_of(rules);
  return rules;
}

std::uint64_t fingerprint(const json& record, const DetectRules& rules) {
  return counted_fingerprint(counted_part(record, "", rules), rules);
}

}  // namespace triggerd
