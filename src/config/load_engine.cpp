// engine: and defaults: of triggers.yaml.
#include <arpa/inet.h>

#include <charconv>

#include "config/loading.h"

namespace triggerd {

namespace {

bool is_address(const std::string& host) {
  in6_addr ignored{};
  return ::inet_pton(host.find(':') == std::string::npos ? AF_INET : AF_INET6, host.c_str(),
                     &ignored) == 1;
}

// "9464" and ":9464" are ports of this machine alone; another address must be written out. Gives
// "address:port", an IPv6 address in brackets; nothing when it is neither.
std::optional<std::string> listening_place(const std::string& text) {
  const std::size_t colon = text.rfind(':');
  const std::string port = colon == std::string::npos ? text : text.substr(colon + 1);
  std::string host = colon == std::string::npos ? "" : text.substr(0, colon);
  unsigned number = 0;
  const auto end = std::from_chars(port.data(), port.data() + port.size(), number);
  if (port.empty() || end.ec != std::errc{} || end.ptr != port.data() + port.size() ||
      number > 65'535) {
    return std::nullopt;
  }
  if (host.empty() || host == "localhost") host = "127.0.0.1";
  const bool brackets = host.size() > 2 && host.front() == '[' && host.back() == ']';
  if (!is_address(brackets ? host.substr(1, host.size() - 2) : host)) return std::nullopt;
  if (!brackets && host.find(':') != std::string::npos) return std::nullopt;
  return host + ":" + std::to_string(number);
}

}  // namespace

Retry load_retry(Section& parent, const Retry& otherwise) {
  std::optional<Section> section = parent.section("retry");
  if (!section) return otherwise;
  Retry retry = otherwise;
  retry.attempts = static_cast<int>(section->integer("attempts").value_or(retry.attempts));
  retry.min = section->duration("min").value_or(retry.min);
  retry.max = section->duration("max").value_or(std::max(retry.max, retry.min));
  if (const auto unsure = section->choice("when_unsure")) retry.when_unsure = *unsure == "repeat";
  if (retry.min > retry.max) {
    section->problem(section->has("max") ? "max" : "min", "`min` (" + format_duration(retry.min) +
                                                              ") is longer than `max` (" +
                                                              format_duration(retry.max) + ")");
  }
  section->finish();
  return retry;
}

void load_engine(Loading& loading, Section& root) {
  std::optional<Section> section = root.section("engine");
  if (!section) return;
  EngineSettings& engine = loading.config.engine;
  engine.state = section->text("state").value_or(engine.state);
  engine.allow_plain_secrets = section->boolean("allow_plain_secrets").value_or(false);
  engine.outbox_max = section->integer("outbox_max").value_or(engine.outbox_max);
  if (const std::optional<std::string> metrics = section->text("metrics")) {
    const std::optional<std::string> place = listening_place(*metrics);
    if (!place) {
      section->problem("metrics", "`" + *metrics + "` is no address and port",
                       "write 127.0.0.1:9464; another address than this machine's own only where "
                       "others may read the figures");
    }
    engine.metrics = place.value_or("");
  }
  if (std::optional<Section> retention = section->section("retention")) {
    engine.retain_events = retention->duration("events").value_or(engine.retain_events);
    engine.retain_bodies = retention->duration("bodies").value_or(engine.retain_bodies);
    retention->finish();
  }
  section->finish();
}

void load_defaults(Loading& loading, Section& root) {
  std::optional<Section> section = root.section("defaults");
  if (!section) return;
  loading.default_every = section->duration("every").value_or(loading.default_every);
  loading.default_retry = load_retry(*section, loading.default_retry);
  loading.default_timeout = section->duration("timeout").value_or(loading.default_timeout);
  if (const std::optional<std::string> account = section->text("account")) {
    if (const YamlNode* accounts = root.node("accounts"); accounts && accounts->find(*account)) {
      loading.default_account = *account;
    } else {
      std::vector<std::string> names;
      for (const auto& [name, value] : loading.config.accounts) names.push_back(name);
      section->problem("account", "there is no account `" + *account + "`",
                       did_you_mean(*account, names));
    }
  }
  section->finish();
}

}  // namespace triggerd
