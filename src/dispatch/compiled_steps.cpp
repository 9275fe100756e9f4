#include "dispatch/compiled_steps.h"

#include <utility>

#include "triggerd/check.h"
#include "triggerd/json_text.h"
#include "triggerd/store/stream_state.h"

namespace triggerd {
namespace {

std::optional<ExpressionId> add_text(ExpressionPool& pool, const std::string& text) {
  if (text.empty()) return std::nullopt;
  return pool.add(text);
}

std::string add_confirm(ExpressionPool& pool, CompiledStep& compiled) {
  const Confirm& confirm = *compiled.step.confirm;
  CompiledConfirm& made = compiled.confirm.emplace();
  made.ask.id = compiled.step.id;
  made.ask.action = confirm.read;
  made.ask.account = confirm.account;
  made.ask.with = confirm.with;
  made.ask.timeout = compiled.step.timeout;
  made.when = pool.add(confirm.when);
  auto with = JsonTemplate::parse(confirm.with, pool);
  if (!with) return "confirm.with" + with.error().pointer + ": " + with.error().what;
  made.with = *std::move(with);
  return {};
}

CompiledStep compile_step(const nlohmann::json& definition, ExpressionPool& pool) {
  CompiledStep compiled;
  compiled.step = step_from_json(definition);
  compiled.when = add_text(pool, compiled.step.when);
  compiled.each = add_text(pool, compiled.step.each);
  compiled.success_when = add_text(pool, compiled.step.success_when);
  auto with = JsonTemplate::parse(compiled.step.with, pool);
  if (with) {
    compiled.with = *std::move(with);
  } else {
    compiled.problem = "with" + with.error().pointer + ": " + with.error().what;
  }
  if (compiled.step.confirm && compiled.problem.empty()) {
    compiled.problem = add_confirm(pool, compiled);
  }
  return compiled;
}

}  // namespace

void StepsCache::use_pool(std::shared_ptr<ExpressionPool> expressions) {
  expressions_ = std::move(expressions);
  by_hash_.clear();
}

std::shared_ptr<const CompiledSteps> StepsCache::find(Database& database, const std::string& hash) {
  TRIGGERD_CHECK(expressions_ != nullptr);
  const auto found = by_hash_.find(hash);
  if (found != by_hash_.end()) return found->second;
  const std::optional<std::string> definition = load_steps(database, hash);
  if (!definition) return nullptr;
  const Result<nlohmann::json, JsonProblem> list = parse_json(*definition);
  if (!list || !list->is_array()) return nullptr;
  auto compiled = std::make_shared<CompiledSteps>();
  compiled->expressions = expressions_;
  for (const nlohmann::json& step : *list) {
    compiled->steps.push_back(compile_step(step, *expressions_));
  }
  // The texts of today's configuration are compiled already, so this costs something for old runs
  // only. A text that does not compile fails where it is run, with its reason.
  (void)expressions_->compile();
  if (by_hash_.size() >= kDefinitionsMax) by_hash_.clear();
  by_hash_.emplace(hash, compiled);
  return compiled;
}

}  // namespace triggerd
