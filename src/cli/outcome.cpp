#include "cli/outcome.h"

#include <algorithm>
#include <iostream>
#include <nlohmann/json.hpp>

namespace triggerd {

namespace {

constexpr std::size_t kNamesShown = 12;

void print_json(const nlohmann::json& value) {
  std::cout << value.dump(2, ' ', false, nlohmann::json::error_handler_t::replace) << '\n';
}

}  // namespace

int fail(const CommandOptions& options, int code, const std::string& message) {
  if (options.json) {
    print_json({{"ok", false}, {"message", message}});
  } else {
    std::cerr << "triggerd: " << message << '\n';
  }
  return code;
}

std::string known_names(const std::string& name, const std::vector<std::string>& known) {
  std::string near = nearest_name(name, known);
  const auto begins = [&](const std::string& one) { return one.starts_with(name); };
  // A name that was not typed to its end.
  if (near.empty() && std::count_if(known.begin(), known.end(), begins) == 1) {
    near = *std::find_if(known.begin(), known.end(), begins);
  }
  if (!near.empty()) return "; did you mean `" + near + "`?";
  std::string text;
  for (std::size_t i = 0; i < known.size() && i < kNamesShown; ++i) {
    text += (i == 0 ? "; there are " : ", ") + known[i];
  }
  if (known.size() > kNamesShown) {
    text += " and " + std::to_string(known.size() - kNamesShown) + " more";
  }
  return text;
}

int fail_unknown(const CommandOptions& options, const std::string& kind, const std::string& name,
                 const std::vector<std::string>& known) {
  return fail(options, kExitUsage,
              "there is no " + kind + " `" + name + "`" + known_names(name, known));
}

void print_problems(const std::vector<Problem>& problems,
                    const std::map<std::string, std::string>& texts) {
  for (const Problem& problem : problems) {
    const auto text = texts.find(problem.file);
    std::cerr << render_problem(problem, text == texts.end() ? "" : text->second);
  }
}

nlohmann::json problems_json(const std::vector<Problem>& problems) {
  nlohmann::json list = nlohmann::json::array();
  for (const Problem& problem : problems) {
    list.push_back({{"file", problem.file},
                    {"line", problem.place.line},
                    {"column", problem.place.column},
                    {"severity", problem.warning ? "warning" : "error"},
                    {"message", problem.what},
                    {"hint", problem.hint}});
  }
  return list;
}

int fail_problems(const CommandOptions& options, const std::vector<Problem>& problems,
                  const std::map<std::string, std::string>& texts) {
  if (options.json) {
    print_json({{"ok", false}, {"problems", problems_json(problems)}});
  } else {
    print_problems(problems, texts);
  }
  return kExitConfiguration;
}

}  // namespace triggerd
