#include "os/metrics_server.h"

#include <arpa/inet.h>
#include <microhttpd.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <atomic>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <mutex>
#include <string_view>

#include "os/descriptor.h"
#include "os/process_figures.h"

namespace triggerd {
namespace {

using std::chrono::milliseconds;
using Steady = std::chrono::steady_clock;

constexpr int kBacklog = 16;
constexpr unsigned kIdleSecondsMax = 10;
constexpr std::size_t kRequestBytesMax = 16 * 1024;
constexpr milliseconds kLately{120'000};
constexpr const char* kPlain = "text/plain; charset=utf-8";
constexpr const char* kPage = "text/plain; version=0.0.4; charset=utf-8";

std::int64_t now_ms() {
  return std::chrono::floor<milliseconds>(Steady::now()).time_since_epoch().count();
}

struct Place {
  sockaddr_storage address{};
  socklen_t size = 0;
};

Result<Place, std::string> read_place(const std::string& text) {
  const std::size_t colon = text.rfind(':');
  std::string host = text.substr(0, colon);
  std::uint16_t port = 0;
  if (colon != std::string::npos) {
    std::from_chars(text.data() + colon + 1, text.data() + text.size(), port);
  }
  Place place;
  if (host.size() > 2 && host.front() == '[') {
    auto* six = reinterpret_cast<sockaddr_in6*>(&place.address);
    host = host.substr(1, host.size() - 2);
    six->sin6_family = AF_INET6;
    six->sin6_port = htons(port);
    place.size = sizeof *six;
    if (inet_pton(AF_INET6, host.c_str(), &six->sin6_addr) == 1) return place;
  } else {
    auto* four = reinterpret_cast<sockaddr_in*>(&place.address);
    four->sin_family = AF_INET;
    four->sin_port = htons(port);
    place.size = sizeof *four;
    if (inet_pton(AF_INET, host.c_str(), &four->sin_addr) == 1) return place;
  }
  return Failure<std::string>("`" + text + "` is no address");
}

Failure<std::string> failed(const std::string& place) {
  return Failure<std::string>("cannot listen on " + place + ": " + std::strerror(errno));
}

Result<Descriptor, std::string> listen_at(const std::string& text) {
  const Result<Place, std::string> place = read_place(text);
  if (!place) return Failure<std::string>(place.error());
  Descriptor listener(
      socket(place->address.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (!listener.open()) return failed(text);
  const int on = 1;
  // A restart need not wait for connections of the life before.
  setsockopt(listener.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  if (place->address.ss_family == AF_INET6) {
    setsockopt(listener.get(), IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof on);
  }
  const auto* address = reinterpret_cast<const sockaddr*>(&place->address);
  if (bind(listener.get(), address, place->size) != 0 || listen(listener.get(), kBacklog) != 0) {
    return failed(text);
  }
  return listener;
}

std::string bound_place(const std::string& asked, int descriptor) {
  sockaddr_storage own{};
  socklen_t size = sizeof own;
  if (getsockname(descriptor, reinterpret_cast<sockaddr*>(&own), &size) != 0) return asked;
  const std::uint16_t port = own.ss_family == AF_INET6
                                 ? reinterpret_cast<const sockaddr_in6*>(&own)->sin6_port
                                 : reinterpret_cast<const sockaddr_in*>(&own)->sin_port;
  return asked.substr(0, asked.rfind(':') + 1) + std::to_string(ntohs(port));
}

struct Answer {
  unsigned status = MHD_HTTP_OK;
  std::string text;
  const char* type = kPlain;
};

}  // namespace

struct MetricsServer::Parts {
  Answer answer(std::string_view path);
  Answer health() const;
  static MHD_Result serve(void* parts, MHD_Connection* connection, const char* url,
                          const char* method, const char* version, const char* body,
                          std::size_t* body_size, void** request);

  std::string place;
  milliseconds hung_after{0};
  Descriptor listener;
  MHD_Daemon* server = nullptr;

  std::atomic<std::int64_t> turned_at{0};
  std::atomic<std::int64_t> asked_at{0};  // 0: never
  std::mutex mutex;                       // of what follows
  std::string page;
  std::string why_not_ready = "starting";
};

Answer MetricsServer::Parts::health() const {
  const std::int64_t silent = now_ms() - turned_at;
  if (silent < hung_after.count()) return {MHD_HTTP_OK, "ok\n"};
  return {MHD_HTTP_SERVICE_UNAVAILABLE,
          "the loop has not come round for " + std::to_string(silent / 1'000) + " s\n"};
}

Answer MetricsServer::Parts::answer(std::string_view path) {
  if (path == "/healthz") return health();
  if (path == "/readyz") {
    Answer hangs = health();
    if (hangs.status != MHD_HTTP_OK) return hangs;
    const std::scoped_lock lock(mutex);
    if (why_not_ready.empty()) return {MHD_HTTP_OK, "ready\n"};
    return {MHD_HTTP_SERVICE_UNAVAILABLE, why_not_ready + "\n"};
  }
  if (path == "/metrics") {
    asked_at = now_ms();
    Answer page_now{MHD_HTTP_OK, {}, kPage};
    {
      const std::scoped_lock lock(mutex);
      page_now.text = page;
    }
    page_now.text += process_figures();
    return page_now;
  }
  return {MHD_HTTP_NOT_FOUND, "there are /metrics, /healthz and /readyz\n"};
}

MHD_Result MetricsServer::Parts::serve(void* parts, MHD_Connection* connection, const char* url,
                                       const char* method, const char*, const char*,
                                       std::size_t* body_size, void** request) {
  // The library calls once with the head, then for each piece of a body, then to be answered.
  static char begun;
  if (*request == nullptr) {
    *request = &begun;
    return MHD_YES;
  }
  if (*body_size > 0) {
    *body_size = 0;
    return MHD_YES;
  }
  const std::string_view verb = method;
  Answer answer{MHD_HTTP_METHOD_NOT_ALLOWED, "only GET\n"};
  if (verb == "GET" || verb == "HEAD") answer = static_cast<Parts*>(parts)->answer(url);
  MHD_Response* response = MHD_create_response_from_buffer(answer.text.size(), answer.text.data(),
                                                           MHD_RESPMEM_MUST_COPY);
  if (response == nullptr) return MHD_NO;
  MHD_add_response_header(response, MHD_HTTP_HEADER_CONTENT_TYPE, answer.type);
  MHD_add_response_header(response, MHD_HTTP_HEADER_CACHE_CONTROL, "no-store");
  const MHD_Result queued = MHD_queue_response(connection, answer.status, response);
  MHD_destroy_response(response);
  return queued;
}

Result<std::unique_ptr<MetricsServer>, std::string> MetricsServer::start(const std::string& place,
                                                                         milliseconds hung_after) {
  Result<Descriptor, std::string> listener = listen_at(place);
  if (!listener) return Failure<std::string>(listener.error());
  auto parts = std::make_unique<Parts>();
  parts->place = bound_place(place, listener->get());
  parts->hung_after = hung_after;
  parts->turned_at = now_ms();
  parts->listener = std::move(*listener);
  parts->server = MHD_start_daemon(
      MHD_USE_AUTO_INTERNAL_THREAD, 0, nullptr, nullptr, &Parts::serve, parts.get(),
      MHD_OPTION_LISTEN_SOCKET, parts->listener.get(), MHD_OPTION_CONNECTION_LIMIT, kConnectionsMax,
      MHD_OPTION_CONNECTION_TIMEOUT, kIdleSecondsMax, MHD_OPTION_CONNECTION_MEMORY_LIMIT,
      kRequestBytesMax, MHD_OPTION_END);
  if (parts->server == nullptr) {
    parts->listener.release();  // the library has closed it
    return failed(place);
  }
  return std::unique_ptr<MetricsServer>(new MetricsServer(std::move(parts)));
}

MetricsServer::MetricsServer(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}

MetricsServer::~MetricsServer() {
  // Closes the listener, too.
  MHD_stop_daemon(parts_->server);
  parts_->listener.release();
}

std::string MetricsServer::place() const { return parts_->place; }

bool MetricsServer::asked_lately() const {
  return parts_->asked_at != 0 && now_ms() - parts_->asked_at < kLately.count();
}

void MetricsServer::publish(std::string page) {
  const std::scoped_lock lock(parts_->mutex);
  parts_->page = std::move(page);
}

void MetricsServer::ready(std::string why_not) {
  const std::scoped_lock lock(parts_->mutex);
  parts_->why_not_ready = std::move(why_not);
}

void MetricsServer::turned() { parts_->turned_at = now_ms(); }

}  // namespace triggerd
