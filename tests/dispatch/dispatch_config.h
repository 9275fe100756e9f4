// A small configuration made in code for the tests of dispatch: one connector `crm` with two
// writes, two accounts.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "triggerd/config/config.h"
#include "triggerd/config/load.h"
#include "triggerd/http_client.h"

namespace triggerd::testing {

inline Param write_param(std::string name, ParamPlace place, bool required) {
  Param made;
  made.name = made.sent_as = std::move(name);
  made.place = place;
  made.required = required;
  made.body_at = "/" + made.sent_as;
  return made;
}

inline Operation write_operation(std::string name, std::string path) {
  Operation made;
  made.connector = "crm";
  made.name = std::move(name);
  made.full_name = "crm." + made.name;
  made.kind = OperationKind::write;
  made.method = "POST";
  made.path = std::move(path);
  made.headers = {{"Version", "2021-07-28"}};
  made.body = BodyKind::json;
  made.write.emplace();
  return made;
}

inline Operation read_operation(std::string name, std::string path, std::string records) {
  Operation made;
  made.connector = "crm";
  made.name = std::move(name);
  made.full_name = "crm." + made.name;
  made.path = std::move(path);
  made.read.emplace();
  made.read->records = {std::move(records)};
  made.read->id.alternatives = {{"/id"}};
  return made;
}

// crm.add_note may not be repeated and shows a part of its answer; crm.upsert_deal may, but for
// `again`, and takes a key.
inline std::shared_ptr<const Catalog> test_catalog() {
  Connector crm;
  crm.name = "crm";
  AuthRule bearer;
  bearer.kind = AuthKind::bearer;
  bearer.fields = {"token"};
  crm.auth = {bearer};
  Operation note = write_operation("add_note", "/contacts/{contactId}/notes");
  Param pin = write_param("pin", ParamPlace::body, false);
  pin.secret_at = {""};
  note.params = {write_param("contactId", ParamPlace::path, true),
                 write_param("body", ParamPlace::body, true), pin};
  note.write->result = {"/note"};
  Operation deal = write_operation("upsert_deal", "/deals");
  Param location = write_param("locationId", ParamPlace::body, true);
  location.from_account = "location_id";
  Param value = write_param("value", ParamPlace::body, false);
  value.type = ParamType::number;
  value.nullable = true;
  Param again = write_param("again", ParamPlace::body, false);
  again.type = ParamType::boolean;
  deal.params = {write_param("name", ParamPlace::body, true), value, location, again};
  deal.write->retry_safe = true;
  deal.write->unsafe_with = {{"again", true}};
  deal.write->idempotency_header = "X-Idempotency";
  deal.write->success_at = "/ok";
  Operation notes = read_operation("list_notes", "/contacts/{contactId}/notes", "/notes");
  notes.params = {write_param("contactId", ParamPlace::path, true),
                  write_param("skip", ParamPlace::query, true)};
  notes.params.back().type = ParamType::integer;
  notes.read->paging.kind = PagingKind::offset;
  notes.read->paging.number_param = "skip";
  crm.operations = {note, notes, deal};  // by name
  auto catalog = std::make_shared<Catalog>();
  catalog->by_name.emplace("crm", std::move(crm));
  return catalog;
}

inline std::shared_ptr<Config> test_config() {
  auto config = std::make_shared<Config>();
  config->catalog = test_catalog();
  config->expressions = std::make_shared<ExpressionPool>();
  const Connector* crm = config->catalog->connector("crm");
  for (const char* name : {"dental", "clinic"}) {
    Account account;
    account.name = name;
    account.connector = crm;
    account.auth = &crm->auth.front();
    account.secrets.emplace("token", Secret("token-of-" + std::string(name)));
    account.keys = {{"location_id", "loc-" + std::string(name)}};
    account.base_url = "https://crm.example";
    account.pool = "pool-" + std::string(name);
    config->accounts.emplace(name, std::move(account));
  }
  return config;
}

// Variables of a test instead of the environment.
inline SecretSources test_secrets(std::map<std::string, std::string> variables) {
  SecretSources sources;
  sources.env = [variables](const std::string& name) -> std::optional<std::string> {
    const auto found = variables.find(name);
    if (found == variables.end()) return std::nullopt;
    return found->second;
  };
  sources.file = [](const std::string&) -> std::optional<std::string> { return std::nullopt; };
  return sources;
}

// crm.add_note with the question whether the contact has such a note.
inline Step asked_note() {
  Step step;
  step.id = "add_note";
  step.action = "crm.add_note";
  step.with = {{"contactId", "${{ .record.id }}"}, {"body", "called ${{ .record.name }}"}};
  Confirm& confirm = step.confirm.emplace();
  confirm.read = "crm.list_notes";
  confirm.with = {{"contactId", "${{ .sent.contactId }}"}};
  confirm.when = ".sent.body as $body | first(.answer.notes[] | select(.body == $body)) // false";
  return step;
}

inline Step make_step(std::string action, nlohmann::json with) {
  Step step;
  step.id = action.substr(action.find('.') + 1);
  step.action = std::move(action);
  step.with = std::move(with);
  return step;
}

inline std::string header_of(const HttpRequest& request, std::string_view name) {
  for (const HttpHeader& header : request.headers) {
    if (header.name == name) return header.value;
  }
  return "absent";
}

inline HttpReply answered(int status, std::string body = {}, std::vector<HttpHeader> headers = {}) {
  HttpReply reply;
  reply.status = status;
  reply.body = std::move(body);
  reply.headers = std::move(headers);
  return reply;
}

}  // namespace triggerd::testing
