// Serves /highlevel: finds the operation, checks token, limits, Version, scope and parameters as
// the real API would, runs it on the world and prepares the truth log's line. Called by Sandbox
// from any server thread; takes the state's mutex itself.
#pragma once

#include <optional>

#include "route.h"
#include "state.h"
#include "visit.h"
#include "wire.h"

namespace triggerd::sandbox {

class Api {
 public:
  explicit Api(State& state) : state_(state) {}

  // `path` is the call's path without /highlevel.
  Reply serve(const Call& call, const std::string& path);
  const RouteTable& routes() const { return routes_; }

 private:
  struct Asked;
  Reply serve_token(const Call& call);
  // api_oauth.cpp: consent, tokens of locations, the list of locations; nothing for other paths.
  std::optional<Reply> serve_oauth(const Call& call, const std::string& path);
  std::optional<Answer> refusal(const Call& call, const Asked& asked, Reply& reply);
  Reply run(const Call& call, Asked& asked, const std::optional<Fault>& fault);
  Answer answer(Visit& visit);
  void finish(const Call& call, const Asked& asked, const std::optional<Fault>& fault,
              Reply& reply);

  State& state_;
  RouteTable routes_;
};

// What an answer says of the limits, and the refusal when one is reached.
void add_limit_headers(const RateVerdict& verdict, Reply& reply);
Answer too_many_requests(const RateVerdict& verdict, Reply& reply);
// The wait that it states stands in the log, too.
void note_wait(Reply& reply);

}  // namespace triggerd::sandbox
