// engine: and defaults: of triggers.yaml.
#include "config/loading.h"

namespace triggerd {

Retry load_retry(Section& parent, const Retry& otherwise) {
  std::optional<Section> section = parent.section("retry");
  if (!section) return otherwise;
  Retry retry = otherwise;
  retry.attempts = static_cast<int>(section->integer("attempts").value_or(retry.attempts));
  retry.min = section->duration("min").value_or(retry.min);
  retry.max = section->duration("max").value_or(std::max(retry.max, retry.min));
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
  if (section->has("metrics")) section->text("metrics");  // the key itself says what it is not
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
