#include "end_to_end/processes.h"

#include <doctest/doctest.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <utility>

#include "end_to_end/http_calls.h"

namespace triggerd::end_to_end {

namespace {

constexpr Wait kStartMax{30'000};
constexpr Wait kRunMax{120'000};
constexpr int kLookEveryMs = 10;

std::string number_text(double number) {
  std::ostringstream text;
  text << number;
  return text.str();
}

[[noreturn]] void become(const std::vector<std::string>& command, const std::string& folder,
                         const std::string& output) {
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);  // a test that is killed leaves nothing behind
  const int file = ::open(output.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
  if (file < 0 || ::dup2(file, 1) < 0 || ::dup2(file, 2) < 0 || ::chdir(folder.c_str()) != 0) {
    ::_exit(126);
  }
  std::vector<char*> arguments;
  for (const std::string& part : command) arguments.push_back(const_cast<char*>(part.c_str()));
  arguments.push_back(nullptr);
  ::execv(arguments[0], arguments.data());
  ::_exit(127);
}

}  // namespace

Folder::Folder() {
  std::string name = (std::filesystem::temp_directory_path() / "triggerd-test-XXXXXX").string();
  REQUIRE(::mkdtemp(name.data()) != nullptr);
  path_ = name;
}

Folder::~Folder() {
  std::error_code ignored;
  if (std::getenv("KEEP_TEST_FOLDERS") == nullptr) std::filesystem::remove_all(path_, ignored);
}

void Folder::write(const std::string& name, const std::string& text) const {
  std::ofstream(at(name)) << text;
}

std::string read_text(const std::string& path) {
  std::ifstream file(path);
  return {std::istreambuf_iterator<char>(file), {}};
}

bool wait_until(Wait most, const std::function<bool()>& holds) {
  const auto end = std::chrono::steady_clock::now() + most;
  while (!holds()) {
    if (std::chrono::steady_clock::now() >= end) return false;
    ::poll(nullptr, 0, kLookEveryMs);
  }
  return true;
}

Process::Process(const std::vector<std::string>& command, const std::string& folder,
                 const std::string& output) {
  pid_ = ::fork();
  REQUIRE(pid_ >= 0);
  if (pid_ == 0) become(command, folder, output);
  descriptor_ = static_cast<int>(::syscall(SYS_pidfd_open, pid_, 0));
  REQUIRE(descriptor_ >= 0);
}

Process::Process(Process&& other) noexcept
    : pid_(std::exchange(other.pid_, -1)),
      descriptor_(std::exchange(other.descriptor_, -1)),
      ended_(other.ended_) {}

Process::~Process() {
  kill_hard();
  if (descriptor_ >= 0) ::close(descriptor_);
}

void Process::signal(int number) const {
  if (pid_ > 0 && !ended_) ::kill(pid_, number);
}

std::optional<int> Process::wait(Wait most) {
  if (ended_ || pid_ <= 0) return ended_;
  pollfd end{descriptor_, POLLIN, 0};
  if (::poll(&end, 1, static_cast<int>(most.count())) <= 0) return std::nullopt;
  int status = 0;
  if (::waitpid(pid_, &status, 0) != pid_) return std::nullopt;
  ended_ = WIFSIGNALED(status) ? -WTERMSIG(status) : WEXITSTATUS(status);
  return ended_;
}

void Process::kill_hard() {
  signal(SIGKILL);
  wait(kStartMax);
}

Sandbox::Sandbox(const Folder& folder, const SandboxOptions& options)
    : truth_(folder.at("truth.jsonl")) {
  const std::string port_file = folder.at("port");
  process_.emplace(
      std::vector<std::string>{SANDBOX_PROGRAM, "--port", "0", "--port-file", port_file, "--seed",
                               std::to_string(options.seed), "--pace", number_text(options.pace),
                               "--quiet", std::to_string(options.quiet), "--speed",
                               number_text(options.speed), "--contacts",
                               std::to_string(options.contacts), "--truth", truth_},
      folder.at(""), folder.at("sandbox.log"));
  REQUIRE_MESSAGE(wait_until(kStartMax, [&] { return !read_text(port_file).empty(); }),
                  read_text(folder.at("sandbox.log")));
  url_ = "http://127.0.0.1:" + std::to_string(std::stoi(read_text(port_file)));
}

json Sandbox::get(const std::string& path) const { return http_call("GET", url_, path, ""); }

json Sandbox::post(const std::string& path, const json& body) const {
  return http_call("POST", url_, path, body.dump());
}

json Sandbox::clear_faults() const { return http_call("DELETE", url_, "/control/faults", ""); }

std::vector<json> Sandbox::records(const std::string& collection) const {
  return records(collection, collection == "companies" ? kCompany : kLocation);
}

std::vector<json> Sandbox::records(const std::string& collection, const std::string& owner) const {
  const json answer = get("/control/record?location=" + owner + "&collection=" + collection);
  return answer.at("records").get<std::vector<json>>();
}

json Sandbox::create(const std::string& collection, const json& record,
                     const std::string& id) const {
  json body{
      {"location", kLocation}, {"collection", collection}, {"op", "create"}, {"fields", record}};
  if (!id.empty()) body["id"] = id;
  return post("/control/mutate", body);
}

json Sandbox::update(const std::string& collection, const std::string& id,
                     const json& patch) const {
  return post("/control/mutate", {{"location", kLocation},
                                  {"collection", collection},
                                  {"op", "update"},
                                  {"id", id},
                                  {"fields", patch}});
}

void Sandbox::remove(const std::string& collection, const std::string& id) const {
  post("/control/mutate",
       {{"location", kLocation}, {"collection", collection}, {"op", "delete"}, {"id", id}});
}

void Sandbox::advance(int seconds) const { post("/control/clock", {{"advance_seconds", seconds}}); }

Triggerd::Triggerd(const Folder& folder, const Sandbox& sandbox, double speed)
    : folder_(folder), sandbox_(sandbox), speed_(speed) {}

void Triggerd::configure(const std::string& yaml) const { folder_.write("triggers.yaml", yaml); }

Process Triggerd::start(const std::string& command, const std::vector<std::string>& triggers) {
  std::vector<std::string> line{TRIGGERD_PROGRAM,
                                command,
                                "-c",
                                folder_.at("triggers.yaml"),
                                "--sandbox",
                                sandbox_.url(),
                                "--speed",
                                number_text(speed_),
                                "--state",
                                folder_.at("state")};
  line.insert(line.end(), triggers.begin(), triggers.end());
  return {line, folder_.at(""), folder_.at("triggerd.log")};
}

int Triggerd::run(const std::string& command, const std::vector<std::string>& triggers) {
  Process process = start(command, triggers);
  const std::optional<int> code = process.wait(kRunMax);
  REQUIRE_MESSAGE(code.has_value(), "triggerd did not end in time; it said:\n" << output());
  return *code;
}

}  // namespace triggerd::end_to_end
