// HTTP without a network: answers come from a function or a list; every request is kept for the
// test to read. For tests and scenarios. An answer may be held back, so that a test decides when it
// arrives.
#pragma once

#include <deque>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "triggerd/http_client.h"

namespace triggerd {

class ScriptedHttp : public HttpClient {
 public:
  using Answer = std::function<HttpReply(const HttpRequest&)>;
  explicit ScriptedHttp(Answer answer) : answer_(std::move(answer)) {}

  HttpTicket start(HttpRequest request) override {
    requests.push_back(request);
    waiting_.emplace(++last_, std::move(request));
    return last_;
  }
  std::vector<HttpFinished> finished(std::chrono::microseconds) override {
    std::vector<HttpFinished> done;
    if (hold) return done;
    std::map<HttpTicket, HttpRequest> now;
    now.swap(waiting_);
    for (auto& [ticket, request] : now) done.push_back({ticket, answer_(request)});
    return done;
  }
  void cancel(HttpTicket ticket) override { waiting_.erase(ticket); }
  std::size_t waiting() const { return waiting_.size(); }

  std::vector<HttpRequest> requests;  // all that were started, in order
  bool hold = false;                  // true: answers wait

 private:
  Answer answer_;
  std::map<HttpTicket, HttpRequest> waiting_;
  HttpTicket last_ = 0;
};

}  // namespace triggerd
