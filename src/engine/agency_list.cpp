#include "engine/agency_list.h"

#include <algorithm>
#include <set>

#include "triggerd/json_text.h"
#include "triggerd/store/stream_state.h"

namespace triggerd {

namespace {

using nlohmann::json;

constexpr const char* kSetting = "agency_lists";
constexpr int kMissedMax = 2;
// As long as an ended stream may wait for its account at most; then its name is of no use.
constexpr Millis kRetiredLife{400LL * 24 * 3600 * 1000};

std::string text_of(const json& object, const char* name) {
  const auto found = object.find(name);
  return found != object.end() && found->is_string() ? found->get<std::string>() : std::string{};
}

json account_json(const std::string& id, const ListedAccount& account) {
  json row = {{"id", id}, {"name", account.name}, {"since", to_iso8601(account.since)}};
  if (account.retired) row["retired"] = to_iso8601(*account.retired);
  if (account.missed > 0) row["missed"] = account.missed;
  return row;
}

AgencyList list_of(const json& value) {
  AgencyList list;
  list.read = parse_iso8601(text_of(value, "read"));
  list.trouble = text_of(value, "trouble");
  const auto rows = value.find("accounts");
  if (rows == value.end() || !rows->is_array()) return list;
  for (const json& row : *rows) {
    const std::string id = row.is_object() ? text_of(row, "id") : "";
    if (id.empty()) continue;
    ListedAccount& account = list.accounts[id];
    account.name = text_of(row, "name");
    account.since = parse_iso8601(text_of(row, "since")).value_or(WallTime{});
    account.retired = parse_iso8601(text_of(row, "retired"));
    const auto missed = row.find("missed");
    if (missed != row.end() && missed->is_number_integer()) account.missed = missed->get<int>();
  }
  return list;
}

bool take_seen(AgencyList& list, const FoundAccount& one, WallTime now) {
  const auto [place, added] = list.accounts.try_emplace(one.id);
  ListedAccount& account = place->second;
  const bool moved = added || account.retired || account.name != one.name;
  if (added || account.retired) account.since = now;
  account.name = one.name;
  account.retired.reset();
  account.missed = 0;
  return moved;
}

}  // namespace

bool take_listing(AgencyList& list, const std::vector<FoundAccount>& seen, bool complete,
                  WallTime now) {
  bool moved = false;
  std::set<std::string> met;
  for (const FoundAccount& one : seen) {
    met.insert(one.id);
    moved = take_seen(list, one, now) || moved;
  }
  if (!complete) return moved;
  for (auto& [id, account] : list.accounts) {
    if (met.contains(id) || account.retired || ++account.missed < kMissedMax) continue;
    account.retired = now;
    account.missed = 0;
    moved = true;
  }
  std::erase_if(list.accounts, [&](const auto& one) {
    return one.second.retired && now - *one.second.retired > kRetiredLife;
  });
  list.read = now;
  list.trouble.clear();
  return moved;
}

bool is_doubtful(const AgencyList& list) {
  return std::any_of(list.accounts.begin(), list.accounts.end(),
                     [](const auto& one) { return one.second.missed > 0; });
}

FoundAccounts polled_in(const AgencyLists& lists) {
  FoundAccounts found;
  for (const auto& [agency, list] : lists) {
    for (const auto& [id, account] : list.accounts) {
      if (!account.retired) found[agency].push_back({id, account.name});
    }
  }
  return found;
}

AgencyLists read_agency_lists(Database& database) {
  AgencyLists lists;
  const auto value = parse_json(read_setting(database, kSetting).value_or("{}"));
  if (!value || !value->is_object()) return lists;
  for (const auto& [agency, list] : value->items()) {
    if (list.is_object()) lists[agency] = list_of(list);
  }
  return lists;
}

void note_agency_lists(Database& database, const AgencyLists& lists) {
  json whole = json::object();
  for (const auto& [agency, list] : lists) {
    json rows = json::array();
    for (const auto& [id, account] : list.accounts) rows.push_back(account_json(id, account));
    json& value = whole[agency];
    value = {{"accounts", std::move(rows)}, {"trouble", list.trouble}};
    if (list.read) value["read"] = to_iso8601(*list.read);
  }
  note_setting(database, kSetting, compact_json(whole));
}

std::string describe(const AgencyList& list) {
  const auto retired = std::count_if(list.accounts.begin(), list.accounts.end(),
                                     [](const auto& one) { return one.second.retired; });
  std::string text =
      std::to_string(static_cast<std::int64_t>(list.accounts.size()) - retired) + " accounts found";
  if (retired > 0) text += ", " + std::to_string(retired) + " retired";
  text += list.read ? ", list read at " + to_iso8601(*list.read) : ", list not read yet";
  if (!list.trouble.empty()) text += "; " + list.trouble;
  return text;
}

}  // namespace triggerd
