// One run's walk over its steps until an attempt is ready or it has to wait. Called by
// dispatcher.cpp for each due run, inside the turn's transaction. Writes through store/outbox only;
// sends nothing.
#pragma once

#include <map>
#include <memory>
#include <optional>

#include "dispatch/compiled_steps.h"
#include "dispatch/endpoints.h"
#include "dispatch/send_plan.h"

namespace triggerd {

// What one call of prepare() works with; lives as long as that call.
struct PrepareRound {
  Database& database;
  const SendSources& sources;
  StepsCache& cache;
  Endpoints& endpoints;
  // Copies of the gates that were asked, with this round's sends counted in.
  const std::map<std::string, RateGate>& gates;
  std::map<std::string, RateGate> counted;
  WallTime wall;
  SteadyTime now;
};

struct ReadySend {
  SendPlan plan;
  std::shared_ptr<const CompiledSteps> steps;
  std::size_t position = 0;
};

// Nothing: the run was finished, postponed or stopped.
std::optional<ReadySend> walk_run(PrepareRound& round, std::int64_t run);

// The object that expressions of a step see: the event with `.steps` of what has succeeded and
// `.each`.
nlohmann::json step_object(const RunRow& run, const StepRow& row);

}  // namespace triggerd
