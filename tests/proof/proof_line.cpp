#include "proof/proof_line.h"

#include <cmath>
#include <cstdlib>
#include <fstream>
#include <iostream>
#include <map>
#include <nlohmann/json.hpp>
#include <vector>

namespace triggerd::proof {

namespace {

using nlohmann::json;

struct Noted {
  std::map<std::string, std::int64_t> counts;
  std::int64_t first_seed = 0, last_seed = 0;
  json limits = json::array(), figures = json::array(), not_run = json::array();
};

Noted& noted() {
  static Noted the_noted;
  return the_noted;
}

// Of all that is counted, what must be zero.
constexpr const char* kOwnMembers[] = {"lost", "invented", "unlabelled"};

}  // namespace

std::int64_t setting(const char* variable, std::int64_t otherwise) {
  const char* text = std::getenv(variable);
  return text == nullptr ? otherwise : std::strtoll(text, nullptr, 10);
}

void count(const std::string& what, std::int64_t times) { noted().counts[what] += times; }

std::int64_t counted(const std::string& what) { return noted().counts[what]; }

void note_seeds(std::int64_t first, std::int64_t last) {
  noted().first_seed = first;
  noted().last_seed = last;
}

void note_limit(const std::string& name, double value, const std::string& unit, double bound) {
  std::cout << name << ": " << value << ' ' << unit << " (bound: " << bound << ")\n";
  noted().limits.push_back({{"name", name}, {"value", value}, {"unit", unit}, {"bound", bound}});
}

void note_figure(const std::string& name, double value, const std::string& unit) {
  std::cout << name << ": " << value << ' ' << unit << '\n';
  noted().figures.push_back({{"name", name}, {"value", value}, {"unit", unit}});
}

void note_not_run(const std::string& what) {
  std::cout << "not run: " << what << '\n';
  noted().not_run.push_back(what);
}

void write_line(const std::string& part, std::int64_t problems, double seconds,
                const std::string& repeat) {
  const char* file = std::getenv("TRIGGERD_PROOF_LOG");
  if (file == nullptr) return;
  Noted& all = noted();
  json line{{"part", part},
            {"seeds", {all.first_seed, all.last_seed}},
            {"seconds", std::round(seconds * 10) / 10},
            {"problems", problems},
            {"counts", json::object()},
            {"limits", all.limits},
            {"figures", all.figures},
            {"not_run", all.not_run},
            {"repeat", repeat}};
  for (const char* name : kOwnMembers) line[name] = all.counts[name];
  for (const auto& [name, times] : all.counts) {
    if (!line.contains(name)) line["counts"][name] = times;
  }
  std::ofstream(file, std::ios::app) << line.dump() << '\n';
}

}  // namespace triggerd::proof
