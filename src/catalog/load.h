// The parts of reading a connector file, shared by the load_*.cpp files and called by catalog.cpp.
// All of them add problems to their YamlMap and go on with what is right. Values only; any thread.
#pragma once

#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>
#include <vector>

#include "triggerd/catalog/operation.h"
#include "triggerd/yaml/reader.h"

namespace triggerd {

using HeaderList = std::vector<std::pair<std::string, std::string>>;

// Lists of allowed values that parameters name instead of writing them out.
using NamedEnums = std::map<std::string, std::vector<nlohmann::json>>;

// What `defaults:` of one file says for the operations in it.
struct FileDefaults {
  std::string category, source;
  HeaderList headers;
  TokenLevel token = TokenLevel::any;
  std::vector<std::string> scopes;
  NamedEnums enums;
};

// A name of another operation, looked up once all files of the connector are read.
struct Reference {
  std::string file;
  Place place;
  std::string where;                                        // path of keys, as problems begin
  std::string operation;                                    // within the connector
  std::vector<std::string> params;                          // must be parameters of that operation
  std::optional<OperationKind> kind = OperationKind::read;  // nothing: either
};

// A key of the account that fills a parameter; the keys may be read after the parameter.
struct AccountUse {
  std::string file;
  Place place;
  std::string where;
  std::string key;
};

// A jq program of the connector, until all are compiled at once.
struct ProgramUse {
  ExpressionId id{};
  std::string file;
  Place place;
  std::string where;
};

// What is kept of an operation beside its values until the whole connector is known.
struct OperationDraft {
  std::string file;
  std::vector<int> absent;  // statuses that say "there is no such record"
};

// One connector while its files are read.
struct ConnectorDraft {
  Connector connector;
  std::string head_file;                   // the file that has base_url; empty until it was read
  std::string first_file;                  // the first file that names the connector
  std::vector<OperationDraft> operations;  // beside connector.operations, by index
  std::vector<Reference> references;
  std::vector<AccountUse> account_uses;
  NamedEnums enums;                             // of the file that is being read
  std::shared_ptr<ExpressionPool> expressions;  // null while there is no program
  std::vector<ProgramUse> programs;
  std::vector<Reference> group_uses;  // `operation` is the name of a group of limits
};

void load_connector_head(YamlMap& root, ConnectorDraft& draft);
FileDefaults load_defaults(YamlMap& root);
void load_operations(YamlMap& root, const FileDefaults& defaults, ConnectorDraft& draft);

void load_params(YamlMap& entry, Operation& operation, ConnectorDraft& draft);
void load_body(YamlMap& entry, Operation& operation);
// `beside` takes the statuses of `absent`, of both kinds.
void load_read(YamlMap& entry, Operation& operation, OperationDraft& beside, ConnectorDraft& draft);
void load_write(YamlMap& entry, Operation& operation, OperationDraft& beside,
                ConnectorDraft& draft);
// Other operations that are asked instead where a parameter has a value.
void load_alternatives(YamlMap& entry, Operation& operation, ConnectorDraft& draft);
// A parameter that adds a step instead of being sent.
void load_follow_up(YamlMap& param, Param& to, ConnectorDraft& draft);
void load_paging(YamlMap& read, Operation& operation, ConnectorDraft& draft);
void load_where(YamlMap& read, ReadRules& rules);
void load_record_pointers(YamlMap& read, Operation& operation);
void load_since(YamlMap& read, Operation& operation);
void load_window(YamlMap& read, Operation& operation);
std::vector<AuthRule> load_auth_rules(YamlMap& root, const Connector& connector);
std::vector<ErrorRule> load_errors(YamlMap& map);
// "404", "5xx": one or a list.
std::vector<int> load_statuses(YamlMap& map, std::string_view key);
HeaderList load_headers(YamlMap& map);
bool is_header_name(std::string_view name);
// Without control characters, so that it may stand in a header.
bool is_one_line(std::string_view text);
// http to this machine, the one place where it may go without TLS.
bool is_loopback_address(std::string_view url);
TokenLevel load_token_level(YamlMap& map, std::string_view key, TokenLevel otherwise);

// Pointers: one text or a list; each must be a JSON pointer.
std::vector<std::string> load_pointers(YamlMap& map, std::string_view key);
std::string load_pointer(YamlMap& map, std::string_view key);
std::optional<DateFormat> load_date_format(YamlMap& map, std::string_view key);
// A pointer alone (ISO 8601), or {at, format}.
Stamp load_stamp(YamlMap& map, std::string_view key);

// The parameter that `key` names; a problem and nothing when the operation has none of that name.
Param* load_param_name(YamlMap& map, std::string_view key, Operation& operation);
Param* known_param(YamlMap& map, Place place, const std::string& name, Operation& operation);

// Later ones replace earlier ones of the same name (ASCII case ignored).
void add_headers(HeaderList& to, const HeaderList& more);

// What needs all operations: references, then headers, errors and volatiles of the connector laid
// into them.
void finish_connector(ConnectorDraft& draft, std::vector<Problem>& problems);

}  // namespace triggerd
