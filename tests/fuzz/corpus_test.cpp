// Replays the corpora through the fuzz targets, so that every machine runs what fuzzing found, with
// or without clang. A finding becomes a file in corpus/<target>/ named after what it broke.
#include <doctest/doctest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

#include "fuzz/targets.h"

namespace {

namespace fs = std::filesystem;
using namespace triggerd::fuzz;

const fs::path kCorpus = fs::path(TRIGGERD_SOURCE) / "tests" / "fuzz" / "corpus";
constexpr int kFilesMin = 10;
constexpr std::uintmax_t kFileBytesMax = 32 * 1024;

std::string text_of(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

void replay(const Target& target, const std::string& text, const std::string& name) {
  try {
    target.run(text);
  } catch (const std::exception& broken) {
    const std::string said = std::string(target.name) + "/" + name + ": " + broken.what();
    FAIL_CHECK(said);
  }
}

}  // namespace

TEST_CASE("what each parser promises holds for every file of its corpus, and for none at all") {
  for (const Target& target : kTargets) {
    INFO(std::string(target.name));
    REQUIRE(fs::is_directory(kCorpus / target.name));
    int files = 0;
    for (const auto& entry : fs::directory_iterator(kCorpus / target.name)) {
      CHECK_MESSAGE(entry.file_size() <= kFileBytesMax, entry.path());
      replay(target, text_of(entry.path()), entry.path().filename());
      ++files;
    }
    CHECK(files >= kFilesMin);
    replay(target, "", "(empty)");
  }
}

TEST_CASE("a corpus belongs to a target, and every target has one") {
  for (const auto& entry : fs::directory_iterator(kCorpus)) {
    const std::string name = entry.path().filename();
    const auto is_it = [&](const Target& target) { return target.name == name; };
    CHECK_MESSAGE(std::any_of(kTargets.begin(), kTargets.end(), is_it), name);
  }
}

TEST_CASE("every prefix of a corpus file keeps the promises as well") {
  for (const Target& target : kTargets) {
    const std::string name = target.name;
    // Each of these compiles jq or a whole catalog, which takes some 20 ms.
    if (name == "config" || name == "expression" || name == "template" || name == "connector")
      continue;
    for (const auto& entry : fs::directory_iterator(kCorpus / name)) {
      const std::string text = text_of(entry.path());
      const std::size_t step = 1 + text.size() / 64;
      for (std::size_t length = 0; length < text.size(); length += step) {
        replay(target, text.substr(0, length), entry.path().filename().string() + ", cut");
      }
    }
  }
}
