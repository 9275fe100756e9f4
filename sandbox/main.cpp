// triggerd-sandbox: reads the command line, runs one sandbox until a signal or /control/shutdown.
#include <pthread.h>

#include <CLI/CLI.hpp>
#include <csignal>
#include <cstdio>
#include <exception>
#include <fstream>
#include <iostream>

#include "http_server.h"

namespace {

using namespace triggerd::sandbox;

struct Options {
  int port = 0;
  std::string port_file;
  std::string truth_file;
  double quiet_seconds = 90;
  double search_lag_seconds = 0;
  bool no_limits = false;
  Settings settings;
};

void describe(CLI::App& app, Options& options) {
  app.add_option("--port", options.port, "port on 127.0.0.1; 0 lets the kernel choose")
      ->check(CLI::Range(0, 65535))
      ->capture_default_str();
  app.add_option("--port-file", options.port_file, "file that gets the port once ready");
  app.add_option("--seed", options.settings.seed, "seed of the world and of its changes")
      ->capture_default_str();
  app.add_option("--pace", options.settings.pace,
                 "changes per sandbox minute; 0: the world stays as it is")
      ->check(CLI::Range(0.0, 1e6))
      ->capture_default_str();
  app.add_option("--speed", options.settings.speed,
                 "how much faster than real time the sandbox clock runs")
      ->check(CLI::Range(0.001, 1e5))
      ->capture_default_str();
  app.add_option("--quiet", options.quiet_seconds, "sandbox seconds without changes at the start")
      ->check(CLI::Range(0.0, 1e7))
      ->capture_default_str();
  app.add_option("--truth", options.truth_file, "file for the truth log (JSON lines)");
  app.add_option("--contacts", options.settings.contacts, "contacts per location at the start")
      ->check(CLI::Range(0, 1'000'000))
      ->capture_default_str();
  app.add_option("--search-lag", options.search_lag_seconds,
                 "sandbox seconds by which Search Contacts lags behind")
      ->check(CLI::Range(0.0, 1e6))
      ->capture_default_str();
  app.add_option("--absent", options.settings.absent,
                 "status for a record that is gone, where the documents leave it open")
      ->check(CLI::IsMember({400, 404, 422}))
      ->capture_default_str();
  app.add_flag("--no-limits", options.no_limits, "no request limits");
}

Millis millis(double seconds) { return static_cast<Millis>(seconds * 1000.0); }

// Written beside and renamed, so that a reader never sees half a number.
bool write_port_file(const std::string& path, int port) {
  const std::string beside = path + ".new";
  {
    std::ofstream file(beside);
    file << port << '\n';
    if (!file.flush()) return false;
  }
  return std::rename(beside.c_str(), path.c_str()) == 0;
}

// Waits for SIGTERM or SIGINT, or for the control endpoint's wish.
void wait_for_end(const sigset_t& signals, const Sandbox& sandbox) {
  const timespec look{0, 50'000'000};
  while (sigtimedwait(&signals, nullptr, &look) < 0 && !sandbox.stop_wanted()) {
  }
}

int run(const Options& options) {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGTERM);
  sigaddset(&signals, SIGINT);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);  // before any thread starts, so all inherit it
  TruthLog::Sink sink;
  if (!options.truth_file.empty()) sink = file_sink(options.truth_file);
  Sandbox sandbox(options.settings, sink);
  HttpServer server(sandbox);
  const int port = server.start(options.port);
  if (port == 0) {
    std::cerr << "triggerd-sandbox: cannot listen on 127.0.0.1:" << options.port << "\n";
    return 1;
  }
  sandbox.log_start();
  if (!options.port_file.empty() && !write_port_file(options.port_file, port)) {
    std::cerr << "triggerd-sandbox: cannot write " << options.port_file << "\n";
    return 1;
  }
  std::cout << "sandbox listening on http://127.0.0.1:" << port << std::endl;
  wait_for_end(signals, sandbox);
  server.stop();
  sandbox.log_stop();
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app("A HighLevel look-alike over an in-memory world, for tests and demos.",
               "triggerd-sandbox");
  Options options;
  describe(app, options);
  CLI11_PARSE(app, argc, argv);
  options.settings.quiet = millis(options.quiet_seconds);
  options.settings.search_lag = millis(options.search_lag_seconds);
  options.settings.limits = !options.no_limits;
  try {
    return run(options);
  } catch (const std::exception& problem) {
    std::cerr << "triggerd-sandbox: " << problem.what() << "\n";
    return 1;
  }
}
