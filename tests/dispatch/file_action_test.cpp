#include "triggerd/dispatch/file_action.h"

#include <doctest/doctest.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>

namespace triggerd {
namespace {

namespace fs = std::filesystem;

class ScratchFolder {
 public:
  ScratchFolder() {
    std::string pattern = (fs::temp_directory_path() / "file_action_XXXXXX").string();
    REQUIRE(::mkdtemp(pattern.data()) != nullptr);
    path = pattern;
  }
  ~ScratchFolder() { fs::remove_all(path); }
  std::string operator/(const std::string& name) const { return (path / name).string(); }
  fs::path path;
};

std::string content(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

void put(const std::string& path, std::string_view text) {
  std::ofstream(path, std::ios::binary) << text;
}

FileSend line(const std::string& path, const std::string& key,
              const std::string& text = R"({"a":1})") {
  FileSend send;
  send.path = path;
  send.key = key;
  send.text = text;
  return send;
}

FileSend whole(const std::string& path, const std::string& key, const std::string& text) {
  FileSend send = line(path, key, text);
  send.append = false;
  return send;
}

std::string lines(const std::string& key) { return R"({"a":1,"key":")" + key + "\"}\n"; }

TEST_CASE("a line is appended with its key, and the file belongs to us alone (DSP-18, S-29)") {
  const ScratchFolder folder;
  const SendEnd end = write_file(line(folder / "out.jsonl", "k1"));
  REQUIRE(end.end == SendClass::succeeded);
  CHECK(end.answer == R"({"path":")" + (folder / "out.jsonl") + "\"}");
  CHECK(write_file(line(folder / "out.jsonl", "k2")).end == SendClass::succeeded);
  CHECK(content(folder / "out.jsonl") == lines("k1") + lines("k2"));
  struct stat found {};
  REQUIRE(::stat((folder / "out.jsonl").c_str(), &found) == 0);
  CHECK((found.st_mode & 0777) == 0600);
}

TEST_CASE("a value that is no object becomes the member `line`; a taken `key` is left alone") {
  const ScratchFolder folder;
  write_file(line(folder / "out.jsonl", "k1", R"("text")"));
  write_file(line(folder / "out.jsonl", "k2", R"({"key":"theirs"})"));
  CHECK(content(folder / "out.jsonl") ==
        "{\"key\":\"k1\",\"line\":\"text\"}\n{\"key\":\"theirs\",\"triggerd_key\":\"k2\"}\n");
}

TEST_CASE("a repeat after a crash does not append a second line (DSP-18, DSP-01)") {
  const ScratchFolder folder;
  write_file(line(folder / "out.jsonl", "k1"));
  write_file(line(folder / "out.jsonl", "k2"));
  FileSend again = line(folder / "out.jsonl", "k1");
  again.repeat = true;
  CHECK(write_file(again).end == SendClass::succeeded);
  CHECK(content(folder / "out.jsonl") == lines("k1") + lines("k2"));
  again.key = "k3";  // a repeat whose first try never wrote
  CHECK(write_file(again).end == SendClass::succeeded);
  CHECK(content(folder / "out.jsonl") == lines("k1") + lines("k2") + lines("k3"));
}

TEST_CASE("a line torn at any byte is completed by its repeat (DSP-18)") {
  const ScratchFolder folder;
  const std::string full = lines("k2");
  for (std::size_t cut = 0; cut <= full.size(); ++cut) {
    INFO("cut after " << cut << " bytes");
    put(folder / "out.jsonl", lines("k1") + full.substr(0, cut));
    FileSend again = line(folder / "out.jsonl", "k2");
    again.repeat = true;
    CHECK(write_file(again).end == SendClass::succeeded);
    CHECK(content(folder / "out.jsonl") == lines("k1") + full);
  }
}

TEST_CASE("a torn line that another event has ended does not pass for a whole one (DSP-18, P5)") {
  const ScratchFolder folder;
  const std::string torn = lines("k1").substr(0, lines("k1").size() - 4);
  put(folder / "out.jsonl", torn + "\n" + lines("k2"));
  FileSend again = line(folder / "out.jsonl", "k1");
  again.repeat = true;
  CHECK(write_file(again).end == SendClass::succeeded);
  CHECK(content(folder / "out.jsonl") == torn + "\n" + lines("k2") + lines("k1"));
}

TEST_CASE("somebody else's torn line is ended first, so that ours stays whole (DSP-18)") {
  const ScratchFolder folder;
  put(folder / "out.jsonl", "{\"torn\": \"li");
  CHECK(write_file(line(folder / "out.jsonl", "k1")).end == SendClass::succeeded);
  CHECK(content(folder / "out.jsonl") == "{\"torn\": \"li\n" + lines("k1"));
}

TEST_CASE("a repeat overwrites its own file and no other event's (DSP-18)") {
  const ScratchFolder folder;
  CHECK(write_file(whole(folder / "lead.json", "k1", "one\n")).end == SendClass::succeeded);
  CHECK(write_file(whole(folder / "lead.json", "k1", "one\n")).end == SendClass::succeeded);
  const SendEnd second = write_file(whole(folder / "lead.json", "k2", "two\n"));
  CHECK(second.answer == R"({"path":")" + (folder / "lead-k2.json") + "\"}");
  CHECK(content(folder / "lead-k1.json") == "one\n");
  CHECK(content(folder / "lead-k2.json") == "two\n");
  write_file(whole(folder.path.string() + "/", "k3", "three\n"));
  CHECK(content(folder / "k3.json") == "three\n");
  std::size_t files = 0;
  for ([[maybe_unused]] const auto& entry : fs::directory_iterator(folder.path)) ++files;
  CHECK(files == 3);  // nothing is left aside
}

TEST_CASE("a part that a crash left aside does not stop the next try (DSP-18)") {
  const ScratchFolder folder;
  put(folder / ".k1.part", "ha");
  CHECK(write_file(whole(folder / "a.json", "k1", "whole\n")).end == SendClass::succeeded);
  CHECK(content(folder / "a-k1.json") == "whole\n");
  CHECK_FALSE(fs::exists(folder / ".k1.part"));
}

TEST_CASE("file names of records cannot leave the folder or hide (S-29)") {
  const ScratchFolder folder;
  const std::vector<std::string> refused = {"..",
                                            ".hidden",
                                            "-rf",
                                            "a b",
                                            "a\nb",
                                            "a%2f..",
                                            "",
                                            std::string("a\0b", 3),
                                            std::string(129, 'x'),
                                            "\xC3\xA4"};
  for (const std::string& name : refused) {
    INFO(name);
    const SendEnd end = write_file(line(folder.path.string() + "/" + name, "k1"));
    CHECK(end.end == SendClass::permanent);
    CHECK_FALSE(end.reason.empty());
  }
  CHECK(fs::is_empty(folder.path));
  CHECK(write_file(line(folder / std::string(128, 'x'), "k1")).end == SendClass::succeeded);
  CHECK(write_file(line(folder / "a.b-c_d", "k1")).end == SendClass::succeeded);
}

TEST_CASE(
    "links, pipes and folders in the file's place are refused and left alone (S-29, DSP-18)") {
  const ScratchFolder folder;
  put(folder / "victim", "untouched");
  fs::create_symlink(folder / "victim", folder / "symbolic");
  fs::create_hard_link(folder / "victim", folder / "hard");
  REQUIRE(::mkfifo((folder / "pipe").c_str(), 0600) == 0);
  fs::create_directory(folder / "folder");
  for (const char* name : {"symbolic", "hard", "pipe", "folder"}) {
    INFO(name);
    CHECK(write_file(line(folder / name, "k1")).end == SendClass::permanent);
  }
  CHECK(content(folder / "victim") == "untouched");
  fs::create_directory(folder / "a-k1.json");
  CHECK(write_file(whole(folder / "a.json", "k1", "x")).end == SendClass::permanent);
}

TEST_CASE(
    "a missing folder of an absolute path is refused; below the working directory it is made") {
  const ScratchFolder folder;
  const SendEnd end = write_file(line(folder / "none/out.jsonl", "k1"));
  CHECK(end.end == SendClass::permanent);
  CHECK(end.reason == "cannot open the directory: No such file or directory");
  const fs::path before = fs::current_path();
  fs::current_path(folder.path);
  const SendEnd made = write_file(line("out/deep/lines.jsonl", "k1"));
  fs::current_path(before);
  CHECK(made.end == SendClass::succeeded);
  CHECK(content(folder / "out/deep/lines.jsonl") == lines("k1"));
  CHECK((fs::status(folder.path / "out").permissions() & fs::perms::all) == fs::perms::owner_all);
}

TEST_CASE("a file that cannot grow can pass: the end is transient, the line whole later (DSP-18)") {
  const ScratchFolder folder;
  put(folder / "out.jsonl", lines("k1"));
  const auto before = std::signal(SIGXFSZ, SIG_IGN);
  struct rlimit old {};
  REQUIRE(::getrlimit(RLIMIT_FSIZE, &old) == 0);
  struct rlimit tight = old;
  tight.rlim_cur = lines("k1").size() + 5;
  REQUIRE(::setrlimit(RLIMIT_FSIZE, &tight) == 0);
  const SendEnd end = write_file(line(folder / "out.jsonl", "k2"));
  ::setrlimit(RLIMIT_FSIZE, &old);
  std::signal(SIGXFSZ, before);
  CHECK(end.end == SendClass::transient);
  FileSend again = line(folder / "out.jsonl", "k2");
  again.repeat = true;
  CHECK(write_file(again).end == SendClass::succeeded);
  CHECK(content(folder / "out.jsonl") == lines("k1") + lines("k2"));
}

}  // namespace
}  // namespace triggerd
