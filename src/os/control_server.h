// ControlServer: the Unix socket through which commands reach the running daemon. One line is one
// request, its answer one line. Only our own user and root are heard (checked with the kernel),
// whoever can reach the file. Nothing here waits; requests are taken and answered by the loop. Made
// by cli/. Loop thread only.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "os/descriptor.h"

namespace triggerd {

struct ControlRequest {
  std::uint64_t connection = 0;  // names the connection in `answer`
  std::string text;              // one line without its end
};

class ControlServer {
 public:
  static constexpr std::size_t kConnectionsMax = 32;
  static constexpr std::size_t kRequestBytesMax = 1024 * 1024;
  static constexpr std::size_t kUnsentBytesMax = 64 * 1024 * 1024;

  // Makes the socket (0600) in place of one that a dead process left. The caller holds the state's
  // lock, so no other daemon can be using it. std::system_error when it cannot be made.
  explicit ControlServer(std::string path);
  ~ControlServer();
  ControlServer(const ControlServer&) = delete;
  ControlServer& operator=(const ControlServer&) = delete;

  // Readable when `take` has something to do.
  int descriptor() const { return events_.get(); }

  // The requests that arrived in full; also accepts, sends what was left, and drops what
  // misbehaves. Never waits.
  std::vector<ControlRequest> take();
  // Sends a line; for a connection that has gone it does nothing. Line breaks inside become spaces.
  void answer(std::uint64_t connection, std::string text);

 private:
  struct Connection {
    Descriptor socket;
    std::string received;
    std::string unsent;
  };

  void accept_all();
  bool receive(std::uint64_t id, Connection& connection, std::vector<ControlRequest>& requests);
  bool send_on(std::uint64_t id, Connection& connection);

  const std::string path_;
  Descriptor events_;
  Descriptor listener_;
  std::uint64_t last_connection_ = 0;
  std::map<std::uint64_t, Connection> connections_;
};

}  // namespace triggerd
