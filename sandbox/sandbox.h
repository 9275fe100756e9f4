// One sandbox: the three URL spaces over one state, without any socket. The HTTP server calls
// serve() and, when the bytes have left, finished(); a ticker calls turn(). All are thread-safe.
// Tests use answer(), which is both in one.
#pragma once

#include "api.h"
#include "app_api.h"
#include "control.h"
#include "state.h"
#include "wire.h"

namespace triggerd::sandbox {

class Sandbox {
 public:
  Sandbox(const Settings& settings, TruthLog::Sink sink);

  Reply serve(const Call& call);
  // Writes the reply's line into the truth log. `complete`: every byte was handed to the socket.
  void finished(const Reply& reply, bool complete);
  Reply answer(const Call& call);

  // Makes the changes that are due by the sandbox clock.
  void turn();

  void set_base_url(const std::string& url);
  void log_start();
  void log_stop();
  bool stop_wanted() const { return state_.stop_wanted; }
  // Moves when hanging answers must end.
  std::uint64_t faults_cleared() const { return state_.faults_cleared; }
  void release_hanging() { ++state_.faults_cleared; }

 private:
  Reply serve_sink(const Call& call);

  State state_;
  Api api_;
  AppApi apps_;
  Control control_;
};

}  // namespace triggerd::sandbox
