#include "sandbox.h"

namespace triggerd::sandbox {
namespace {

using nlohmann::json;

constexpr std::size_t kSinkBodyMax = 65'536;
// A turn that is far behind catches up in steps, so that requests get their turn, too.
constexpr int kChangesPerTurnMax = 200;

// The rest of the path where it lies in the space, with its slash.
std::optional<std::string> rest_of(const std::string& path, std::string_view space) {
  if (path == space) return "";
  if (!path.starts_with(std::string(space) + "/")) return std::nullopt;
  return path.substr(space.size());
}

}  // namespace

Sandbox::Sandbox(const Settings& settings, TruthLog::Sink sink)
    : state_(settings, std::move(sink)),
      api_(state_),
      apps_(state_),
      control_(state_, api_, apps_) {
  ensure_company(state_, kFirstCompany);
  ensure_location(state_, kFirstCompany, kFirstLocation);
}

Reply Sandbox::serve(const Call& call) {
  if (const auto path = rest_of(call.path, "/highlevel")) return api_.serve(call, *path);
  if (const auto path = rest_of(call.path, "/control")) return control_.serve(call, *path);
  if (rest_of(call.path, "/sink")) return serve_sink(call);
  if (auto reply = apps_.serve(call)) return std::move(*reply);
  Reply reply;
  reply.status = 404;
  reply.body = not_found("Route").body.dump();
  return reply;
}

void Sandbox::finished(const Reply& reply, bool complete) {
  if (reply.log_type.empty()) return;
  json line = reply.log_line;
  line["complete"] = complete;
  state_.log.write(reply.log_type, std::move(line));
}

Reply Sandbox::answer(const Call& call) {
  Reply reply = serve(call);
  finished(reply, reply.wire.mode == WireMode::whole || reply.wire.mode == WireMode::drip);
  return reply;
}

// A receiver for webhooks: takes anything, remembers everything.
Reply Sandbox::serve_sink(const Call& call) {
  std::optional<Fault> fault;
  {
    const std::scoped_lock lock(state_.mutex);
    ++state_.requests_by_operation["sink"];
    fault = state_.faults.take("sink", call.path);
  }
  Reply reply;
  if (fault && replaces_answer(fault->kind)) {
    reply = fault_reply(*fault);
  } else {
    reply.body = json{{"ok", true}}.dump();
    if (fault) spoil_wire(*fault, reply);
  }
  reply.log_type = "sink";
  reply.log_line = {
      {"method", call.method},         {"path", call.path},
      {"query", call.query},           {"headers", call.headers},
      {"status", reply.status},        {"fault", fault ? json(name_of(fault->kind)) : json()},
      {"world", state_.log.last_seq()}};
  if (call.body.size() <= kSinkBodyMax) {
    reply.log_line["body"] = call.body;
  } else {
    reply.log_line["body_xxh64"] = state_of_bytes(call.body);
    reply.log_line["body_bytes"] = call.body.size();
  }
  return reply;
}

void Sandbox::turn() {
  if (state_.settings.pace <= 0) return;
  const std::scoped_lock lock(state_.mutex);
  const Millis now = state_.clock.now();
  if (state_.paused) {
    state_.next_change = std::max(state_.next_change, now);
    return;
  }
  const double minute = static_cast<double>(kMinute);
  const Millis pause = std::max<Millis>(static_cast<Millis>(minute / state_.settings.pace), 1);
  for (int i = 0; i < kChangesPerTurnMax && state_.next_change <= now; ++i) {
    state_.life.step();
    state_.next_change += pause;
  }
}

void Sandbox::set_base_url(const std::string& url) {
  const std::scoped_lock lock(state_.mutex);
  state_.base_url = url;
}

void Sandbox::log_start() {
  state_.log.write("start", {{"seed", state_.settings.seed},
                             {"speed", state_.settings.speed},
                             {"pace", state_.settings.pace},
                             {"contacts", state_.settings.contacts},
                             {"quiet_ms", state_.settings.quiet},
                             {"search_lag_ms", state_.settings.search_lag},
                             {"limits", state_.settings.limits}});
}

void Sandbox::log_stop() { state_.log.write("stop", json::object()); }

}  // namespace triggerd::sandbox
