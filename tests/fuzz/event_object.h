// The object that expressions and templates run over, shaped like an event's.
#pragma once

#include <nlohmann/json.hpp>

namespace triggerd::fuzz {

inline const nlohmann::json& event_object() {
  static const nlohmann::json object = nlohmann::json::parse(R"({
    "record": {"id": "c1", "n": 7, "price": 1.5, "tags": ["hot", "cold"], "none": null,
               "big": 9007199254740993, "name": "Ann ${{ .record.id }}", "on": true,
               "address": {"city": "Zug", "a/b": 1, "a~b": 2}},
    "previous": {"n": 6}, "changes": [{"field": "/n", "from": 6, "to": 7}],
    "event": {"id": "evt_1", "key": "c1", "kind": "changed", "n": 2},
    "trigger": "t", "account": "main", "item": null, "steps": {"deal": {"id": "d1"}}
  })");
  return object;
}

}  // namespace triggerd::fuzz
