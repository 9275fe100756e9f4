// Connector files: refused with problems, or operations that can be described and asked for.
#include <nlohmann/json.hpp>
#include <string>

#include "fuzz/targets.h"
#include "triggerd/catalog/catalog.h"
#include "triggerd/catalog/describe.h"
#include "triggerd/catalog/request.h"
#include "triggerd/poll/cycle.h"

namespace triggerd::fuzz {
namespace {

using nlohmann::json;

void use(const Connector& connector, const Operation& operation) {
  expect(!describe_operation_text(operation).empty(), "an operation can be described");
  expect(describe_operation(operation).is_object(), "an operation can be listed");
  json values = json::object();
  for (const Param& param : operation.params) {
    param_json_schema(param);
    if (param.required && !param.hidden) values[param.name] = "1";
  }
  build_request(operation, values);
  if (!operation.read) return;
  const WalkPlan plan{&connector, &operation, values, "", "L"};
  WalkStart start;
  start.kind = CycleKind::incremental;
  start.since = wall_from_ms(1'772'357'400'000);
  start.window = {*start.since, *start.since + Millis{86'400'000}};
  Cycle cycle(plan, start);
  cycle.next_request();
  HttpReply reply;
  reply.status = 200;
  reply.body = R"({"items":[{"id":"a"},{"id":7,"x":null}],"next":"n","data":{},"total":2})";
  cycle.take(std::move(reply));
}

}  // namespace

void connector_target(std::string_view input) {
  const CatalogLoad load = load_catalog({{"app.yaml", std::string(input)}});
  bool wrong = false;
  for (const Problem& problem : load.problems) {
    wrong = wrong || !problem.warning;
    expect(!render_problem(problem, input).empty(), "a problem can be shown");
  }
  expect((load.catalog == nullptr) == wrong, "a catalog is loaded exactly without errors");
  if (load.catalog == nullptr) return;
  for (const Connector* connector : load.catalog->connectors()) {
    for (const Operation& operation : connector->operations) use(*connector, operation);
  }
}

}  // namespace triggerd::fuzz
