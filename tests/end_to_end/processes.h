// The real programs as child processes: triggerd-sandbox and triggerd, in a folder of their own
// that goes with the test. Whatever is still running when an object dies is killed. Used by all
// end-to-end tests; they know the programs by their command lines, their files and the sandbox's
// control calls alone.
#pragma once

#include <chrono>
#include <functional>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

namespace triggerd::end_to_end {

using nlohmann::json;
using Wait = std::chrono::milliseconds;

// A new folder under the system's place for such; removed with everything in it.
class Folder {
 public:
  Folder();
  ~Folder();
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;

  std::string at(const std::string& name) const { return path_ + "/" + name; }
  void write(const std::string& name, const std::string& text) const;

 private:
  std::string path_;
};

std::string read_text(const std::string& path);  // empty when there is no such file

// Looks again and again until it holds; false after `most`.
bool wait_until(Wait most, const std::function<bool()>& holds);

class Process {
 public:
  // `output` gets what it prints; it runs in `folder`.
  Process(const std::vector<std::string>& command, const std::string& folder,
          const std::string& output);
  ~Process();
  Process(Process&& other) noexcept;
  Process(const Process&) = delete;
  Process& operator=(const Process&) = delete;
  Process& operator=(Process&&) = delete;

  void signal(int number) const;
  // Its exit code, minus the signal that ended it, or nothing while it runs after `most`.
  std::optional<int> wait(Wait most);
  void kill_hard();  // SIGKILL, and waits for its end
  int pid() const { return pid_; }

 private:
  int pid_ = -1;
  int descriptor_ = -1;  // becomes readable when it ends
  std::optional<int> ended_;
};

struct SandboxOptions {
  double speed = 1;
  double pace = 0;  // changes per sandbox minute
  int contacts = 12;
  int quiet = 0;  // sandbox seconds without changes at the start
  int seed = 1;
};

inline constexpr const char* kLocation = "ve9EPM428h8vShlRW1KT";
inline constexpr const char* kCompany = "5DP4iH6HLkQsiKESj6rh";

class Sandbox {
 public:
  Sandbox(const Folder& folder, const SandboxOptions& options);

  const std::string& url() const { return url_; }
  const std::string& truth() const { return truth_; }
  json get(const std::string& path) const;                     // fails the test unless 2xx
  json post(const std::string& path, const json& body) const;  // likewise
  json clear_faults() const;
  // All records of a collection of the well-known company or location, or of another location.
  std::vector<json> records(const std::string& collection) const;
  std::vector<json> records(const std::string& collection, const std::string& location) const;
  json create(const std::string& collection, const json& record, const std::string& id = "") const;
  json update(const std::string& collection, const std::string& id, const json& patch) const;
  void remove(const std::string& collection, const std::string& id) const;
  void advance(int seconds) const;

 private:
  std::string url_, truth_;
  std::optional<Process> process_;
};

// triggerd on one configuration and one state directory in the folder.
class Triggerd {
 public:
  Triggerd(const Folder& folder, const Sandbox& sandbox, double speed);

  void configure(const std::string& yaml) const;
  Process start(const std::string& command, const std::vector<std::string>& triggers = {});
  // Runs to its end; the exit code.
  int run(const std::string& command, const std::vector<std::string>& triggers = {});
  std::string database() const { return folder_.at("state/triggerd.db"); }
  std::string output() const { return read_text(folder_.at("triggerd.log")); }

 private:
  const Folder& folder_;
  const Sandbox& sandbox_;
  const double speed_;
};

}  // namespace triggerd::end_to_end
