#include "engine/reading_hash.h"

#include <doctest/doctest.h>

#include <functional>

#include "poll/operations.h"

namespace triggerd {
namespace {

struct Reading {
  Reading() {
    operation.connector = "app";
    catalog.by_name["app"].base_url = "https://app.example";
    trigger.source_hash = "source";
    rules.rule = 7;
  }
  std::uint64_t hash() {
    trigger.operation = &operation;
    return reading_hash(trigger, rules, catalog);
  }
  Operation operation = list_operation();
  Catalog catalog;
  Trigger trigger;
  DetectRules rules;
};

TEST_CASE("whatever changes how a page is asked for or read gives another number") {
  const std::uint64_t plain = Reading().hash();
  CHECK(plain != 0);
  CHECK(plain == Reading().hash());
  const std::vector<std::function<void(Reading&)>> edits{
      [](Reading& one) { one.operation.path = "/people"; },
      [](Reading& one) { one.operation.method = "POST"; },
      [](Reading& one) { one.operation.read->shape = Shape::object; },
      [](Reading& one) { one.operation.read->records = {"/people"}; },
      [](Reading& one) { one.operation.read->id.alternatives = {{"/uuid"}}; },
      [](Reading& one) { one.operation.read->gone = "/deleted"; },
      [](Reading& one) { one.operation.read->updated.at = "/changedAt"; },
      [](Reading& one) { one.operation.read->updated.format.family = DateFamily::epoch_ms; },
      [](Reading& one) { one.operation.read->created.at = ""; },
      [](Reading& one) { one.operation.read->volatiles = {"/score"}; },
      [](Reading& one) { one.operation.read->location_echo = "/location"; },
      [](Reading& one) { one.catalog.by_name["app"].base_url = "https://other.example"; },
      [](Reading& one) { one.trigger.source_hash = "another"; },
      [](Reading& one) { one.rules.rule = 8; },
  };
  for (std::size_t i = 0; i < edits.size(); ++i) {
    CAPTURE(i);
    Reading edited;
    edits[i](edited);
    CHECK(edited.hash() != plain);
  }
}

}  // namespace
}  // namespace triggerd
