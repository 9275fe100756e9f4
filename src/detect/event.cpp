#include "triggerd/detect/event.h"

#include <string>
#include <utility>

#include "triggerd/hash.h"

namespace triggerd {
namespace {

using nlohmann::json;

constexpr std::size_t kIdLetters = 26;

// The length in front keeps ("ab", "c") and ("a", "bc") apart.
void append_part(std::string& text, std::string_view part) {
  text.append(std::to_string(part.size())).append(":").append(part);
}

json change_object(const Change& change) {
  json object = {{"field", change.field}, {"to", change.to}};
  if (change.from_known) {
    object.emplace("from", change.from);
  }
  return object;
}

}  // namespace

std::string event_id(const EventPlace& place, const Detection& detection) {
  std::string text;
  append_part(text, place.instance);
  append_part(text, place.stream_name);
  append_part(text, detection.key);
  append_part(text, std::to_string(detection.n));
  append_part(text, std::to_string(detection.fingerprint));
  return "evt_" + to_base32(sha256(text)).substr(0, kIdLetters);
}

json event_object(const EventPlace& place, const Trigger& trigger, const Detection& detection) {
  json changes = json::array();
  for (const Change& change : detection.changes) {
    changes.push_back(change_object(change));
  }
  json event = {{"id", event_id(place, detection)},
                {"key", detection.key},
                {"kind", to_text(detection.kind)},
                {"n", detection.n},
                {"detected_at", to_iso8601(place.now)}};
  json about_trigger = {
      {"id", place.trigger},
      {"operation", trigger.operation == nullptr ? "" : trigger.operation->full_name}};
  json object = json::object();
  object.emplace("record", detection.record);
  object.emplace("previous", detection.previous);
  object.emplace("changes", std::move(changes));
  object.emplace("event", std::move(event));
  object.emplace("trigger", std::move(about_trigger));
  object.emplace("account", place.account_view);
  object.emplace("item", place.item.is_null() ? json::object() : place.item);
  if (!place.parent.is_null()) object.emplace("parent", place.parent);
  object.emplace("steps", json::object());
  return object;
}

}  // namespace triggerd
