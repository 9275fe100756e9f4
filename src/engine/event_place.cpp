#include "engine/event_place.h"

#include "detect/remembered.h"
#include "triggerd/json_text.h"

namespace triggerd {

namespace {

// The record of the trigger above that made the stream, as far as it is remembered; null without.
nlohmann::json parent_of(Database& database, const Stream& stream) {
  if (!stream.row.parent) return nullptr;
  const std::string& key = stream.row.parent_key;
  nlohmann::json parent = {{"key", key}, {"record", nullptr}};
  const SeenMap seen = read_seen(database, *stream.row.parent, {key});
  const auto found = seen.find(key);
  if (found != seen.end()) parent["record"] = Remembered(found->second.remembered).record();
  return parent;
}

}  // namespace

EventPlace event_place(Database& database, const Stream& stream, WallTime now) {
  EventPlace place;
  place.instance = database.instance();
  place.trigger = stream.row.trigger;
  place.account = stream.row.account;
  place.account_view = {{"name", stream.account->name},
                        {"connector", stream.account->connector->name}};
  for (const auto& [name, text] : stream.account->keys) place.account_view[name] = text;
  place.item = parse_json(stream.row.item).value_or(nlohmann::json::object());
  place.parent = parent_of(database, stream);
  place.stream_name = stream.row.trigger + "\n" + stream.row.account + "\n" + stream.row.item;
  place.now = now;
  return place;
}

}  // namespace triggerd
