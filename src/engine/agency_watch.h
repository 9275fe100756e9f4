// AgencyWatch: reads the lists of accounts that `accounts_from` follows, each with its agency's
// token and within its agency's budget, and says when other accounts are to be polled. Driven by
// the engine, which applies that and keeps the lists in its transactions. Knows no database. Loop
// thread; never waits.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "engine/agency_list.h"
#include "engine/stream.h"
#include "triggerd/account/rate_gate.h"
#include "triggerd/account/tokens.h"

namespace triggerd {

class AgencyWatch {
 public:
  using Gates = std::map<std::string, RateGate>;

  // `tokens` is told of refused ones; both outlive the watch.
  AgencyWatch(HttpClient& http, Tokens& tokens) : http_(http), tokens_(tokens) {}

  void restore(AgencyLists lists) { lists_ = std::move(lists); }
  // A configuration is in force, with or without the accounts that were found.
  void follow(std::shared_ptr<const Config> config, SteadyTime now);
  void start_requests(Gates& gates, TurnTime now);
  // False: the answer is not one of ours.
  bool take(const HttpFinished& finished, Gates& gates, TurnTime now);

  const AgencyLists& lists() const { return lists_; }
  // Since the last call: other accounts are polled; something is to be kept.
  bool take_changed() { return std::exchange(changed_, false); }
  bool take_news() { return std::exchange(news_, false); }
  std::optional<SteadyTime> next_wake() const { return wake_; }
  // Each list was asked for once, or cannot be.
  bool all_asked() const;

 private:
  struct Look {
    SteadyTime next{};
    Millis wait{0};  // after failures in a row
    bool asked = false;
    std::unique_ptr<Walk> walk;
    std::optional<HttpTicket> ticket;
    std::int64_t token = 0;
    std::vector<FoundAccount> seen;
    bool sound = true;  // nothing in it was odd
  };

  void start_next(const std::string& agency, Look& look, Gates& gates, TurnTime now);
  void send(const std::string& agency, Look& look, RateGate& gate, TurnTime now);
  void take_reply(const std::string& agency, Look& look, HttpReply reply, TurnTime now);
  void take_page(const std::string& agency, Look& look, const PageRead& read, TurnTime now);
  void take_records(Look& look, const Page& page, const Operation& operation) const;
  void end(const std::string& agency, Look& look, bool complete, TurnTime now);
  void fail(const std::string& agency, Look& look, const WalkFailure& failure, TurnTime now);

  HttpClient& http_;
  Tokens& tokens_;
  std::shared_ptr<const Config> config_;
  std::map<std::string, Look> looks_;
  AgencyLists lists_;
  std::optional<SteadyTime> wake_;
  bool changed_ = false, news_ = false;
};

}  // namespace triggerd
