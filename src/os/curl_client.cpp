#include "os/curl_client.h"

#include <algorithm>
#include <new>
#include <utility>

#include "os/request_rules.h"
#include "triggerd/check.h"

namespace triggerd {
namespace {

// Open connections kept for later, of one pool. A burst of requests needs as many again, so a few
// pools may keep all that one can have in flight; of many, each keeps less, so that descriptors
// suffice.
constexpr std::size_t kKeptConnections = 128;
constexpr std::size_t kKeptPerPoolMin = 4;
constexpr std::size_t kSpareHandlesMax = 64;
constexpr std::chrono::hours kWaitMax{1};

CURLM* make_multi() {
  static const CURLcode ready = curl_global_init(CURL_GLOBAL_DEFAULT);
  TRIGGERD_CHECK(ready == CURLE_OK);
  CURLM* multi = curl_multi_init();
  if (multi == nullptr) {
    throw std::bad_alloc();
  }
  return multi;
}

HttpReply refused(std::string reason) {
  HttpReply reply;
  reply.failure = HttpFailure::refused_url;
  reply.reason = std::move(reason);
  return reply;
}

}  // namespace

CurlClient::CurlClient(CurlOptions options) : options_(std::move(options)), multi_(make_multi()) {}

CurlClient::~CurlClient() {
  while (!exchanges_.empty()) {
    release(exchanges_.begin()->first);
  }
  for (CURL* easy : spare_) {
    curl_easy_cleanup(easy);
  }
  while (!pools_.empty()) {
    drop_pool(std::string(pools_.begin()->first));
  }
  curl_multi_cleanup(multi_);
}

void CurlClient::add_wake(int descriptor) {
  if (descriptor >= 0) {
    wakes_.push_back({descriptor, CURL_WAIT_POLLIN, 0});
  }
}

void CurlClient::remove_wake(int descriptor) {
  wakes_.erase(std::remove_if(wakes_.begin(), wakes_.end(),
                              [&](const curl_waitfd& wake) { return wake.fd == descriptor; }),
               wakes_.end());
}

HttpTicket CurlClient::start(HttpRequest request) {
  const HttpTicket ticket = ++last_ticket_;
  if (auto refusal = refused_request(request)) {
    done_.push_back({ticket, refused(std::move(*refusal))});
    return ticket;
  }
  Exchange exchange;
  exchange.origin = origin_of(request.url);
  exchange.http = std::make_unique<CurlExchange>(std::move(request));
  Host& host = hosts_[exchange.origin];
  host.waiting.push_back(ticket);
  join_line(exchange.origin, host);
  exchanges_.emplace(ticket, std::move(exchange));
  start_waiting();
  return ticket;
}

void CurlClient::cancel(HttpTicket ticket) {
  done_.erase(std::remove_if(done_.begin(), done_.end(),
                             [&](const HttpFinished& one) { return one.ticket == ticket; }),
              done_.end());
  if (exchanges_.count(ticket) > 0) {
    release(ticket);
    start_waiting();
  }
}

std::vector<HttpFinished> CurlClient::finished(std::chrono::microseconds at_most) {
  collect();
  if (done_.empty()) {
    // Rounded up: rounded down, the last part of each wait would be spent in turning round.
    const auto wait = std::chrono::ceil<std::chrono::milliseconds>(
        std::clamp<std::chrono::microseconds>(at_most, std::chrono::microseconds{0}, kWaitMax));
    curl_multi_poll(multi_, wakes_.data(), static_cast<unsigned>(wakes_.size()),
                    static_cast<int>(wait.count()), nullptr);
    collect();
  }
  return std::exchange(done_, {});
}

void CurlClient::collect() {
  int running = 0;
  curl_multi_perform(multi_, &running);
  int left = 0;
  while (const CURLMsg* message = curl_multi_info_read(multi_, &left)) {
    if (message->msg != CURLMSG_DONE) {
      continue;
    }
    const CURLcode code = message->data.result;
    char* place = nullptr;
    curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, &place);
    const auto ticket = static_cast<HttpTicket>(reinterpret_cast<std::uintptr_t>(place));
    const auto found = exchanges_.find(ticket);
    TRIGGERD_CHECK(found != exchanges_.end());
    done_.push_back({ticket, found->second.http->finish(code)});
    release(ticket);
  }
  start_waiting();
}

// Hosts take turns, so that the long queue of one does not stand before the short one of another.
void CurlClient::start_waiting() {
  while (!line_.empty() && in_flight_ < options_.in_flight_max) {
    const std::string origin = std::move(line_.front());
    line_.pop_front();
    const auto found = hosts_.find(origin);
    if (found == hosts_.end()) {
      continue;
    }
    Host& host = found->second;
    host.in_line = false;
    if (host.waiting.empty() || host.in_flight >= options_.per_host_max) {
      continue;
    }
    const HttpTicket ticket = host.waiting.front();
    host.waiting.pop_front();
    send(ticket, exchanges_.at(ticket), host);
    join_line(origin, host);
  }
}

void CurlClient::join_line(const std::string& origin, Host& host) {
  if (!host.in_line && !host.waiting.empty() && host.in_flight < options_.per_host_max) {
    host.in_line = true;
    line_.push_back(origin);
  }
}

void CurlClient::send(HttpTicket ticket, Exchange& exchange, Host& host) {
  if (spare_.empty()) {
    CURL* made = curl_easy_init();
    if (made == nullptr) {
      throw std::bad_alloc();
    }
    spare_.push_back(made);
  }
  exchange.easy = spare_.back();
  spare_.pop_back();
  exchange.http->attach(exchange.easy, share_of(exchange.http->pool()), options_);
  curl_easy_setopt(exchange.easy, CURLOPT_PRIVATE,
                   reinterpret_cast<char*>(static_cast<std::uintptr_t>(ticket)));
  TRIGGERD_CHECK(curl_multi_add_handle(multi_, exchange.easy) == CURLM_OK);
  ++host.in_flight;
  ++in_flight_;
}

// Ends an exchange that runs or waits, and frees its places.
void CurlClient::release(HttpTicket ticket) {
  const auto found = exchanges_.find(ticket);
  Exchange exchange = std::move(found->second);
  exchanges_.erase(found);
  Host& host = hosts_.at(exchange.origin);
  if (exchange.easy != nullptr) {
    curl_multi_remove_handle(multi_, exchange.easy);
    curl_easy_setopt(exchange.easy, CURLOPT_SHARE, nullptr);
    if (spare_.size() < kSpareHandlesMax) {
      curl_easy_reset(exchange.easy);
      spare_.push_back(exchange.easy);
    } else {
      curl_easy_cleanup(exchange.easy);
    }
    return_share(exchange.http->pool());
    --host.in_flight;
    --in_flight_;
  } else {
    host.waiting.erase(std::find(host.waiting.begin(), host.waiting.end(), ticket));
  }
  if (host.in_flight == 0 && host.waiting.empty()) {
    hosts_.erase(exchange.origin);
  } else {
    join_line(exchange.origin, host);
  }
}

// libcurl keeps connections in the share of a handle when it has one, else in the multi handle; so
// a share per pool keeps them apart under one wait.
CURLSH* CurlClient::share_of(const std::string& name) {
  const auto [place, added] = pools_.try_emplace(name);
  Pool& pool = place->second;
  if (added) {
    pool.share = curl_share_init();
    if (pool.share == nullptr) {
      pools_.erase(place);
      throw std::bad_alloc();
    }
    curl_share_setopt(pool.share, CURLSHOPT_SHARE, CURL_LOCK_DATA_CONNECT);
    curl_share_setopt(pool.share, CURLSHOPT_SHARE, CURL_LOCK_DATA_SSL_SESSION);
    share_out_connections();
  } else if (pool.in_flight == 0) {
    idle_pools_.erase(pool.idle_place);
  }
  ++pool.in_flight;
  return pool.share;
}

void CurlClient::return_share(const std::string& name) {
  Pool& pool = pools_.at(name);
  if (--pool.in_flight > 0) {
    return;
  }
  pool.idle_place = idle_pools_.insert(idle_pools_.end(), name);
  if (idle_pools_.size() > static_cast<std::size_t>(options_.pools_max)) {
    const std::string oldest = idle_pools_.front();
    idle_pools_.pop_front();
    drop_pool(oldest);
  }
}

void CurlClient::drop_pool(const std::string& name) {
  const auto found = pools_.find(name);
  TRIGGERD_CHECK(curl_share_cleanup(found->second.share) == CURLSHE_OK);
  pools_.erase(found);
  share_out_connections();
}

void CurlClient::share_out_connections() {
  const std::size_t kept = kKeptConnections / std::max<std::size_t>(1, pools_.size());
  const auto most = std::max(kKeptPerPoolMin, static_cast<std::size_t>(options_.per_host_max));
  curl_multi_setopt(multi_, CURLMOPT_MAXCONNECTS,
                    static_cast<long>(std::clamp(kept, kKeptPerPoolMin, most)));
}

}  // namespace triggerd
