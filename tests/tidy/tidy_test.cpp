// The rules about the code that a machine can check. Each message names the way out.
#include <doctest/doctest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <map>
#include <regex>
#include <set>
#include <string>
#include <vector>

namespace {

namespace fs = std::filesystem;

const fs::path kRoot = TRIGGERD_SOURCE;
constexpr std::size_t kFileLinesMax = 400;
constexpr std::size_t kLineBytesMax = 100;

struct Source {
  std::string path;  // below the root
  std::vector<std::string> lines;
};

std::vector<std::string> read_lines(const fs::path& path) {
  std::vector<std::string> lines;
  std::ifstream file(path);
  for (std::string line; std::getline(file, line);) lines.push_back(line);
  return lines;
}

const std::vector<Source>& sources() {
  static const std::vector<Source> all = [] {
    std::vector<Source> found;
    for (const char* folder : {"include", "src", "tests", "sandbox"}) {
      for (const auto& entry : fs::recursive_directory_iterator(kRoot / folder)) {
        const std::string ending = entry.path().extension();
        if (ending != ".cpp" && ending != ".h") continue;
        found.push_back({fs::relative(entry.path(), kRoot), read_lines(entry.path())});
      }
    }
    return found;
  }();
  return all;
}

bool below(const std::string& path, const std::string& folder) {
  return path.rfind(folder, 0) == 0;
}

// The folder of the flow that a product source belongs to; empty for the headers and sources of the
// root.
std::string stage_of(const std::string& path) {
  static const std::regex place("^(?:include/triggerd|src)/([a-z_]+)/");
  std::smatch found;
  return std::regex_search(path, found, place) ? found[1].str() : "";
}

std::string where(const Source& source, std::size_t line) {
  return source.path + ":" + std::to_string(line + 1);
}

TEST_CASE("no file is longer than one head can hold: split it by subject") {
  for (const Source& source : sources()) {
    INFO(source.path);
    CHECK(source.lines.size() <= kFileLinesMax);
  }
}

TEST_CASE("no line is too long, ends in blanks, holds a tab, or marks unfinished work") {
  static const std::regex unfinished(
      "TO"
      "DO|FIX"
      "ME");
  for (const Source& source : sources()) {
    for (std::size_t i = 0; i < source.lines.size(); ++i) {
      const std::string& line = source.lines[i];
      INFO(where(source, i));
      CHECK(line.size() <= kLineBytesMax);
      CHECK((line.empty() || line.back() != ' '));
      CHECK(line.find('\t') == std::string::npos);
      CHECK_FALSE(std::regex_search(line, unfinished));
    }
  }
}

TEST_CASE("file names say what is in the file: a noun of the flow, not a catch-all") {
  static const std::regex banned(
      "(^|_)(task|job|entity|data|info|payload|context|handler|processor|manager|helper|helpers|"
      "util|utils|common|misc|base|impl)(_|\\.|$)");
  for (const Source& source : sources()) {
    const std::string name = fs::path(source.path).stem();
    INFO(source.path);
    CHECK_FALSE(std::regex_search(name, banned));
  }
}

TEST_CASE("includes point only to the stages before") {
  const std::vector<std::string> order{"",       "yaml",  "catalog",  "config", "account", "poll",
                                       "detect", "store", "dispatch", "engine", "os",      "cli"};
  static const std::regex include("^#include \"(?:triggerd/)?(?:([a-z_]+)/)?[a-z0-9_]+\\.h\"");
  for (const Source& source : sources()) {
    if (!below(source.path, "include/") && !below(source.path, "src/")) continue;
    if (source.path == "src/main.cpp") continue;
    const std::string stage = stage_of(source.path);
    const auto place = std::find(order.begin(), order.end(), stage);
    REQUIRE_MESSAGE(place != order.end(), source.path << " lies in a folder that is no stage");
    for (std::size_t i = 0; i < source.lines.size(); ++i) {
      std::smatch found;
      if (!std::regex_search(source.lines[i], found, include)) continue;
      const std::string used = found[1];
      const auto used_place = std::find(order.begin(), order.end(), used);
      if (used_place == order.end()) continue;
      INFO(where(source, i) << " includes " << used);
      CHECK(used_place <= place);
      // os/ is a leaf beside the flow: it knows the root only, and only cli/ knows it.
      if (stage == "os") CHECK((used.empty() || used == "os"));
      if (used == "os") CHECK((stage == "os" || stage == "cli"));
    }
  }
}

TEST_CASE("each library has one home") {
  const std::map<std::string, std::string> homes{{"<yaml-cpp/", "src/yaml/"},
                                                 {"<curl/", "src/os/"},
                                                 {"<SQLiteCpp/", "src/store/"},
                                                 {"<sqlite3.h>", "src/store/"},
                                                 {"<jq.h>", "src/expression"},
                                                 {"<jv.h>", "src/expression"},
                                                 {"<spdlog/", "src/os/"},
                                                 {"<simdjson.h>", "src/poll/"},
                                                 {"<xxhash.h>", "src/hash.cpp"},
                                                 {"<openssl/", "src/hash.cpp"},
                                                 {"<CLI/", "src/cli/"},
                                                 {"<yaml.h>", "src/yaml/"},
                                                 {"<phonenumbers/", "src/phone_number.cpp"},
                                                 {"<zlib.h>", "src/os/gzip_"},
                                                 {"<microhttpd.h>", "src/os/metrics_server.cpp"}};
  for (const Source& source : sources()) {
    if (!below(source.path, "include/") && !below(source.path, "src/")) continue;
    for (std::size_t i = 0; i < source.lines.size(); ++i) {
      if (!below(source.lines[i], "#include <")) continue;
      for (const auto& [library, home] : homes) {
        if (source.lines[i].find(library) == std::string::npos) continue;
        INFO(where(source, i) << ": " << library << " belongs into " << home);
        CHECK(below(source.path, home));
      }
    }
  }
}

TEST_CASE("time and chance come in as arguments: clocks and entropy are read in os/ alone") {
  static const std::regex clock(
      "system_clock::now|steady_clock::now|random_device|[^a-z_.]rand\\(|[^a-z_.:>]time\\((nullptr|"
      "NULL|0)");
  for (const Source& source : sources()) {
    if (!below(source.path, "include/") && !below(source.path, "src/")) continue;
    if (below(source.path, "src/os/")) continue;
    for (std::size_t i = 0; i < source.lines.size(); ++i) {
      INFO(where(source, i));
      CHECK_FALSE(std::regex_search(source.lines[i], clock));
    }
  }
}

TEST_CASE("nothing catches everything but main") {
  for (const Source& source : sources()) {
    if (!below(source.path, "src/") || source.path == "src/main.cpp") continue;
    for (std::size_t i = 0; i < source.lines.size(); ++i) {
      INFO(where(source, i)
           << ": name the exception, and turn it into our terms in its library's home");
      CHECK(source.lines[i].find("catch (...)") == std::string::npos);
    }
  }
}

TEST_CASE("tests do not sleep: they wait for what they test, or move the clock") {
  static const std::regex sleeping(
      "sleep"
      "_for|sleep"
      "_until|usle"
      "ep\\(|nanosl"
      "eep");
  for (const Source& source : sources()) {
    if (!below(source.path, "tests/")) continue;
    for (std::size_t i = 0; i < source.lines.size(); ++i) {
      INFO(where(source, i));
      CHECK_FALSE(std::regex_search(source.lines[i], sleeping));
    }
  }
}

TEST_CASE("every path that the README names exists") {
  static const std::regex quoted(
      "[`(]((?:src|include|schema|scripts|connectors|docs|sandbox|tests)/[A-Za-z0-9_./-]*)[`)]");
  std::set<std::string> missing;
  for (const std::string& line : read_lines(kRoot / "README.md")) {
    for (std::sregex_iterator found(line.begin(), line.end(), quoted), end; found != end; ++found) {
      if (!fs::exists(kRoot / (*found)[1].str())) missing.insert((*found)[1]);
    }
  }
  for (const std::string& path : missing) FAIL_CHECK("README.md names " << path);
}

TEST_CASE("every header says what it is for before anything else") {
  for (const Source& source : sources()) {
    if (!below(source.path, "include/") || source.lines.empty()) continue;
    INFO(source.path);
    CHECK(below(source.lines.front(), "// "));
  }
}

TEST_CASE("no operation of an app has C++ of its own: operations are data") {
  for (const Source& source : sources()) {
    if (!below(source.path, "src/") && !below(source.path, "include/")) continue;
    for (std::size_t i = 0; i < source.lines.size(); ++i) {
      const std::string& line = source.lines[i];
      if (line.find("//") != std::string::npos) continue;
      INFO(where(source, i));
      const bool starter = source.path == "src/cli/init.cpp";
      CHECK((starter || line.find("search_contacts") == std::string::npos));
      CHECK((starter || line.find("leadconnector") == std::string::npos));
    }
  }
}

}  // namespace
