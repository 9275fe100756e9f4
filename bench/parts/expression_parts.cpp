// Expressions: compiled all together, then evaluated one event at a time.
#include <benchmark/benchmark.h>

#include <nlohmann/json.hpp>
#include <string>

#include "pages.h"
#include "triggerd/expression.h"

namespace triggerd::bench {
namespace {

// So many different programs, in one go.
void compile(benchmark::State& state) {
  for (auto _ : state) {
    ExpressionPool pool;
    for (std::int64_t i = 0; i < state.range(0); ++i) {
      pool.add(".record.tags | index(\"vip" + std::to_string(i) + "\") != null");
    }
    if (!pool.compile().empty()) return state.SkipWithError("a program is refused");
  }
}
BENCHMARK(compile)->Arg(1)->Arg(100)->Arg(1'000)->Unit(benchmark::kMillisecond);

void evaluate_text(benchmark::State& state, const std::string& text) {
  ExpressionPool pool;
  const ExpressionId id = pool.add(text);
  pool.compile();
  const nlohmann::json event{{"record", nlohmann::json::parse(record_text(1))}};
  for (auto _ : state) {
    const auto values = pool.run(id, event);
    if (!values || values->size() != 1) return state.SkipWithError("no value");
  }
}

void evaluate_path(benchmark::State& state) { evaluate_text(state, ".record.email"); }
BENCHMARK(evaluate_path);

void evaluate_program(benchmark::State& state) {
  evaluate_text(state, "(.record.tags | index(\"vip\")) != null and .record.city == \"London\"");
}
BENCHMARK(evaluate_program);

void render_body(benchmark::State& state) {
  ExpressionPool pool;
  const nlohmann::json body{{"id", "${{ .record.id }}"},
                            {"text", "Hello ${{ .record.firstName }}, from ${{ .record.city }}"},
                            {"record", "${{ .record }}"}};
  const auto made = JsonTemplate::parse(body, pool);
  pool.compile();
  const nlohmann::json event{{"record", nlohmann::json::parse(record_text(1))}};
  for (auto _ : state) {
    if (!made || !made->render(pool, event)) return state.SkipWithError("not rendered");
  }
}
BENCHMARK(render_body);

}  // namespace
}  // namespace triggerd::bench
