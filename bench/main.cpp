// triggerd_bench [--streams N] [--keys N] [--rounds N] [--only NAME] [--json FILE]: measures the
// program as shipped against the floor and prints a table. NAME: idle, changed, delivered, pace,
// memory or delay.
#include <cstdlib>
#include <exception>
#include <filesystem>
#include <fstream>
#include <functional>
#include <iostream>
#include <map>
#include <string>

#include "figures.h"

namespace {

using triggerd::bench::Bench;
using triggerd::bench::BenchOptions;
using triggerd::bench::Figure;

int measure(const BenchOptions& options, const std::string& only, const std::string& json) {
  Bench bench(options);
  const std::pair<const char*, void (Bench::*)(std::vector<Figure>&)> parts[] = {
      {"idle", &Bench::idle},    {"changed", &Bench::changed}, {"delivered", &Bench::delivered},
      {"pace", &Bench::at_pace}, {"memory", &Bench::memory},   {"delay", &Bench::delay}};
  std::vector<Figure> figures;
  bool whole = true;
  for (const auto& [name, part] : parts) {
    if (!only.empty() && only != name) continue;
    std::cerr << "measuring: " << name << '\n';
    try {
      (bench.*part)(figures);
    } catch (const std::exception& problem) {
      std::cerr << "not measured: " << name << ": " << problem.what() << '\n';
      whole = false;
    }
  }
  std::cout << to_table(figures);
  if (!json.empty()) std::ofstream(json) << to_json(figures).dump(2) << '\n';
  return whole ? 0 : 1;
}

}  // namespace

int main(int count, char** words) {
  BenchOptions options;
  std::string only, json;
  for (int i = 1; i + 1 < count; i += 2) {
    const std::string name = words[i], value = words[i + 1];
    if (name == "--streams") options.streams = std::atoll(value.c_str());
    if (name == "--keys") options.keys = std::atoll(value.c_str());
    if (name == "--rounds") options.rounds = std::atoi(value.c_str());
    if (name == "--only") only = value;
    if (name == "--json") json = value;
  }
  std::string folder = (std::filesystem::temp_directory_path() / "triggerd_bench_XXXXXX").string();
  if (::mkdtemp(folder.data()) == nullptr) return 1;
  options.folder = folder;
  const int code = measure(options, only, json);
  std::error_code ignored;
  std::filesystem::remove_all(folder, ignored);
  return code;
}
