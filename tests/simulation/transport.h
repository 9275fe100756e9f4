// The network of the simulation and the only place where its time passes: requests reach the app or
// the receiver and come back after chosen delays. A request that is made after the disk died is
// never sent: the program is dead by then.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <vector>

#include "simulation/app.h"
#include "simulation/receiver.h"
#include "triggerd/engine/set_clock.h"

namespace triggerd::simulation {

class VirtualClock : public SetClock {
 public:
  explicit VirtualClock(WallTime start) : SetClock(start), server_start_(epoch_ms(start)) {}
  std::chrono::microseconds real(Millis duration) const override { return duration; }
  // The app's clock, which nobody steps.
  std::int64_t server() const { return server_start_ + (steady() - start_).count(); }

 private:
  std::int64_t server_start_;
  SteadyTime start_ = SetClock::steady();
};

// An answer that the engine was given.
struct HandedOver {
  std::optional<Answer> answer;          // of the app
  std::optional<std::size_t> arrival;    // of the receiver, when it was a success
  std::optional<std::size_t> throttled;  // of the receiver, when it asked for a wait
};

class Transport : public HttpClient {
 public:
  using Asked = std::function<void(const HttpRequest&, SteadyTime)>;
  Transport(VirtualClock& clock, Chance& chance, App& app, Receiver& receiver)
      : clock_(clock), chance_(chance), app_(app), receiver_(receiver) {}

  HttpTicket start(HttpRequest request) override;
  std::vector<HttpFinished> finished(std::chrono::microseconds at_most) override;
  void cancel(HttpTicket ticket) override { flights_.erase(ticket); }

  // What the engine was given since the last call.
  std::vector<HandedOver> take_handed() { return std::exchange(handed_, {}); }
  // The program died: its requests are cut off, what is on its way to the receiver may arrive.
  void cut_all();
  // The trigger's streams begin anew: what is on its way to them is of no use any more.
  void outdate(const std::string& trigger);
  // The trigger for which a request is on its way; empty: none is.
  std::string asking() const;

  std::function<bool()> program_is_dead;
  std::function<void(const Answer&)> on_served;  // the app has answered
  std::function<void(SteadyTime)> on_poll;       // a request to the app left
  SteadyTime no_later;  // the next moment at which the world does something
  std::int64_t requests = 0, sends = 0;

 private:
  struct Flight {
    HttpRequest request;
    bool to_app = false, served = false;
    SteadyTime serve{}, end{};
    HttpReply reply;
    HandedOver what;
    std::string outdated;  // for this trigger
  };
  void serve(Flight& flight);

  VirtualClock& clock_;
  Chance& chance_;
  App& app_;
  Receiver& receiver_;
  std::map<HttpTicket, Flight> flights_;
  std::vector<HandedOver> handed_;
  HttpTicket last_ = 0;
};

}  // namespace triggerd::simulation
