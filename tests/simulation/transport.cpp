#include "simulation/transport.h"

#include <algorithm>

namespace triggerd::simulation {

namespace {

constexpr Millis kIdle{1'000};  // the engine looks up at least this often

bool is_of(const std::string& trigger, const std::string& stream) {
  return !trigger.empty() && stream.starts_with(trigger + " ");
}

}  // namespace

HttpTicket Transport::start(HttpRequest request) {
  ++last_;
  if (program_is_dead()) return last_;
  Flight flight;
  flight.to_app = request.url.starts_with("https://app.example");
  flight.request = std::move(request);
  flight.serve = clock_.steady() + Millis{chance_.between(5, 300)};
  flight.end = flight.serve +
               Millis{chance_.in(30) ? chance_.between(2'000, 50'000) : chance_.between(5, 900)};
  ++(flight.to_app ? requests : sends);
  if (flight.to_app) on_poll(clock_.steady());
  flights_.emplace(last_, std::move(flight));
  return last_;
}

void Transport::serve(Flight& flight) {
  const std::int64_t late = (clock_.steady() - flight.serve).count();
  const std::int64_t now = clock_.server() - std::max<std::int64_t>(0, late);
  flight.served = true;
  if (flight.to_app) {
    Answer answer;
    flight.reply = app_.answer(flight.request, now, answer);
    answer.outdated = is_of(flight.outdated, answer.stream);
    on_served(answer);
    flight.what.answer = std::move(answer);
    return;
  }
  const std::size_t before = receiver_.count();
  std::int64_t took = 0;
  flight.reply = receiver_.take(flight.request, now, took);
  flight.end += Millis{took};
  const bool success = flight.reply.failure == HttpFailure::none && flight.reply.status == 200;
  if (receiver_.count() > before && success) flight.what.arrival = before;
  if (receiver_.count() > before && flight.reply.status == 429) flight.what.throttled = before;
}

std::vector<HttpFinished> Transport::finished(std::chrono::microseconds at_most) {
  std::vector<HttpFinished> done;
  if (program_is_dead()) return done;
  const SteadyTime now = clock_.steady();
  SteadyTime until = now + std::chrono::duration_cast<Millis>(at_most);
  // A busy machine: the loop comes round late.
  if (at_most >= kIdle) until += Millis{chance_.below(6'000)};
  until = std::max(now, std::min(until, no_later));
  for (const auto& [ticket, flight] : flights_) {
    until = std::max(now, std::min(until, flight.served ? flight.end : flight.serve));
  }
  clock_.pass(until - now);
  for (auto flight = flights_.begin(); flight != flights_.end();) {
    Flight& one = flight->second;
    if (!one.served && one.serve <= until) serve(one);
    if (!one.served || one.end > until) {
      ++flight;
      continue;
    }
    handed_.push_back(std::move(one.what));
    done.push_back({flight->first, std::move(one.reply)});
    flight = flights_.erase(flight);
  }
  return done;
}

std::string Transport::asking() const {
  static const std::map<std::string, std::string> kTriggers{
      {"items", "items"}, {"item", "items"},  {"members", "members"},
      {"card", "cards"},  {"slots", "slots"}, {"orders", "orders"}};
  for (const auto& [ticket, flight] : flights_) {
    if (!flight.to_app) continue;
    const std::size_t from = flight.request.url.find('/', std::string("https://").size()) + 1;
    return kTriggers.at(
        flight.request.url.substr(from, flight.request.url.find_first_of("/?", from) - from));
  }
  return "";
}

void Transport::outdate(const std::string& trigger) {
  for (auto& [ticket, flight] : flights_) {
    flight.outdated = trigger;
    if (flight.what.answer && is_of(trigger, flight.what.answer->stream)) {
      flight.what.answer->outdated = true;
    }
  }
}

void Transport::cut_all() {
  for (auto& [ticket, flight] : flights_) {
    if (!flight.to_app && !flight.served && chance_.in(500)) serve(flight);
  }
  flights_.clear();
  handed_.clear();
}

}  // namespace triggerd::simulation
