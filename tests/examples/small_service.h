// A look-alike of an app on this machine, made of a few lines a test, and the real program that
// asks it. The port is the kernel's choice; the server is stopped with the object.
#pragma once

#include <httplib.h>

#include <mutex>
#include <nlohmann/json.hpp>
#include <string>
#include <thread>
#include <vector>

#include "end_to_end/processes.h"

namespace triggerd::examples {

using nlohmann::json;

class SmallService {
 public:
  SmallService();
  ~SmallService();
  SmallService(const SmallService&) = delete;
  SmallService& operator=(const SmallService&) = delete;

  // To be filled before start().
  httplib::Server server;
  void start();
  std::string url() const { return "http://127.0.0.1:" + std::to_string(port_); }
  // "GET /path?query" of each request so far.
  std::vector<std::string> asked() const;
  int count(const std::string& part) const;  // of those that hold it

 private:
  int port_ = 0;
  std::thread thread_;
  mutable std::mutex guard_;
  std::vector<std::string> asked_;
};

struct Said {
  int code = -1;
  std::string text;  // stdout and stderr, as they come
  bool has(const std::string& part) const { return text.find(part) != std::string::npos; }
  json parsed() const { return json::parse(text, nullptr, false); }
};

// A folder with connectors/ and triggers.yaml, where the program is run with SECRET in its
// environment.
class Bench {
 public:
  void write(const std::string& name, const std::string& text) const { folder_.write(name, text); }
  // A file of the repository into connectors/, and corrections that send it to `url`.
  void use_example(const std::string& name, const std::string& corrections) const;
  // Makes connectors/.
  void make_folder() const;
  Said run(std::vector<std::string> words) const;
  std::string read(const std::string& name) const {
    return end_to_end::read_text(folder_.at(name));
  }

 private:
  end_to_end::Folder folder_;
};

}  // namespace triggerd::examples
