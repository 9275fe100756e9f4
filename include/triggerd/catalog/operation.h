// What a connector file says, as plain values: Connector, its Operations, their parameters, paging,
// stamps. Filled by catalog/catalog.cpp from connectors/*.yaml; never changes after load; shared by
// all streams. This header is the connector language: docs/connectors.md describes the same words
// for users.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "triggerd/catalog/date_format.h"
#include "triggerd/expression.h"

namespace triggerd {

// ---- requests

enum class ParamPlace { path, query, header, body };
enum class ParamType { text, integer, number, boolean, list, object, any };

// Where the values of a fan-out come from when the parent is another trigger: the records of
// `operation`; `value` is a JSON pointer into the parent's record (a scalar, or a list of scalars);
// empty: its key.
struct FanOutSource {
  std::string operation;
  std::string value;
};

// A parameter that is not sent by its own operation: giving it adds a step behind the one that it
// is given to, with attempts of its own. `with` maps parameters of that step's operation to
// pointers into the first step's answer.
struct FollowUp {
  std::string operation;  // of the same connector
  std::string param;      // of that operation, which takes the value
  std::vector<std::pair<std::string, std::string>> with;
};

struct Param {
  std::string name;     // as users write it under `params` and `with`
  std::string sent_as;  // name on the wire; the same unless the file says otherwise
  ParamPlace place = ParamPlace::query;
  std::string body_at;  // JSON pointer in the body; "/" + sent_as by default
  ParamType type = ParamType::text;
  bool required = false;
  bool as_text = false;   // numbers are sent as JSON strings (HighLevel's skip and limit in bodies)
  bool nullable = false;  // of the body: a null that is given is sent, and clears the field
  std::optional<DateFormat> format;  // a time: however it is spelt, it is sent in this format
  nlohmann::json fallback;  // sent when no value is given (build_request adds it); null for none
  std::vector<nlohmann::json> choices;
  std::optional<double> minimum, maximum;
  std::string from_account;  // account key that fills it when the user does not ("location_id")
  std::vector<FanOutSource> fan_out;
  // JSON pointers to the texts in the value that are secrets ("" for the value itself): they are
  // written as references and put into the body when it is sent.
  std::vector<std::string> secret_at;
  // A list that may be written as a map, too: {a: 1} is sent as [{KEY: "a", VALUE: 1}]. Empty: no.
  std::string map_key, map_value;
  std::optional<FollowUp> then;
  std::string description;
  // Set by paging, since or window, not by users; parameters of paging and windows always are.
  bool hidden = false;
};

enum class BodyKind { none, json, form, text, graphql };

// ---- reading

// How an answer is cut into records.
enum class Shape {
  list,    // records at one of `records`; an object there is a list of one
  object,  // one record at one of `records`; null or absent there means "does not exist"
  map,     // an object whose keys match `entry_key`; each member of `members` is a record (a free
           // slot); a member that is no object becomes {"entry": key, "value": member}
  value,   // the whole body, any JSON, is one record
  text,    // the body as text: {"text", "bytes", "sha256"}
  binary,  // the body as bytes: {"content_type", "bytes", "sha256"}
};

// What identifies a record. Alternatives in order; the first whose pointers all give a value wins;
// several pointers make a composite id, joined by "/". `param` takes the value of a request
// parameter instead.
struct IdRule {
  std::vector<std::vector<std::string>> alternatives;
  std::string param;
};

struct Stamp {
  std::string at;  // JSON pointer in the record; empty: the operation has no such stamp
  DateFormat format;
  // Whether it rises with each version of the record, so that a lower one marks an older version.
  bool version = true;
};

// What a record must be to be one of the list: all of the operation's conditions hold. Scalars are
// compared by their texts.
struct RecordCondition {
  std::string at;                   // JSON pointer in the record
  std::vector<std::string> equals;  // any of these; empty: anything
  std::vector<std::string> unless;  // none of these
  std::optional<bool> given;        // whether it must be there and not null
};

enum class PagingKind { none, page, offset, cursor, next_url, link_header };

// One value that is carried from an answer to the next request.
struct CursorPart {
  enum class From { body, last_record, header };
  From from = From::body;
  std::vector<std::string> at;  // JSON pointers tried in order, or the name of one header
  std::string param;            // parameter it goes to
  // A cursor that is a time: it is read as `iso8601` (which takes epoch milliseconds, too), `back`
  // is taken off, so that records with the border's time are read again, and it is sent in this
  // format.
  std::optional<DateFormat> format;
  std::chrono::milliseconds back{0};
  // A jq program that makes the cursor of the value at `at`; null, false or nothing ends the walk.
  std::string jq;
  ExpressionId expression{};                          // in `expressions`
  std::shared_ptr<const ExpressionPool> expressions;  // the connector's; null without `jq`
};

struct Paging {
  PagingKind kind = PagingKind::none;
  std::string size_param;         // empty: the page size is not sent
  std::int64_t size = 0;          // page size asked for, 0 when the app decides
  std::string number_param;       // of `page` and `offset`
  std::int64_t first = 0;         // number of the first page, or first offset
  bool send_first = true;         // whether the first request carries number_param
  bool size_on_first = true;      // false: leave size_param out of the first request
  std::vector<CursorPart> parts;  // of `cursor`
  std::string next_url_at;        // of `next_url`: pointer in the body
  // The query parameters taken from that URL, or from the one in the header Link; nothing else is.
  std::vector<std::string> next_url_params;
  // End signs; a walk also ends when the next cursor is absent, null or "", and (page, offset) when
  // a page is empty. An offset moves on by the records received, not by the size asked for.
  bool ends_on_short_page = false;  // fewer records than asked
  // Pointers to a flag; the first that exists decides, false and null end the walk.
  std::vector<std::string> more_at;
  std::string total_at;  // advisory: sharpens ends_on_short_page, never a loop condition
};

// A server-side "changed since". `set` gives parameter values in which the text "{since}" stands
// for the bound (a value that is exactly "{since}" keeps the format's JSON type); lists are
// appended to the user's.
struct Since {
  nlohmann::json set;     // object: parameter -> value, sent only when there is a bound
  nlohmann::json always;  // object: parameter -> value, sent in every walk (sort orders)
  DateFormat format;
  std::chrono::milliseconds overlap{120'000};
  // The list comes with the latest change first: a walk for changes ends at the first record that
  // is older than the bound. `set` may be empty then.
  bool newest_first = false;
};

// A time window about when records happen (appointments, slots), rolling with the clock.
struct Window {
  std::string start_param, end_param;
  DateFormat format;
  std::chrono::milliseconds past{0}, ahead{0};
  Stamp covers;  // the record's own time: leaving or entering the window is no change
};

// How a removal is confirmed by a direct read: an operation of the same connector and the parameter
// that takes the record's key.
struct ConfirmRead {
  std::string operation;
  std::string param;
};

struct ReadRules {
  Shape shape = Shape::list;
  // Pointers tried in order; "" is the root. One token may be `*`, each element or member; `{name}`
  // in a token stands for a parameter's value.
  std::vector<std::string> records;
  std::vector<RecordCondition> where;  // a record that does not fit is none of the list
  std::string entry_key;               // of Shape::map: a regular expression for keys
  std::string members;                 // of Shape::map: pointer to a list in each entry
  IdRule id;
  std::string gone;  // pointer in a record to a flag: where it is true the record is not there
  Stamp updated, created;
  std::vector<std::string> volatiles;  // pointers left out of every comparison
  std::vector<std::string> unordered;  // lists whose order does not count ("/tags")
  std::vector<std::string> remember;   // name, e-mail and title fields kept with `remember: fields`
  std::vector<std::string> required;   // pointers that must exist in a body to be understood
  std::string location_echo;  // pointer in a record that must equal the account's location,
                              // where the record has it
  Paging paging;
  std::optional<Since> since;
  std::optional<Window> window;
  std::optional<ConfirmRead> confirm;
  bool conditional = true;  // send If-None-Match / If-Modified-Since when validators came
};

// ---- writing

// Which record a write touches, so that its change is known as our own when a poll shows it.
struct TouchedRecord {
  std::vector<std::string> of;  // full names of the read operations whose records it is one of
  std::string param;     // the parameter that names it; empty: its id stands in the answer, and the
                         // write may have made it
  std::string at;        // pointer to the record in what `.steps.<id>` shows; "" all of it
  std::string id;        // pointer to its id, below `at`
  std::string made_at;   // pointer there to a flag: false, it was there before
  bool removes = false;  // it takes the record away
};

struct WriteRules {
  bool retry_safe = false;         // repeating it after a lost answer does no harm
  nlohmann::json unsafe_with;      // object: with these values of parameters it does harm after all
  std::string idempotency_header;  // empty: the app has none
  std::string success_at;          // pointer that must be true-like, besides a 2xx status
  // Pointers tried in order to the object that `.steps.<id>` shows; without one the body.
  std::vector<std::string> result;
  std::optional<TouchedRecord> record;  // absent: what it changes fires like any change

  // Whether a request with these values may be repeated.
  bool repeats_safely(const nlohmann::json& values) const;
};

// ---- errors

enum class ErrorClass { transient, throttled, auth, permanent, absent };

// First match wins; without one the status decides (docs/connectors.md lists the defaults). An
// operation's list holds, in this order: its own rules, the connector's rules with `at`, then its
// `absent` statuses.
struct ErrorRule {
  std::vector<int> statuses;
  std::string at;                     // JSON pointer in the body, "" for a rule by status alone
  std::vector<std::string> equals;    // any of these texts
  std::vector<std::string> contains;  // or any of these in the text, ASCII case ignored; a list at
                                      // `at` matches when one of its texts does
  ErrorClass means = ErrorClass::permanent;
};

// ---- the whole

enum class OperationKind { read, write };
enum class TokenLevel { any, location, company };

struct Operation;

// Another operation of the connector that is asked instead where a parameter has a value.
struct Alternative {
  std::string param;
  std::string operation;
  nlohmann::json with;  // object: values that it gets besides those parameters that both know
  std::shared_ptr<const Operation> asked;  // set once the whole connector is read
};

// Of a read whose records are the accounts that one account's token can ask tokens for.
struct AccountList {
  std::string key;      // the account key that a record's id fills ("location_id")
  std::string name_at;  // pointer to what people call it; empty: nothing does
  std::string used_at;  // pointer to a flag: where it is false, no token is given; empty: none
};

struct Operation {
  std::string name;       // "search_contacts"
  std::string full_name;  // "highlevel.search_contacts"
  std::string connector;  // "highlevel"
  std::string title, description, category, source;
  OperationKind kind = OperationKind::read;
  std::string method = "GET";
  std::string path;  // with {param} placeholders as documented
  // Fixed ones ("Version"), the connector's included.
  std::vector<std::pair<std::string, std::string>> headers;
  TokenLevel token = TokenLevel::any;
  std::vector<std::string> scopes;
  bool deprecated = false;
  bool confirmed = true;  // false: taken from clients or inferred, not from the app's documents
  std::vector<std::string> corrected;  // files of overrides that changed it
  std::string limit_group;             // group of RateLimit that its requests count in as well
  std::vector<Param> params;
  std::vector<std::string> one_of;        // at least one of these parameters must be given
  std::vector<Alternative> alternatives;  // tried in order, before the operation's own request
  BodyKind body = BodyKind::none;
  nlohmann::json body_fixed;        // members sent always; for graphql {"query": ...}
  std::vector<ErrorRule> errors;    // before the connector's
  std::optional<ReadRules> read;    // kind read
  std::optional<WriteRules> write;  // kind write
  std::optional<AccountList> lists_accounts;

  const Param* find_param(std::string_view param) const;
};

enum class AuthKind {
  none,
  basic,
  bearer,
  header_key,
  query_key,
  body_key,       // a member of the body
  oauth2_code,    // authorization code with refresh tokens
  oauth2_client,  // client credentials
  login,          // a request with the fields answers the token
  derived,        // the token of another account of the connector asks for this one's
};

// The request that gives a token, for the last four kinds.
struct TokenRequest {
  std::string url;              // whole, https; `{key}` stands for a key of the account
  std::string method = "POST";  // GET, of login: `send` goes into the query
  std::string refresh_url;      // where refresh tokens go; `url` when empty
  BodyKind body = BodyKind::form;
  bool client_as_basic = false;  // id and secret of the client as HTTP Basic instead of in the body
  // Further members; "{name}" stands for a field of the account, of kind derived for a key of the
  // account or of the one that asks for it.
  nlohmann::json send;
  std::string token_at = "/access_token";
  std::string refresh_at = "/refresh_token";
  std::string life_at = "/expires_in";  // seconds
  std::chrono::milliseconds life{0};    // where the answer does not say; 0: until it is refused
  std::chrono::milliseconds refresh_life{0};  // of a refresh token that nobody uses; 0: not known
  std::vector<std::pair<std::string, std::string>> headers;  // fixed ones ("Version")
};

struct AuthRule {
  AuthKind kind = AuthKind::bearer;
  std::string name;    // as chosen by `auth: {kind: ...}` when a connector offers several
  std::string header;  // header_key: name; prefix in front of the secret
  std::string prefix;
  std::string query;    // query_key: parameter name
  std::string body_at;  // body_key: JSON pointer in the body; in a form its name alone
  // Headers that take further fields as they are: header -> field.
  std::vector<std::pair<std::string, std::string>> also;
  // Keys under `auth:` of an account: {"token"} or {"username", "password"}.
  std::vector<std::string> fields;
  std::optional<TokenRequest> token;  // of oauth2_code, oauth2_client, login and derived
  std::string authorize_url;          // of oauth2_code: where the user consents
  std::string scope_separator = " ";
  bool pkce = true;                    // of oauth2_code: send a code challenge (RFC 7636)
  TokenLevel level = TokenLevel::any;  // accounts of this level alone sign in so
};

struct RateLimit {
  std::int64_t requests = 0;
  std::chrono::milliseconds per{0};
  bool burst = true;    // false: the day's quota
  std::string group{};  // counts the operations of this group alone; empty: all requests
};

// Names of headers that tell the budget; empty when the app has none.
struct RateHeaders {
  std::string burst_remaining, burst_interval_ms, day_remaining, day_limit, reset_epoch_s;
};

struct AccountKey {
  std::string name;  // "location_id"
  std::string description;
  TokenLevel level = TokenLevel::any;  // having it makes the account one of this level
  // A credential whose part before the first `-` it is where it is not given ("client_id").
  std::string start_of = {};
  // What an account may write, and what stands for it ("eu" -> "api.eu"); empty: any text.
  std::vector<std::pair<std::string, std::string>> choices{};
  std::string fallback{};  // of an account that does not say
};

struct Connector {
  std::string name, title, source;
  std::string base_url;  // may hold {account_key} placeholders
  std::vector<std::pair<std::string, std::string>> headers;
  std::vector<AccountKey> account_keys;
  std::vector<AuthRule> auth;
  std::vector<RateLimit> limits;
  RateHeaders rate_headers;
  std::int64_t concurrency = 8;  // requests in flight per account
  std::string check;             // read operation that shows whether credentials work; may be empty
  std::vector<ErrorRule> errors;
  // Members left out of every body ("/traceId"); already in ReadRules::volatiles of each operation
  // whose record is the body itself.
  std::vector<std::string> volatiles;
  std::vector<Operation> operations;  // by name
  // The one of them that lists accounts stands apart: nobody polls it, `accounts_from` follows it.
  std::optional<Operation> account_list;
};

}  // namespace triggerd
