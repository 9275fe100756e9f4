#include "dispatch/note_write.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "dispatch/render_parts.h"
#include "triggerd/json_text.h"
#include "triggerd/store/own_writes.h"

namespace triggerd {
namespace {

using nlohmann::json;

bool is_polled(const Config& config, const TouchedRecord& touched) {
  return std::any_of(config.triggers.begin(), config.triggers.end(), [&](const Trigger& trigger) {
    return trigger.operation != nullptr &&
           std::find(touched.of.begin(), touched.of.end(), trigger.operation->full_name) !=
               touched.of.end();
  });
}

json parsed(const std::string& text) { return parse_json(text).value_or(json(nullptr)); }

}  // namespace

void note_write(Database& database, const Config& config, const StepRow& row,
                const std::string& answer, WallTime now) {
  const json request = parsed(row.request);
  const Operation* operation = config.catalog->operation(plain_text(member(request, "action")));
  if (operation == nullptr || !operation->write || !operation->write->record) return;
  const Account* account = config.account(plain_text(member(request, "account")));
  if (account == nullptr || account->connector == nullptr) return;
  if (!is_polled(config, *operation->write->record)) return;
  const json body = parsed(plain_text(member(request, "body")));
  const auto write = own_write(*operation, member(request, "params"), body, parsed(answer), now);
  if (write) remember_write(database, account_identity(*account), operation->full_name, *write);
}

}  // namespace triggerd
