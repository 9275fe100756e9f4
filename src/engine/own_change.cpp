#include "engine/own_change.h"

#include <algorithm>

#include "triggerd/detect/echo.h"
#include "triggerd/store/own_writes.h"

namespace triggerd {

OwnChange find_own_change(Database& database, const Stream& stream, const Detection& detection,
                          WallTime now) {
  OwnChange found;
  const std::vector<std::string>& operations = stream.parts->touching_writes;
  // A backfill asks for everything.
  if (operations.empty() || stream.row.state != "active") return found;
  // What was written before the last detection has shown itself by then.
  const std::vector<OwnWrite> writes =
      writes_since(database, account_identity(*stream.account), detection.key, operations,
                   last_detected(database, stream.row.id, detection.key), now);
  found.follows_write = !writes.empty();
  const Operation& read = *stream.parts->trigger->operation;
  found.echo = is_echo(detection, writes, read.read ? read.read->updated.at : std::string());
  return found;
}

std::vector<std::string> writes_touching(const Catalog& catalog, const Operation& read) {
  std::vector<std::string> names;
  const Connector* connector = catalog.connector(read.connector);
  if (connector == nullptr) return names;
  for (const Operation& operation : connector->operations) {
    if (!operation.write || !operation.write->record) continue;
    const std::vector<std::string>& of = operation.write->record->of;
    if (std::find(of.begin(), of.end(), read.full_name) != of.end()) {
      names.push_back(operation.full_name);
    }
  }
  return names;
}

}  // namespace triggerd
