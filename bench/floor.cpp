#include "floor.h"

#include <curl/curl.h>
#include <sys/resource.h>
#include <xxhash.h>

#include <algorithm>
#include <chrono>
#include <deque>
#include <memory>
#include <optional>
#include <unordered_map>
#include <utility>
#include <vector>

#include "floor_store.h"

namespace triggerd::bench {

namespace {

using Clock = std::chrono::steady_clock;

struct Request {
  CURL* easy = nullptr;
  std::int64_t stream = 0;
  std::int64_t event = 0;  // of a POST
  std::string body, sent;
};

struct Post {
  std::int64_t stream = 0, event = 0;
  std::string body;
};

std::size_t take(char* bytes, std::size_t, std::size_t count, void* to) {
  static_cast<Request*>(to)->body.append(bytes, count);
  return count;
}

double cpu_us() {
  rusage used{};
  ::getrusage(RUSAGE_SELF, &used);
  const auto us = [](const timeval& time) {
    return static_cast<double>(time.tv_sec) * 1e6 + static_cast<double>(time.tv_usec);
  };
  return us(used.ru_utime) + us(used.ru_stime);
}

class Floor {
 public:
  explicit Floor(const FloorRun& run) : run_(run), multi_(curl_multi_init()) {
    curl_multi_setopt(multi_, CURLMOPT_MAXCONNECTS, 64L);
    json_ = curl_slist_append(nullptr, "Content-Type: application/json");
    json_ = curl_slist_append(json_, "Expect:");
    if (run.kind != FloorKind::idle) store_.emplace(run.folder + "/floor.db");
  }
  ~Floor() {
    for (const auto& request : made_) curl_easy_cleanup(request->easy);
    curl_slist_free_all(json_);
    curl_multi_cleanup(multi_);
  }
  Floor(const Floor&) = delete;
  Floor& operator=(const Floor&) = delete;

  // Until `polls` more have ended, and all that they led to.
  void poll(std::int64_t polls, double rate) {
    const Clock::time_point start = Clock::now();
    std::int64_t started = 0;
    ended_ = 0;
    while (ended_ < polls || flying_ > 0 || !posts_.empty()) {
      while (started < polls && flying_ < run_.in_flight && due(start, started, rate)) {
        start_poll(run_.first + next_++ % run_.streams);
        ++started;
      }
      for (; !posts_.empty() && flying_ < run_.in_flight; posts_.pop_front()) start_post();
      int running = 0;
      curl_multi_perform(multi_, &running);
      if (!take_finished()) {
        curl_multi_poll(multi_, nullptr, 0, wait_ms(start, started, polls, rate), nullptr);
      }
    }
    if (store_) store_->commit();
  }

 private:
  static Clock::time_point due_at(Clock::time_point start, std::int64_t started, double rate) {
    const std::chrono::duration<double> offset(static_cast<double>(started) / rate);
    return start + std::chrono::duration_cast<Clock::duration>(offset);
  }
  static bool due(Clock::time_point start, std::int64_t started, double rate) {
    return rate <= 0 || Clock::now() >= due_at(start, started, rate);
  }
  static int wait_ms(Clock::time_point start, std::int64_t started, std::int64_t polls,
                     double rate) {
    if (rate <= 0 || started >= polls) return 1'000;
    const auto wait = due_at(start, started, rate) - Clock::now();
    return std::max(0,
                    static_cast<int>(std::chrono::ceil<std::chrono::milliseconds>(wait).count()));
  }

  Request* free_request() {
    if (free_.empty()) {
      made_.push_back(std::make_unique<Request>());
      made_.back()->easy = curl_easy_init();
      free_.push_back(made_.back().get());
    }
    Request* request = free_.back();
    free_.pop_back();
    curl_easy_reset(request->easy);
    curl_easy_setopt(request->easy, CURLOPT_WRITEFUNCTION, &take);
    curl_easy_setopt(request->easy, CURLOPT_WRITEDATA, request);
    curl_easy_setopt(request->easy, CURLOPT_PRIVATE, request);
    request->body.clear();
    request->event = 0;
    return request;
  }

  void start_poll(std::int64_t stream) {
    Request* request = free_request();
    request->stream = stream;
    curl_easy_setopt(request->easy, CURLOPT_URL,
                     (run_.url + run_.path + std::to_string(stream)).c_str());
    curl_multi_add_handle(multi_, request->easy);
    ++flying_;
  }

  void start_post() {
    Post& post = posts_.front();
    Request* request = free_request();
    request->stream = post.stream;
    request->event = post.event;
    request->sent = std::move(post.body);
    curl_easy_setopt(request->easy, CURLOPT_URL, (run_.url + "/sink").c_str());
    curl_easy_setopt(request->easy, CURLOPT_POSTFIELDSIZE, static_cast<long>(request->sent.size()));
    curl_easy_setopt(request->easy, CURLOPT_POSTFIELDS, request->sent.data());
    curl_easy_setopt(request->easy, CURLOPT_HTTPHEADER, json_);
    curl_multi_add_handle(multi_, request->easy);
    ++flying_;
  }

  // All answers that are there share a commit.
  bool take_finished() {
    bool any = false;
    int left = 0;
    while (const CURLMsg* message = curl_multi_info_read(multi_, &left)) {
      Request* request = nullptr;
      curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, &request);
      curl_multi_remove_handle(multi_, request->easy);
      --flying_;
      if (request->event != 0) {
        store_->begin();
        store_->acknowledge(request->event);
      } else {
        take_page(*request);
      }
      free_.push_back(request);
      any = true;
    }
    if (store_) store_->commit();
    return any;
  }

  void take_page(Request& request) {
    ++ended_;
    const std::uint64_t hash = XXH3_64bits(request.body.data(), request.body.size());
    std::uint64_t& before = hashes_[request.stream];
    if (std::exchange(before, hash) == hash || run_.kind == FloorKind::idle) return;
    // The new record is the last one.
    const std::string_view body = request.body;
    const std::size_t from = body.rfind(R"({"id":"ocQ)");
    const std::string_view record = body.substr(from, body.rfind(']') - from);
    const std::string_view key = record.substr(7, record.find('"', 7) - 7);
    store_->begin();
    const std::int64_t event = store_->add(request.stream, key, record, hash);
    if (run_.kind == FloorKind::delivered) {
      posts_.push_back({request.stream, event, std::string(record)});
    }
  }

  const FloorRun& run_;
  CURLM* const multi_;
  curl_slist* json_ = nullptr;
  std::optional<FloorStore> store_;
  std::vector<std::unique_ptr<Request>> made_;
  std::vector<Request*> free_;
  std::deque<Post> posts_;
  std::unordered_map<std::int64_t, std::uint64_t> hashes_;
  std::int64_t next_ = 0, ended_ = 0;
  int flying_ = 0;
};

}  // namespace

FloorResult run_floor(const FloorRun& run) {
  curl_global_init(CURL_GLOBAL_DEFAULT);
  Floor floor(run);
  floor.poll(run.warm_up, 0);
  const double cpu = cpu_us();
  const Clock::time_point start = Clock::now();
  floor.poll(run.polls, run.rate);
  const std::chrono::duration<double> took = Clock::now() - start;
  const auto polls = static_cast<double>(run.polls);
  return {(cpu_us() - cpu) / polls, polls / took.count()};
}

}  // namespace triggerd::bench
