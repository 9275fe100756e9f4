#include "triggerd/store/stored_config.h"

#include "triggerd/store/stream_state.h"

namespace triggerd {

StoredConfig read_stored_config(Database& database) {
  StoredConfig stored;
  std::map<std::string, std::vector<std::string>> accounts = polled_accounts(database);
  for (const TriggerRow& row : load_triggers(database)) {
    stored.triggers.push_back({row.id, row.operation, row.source_hash, accounts[row.id]});
  }
  stored.identities = load_identities(database);
  return stored;
}

}  // namespace triggerd
