// Serves the look-alikes of the apps beside HighLevel: /partnerstack, /stibee, /clubos, /payaca and
// /my_app. Each is a table of routes with its own way to sign in, its limits and its error bodies,
// over the same world, faults and truth log. Called by Sandbox from any server thread; takes the
// state's mutex itself. The records of an app belong to an owner that is called like it.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "route.h"
#include "state.h"
#include "visit.h"
#include "wire.h"

namespace triggerd::sandbox {

// Why a request does not reach its route.
enum class Refusal { route, credentials, throttled, media_type, parameters };

enum class SignIn { basic, header };

struct App {
  std::string name;
  std::vector<SignIn> sign_in;
  std::string key_header = {};  // lower case, of SignIn::header
  Answer (*refuse)(Refusal why, const std::string& message) = nullptr;
  int (*minute_limit)(const Route& route) = nullptr;  // requests; routes with one number share it
  RouteTable routes;
};

class AppApi {
 public:
  explicit AppApi(State& state);

  // Nothing when the path lies in the space of no app.
  std::optional<Reply> serve(const Call& call);

  // What a client must know to sign in: {token, secrets, base_url, ...}; nothing for an unknown
  // app. Called under the state's mutex.
  std::optional<nlohmann::json> add_account(const std::string& app, const nlohmann::json& asked);
  nlohmann::json shown_routes() const;

 private:
  struct Asked;
  Reply answer(const App& app, const Call& call, const std::string& path);
  std::optional<Answer> refusal(const App& app, const Call& call, Asked& asked, Reply& reply);
  Answer run(const App& app, const Call& call, Asked& asked);
  bool takes(const App& app, const Route& route, Reply& reply);

  State& state_;
  std::vector<App> apps_;
  std::map<std::string, std::pair<Millis, int>> minutes_;  // since when, how many
};

App partnerstack_app();
App stibee_app();
App clubos_app();
App payaca_app();
App my_app();

}  // namespace triggerd::sandbox
