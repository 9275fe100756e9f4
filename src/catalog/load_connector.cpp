#include <algorithm>
#include <nlohmann/json.hpp>

#include "catalog/load.h"

namespace triggerd {
namespace {

constexpr Millis kQuotaFrom{3'600'000};  // limits over an hour and more are quotas, not bursts
constexpr std::int64_t kConcurrencyMax = 64;

// `choices: [us, eu]`, or `{us: api, eu: api-eu}` where something else stands for the word.
void load_choices(YamlMap& map, AccountKey& key) {
  const YamlNode* node = map.node("choices");
  if (node != nullptr && node->kind == YamlNode::Kind::map) {
    map.each("choices", [&](const std::string& word, const YamlNode&, const YamlNode& value) {
      if (value.kind != YamlNode::Kind::scalar) map.problem_at(value.place, "must be a text");
      key.choices.emplace_back(word, value.text);
    });
  } else {
    for (const std::string& word : map.texts("choices").value_or(std::vector<std::string>{})) {
      key.choices.emplace_back(word, word);
    }
  }
  key.fallback = map.text("default").value_or("");
  const bool known = std::any_of(key.choices.begin(), key.choices.end(),
                                 [&](const auto& choice) { return choice.first == key.fallback; });
  if (!key.fallback.empty() && !key.choices.empty() && !known) {
    map.problem("default", "`" + key.fallback + "` is not one of `choices`");
  }
}

void load_account_keys(YamlMap& root, Connector& connector) {
  root.each("account", [&](const std::string& name, const YamlNode&, const YamlNode& value) {
    AccountKey key;
    key.name = name;
    if (value.kind == YamlNode::Kind::scalar) {
      key.description = value.text;
    } else {
      YamlMap map(root.document(), value, root.path_of("account") + "." + name, root.problems());
      key.description = map.text("about").value_or("");
      key.level = load_token_level(map, "level", TokenLevel::any);
      key.start_of = map.text("start_of").value_or("");
      load_choices(map, key);
      map.finish();
    }
    connector.account_keys.push_back(std::move(key));
  });
}

void load_limits(YamlMap& root, Connector& connector) {
  root.each_item("limits", [&](std::size_t index, const YamlNode& item) {
    YamlMap map(root.document(), item, "limits[" + std::to_string(index) + "]", root.problems());
    map.required("requests");
    map.required("per");
    RateLimit limit;
    limit.requests = map.integer("requests").value_or(1);
    limit.per = map.duration("per").value_or(Millis{1'000});
    limit.burst = map.boolean("burst").value_or(limit.per < kQuotaFrom);
    limit.group = map.text("group").value_or("");
    map.finish();
    if (!limit.group.empty() && !limit.burst) {
      map.problem("group", "a quota is one of all requests");
    }
    if (limit.requests < 1) map.problem("requests", "must be at least 1");
    if (limit.per < Millis{1}) map.problem("per", "must be longer than nothing");
    connector.limits.push_back(limit);
  });
}

void load_rate_headers(YamlMap& root, Connector& connector) {
  const YamlNode* node = root.node("rate_headers");
  if (node == nullptr) return;
  YamlMap map(root.document(), *node, "rate_headers", root.problems());
  RateHeaders& names = connector.rate_headers;
  names.burst_remaining = map.text("burst_remaining").value_or("");
  names.burst_interval_ms = map.text("burst_interval_ms").value_or("");
  names.day_remaining = map.text("day_remaining").value_or("");
  names.day_limit = map.text("day_limit").value_or("");
  names.reset_epoch_s = map.text("reset_epoch_s").value_or("");
  map.finish();
}

void check_placeholders(YamlMap& root, std::string_view key, const Connector& connector,
                        const std::string& url) {
  for (std::size_t at = url.find('{'); at != std::string::npos; at = url.find('{', at + 1)) {
    const std::string name = url.substr(at + 1, url.find('}', at) - at - 1);
    const bool known =
        std::any_of(connector.account_keys.begin(), connector.account_keys.end(),
                    [&](const AccountKey& account_key) { return account_key.name == name; });
    if (!known) {
      root.problem(key, "`{" + name + "}` is not a key of an account", "name it under `account:`");
    }
  }
}

void check_base_url(YamlMap& root, const Connector& connector) {
  const std::string& url = connector.base_url;
  const bool loopback = is_loopback_address(url);
  if (!url.starts_with("https://") && !loopback) {
    root.problem("base_url", "must begin with https://", "http is for loopback addresses alone");
  }
  if (url.ends_with('/')) root.problem("base_url", "must not end with a slash");
  if (url.find_first_of("?#@ ") != std::string::npos) {
    root.problem("base_url", "must not hold a query, a fragment, a user or blanks");
  }
  check_placeholders(root, "base_url", connector, url);
}

ErrorClass error_class(const std::string& text) {
  if (text == "transient") return ErrorClass::transient;
  if (text == "throttled") return ErrorClass::throttled;
  if (text == "auth") return ErrorClass::auth;
  if (text == "absent") return ErrorClass::absent;
  return ErrorClass::permanent;
}

}  // namespace

std::vector<int> load_statuses(YamlMap& map, std::string_view key) {
  std::vector<int> statuses;
  for (const std::string& text : map.texts(key).value_or(std::vector<std::string>{})) {
    const bool family = text.size() == 3 && text.ends_with("xx");
    const std::string digits = family ? text.substr(0, 1) + "00" : text;
    const bool number =
        digits.size() == 3 && digits.find_first_not_of("0123456789") == std::string::npos;
    const int status = number ? std::stoi(digits) : 0;
    if (status < 100 || status > 599) {
      map.problem(key, "`" + text + "` is not a status", "write 404, or 5xx for all of them");
      continue;
    }
    for (int i = 0; i < (family ? 100 : 1); ++i) statuses.push_back(status + i);
  }
  return statuses;
}

std::vector<ErrorRule> load_errors(YamlMap& root) {
  std::vector<ErrorRule> rules;
  root.each_item("errors", [&](std::size_t index, const YamlNode& item) {
    const std::string path = root.path_of("errors") + "[" + std::to_string(index) + "]";
    YamlMap map(root.document(), item, path, root.problems());
    ErrorRule rule;
    map.required("means");
    rule.statuses = load_statuses(map, "status");
    rule.at = load_pointer(map, "at");
    rule.equals = map.texts("equals").value_or(std::vector<std::string>{});
    rule.contains = map.texts("contains").value_or(std::vector<std::string>{});
    rule.means =
        error_class(map.choice("means", {"transient", "throttled", "auth", "permanent", "absent"})
                        .value_or("permanent"));
    map.finish();
    const bool asks_text = !rule.equals.empty() || !rule.contains.empty();
    if (asks_text && rule.at.empty()) {
      map.problem("at", "must say where the text of `equals` or `contains` stands");
    }
    if (!map.has("status") && rule.at.empty()) {
      map.problem("status", "a rule needs `status` or `at`");
    }
    rules.push_back(std::move(rule));
  });
  return rules;
}

FileDefaults load_defaults(YamlMap& root) {
  FileDefaults defaults;
  const YamlNode* node = root.node("defaults");
  if (node == nullptr) return defaults;
  YamlMap map(root.document(), *node, "defaults", root.problems());
  defaults.category = map.text("category").value_or("");
  defaults.source = map.text("source").value_or("");
  defaults.headers = load_headers(map);
  defaults.token = load_token_level(map, "token", TokenLevel::any);
  defaults.scopes = map.texts("scopes").value_or(std::vector<std::string>{});
  map.each("enums", [&](const std::string& name, const YamlNode& key, const YamlNode& value) {
    nlohmann::json values = yaml_to_json(value);
    if (values.is_array()) {
      defaults.enums[name] = values.get<std::vector<nlohmann::json>>();
    } else {
      map.problem_at(key.place, "`enums." + name + "` must be a list");
    }
  });
  map.finish();
  return defaults;
}

void load_connector_head(YamlMap& root, ConnectorDraft& draft) {
  Connector& connector = draft.connector;
  connector.title = root.text("title").value_or(connector.name);
  connector.source = root.text("source").value_or("");
  connector.base_url = root.text("base_url").value_or("");
  connector.headers = load_headers(root);
  load_account_keys(root, connector);
  check_base_url(root, connector);
  connector.auth = load_auth_rules(root, connector);
  for (const AuthRule& rule : connector.auth) {
    if (!rule.token) continue;
    check_placeholders(root, "auth", connector, rule.token->url);
    check_placeholders(root, "auth", connector, rule.token->refresh_url);
    check_placeholders(root, "auth", connector, rule.authorize_url);
  }
  load_limits(root, connector);
  load_rate_headers(root, connector);
  connector.concurrency = root.integer("concurrency").value_or(connector.concurrency);
  if (connector.concurrency < 1 || connector.concurrency > kConcurrencyMax) {
    root.problem("concurrency", "must be 1 to " + std::to_string(kConcurrencyMax));
  }
  connector.errors = load_errors(root);
  if (const YamlNode* check = root.node("check")) {
    connector.check = root.text("check").value_or("");
    draft.references.push_back({root.document().file, check->place, "check", connector.check, {}});
  }
  connector.volatiles = load_pointers(root, "volatile");
}

}  // namespace triggerd
