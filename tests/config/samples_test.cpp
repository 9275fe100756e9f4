// Every file of tests/samples/config: NAME.good.yaml loads without a word, NAME.bad.yaml gives
// exactly the problems that its first lines tell as `# expect: LINE:COL: error: ...` and `# hint:
// ...`.
#include <doctest/doctest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "config/test_catalog.h"

using namespace triggerd;

namespace {

std::string read_file(const std::filesystem::path& path) {
  std::ifstream stream(path, std::ios::binary);
  std::ostringstream text;
  text << stream.rdbuf();
  return text.str();
}

std::string told(const std::vector<Problem>& problems) {
  std::string text;
  for (const Problem& problem : problems) {
    text += "# expect: " + std::to_string(problem.place.line) + ":" +
            std::to_string(problem.place.column) + (problem.warning ? ": warning: " : ": error: ") +
            problem.what + "\n";
    if (!problem.hint.empty()) text += "# hint: " + problem.hint + "\n";
  }
  return text;
}

std::string expected(const std::string& text) {
  std::istringstream lines(text);
  std::string found;
  for (std::string line; std::getline(lines, line);) {
    if (!line.starts_with("# expect: ") && !line.starts_with("# hint: ")) break;
    found += line + "\n";
  }
  return found;
}

std::vector<std::filesystem::path> samples(const std::string& ending) {
  std::vector<std::filesystem::path> found;
  for (const auto& entry :
       std::filesystem::directory_iterator(std::string(TRIGGERD_SAMPLES) + "/config")) {
    if (entry.path().string().ends_with(ending)) found.push_back(entry.path());
  }
  std::sort(found.begin(), found.end());
  return found;
}

}  // namespace

TEST_CASE("each bad sample gives exactly the problems it tells, all at once") {
  const auto files = samples(".bad.yaml");
  CHECK(files.size() >= 60);
  for (const std::filesystem::path& file : files) {
    CAPTURE(file.filename().string());
    const std::string text = read_file(file);
    const ConfigLoad loaded = triggerd::testing::load(text);
    CHECK(loaded.config == nullptr);
    CHECK_FALSE(expected(text).empty());
    CHECK(told(loaded.problems) == expected(text));
  }
}

TEST_CASE("each good sample loads without a word") {
  const auto files = samples(".good.yaml");
  CHECK(files.size() >= 20);
  for (const std::filesystem::path& file : files) {
    CAPTURE(file.filename().string());
    const ConfigLoad loaded = triggerd::testing::load(read_file(file));
    CHECK(told(loaded.problems) == "");
    CHECK(loaded.config != nullptr);
  }
}
