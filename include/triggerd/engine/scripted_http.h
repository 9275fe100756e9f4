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
    if (!late) done.swap(late_);
    for (auto& [ticket, request] : now) {
      HttpFinished one{ticket, answer_(request)};
      (late && late(request) ? late_ : done).push_back(std::move(one));
    }
    return done;
  }
  void cancel(HttpTicket ticket) override { waiting_.erase(ticket); }
  std::size_t waiting() const { return waiting_.size(); }

  std::vector<HttpRequest> requests;  // all that were started, in order
  bool hold = false;                  // true: requests wait
  // Requests that are served, but whose answers are on their way until this is taken away.
  std::function<bool(const HttpRequest&)> late = {};

 private:
  Answer answer_;
  std::map<HttpTicket, HttpRequest> waiting_;
  std::vector<HttpFinished> late_;
  HttpTicket last_ = 0;
};

}  // namespace triggerd
