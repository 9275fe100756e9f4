// Runs in flight: which step comes next, the attempt that is written before it is sent, what its
// end means. Walks each run's steps in order; keeps endpoints that ask for a pause, or fail, from
// filling the workers. Driven by engine/: prepare() inside the turn's transaction, sends after its
// commit, take() in a later turn's transaction. Loop thread only.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "triggerd/account/rate_gate.h"
#include "triggerd/config/config.h"
#include "triggerd/config/load.h"
#include "triggerd/dispatch/file_action.h"
#include "triggerd/dispatch/render.h"
#include "triggerd/dispatch/retry.h"
#include "triggerd/http_client.h"
#include "triggerd/spawner.h"
#include "triggerd/store/database.h"
#include "triggerd/store/outbox.h"

namespace triggerd {

inline constexpr std::size_t kSendsInFlightMax = 64;
inline constexpr std::size_t kSendsPerEndpointMax = 8;
inline constexpr std::size_t kEachValuesMax = 1000;  // of one step

struct LogSend {
  std::string trigger, key, message;
};

// Nothing went out: what it needs (a secret's file, an account) is not there now. Tried again like
// a refusal of credentials, so that a secret may be replaced while events come.
struct NotReady {
  std::string reason;
};

// One attempt that is recorded and may be sent once the transaction is committed.
struct Send {
  Attempt attempt;
  std::string trigger, action,
      endpoint;             // endpoint: origin, account or program, for pauses and caps
  std::string account;      // of an operation: its gate must be told (started, finished)
  std::string limit_group;  // of an operation: whose limits it counts in as well
  bool asks = false;        // no attempt, but the question whether the last one was carried out
  std::variant<HttpRequest, SpawnRequest, FileSend, LogSend, NotReady> what;
};

// Where webhooks and apps are sent with `--sandbox`: webhooks go to <url>/sink/<host><path>,
// operations to the accounts' base URLs, which are the sandbox's already.
struct DispatchSettings {
  std::string sandbox_url;
  std::uint64_t seed = 0;
  std::string version;  // for the user agent and the X-Triggerd headers
};

class Dispatcher {
 public:
  Dispatcher(DispatchSettings settings, SecretSources secrets);
  ~Dispatcher();

  // Also ends the pauses of endpoints: what stood still may be tried under the new configuration.
  void use_config(std::shared_ptr<const Config> config);

  // Chooses due runs, evaluates `when` and `each`, renders, writes attempts. `gates` by account
  // name: an operation whose gate says wait postpones its run. The gates are asked, not told:
  // whoever sends calls started() on them. Returns at most as many sends as are free.
  std::vector<Send> prepare(Database& database, const std::map<std::string, RateGate>& gates,
                            WallTime wall, SteadyTime now);
  // How a send ended; decides retry, dead letter, or on to the next step. May be called again with
  // the same end when the transaction around it failed. Gives what became of the attempt; nothing
  // when an operator dropped it meanwhile.
  std::optional<AttemptEnd::Kind> take(Database& database, const Send& send, const SendEnd& end,
                                       WallTime wall);
  // The wall clock was stepped by so much; stored times were shifted likewise.
  void shift_waits(Millis by);
  // A send whose transaction was not committed: it never happened.
  void forget(const Send& send);

  // Reads what an HTTP answer means for a send (operation: connector's error rules and success_at;
  // webhook: 2xx is success, 410 lets the endpoint rest; success_when where the step has one).
  // Before take().
  SendEnd read_answer(const Send& send, const HttpReply& reply) const;
  SendEnd read_exit(const Send& send, const SpawnEnd& end) const;

  // When prepare() has something to do again; nothing: not before something changes.
  std::optional<WallTime> next_due(Database& database, WallTime wall) const;
  // Runs that are due by then may only wait for a free place, so that a single pass waits for them.
  WallTime queued_until() const;
  std::size_t in_flight() const;
  std::vector<std::int64_t> busy_runs() const;

 private:
  struct Parts;
  std::unique_ptr<Parts> parts_;
};

}  // namespace triggerd
