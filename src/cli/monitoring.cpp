#include "cli/monitoring.h"

#include <algorithm>
#include <filesystem>

#include "engine/metrics_text.h"
#include "triggerd/log.h"

namespace triggerd {

namespace {

using Type = MetricsText::Type;
using std::chrono::seconds;

constexpr Millis kTurnMax{60'000};
// A taken port may become free.
constexpr seconds kTryAgain{30};
constexpr seconds kPageEvery{5};
constexpr seconds kPageEveryUnread{15};
// With hundreds of thousands of streams the page takes a hundredth of the loop's time at most.
constexpr int kPageShare = 100;
constexpr seconds kStatusEvery{5};

bool is_loopback(const std::string& place) {
  return place.starts_with("127.") || place.starts_with("[::1]");
}

double unix_seconds(WallTime at) { return static_cast<double>(epoch_ms(at)) / 1'000; }

}  // namespace

Monitoring::Monitoring(Daemon& daemon)
    : daemon_(daemon), supervisor_(SupervisorSettings::from_environment()) {
  serve(real_.steady());
}

Millis Monitoring::longest_wait() const {
  return std::min(kTurnMax, supervisor_.longest_wait().value_or(kTurnMax));
}

void Monitoring::ready() { supervisor_.ready(status_text()); }

void Monitoring::reloading() { supervisor_.reloading(real_.steady()); }

void Monitoring::reloaded() {
  supervisor_.ready(status_text());
  page_made_.reset();
  next_try_ = {};
}

void Monitoring::stopping() {
  stopping_ = true;
  supervisor_.stopping();
  tell_standing();
}

void Monitoring::turned() {
  const Now now = real_.steady();
  supervisor_.turned(now);
  serve(now);
  if (server_ != nullptr) {
    server_->turned();
    tell_standing();
    publish(now);
  }
  if (now < next_status_ || stopping_) return;
  next_status_ = now + kStatusEvery;
  supervisor_.status(status_text());
}

// Polling goes on without monitoring: a taken port is said, and tried again (SHU-08).
void Monitoring::serve(Now now) {
  const std::string& wanted = daemon_.config->engine.metrics;
  if (place_ == wanted && (server_ != nullptr || wanted.empty() || now < next_try_)) return;
  const bool again = place_ == wanted;
  place_ = wanted;
  server_.reset();
  if (wanted.empty()) return;
  auto started = MetricsServer::start(wanted);
  next_try_ = now + kTryAgain;
  if (!started) {
    if (again) return;
    log(LogLevel::error, "metrics are not served; it is tried again every 30 s",
        {{"reason", started.error()}});
    return;
  }
  server_ = std::move(*started);
  page_made_.reset();
  told_ = "starting";
  log(LogLevel::info, "metrics are served", {{"address", server_->place()}});
  if (is_loopback(wanted)) return;
  log(LogLevel::warning,
      "metrics are served to other machines, names of triggers and accounts, too",
      {{"address", server_->place()}});
}

void Monitoring::tell_standing() {
  if (server_ == nullptr) return;
  std::string why = stopping_ ? "stopping" : daemon_.engine->stopped_because();
  if (why == told_) return;
  told_ = why;
  server_->ready(std::move(why));
}

void Monitoring::publish(Now now) {
  const Millis wanted = server_->asked_lately() ? kPageEvery : kPageEveryUnread;
  if (page_made_ && now - *page_made_ < std::max(wanted, page_took_ * kPageShare)) return;
  page_made_ = now;
  server_->publish(page());
  page_took_ = real_.steady() - std::chrono::floor<Millis>(now);
}

std::string Monitoring::page() const {
  MetricsText text;
  const Reloads& reloads = daemon_.reloads;
  text.single("triggerd_config_last_reload_successful", Type::gauge,
              "0 while the file is not the configuration that runs, since it was refused.",
              reloads.last_good ? 1 : 0);
  text.single("triggerd_config_last_reload_success_timestamp_seconds", Type::gauge,
              "When a configuration was applied last.", unix_seconds(reloads.applied_at));
  text.family("triggerd_config_reloads_total", Type::counter, "Reloads, by what came of them.");
  text.sample({{"result", "applied"}}, static_cast<double>(reloads.applied));
  text.sample({{"result", "refused"}}, static_cast<double>(reloads.refused));
  std::error_code ignored;
  const auto space = std::filesystem::space(daemon_.directory, ignored);
  text.family("triggerd_disk_free_bytes", Type::gauge, "Room on the disk of the state.");
  if (!ignored) text.sample({}, static_cast<double>(space.available));
  return daemon_.engine->metrics() + text.take();
}

std::string Monitoring::status_text() const {
  const std::string stopped = daemon_.engine->stopped_because();
  const std::size_t streams = daemon_.engine->stream_count();
  std::string text = std::to_string(daemon_.config->triggers.size()) + " triggers, " +
                     std::to_string(streams) + (streams == 1 ? " stream" : " streams");
  if (!stopped.empty()) text += "; polling pauses: " + stopped;
  if (!daemon_.reloads.last_good) text += "; the edited configuration was refused";
  return text;
}

}  // namespace triggerd
