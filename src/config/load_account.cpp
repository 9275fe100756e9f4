// accounts: of triggers.yaml: connector, its keys (location_id ...), labels; load_auth.cpp reads
// the credentials.
#include <algorithm>
#include <utility>

#include "config/loading.h"
#include "triggerd/catalog/request.h"
#include "triggerd/config/sign_in.h"

namespace triggerd {
namespace {

std::vector<std::string> connector_names(const Catalog& catalog) {
  std::vector<std::string> names;
  for (const Connector* connector : catalog.connectors()) names.push_back(connector->name);
  return names;
}

// The values that `triggerd init` and documents put where an own id belongs.
void warn_of_stand_in(AccountReading reading, const std::string& key, const YamlNode& node) {
  const std::string& text = node.text;
  const bool stand_in = text.starts_with("your-") || text.starts_with("YOUR_") ||
                        text.starts_with("<") || text == "changeme" || text == "xxx";
  if (!stand_in) return;
  reading.loading.warn(node.place,
                       reading.section.path_of(key) + ": `" + text + "` stands in for your own id",
                       "put the id of your own account here");
}

// What an account writes for a key, or what stands for the word that it chooses.
std::string chosen(AccountReading reading, const AccountKey& key, const YamlNode* node) {
  const std::string path = reading.section.path_of(key.name);
  const std::string text =
      node == nullptr ? key.fallback : read_plain(reading.loading, *node, path);
  if (key.choices.empty() || text.empty()) return text;
  std::vector<std::string> words;
  for (const auto& [word, stands_for] : key.choices) {
    if (word == text) return stands_for;
    words.push_back(word);
  }
  const std::string hint = did_you_mean(text, words);
  reading.loading.problem(node->place, path + ": `" + text + "` is not one of " + listed(words),
                          hint);
  return text;
}

void load_keys(AccountReading reading) {
  const Connector& connector = *reading.account.connector;
  bool has_level = false;
  std::vector<std::string> level_keys;
  for (const AccountKey& key : connector.account_keys) {
    if (key.level != TokenLevel::any) level_keys.push_back(key.name);
    const YamlNode* node = reading.section.map().node(key.name);
    if (node == nullptr) {
      if (!key.fallback.empty()) reading.account.keys[key.name] = chosen(reading, key, nullptr);
      continue;
    }
    reading.account.keys[key.name] = chosen(reading, key, node);
    warn_of_stand_in(reading, key.name, *node);
    // With both a location and its company, the token is the location's.
    if (key.level != TokenLevel::any && reading.account.level != TokenLevel::location) {
      reading.account.level = key.level;
    }
    has_level = has_level || key.level != TokenLevel::any;
  }
  if (!has_level && !level_keys.empty()) {
    reading.section.map().problem_at(
        reading.account.place,
        "an account of " + connector.name + " needs one of " + listed(level_keys));
  }
}

bool is_host_text(const std::string& text) {
  return !text.empty() && text.find_first_not_of(
                              "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-.") ==
                              std::string::npos;
}

void fill_base_url(AccountReading reading) {
  std::string url = reading.account.connector->base_url;
  if (fill_account_keys(reading, url)) reading.account.base_url = std::move(url);
}

}  // namespace

void load_labels(Loading& loading, Section& section, std::map<std::string, std::string>& labels) {
  section.each("labels", [&](const std::string& name, const YamlNode&, const YamlNode& value) {
    labels[name] = read_plain(loading, value, section.path_of("labels") + "." + name);
  });
}

bool fill_account_keys(AccountReading reading, std::string& address) {
  const std::string pattern = std::exchange(address, {});
  std::string_view rest = pattern;
  for (std::size_t open = rest.find('{'); open != std::string_view::npos; open = rest.find('{')) {
    const std::size_t close = rest.find('}', open);
    if (close == std::string_view::npos) break;
    const std::string key(rest.substr(open + 1, close - open - 1));
    address += rest.substr(0, open);
    const auto found = reading.account.keys.find(key);
    if (found == reading.account.keys.end()) {
      reading.section.map().problem_at(
          reading.account.place, "`" + key + "` is missing",
          "it is part of the address of " + reading.account.connector->name);
      return false;
    }
    // A value must stay in its place: in the host it cannot begin a path, in the path no segment.
    const std::size_t scheme = address.find("://");
    const bool in_path =
        scheme != std::string::npos && address.find('/', scheme + 3) != std::string::npos;
    if (scheme != std::string::npos && !in_path && !is_host_text(found->second)) {
      const YamlNode* node = reading.section.map().node(key);
      reading.section.problem_at(node == nullptr ? reading.account.place : node->place, key,
                                 "is a part of the host name: letters, digits, `-` and `.`");
      return false;
    }
    address += in_path ? percent_encode(found->second) : found->second;
    rest.remove_prefix(close + 1);
  }
  address += rest;
  const std::string fault = address.empty() ? "" : url_fault(address);
  if (fault.empty()) return true;
  reading.section.map().problem_at(reading.account.place, "the address `" + address + "` " + fault);
  return false;
}

std::string read_plain(Loading& loading, const YamlNode& node, const std::string& path) {
  if (node.kind != YamlNode::Kind::scalar || node.text.empty()) {
    loading.problem(node.place, path + ": must be a text");
    return {};
  }
  const auto resolved = resolve_text(node.text, loading.sources);
  if (!resolved) {
    loading.problem(node.place, path + ": " + resolved.error(), secret_hint(node.text));
    return {};
  }
  if (resolved->find_first_of(std::string_view("\r\n\0", 3)) != std::string::npos) {
    loading.problem(node.place, path + ": holds a line break");
    return {};
  }
  return *resolved;
}

void load_account(Loading& loading, const std::string& name, const YamlNode& key,
                  const YamlNode& value) {
  const std::string path = "accounts." + name;
  if (name == "all") {
    loading.problem(key.place, path + ": an account cannot be called `all`",
                    "`accounts: all` means every account");
  }
  check_name(loading, key.place, path, name);
  Section section = loading.section(SectionKind::account, value, path);
  Account account;
  account.name = name;
  account.place = key.place;
  const std::optional<std::string> connector = section.text("connector");
  if (!connector) {
    loading.config.accounts[name] = std::move(account);
    return;
  }
  account.connector = loading.catalog.connector(*connector);
  if (account.connector == nullptr) {
    const std::vector<std::string> names = connector_names(loading.catalog);
    const std::string hint = did_you_mean(*connector, names);
    section.problem("connector", "there is no connector `" + *connector + "`",
                    hint.empty() ? "known: " + listed(names) : hint);
    loading.config.accounts[name] = std::move(account);
    return;
  }
  account.pool = *connector + "/" + name;
  const AccountReading reading{loading, section, account};
  load_keys(reading);
  fill_base_url(reading);
  load_auth(reading);
  fill_key_starts(account);
  load_labels(loading, section, account.labels);
  section.finish();
  loading.config.accounts[name] = std::move(account);
}

void check_agencies(Loading& loading) {
  for (auto& [name, account] : loading.config.accounts) {
    if (account.sign_in == nullptr || account.auth->kind != AuthKind::derived) continue;
    const std::string path = "accounts." + name + ".auth." + account.auth->fields.front();
    const std::string& agency = account.sign_in->agency;
    const auto other = loading.config.accounts.find(agency);
    if (other == loading.config.accounts.end()) {
      std::vector<std::string> names;
      for (const auto& [known, ignored] : loading.config.accounts) names.push_back(known);
      loading.problem(account.place, path + ": there is no account `" + agency + "`",
                      did_you_mean(agency, names));
      continue;
    }
    const Account& parent = other->second;
    const bool asks = parent.connector == account.connector && parent.sign_in != nullptr &&
                      parent.auth->kind != AuthKind::derived &&
                      (parent.level == TokenLevel::company || account.level == TokenLevel::any);
    if (!asks) {
      loading.problem(
          account.place, path + ": `" + agency + "` cannot ask for tokens of other accounts",
          "it must be an agency account of " + account.connector->name + " that signs in by OAuth");
    }
  }
}

}  // namespace triggerd
