#include "examples/small_service.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <filesystem>

namespace triggerd::examples {

namespace {

constexpr end_to_end::Wait kMost{60'000};

}  // namespace

SmallService::SmallService() {
  server.set_logger([this](const httplib::Request& request, const httplib::Response&) {
    const std::lock_guard<std::mutex> lock(guard_);
    asked_.push_back(request.method + " " + request.target);
  });
}

void SmallService::start() {
  port_ = server.bind_to_any_port("127.0.0.1");
  REQUIRE(port_ > 0);
  thread_ = std::thread([this] { server.listen_after_bind(); });
  while (!server.is_running()) std::this_thread::yield();
}

SmallService::~SmallService() {
  server.stop();
  if (thread_.joinable()) thread_.join();
}

std::vector<std::string> SmallService::asked() const {
  const std::lock_guard<std::mutex> lock(guard_);
  return asked_;
}

int SmallService::count(const std::string& part) const {
  const std::vector<std::string> all = asked();
  return static_cast<int>(std::count_if(all.begin(), all.end(), [&](const std::string& one) {
    return one.find(part) != std::string::npos;
  }));
}

void Bench::make_folder() const { std::filesystem::create_directories(folder_.at("connectors")); }

void Bench::use_example(const std::string& name, const std::string& corrections) const {
  make_folder();
  write("connectors/" + name + ".yaml",
        end_to_end::read_text(std::string(TRIGGERD_SOURCE) + "/examples/connectors/" + name +
                              ".yaml"));
  write("connectors/here.yaml", "overrides: " + name + "\n" + corrections);
}

Said Bench::run(std::vector<std::string> words) const {
  words.insert(words.begin(),
               {"/usr/bin/env", "SECRET=s3cret", "DESK_TOKEN=s3cret", TRIGGERD_PROGRAM});
  end_to_end::Process process(words, folder_.at(""), folder_.at("said"));
  Said said;
  said.code = process.wait(kMost).value_or(-1);
  said.text = end_to_end::read_text(folder_.at("said"));
  std::filesystem::remove(folder_.at("said"));
  return said;
}

}  // namespace triggerd::examples
