// Serves /control: accounts, single changes, faults, clock, pause and looks into the world. Called
// by Sandbox from any server thread; takes the state's mutex itself. JSON in, JSON out.
#pragma once

#include <string>

#include "api.h"
#include "app_api.h"
#include "state.h"
#include "wire.h"

namespace triggerd::sandbox {

class Control {
 public:
  Control(State& state, const Api& api, AppApi& apps) : state_(state), api_(api), apps_(apps) {}

  // `path` is the call's path without /control.
  Reply serve(const Call& call, const std::string& path);

 private:
  Answer answer(const Call& call, const std::string& path, const nlohmann::json& body);
  Answer look(const Call& call, const std::string& path);
  Answer add_account(const nlohmann::json& body);
  Answer set_installed(const nlohmann::json& body);
  Answer mutate(const nlohmann::json& body);
  Answer mutate_record(const nlohmann::json& body, const Place& place, const std::string& op);
  Answer add_fault(const nlohmann::json& body);
  Answer move_clock(const nlohmann::json& body);
  Answer record(const QueryList& query) const;
  Answer collections_of(const QueryList& query) const;
  Answer operations() const;
  Answer shown_state() const;

  State& state_;
  const Api& api_;
  AppApi& apps_;
};

// Makes sure that the company, and the location in it, exist and are seeded.
void ensure_company(State& state, const std::string& company);
void ensure_location(State& state, const std::string& company, const std::string& location);

}  // namespace triggerd::sandbox
