// `auth:` of a connector: the ways to sign in.
#include <algorithm>
#include <nlohmann/json.hpp>

#include "catalog/load.h"

namespace triggerd {
namespace {

struct KindWord {
  std::string_view word;
  AuthKind kind;
};

constexpr KindWord kKinds[] = {
    {"none", AuthKind::none},
    {"basic", AuthKind::basic},
    {"bearer", AuthKind::bearer},
    {"header_key", AuthKind::header_key},
    {"query_key", AuthKind::query_key},
    {"body_key", AuthKind::body_key},
    {"oauth2_code", AuthKind::oauth2_code},
    {"oauth2_client", AuthKind::oauth2_client},
    {"login", AuthKind::login},
    {"derived", AuthKind::derived},
};

std::vector<std::string> kind_words() {
  std::vector<std::string> words;
  for (const KindWord& each : kKinds) words.emplace_back(each.word);
  return words;
}

AuthKind auth_kind(const std::string& word) {
  const auto found = std::find_if(std::begin(kKinds), std::end(kKinds),
                                  [&](const KindWord& each) { return each.word == word; });
  return found == std::end(kKinds) ? AuthKind::none : found->kind;
}

std::vector<std::string> usual_fields(AuthKind kind) {
  switch (kind) {
    case AuthKind::none:
      return {};
    case AuthKind::basic:
    case AuthKind::login:
      return {"username", "password"};
    case AuthKind::bearer:
      return {"token"};
    case AuthKind::header_key:
    case AuthKind::query_key:
    case AuthKind::body_key:
      return {"key"};
    case AuthKind::oauth2_code:
    case AuthKind::oauth2_client:
      return {"client_id", "client_secret"};
    case AuthKind::derived:
      return {"account"};
  }
  return {};
}

// Where tokens are got must be as safe as where they are used.
std::string load_https(YamlMap& map, std::string_view key) {
  std::string url = map.text(key).value_or("");
  if (!url.empty() && !url.starts_with("https://") && !is_loopback_address(url)) {
    map.problem(key, "must begin with https://");
  }
  const std::string host = url.substr(0, url.find('/', url.find("://") + 3));
  if (host.find('@') != std::string::npos) map.problem(key, "must hold no user or password");
  return url;
}

// Members of the token request; `{name}` is a field or key of the account.
nlohmann::json load_send(YamlMap& map, const AuthRule& auth, const Connector& connector) {
  std::vector<std::string> names = auth.fields;
  for (const AccountKey& key : connector.account_keys) names.push_back(key.name);
  nlohmann::json send = nlohmann::json::object();
  map.each("send", [&](const std::string& name, const YamlNode&, const YamlNode& value) {
    if (value.kind != YamlNode::Kind::scalar) {
      map.problem_at(value.place, "must be a text");
      return;
    }
    const std::string& text = value.text;
    const bool filled = text.starts_with('{') && text.ends_with('}');
    // The account that asks for a derived token may have keys of any name.
    if (filled && auth.kind != AuthKind::derived &&
        std::find(names.begin(), names.end(), text.substr(1, text.size() - 2)) == names.end()) {
      map.problem_at(value.place,
                     "`" + text + "` is neither one of `fields` nor a key of an account");
    }
    send[name] = text;
  });
  return send;
}

TokenRequest load_token_request(YamlMap& rule, const AuthRule& auth, const Connector& connector) {
  TokenRequest request;
  const YamlNode* node = rule.required("token");
  if (node == nullptr) return request;
  YamlMap map(rule.document(), *node, rule.path_of("token"), rule.problems());
  map.required("url");
  request.url = load_https(map, "url");
  if (auth.kind == AuthKind::login) {
    request.method = map.choice("method", {"POST", "GET"}).value_or("POST");
  }
  const bool login = auth.kind == AuthKind::login;
  if (map.choice("body", {"form", "json"}).value_or(login ? "json" : "form") == "json") {
    request.body = BodyKind::json;
  }
  request.send = load_send(map, auth, connector);
  request.headers = load_headers(map);
  const auto pointer = [&](std::string_view key, std::string& to) {
    if (map.has(key)) to = load_pointer(map, key);
  };
  if (login) map.required("token_at");
  pointer("token_at", request.token_at);
  pointer("life_at", request.life_at);
  request.life = map.duration("life").value_or(Millis{0});
  if (auth.kind == AuthKind::oauth2_code) {
    request.refresh_url = load_https(map, "refresh_url");
    pointer("refresh_at", request.refresh_at);
    request.refresh_life = map.duration("refresh_life").value_or(Millis{0});
  }
  if (auth.kind == AuthKind::oauth2_code || auth.kind == AuthKind::oauth2_client) {
    request.client_as_basic = map.choice("client", {"body", "basic"}).value_or("body") == "basic";
  }
  map.finish();
  return request;
}

void check_fields(YamlMap& map, const AuthRule& rule, const std::string& kind) {
  const std::size_t usual = usual_fields(rule.kind).size();
  if (rule.kind == AuthKind::login) {
    if (rule.fields.empty()) map.problem("fields", "must name at least one key for kind login");
  } else if (rule.fields.size() != usual) {
    map.problem("fields", "must name " + std::to_string(usual) + " keys for kind " + kind);
  }
}

// `also: {X-App-Id: app_id}`: headers that take further fields.
void load_also(YamlMap& map, AuthRule& rule) {
  map.each("also", [&](const std::string& name, const YamlNode& key, const YamlNode& value) {
    if (!is_header_name(name)) map.problem_at(key.place, "`" + name + "` is not a header name");
    if (value.kind != YamlNode::Kind::scalar || value.text.empty()) {
      map.problem_at(value.place, "must be the name of a field");
      return;
    }
    rule.also.emplace_back(name, value.text);
    rule.fields.push_back(value.text);
  });
}

AuthRule load_auth_rule(YamlMap& map, const Connector& connector) {
  AuthRule rule;
  map.required("kind");
  const std::string kind = map.choice("kind", kind_words()).value_or("bearer");
  rule.kind = auth_kind(kind);
  rule.name = map.text("name").value_or(kind);
  rule.fields = map.texts("fields").value_or(usual_fields(rule.kind));
  check_fields(map, rule, kind);
  if (rule.kind == AuthKind::header_key) map.required("header");
  if (rule.kind == AuthKind::header_key || rule.kind == AuthKind::login) {
    rule.header = map.text("header").value_or("");
    rule.prefix = map.text("prefix").value_or("");
    if (!rule.header.empty() && !is_header_name(rule.header)) {
      map.problem("header", "`" + rule.header + "` is not a header name");
    }
    if (!is_one_line(rule.prefix)) map.problem("prefix", "must be one line");
  }
  if (rule.kind == AuthKind::query_key) {
    map.required("query");
    rule.query = map.text("query").value_or("");
  }
  if (rule.kind == AuthKind::body_key) {
    map.required("at");
    rule.body_at = load_pointer(map, "at");
  }
  const bool by_request = rule.kind == AuthKind::oauth2_code ||
                          rule.kind == AuthKind::oauth2_client || rule.kind == AuthKind::login ||
                          rule.kind == AuthKind::derived;
  if (by_request) rule.token = load_token_request(map, rule, connector);
  if (rule.kind == AuthKind::oauth2_code) {
    map.required("authorize_url");
    rule.authorize_url = load_https(map, "authorize_url");
    rule.pkce = map.boolean("pkce").value_or(true);
  }
  if (rule.kind == AuthKind::oauth2_code || rule.kind == AuthKind::oauth2_client) {
    rule.scope_separator = map.text("scope_separator").value_or(" ");
  }
  rule.level = load_token_level(map, "level", TokenLevel::any);
  load_also(map, rule);
  map.finish();
  return rule;
}

}  // namespace

std::vector<AuthRule> load_auth_rules(YamlMap& root, const Connector& connector) {
  std::vector<AuthRule> rules;
  root.required("auth");
  root.each_item("auth", [&](std::size_t index, const YamlNode& item) {
    YamlMap map(root.document(), item, "auth[" + std::to_string(index) + "]", root.problems());
    AuthRule rule = load_auth_rule(map, connector);
    const bool twice = std::any_of(rules.begin(), rules.end(),
                                   [&](const AuthRule& known) { return known.name == rule.name; });
    if (twice) {
      map.problem("name", "`" + rule.name + "` names two kinds of auth",
                  "give each its own `name`");
    }
    rules.push_back(std::move(rule));
  });
  return rules;
}

}  // namespace triggerd
