// The faults that somebody switched on, which request each hits, and how each spoils an answer.
// Filled by the control endpoint, asked once per request under the sandbox's mutex. README.md lists
// the kinds for users.
#pragma once

#include <list>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <tl/expected.hpp>

#include "random.h"
#include "route.h"
#include "wire.h"

namespace triggerd::sandbox {

enum class FaultKind {
  status,
  throttle,
  hang,
  delay,
  truncate,
  drip,
  html,
  empty_body,
  null_body,
  empty_object,
  empty_list,
  invalid_json,
  deep_nesting,
  duplicate_keys,
  huge_body,
  gzip_bomb,
  redirect,
  repeat_cursor,
  endless_cursor,
  echo_cursor,
  shuffle,
  wrong_location,
  stale,
  bad_id,
  future_date,
  unauthorized,
  forbidden,
  reset,
  lost_after_effect,
};

std::string_view name_of(FaultKind kind);
std::optional<FaultKind> fault_kind(std::string_view name);

struct Fault {
  FaultKind kind = FaultKind::status;
  std::string operation;      // an operation, "sink", or "*"
  std::string path_contains;  // empty: any path
  int count = 1;              // answers still to spoil; -1: until cleared
  int after = 0;              // matching requests to let pass first
  nlohmann::json options;     // the members of the control call
};

class Faults {
 public:
  // A sentence on what is wrong with the call, or nothing.
  std::optional<std::string> add(const nlohmann::json& wanted);
  void clear() { faults_.clear(); }
  // The fault that hits this request, if any; counts it.
  std::optional<Fault> take(std::string_view operation, std::string_view path);
  nlohmann::json shown() const;

 private:
  std::list<Fault> faults_;
};

// Whether the operation must not run: the fault answers in its place, and a write has no effect.
bool replaces_answer(FaultKind kind);
Reply fault_reply(const Fault& fault);

// Faults in the records of an answer that has run. `cursor` holds the request's parameters.
struct PageAsked {
  const Route* route = nullptr;
  nlohmann::json parameters = nlohmann::json::object();
};
void spoil_records(const Fault& fault, const PageAsked& page, Random& random, nlohmann::json& body);
// Faults in the text and on the wire.
std::string spoil_text(const Fault& fault, const Route& route, Random& random,
                       const nlohmann::json& body);
void spoil_wire(const Fault& fault, Reply& reply);

}  // namespace triggerd::sandbox
