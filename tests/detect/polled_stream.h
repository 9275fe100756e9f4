// A stream in memory for the tests of detect/: takes pages given as JSON texts, keeps the rows as
// the store would, and gives back what each page yielded. Ids at /id, stamps at /updated, /created
// and /at, written as seconds.
#pragma once

#include <deque>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>
#include <vector>

#include "triggerd/detect/detect.h"
#include "triggerd/hash.h"
#include "triggerd/json_text.h"

namespace triggerd {

inline WallTime second(std::int64_t s) { return wall_from_ms(s * 1000); }

inline std::optional<WallTime> stamp_at(const nlohmann::json& record, std::string_view pointer) {
  const nlohmann::json* found = find_at(record, pointer);
  return found != nullptr && found->is_number_integer()
             ? std::optional{second(found->get<std::int64_t>())}
             : std::nullopt;
}

inline Seen row_of(const std::string& key) {
  Seen row;
  row.key = key;
  return row;
}

// The rules that a trigger's configuration gives, for a list without volatile fields.
struct Watching {
  std::vector<std::string> watch = {}, left_out = {}, unordered = {}, remembered = {};
  Remember remember = Remember::fields;
  Shape shape = Shape::list;
};

inline DetectRules rules_for(const Watching& watching) {
  Operation operation;
  operation.read.emplace();
  operation.read->shape = watching.shape;
  operation.read->unordered = watching.unordered;
  operation.read->volatiles = watching.left_out;
  Trigger trigger;
  trigger.operation = &operation;
  trigger.watch = watching.watch;
  trigger.remember = watching.remember;
  trigger.remember_pointers = watching.remembered;
  return detect_rules(trigger);
}

struct PolledStream {
  explicit PolledStream(const Watching& watching = {}) : rules(rules_for(watching)) {}

  DetectRules rules;
  DetectMode mode;
  SeenMap seen;
  std::optional<WallTime> watermark;

  PageOutcome poll(const std::vector<std::string>& records) {
    std::deque<std::string> texts(records.begin(), records.end());
    Page page;
    for (const std::string& text : texts) {
      // A text that is no JSON still has its key: the cut finds it in front of what is broken.
      const auto parsed = nlohmann::json::parse(text, nullptr, false);
      const nlohmann::json* id = find_at(parsed, "/id");
      page.records.push_back({.key = id == nullptr ? "1" : plain_text(*id),
                              .raw = text,
                              .raw_hash = hash64(text),
                              .updated = stamp_at(parsed, "/updated"),
                              .created = stamp_at(parsed, "/created"),
                              .at = stamp_at(parsed, "/at")});
    }
    PageOutcome outcome = detect_page(rules, page, seen, mode, watermark);
    for (const Seen& row : outcome.rows) {
      seen[row.key] = row;
    }
    return outcome;
  }

  PageOutcome baseline(const std::vector<std::string>& records) {
    const DetectMode before = std::exchange(mode, DetectMode{});
    mode.mode = PollMode::baseline;
    PageOutcome outcome = poll(records);
    mode = before;
    return outcome;
  }

  // The watch list is edited, as a reload does it.
  void edit(const Watching& watching) {
    auto earlier = rules.earlier_watch;
    earlier[rules.rule] = rules.watch;
    rules = rules_for(watching);
    rules.earlier_watch = std::move(earlier);
  }

  void remove(const std::string& key, WallTime now) {
    seen[key] = removed_detection(seen[key], rules, now).second;
  }
};

// "created 1 n1, changed 1 n2": what a page yielded, in order.
inline std::string kinds_of(const PageOutcome& outcome) {
  std::string text;
  for (const Detection& detection : outcome.detections) {
    text += text.empty() ? "" : ", ";
    text += detection.kind == DetectionKind::created ? "created " : "changed ";
    text += detection.key + " n" + std::to_string(detection.n);
  }
  return text;
}

// "/a: 1 -> 2, /b: ? -> 3": with ? where the old value is not known.
inline std::string changes_of(const PageOutcome& outcome) {
  std::string text;
  for (const Detection& detection : outcome.detections) {
    for (const Change& change : detection.changes) {
      text += text.empty() ? "" : ", ";
      text += change.field + ": " + (change.from_known ? compact_json(change.from) : "?") + " -> " +
              compact_json(change.to);
    }
  }
  return text;
}

}  // namespace triggerd
