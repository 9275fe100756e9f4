// The sockets: binds loopback, hands each request to the Sandbox and puts the reply onto the wire,
// spoiled where a fault says so. The one home of the HTTP library. Owns its threads; start()
// returns once it listens, stop() once all threads have ended.
#pragma once

#include <memory>
#include <string>

#include "sandbox.h"

namespace triggerd::sandbox {

class HttpServer {
 public:
  explicit HttpServer(Sandbox& sandbox);
  ~HttpServer();
  HttpServer(const HttpServer&) = delete;
  HttpServer& operator=(const HttpServer&) = delete;

  // Port 0 lets the kernel choose. Returns the port; 0 when it cannot be bound.
  int start(int port);
  void stop();

 private:
  class Inside;
  std::unique_ptr<Inside> inside_;
};

}  // namespace triggerd::sandbox
