#include "cli/one_answer.h"

namespace triggerd {

namespace {

constexpr std::chrono::microseconds kAnswerWait{1'000'000};
constexpr int kAnswerTries = 60;

}  // namespace

HttpReply one_answer(HttpClient& http, HttpRequest request) {
  const HttpTicket ticket = http.start(std::move(request));
  for (int i = 0; i < kAnswerTries; ++i) {
    for (HttpFinished& finished : http.finished(kAnswerWait)) {
      if (finished.ticket == ticket) return std::move(finished.reply);
    }
  }
  HttpReply late;
  late.failure = HttpFailure::timeout;
  late.reason = "no answer";
  return late;
}

}  // namespace triggerd
