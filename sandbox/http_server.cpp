#include "http_server.h"

#include <arpa/inet.h>
#include <dirent.h>
#include <httplib.h>
#include <sys/socket.h>

#include <chrono>
#include <condition_variable>
#include <cstdlib>
#include <limits>
#include <thread>

namespace triggerd::sandbox {
namespace {

constexpr std::size_t kThreads = 256;  // the library holds one per kept-alive connection
constexpr std::time_t kIdleSeconds = 30;
constexpr std::time_t kSocketSeconds = 60;
constexpr int kBacklog = 1024;
constexpr std::size_t kBodyMax = 64U << 20U;
constexpr std::chrono::minutes kHangMax{10};
constexpr std::chrono::milliseconds kTick{10};

int port_of(const sockaddr_storage& address) {
  if (address.ss_family != AF_INET) return 0;
  sockaddr_in v4{};
  std::memcpy(&v4, &address, sizeof v4);
  return ntohs(v4.sin_port);
}

enum class Cut { orderly, reset };

void cut(int descriptor, Cut how) {
  if (how == Cut::orderly) {
    shutdown(descriptor, SHUT_RDWR);
    return;
  }
  sockaddr nobody{};  // connecting to nobody makes the kernel send a reset
  nobody.sa_family = AF_UNSPEC;
  connect(descriptor, &nobody, sizeof nobody);
}

// Cuts accepted connections of our port; all of them, or the one from `remote_port`. The library
// does not show its sockets, so they are found among the descriptors of the process.
void cut_connections(int own_port, int remote_port, Cut how) {
  DIR* folder = opendir("/proc/self/fd");
  if (folder == nullptr) return;
  while (const dirent* entry = readdir(folder)) {
    const int descriptor = std::atoi(entry->d_name);
    sockaddr_storage own{};
    sockaddr_storage peer{};
    socklen_t own_size = sizeof own;
    socklen_t peer_size = sizeof peer;
    if (descriptor <= 2 ||
        getsockname(descriptor, reinterpret_cast<sockaddr*>(&own), &own_size) != 0 ||
        getpeername(descriptor, reinterpret_cast<sockaddr*>(&peer), &peer_size) != 0 ||
        port_of(own) != own_port || (remote_port != 0 && port_of(peer) != remote_port)) {
      continue;
    }
    cut(descriptor, how);
  }
  closedir(folder);
}

bool ends_unanswered(WireMode mode) {
  return mode == WireMode::hang || mode == WireMode::close || mode == WireMode::reset;
}

Call call_of(const httplib::Request& request) {
  Call call;
  call.method = request.method;
  call.path = request.path;
  const std::size_t mark = request.target.find('?');
  if (mark != std::string::npos) call.query = request.target.substr(mark + 1);
  for (const auto& [name, value] : request.headers) call.headers[lower(name)] = value;
  for (const char* own : {"remote_addr", "remote_port", "local_addr", "local_port"}) {
    call.headers.erase(own);  // the library's additions
  }
  call.body = request.body;
  return call;
}

// Opens the library's protected parts that are needed.
class Listener : public httplib::Server {
 public:
  // The library asks for a queue of 5 connections, which a burst overflows.
  void widen_backlog() { ::listen(svr_sock_, kBacklog); }
};

}  // namespace

class HttpServer::Inside {
 public:
  explicit Inside(Sandbox& sandbox) : sandbox_(sandbox) {
    listener_.new_task_queue = [] { return new httplib::ThreadPool(kThreads); };
    listener_.set_keep_alive_max_count(std::numeric_limits<std::size_t>::max());
    listener_.set_keep_alive_timeout(kIdleSeconds);
    listener_.set_read_timeout(kSocketSeconds);
    listener_.set_write_timeout(kSocketSeconds);
    listener_.set_payload_max_length(kBodyMax);
    listener_.set_tcp_nodelay(true);
    const auto serve = [this](const httplib::Request& request, httplib::Response& response) {
      this->serve(request, response);
    };
    listener_.Get(".*", serve).Post(".*", serve).Put(".*", serve);
    listener_.Patch(".*", serve).Delete(".*", serve);
  }

  int start(int port) {
    if (port == 0) {
      port_ = listener_.bind_to_any_port("127.0.0.1");
    } else {
      port_ = listener_.bind_to_port("127.0.0.1", port) ? port : 0;
    }
    if (port_ <= 0) return 0;
    listener_.widen_backlog();
    sandbox_.set_base_url("http://127.0.0.1:" + std::to_string(port_));
    listening_ = std::thread([this] { listener_.listen_after_bind(); });
    ticking_ = std::thread([this] { tick(); });
    return port_;
  }

  void stop() {
    if (!listening_.joinable()) return;
    {
      const std::scoped_lock lock(mutex_);
      stopping_ = true;
    }
    wake_.notify_all();
    ticking_.join();
    // stop() is ignored by a listener that has not begun yet.
    while (!listener_.is_running()) std::this_thread::yield();
    listener_.stop();
    cut_connections(port_, 0, Cut::orderly);
    listening_.join();
  }

 private:
  // True when the server stops before the time is over.
  bool wait(std::chrono::milliseconds time) {
    std::unique_lock lock(mutex_);
    return wake_.wait_for(lock, time, [this] { return stopping_; });
  }

  void tick() {
    while (!wait(kTick)) sandbox_.turn();
  }

  void serve(const httplib::Request& request, httplib::Response& response) {
    auto reply = std::make_shared<Reply>(sandbox_.serve(call_of(request)));
    if (reply->wire.delay_ms > 0) wait(std::chrono::milliseconds(reply->wire.delay_ms));
    if (reply->wire.mode == WireMode::hang) hang();
    if (ends_unanswered(reply->wire.mode)) {
      sandbox_.finished(*reply, false);
      cut_connections(port_, request.remote_port,
                      reply->wire.mode == WireMode::reset ? Cut::reset : Cut::orderly);
      return;
    }
    response.status = reply->status;
    for (const auto& [name, value] : reply->headers) response.set_header(name, value);
    if (reply->body.empty()) {
      if (reply->status != 304) response.set_content("", reply->content_type);
      sandbox_.finished(*reply, true);
      return;
    }
    send_body(reply, response);
  }

  void hang() {
    const auto cleared = sandbox_.faults_cleared();
    const auto until = std::chrono::steady_clock::now() + kHangMax;
    while (sandbox_.faults_cleared() == cleared && std::chrono::steady_clock::now() < until) {
      if (wait(kTick)) return;
    }
  }

  // Sends from `offset` what the wire's mode lets through; false ends the connection.
  bool send_some(const Reply& reply, std::size_t offset, httplib::DataSink& sink) {
    const std::string_view body = reply.body;
    switch (reply.wire.mode) {
      case WireMode::whole:
        return sink.write(body.data() + offset, body.size() - offset);
      case WireMode::cut:
        if (reply.wire.cut_at > offset) {
          sink.write(body.data() + offset, reply.wire.cut_at - offset);
        }
        return false;
      case WireMode::drip:
        if (offset > 0 && wait(std::chrono::milliseconds(reply.wire.pause_ms))) return false;
        return sink.write(body.data() + offset, std::min(reply.wire.chunk, body.size() - offset));
      case WireMode::hang:
      case WireMode::close:
      case WireMode::reset:
        return false;
    }
    return false;
  }

  void send_body(const std::shared_ptr<Reply>& reply, httplib::Response& response) {
    const auto log = [this, reply](bool complete) { sandbox_.finished(*reply, complete); };
    if (reply->wire.chunked) {
      response.set_chunked_content_provider(
          reply->content_type,
          [this, reply](std::size_t offset, httplib::DataSink& sink) {
            return send_some(*reply, offset, sink);
          },
          log);
      return;
    }
    response.set_content_provider(
        reply->body.size(), reply->content_type,
        [this, reply](std::size_t offset, std::size_t, httplib::DataSink& sink) {
          return send_some(*reply, offset, sink);
        },
        log);
  }

  Sandbox& sandbox_;
  Listener listener_;
  std::thread listening_;
  std::thread ticking_;
  std::mutex mutex_;
  std::condition_variable wake_;
  bool stopping_ = false;
  int port_ = 0;
};

HttpServer::HttpServer(Sandbox& sandbox) : inside_(std::make_unique<Inside>(sandbox)) {}

HttpServer::~HttpServer() { stop(); }

int HttpServer::start(int port) { return inside_->start(port); }

void HttpServer::stop() { inside_->stop(); }

}  // namespace triggerd::sandbox
