// What is known of the accounts that an agency's app lists: which ones are polled, since when, and
// which are retired. Rules and their form in the table `settings`; engine/agency_watch reads the
// app, cli/ shows this. An account is retired when two complete lists in a row lack it, and comes
// back with what its streams knew.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "triggerd/config/found_accounts.h"
#include "triggerd/store/database.h"

namespace triggerd {

struct ListedAccount {
  std::string name;
  WallTime since{};
  std::optional<WallTime> retired{};
  int missed = 0;  // complete lists without it, in a row
};

struct AgencyList {
  std::map<std::string, ListedAccount> accounts;  // by id in the app
  std::optional<WallTime> read{};                 // when the whole list was last seen
  std::string trouble;                            // why it was not, since
};
using AgencyLists = std::map<std::string, AgencyList>;  // by the agency's account

// What a walk over the list has shown. Without `complete` nothing is missed. Whether other accounts
// are to be polled than before, or under another name.
bool take_listing(AgencyList& list, const std::vector<FoundAccount>& seen, bool complete,
                  WallTime now);
// Some were missing once: the list should be read again soon.
bool is_doubtful(const AgencyList& list);
FoundAccounts polled_in(const AgencyLists& lists);

AgencyLists read_agency_lists(Database& database);
void note_agency_lists(Database& database, const AgencyLists& lists);
// "480 accounts, 2 retired, read at ..." for people.
std::string describe(const AgencyList& list);

}  // namespace triggerd
