// auth: of an account in triggers.yaml: which of the connector's kinds, and its credentials.
#include <algorithm>

#include "config/loading.h"
#include "triggerd/config/sign_in.h"

namespace triggerd {
namespace {

// A name for logging in is no secret.
bool is_open_field(const std::string& field) {
  for (const char* open : {"username", "user", "email", "client_id", "public_key"}) {
    if (field == open) return true;
  }
  return false;
}

void load_secret(AccountReading reading, const std::string& path, const std::string& field,
                 const YamlNode& node) {
  Loading& loading = reading.loading;
  if (node.kind != YamlNode::Kind::scalar) {
    loading.problem(node.place, path + ": must be a text");
    return;
  }
  const auto references = secret_references(node.text);
  if (!references) {
    loading.problem(node.place, path + ": " + references.error());
    return;
  }
  const bool whole = references->size() == 1 && references->front().begin == 0 &&
                     references->front().end == node.text.size();
  if (!whole && !is_open_field(field) && !loading.config.engine.allow_plain_secrets) {
    loading.problem(
        node.place,
        path + (references->empty() ? ": a secret must not stand in this file"
                                    : ": a secret must be one reference and nothing else"),
        "write \"${env:NAME}\" or \"${file:/path}\"");
    return;
  }
  for (const SecretReference& reference : *references) {
    if (reference.kind != SecretReference::Kind::file || !loading.sources.file_complaint) continue;
    const std::string complaint = loading.sources.file_complaint(reference.name);
    if (!complaint.empty()) {
      loading.warn(node.place, path + ": " + complaint, "chmod 600 " + reference.name);
    }
  }
  std::string value = read_plain(loading, node, path);
  reading.account.secrets[field] = Secret(value);
  wipe_text(value);
}

std::vector<std::string> auth_names(const Connector& connector) {
  std::vector<std::string> names;
  for (const AuthRule& rule : connector.auth) names.push_back(rule.name);
  return names;
}

// The rule that `kind` names, or the one whose fields are all given.
const AuthRule* choose_auth(AccountReading reading, YamlMap& auth) {
  const Connector& connector = *reading.account.connector;
  if (auth.has("kind")) {
    const std::optional<std::string> kind = auth.choice("kind", auth_names(connector));
    for (const AuthRule& rule : connector.auth) {
      if (kind == rule.name) return &rule;
    }
    return nullptr;
  }
  for (const AuthRule& rule : connector.auth) {
    // What gets its token by a request has to be asked for by its name.
    if (rule.token && rule.kind != AuthKind::derived) continue;
    const bool given = std::all_of(rule.fields.begin(), rule.fields.end(),
                                   [&](const std::string& field) { return auth.has(field); });
    if (given && (!rule.fields.empty() || connector.auth.size() == 1)) return &rule;
  }
  return connector.auth.empty() ? nullptr : &connector.auth.front();
}

// What OAuth asks for besides the client.
void load_scopes(AccountReading reading, YamlMap& map, const AuthRule& rule) {
  SignIn& sign_in = *reading.account.sign_in;
  if (rule.kind == AuthKind::oauth2_code || rule.kind == AuthKind::oauth2_client) {
    sign_in.scopes = map.texts("scopes").value_or(std::vector<std::string>{});
  }
  const YamlNode* redirect =
      rule.kind == AuthKind::oauth2_code ? map.node("redirect_uri") : nullptr;
  if (redirect == nullptr) return;
  sign_in.redirect_uri = read_plain(reading.loading, *redirect, map.path_of("redirect_uri"));
  const std::string fault = url_fault(sign_in.redirect_uri);
  if (!fault.empty()) map.problem("redirect_uri", fault);
}

// Some kinds of auth are for accounts of one level.
bool fits_level(const AuthRule& rule, const Account& account) {
  return rule.level == TokenLevel::any || rule.level == account.level;
}

void use_rule(AccountReading reading, YamlMap& map, const AuthRule& rule) {
  Account& account = reading.account;
  account.auth = &rule;
  if (rule.token) {
    account.sign_in = std::make_shared<SignIn>();
    account.sign_in->request = *rule.token;
    account.sign_in->authorize_url = rule.authorize_url;
    for (std::string* url : {&account.sign_in->request.url, &account.sign_in->request.refresh_url,
                             &account.sign_in->authorize_url}) {
      fill_account_keys(reading, *url);
    }
    load_scopes(reading, map, rule);
  }
  for (const std::string& field : rule.fields) {
    const YamlNode* node = map.required(field);
    if (node == nullptr) continue;
    if (rule.kind == AuthKind::derived) {
      account.sign_in->agency = read_plain(reading.loading, *node, map.path_of(field));
    } else {
      load_secret(reading, map.path_of(field), field, *node);
    }
  }
  if (!fits_level(rule, account)) {
    map.problem_at(map.here().place,
                   "signing in by `" + rule.name + "` is for accounts of the other level",
                   rule.level == TokenLevel::location ? "give the account its location_id alone"
                                                      : "it is for agencies");
  }
}

// `oauth: {...}`: the connector's OAuth that fits the account.
void load_oauth(AccountReading reading, YamlMap& auth) {
  const Connector& connector = *reading.account.connector;
  const AuthRule* chosen = nullptr;
  for (const AuthRule& rule : connector.auth) {
    if (rule.kind != AuthKind::oauth2_code && rule.kind != AuthKind::oauth2_client) continue;
    if (chosen == nullptr && fits_level(rule, reading.account)) chosen = &rule;
  }
  Section oauth =
      reading.loading.section(SectionKind::oauth, *auth.node("oauth"), auth.path_of("oauth"));
  if (chosen == nullptr) {
    auth.problem("oauth", connector.name + " has no OAuth for such an account",
                 "it signs in by " + listed(auth_names(connector)));
    return;
  }
  use_rule(reading, oauth.map(), *chosen);
  oauth.finish();
  auth.finish();
}

}  // namespace

void load_auth(AccountReading reading) {
  const Connector& connector = *reading.account.connector;
  const YamlNode* node = reading.section.node("auth");
  if (node == nullptr) {
    for (const AuthRule& rule : connector.auth) {
      if (rule.kind == AuthKind::none) reading.account.auth = &rule;
    }
    if (connector.auth.empty() || reading.account.auth != nullptr) return;
    reading.section.map().problem_at(
        reading.account.place, "`auth` is missing",
        "write `auth: {" + listed(connector.auth.front().fields) + ": \"${env:NAME}\"}`");
    return;
  }
  YamlMap auth(reading.loading.document, *node, reading.section.path_of("auth"),
               reading.loading.problems);
  if (auth.here().find("oauth") != nullptr) {
    load_oauth(reading, auth);
    return;
  }
  const AuthRule* rule = choose_auth(reading, auth);
  if (rule == nullptr) return;
  use_rule(reading, auth, *rule);
  auth.finish();
}

}  // namespace triggerd
