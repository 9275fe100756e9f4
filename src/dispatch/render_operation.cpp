#include "dispatch/render_parts.h"
#include "poll/paging.h"
#include "triggerd/catalog/request.h"
#include "triggerd/json_text.h"

namespace triggerd {
namespace {

using nlohmann::json;

// Parameters that the account fills where the operator gave none (`location_id`).
void add_account_values(const Operation& operation, const Account& account, json& values) {
  for (const Param& param : operation.params) {
    if (param.from_account.empty() || values.contains(param.name)) continue;
    const auto key = account.keys.find(param.from_account);
    if (key != account.keys.end()) values[param.name] = key->second;
  }
}

// Null sends a field to be cleared only where the file says `null` itself: an expression that finds
// nothing must not wipe what the app has.
void leave_out_nulls(const json& written, json& values) {
  for (auto value = values.begin(); value != values.end();) {
    const bool meant = written.contains(value.key()) && written.at(value.key()).is_null();
    value = value->is_null() && !meant ? values.erase(value) : std::next(value);
  }
}

// A secret that is written out stays in the step's definition, where the operator allowed it; what
// is kept of the request has a mark in its place.
void mark_plain_secrets(const Operation& operation, json& values) {
  for (const Param& param : operation.params) {
    const auto value = values.find(param.name);
    if (value == values.end()) continue;
    for (const std::string& at : param.secret_at) {
      const json* secret = find_at(*value, at);
      if (secret == nullptr || secret->is_null() || plain_text(*secret).starts_with("${")) continue;
      set_at(*value, at, "(as written)");
    }
  }
}

}  // namespace

RequestOrReason render_operation(const RenderInput& input) {
  const Step& step = input.step;
  const Operation* operation =
      input.config.catalog ? input.config.catalog->operation(step.action) : nullptr;
  if (operation == nullptr) {
    return Failure<std::string>("action: no connector has an operation " + step.action);
  }
  // A step without an account acts for the account whose record it is about.
  const std::string name = step.account.empty()
                               ? plain_text(member(member(input.object, "account"), "name"))
                               : step.account;
  const Account* account = input.config.account(name);
  if (account == nullptr || account->connector == nullptr) {
    return Failure<std::string>("account: there is no account " + name + " any more");
  }
  if (account->connector->name != operation->connector) {
    return Failure<std::string>("account: " + name + " is no account of " + operation->connector);
  }
  json values = input.filled.is_object() ? input.filled : json::object();
  leave_out_nulls(step.with, values);
  mark_plain_secrets(*operation, values);
  add_account_values(*operation, *account, values);
  if (operation->read) add_position(values, operation->read->paging, nullptr);
  const Result<HttpRequest, std::string> built = build_request(*operation, values);
  if (!built) return Failure<std::string>(built.error());
  json headers = json::object();
  for (const HttpHeader& header : built->headers) headers[header.name] = header.value;
  return json{{"account", name},    {"params", std::move(values)},   {"method", built->method},
              {"path", built->url}, {"headers", std::move(headers)}, {"body", built->body}};
}

}  // namespace triggerd
