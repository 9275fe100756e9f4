// The steps of a run as they were when its event was made: definition in the database -> steps with
// compiled expressions, kept by the definition's hash. Called by dispatch/dispatcher alone; knows
// nothing of runs. Loop thread only, like the pool.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "triggerd/config/config.h"
#include "triggerd/expression.h"
#include "triggerd/store/database.h"

namespace triggerd {

inline constexpr std::size_t kDefinitionsMax = 4096;

// The question of `confirm:` as a step of its own, which is rendered and sent like one.
struct CompiledConfirm {
  Step ask;
  JsonTemplate with;
  std::optional<ExpressionId> when;
};

struct CompiledStep {
  Step step;
  JsonTemplate with;
  std::optional<ExpressionId> when, each, success_when;
  std::optional<CompiledConfirm> confirm;
  std::string problem;  // why it can never be sent; empty: it can
};

// Keeps its pool alive, so that an attempt in flight outlives a reload.
struct CompiledSteps {
  std::shared_ptr<ExpressionPool> expressions;
  std::vector<CompiledStep> steps;
};

class StepsCache {
 public:
  // Forgets everything: expressions belong to the pool of their configuration.
  void use_pool(std::shared_ptr<ExpressionPool> expressions);
  // Null when the database has no such definition.
  std::shared_ptr<const CompiledSteps> find(Database& database, const std::string& hash);

 private:
  std::shared_ptr<ExpressionPool> expressions_;
  std::map<std::string, std::shared_ptr<const CompiledSteps>> by_hash_;
};

}  // namespace triggerd
