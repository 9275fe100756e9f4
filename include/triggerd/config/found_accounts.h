// Accounts that an agency's app lists (`accounts_from`), laid into a configuration beside those of
// the file: each gets its token with the agency's, and the triggers that take it poll it. Used by
// engine/ when the list has changed, and by the commands that show accounts. Pure.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "triggerd/config/config.h"

namespace triggerd {

struct FoundAccount {
  std::string id;    // in the app
  std::string name;  // as the app calls it; the label `name`
};
using FoundAccounts = std::map<std::string, std::vector<FoundAccount>>;  // by agency's account

// "agency.ID", the same for ever; empty for an id that cannot stand in a name.
std::string found_account_name(const std::string& agency, const std::string& id);

// A copy with them, or `base` itself where nothing is added. Where the file has an account of the
// same id already, that one stays alone.
std::shared_ptr<const Config> with_found_accounts(std::shared_ptr<const Config> base,
                                                  const FoundAccounts& found);

}  // namespace triggerd
