// The maps of a connector file and their keys: `MAP`, then lines of `  KEY: TYPE: sentence`. A type
// is a word of word_schema() in connector_schema.cpp, `=a|b` for choices, `@MAP` for a map, `[]`
// for a list of what follows, `{}` for a map of names to it, or several joined by " or ". `!`
// behind a key: it is required. Read by connector_schema.cpp alone.
#pragma once

namespace triggerd {

inline constexpr const char* kConnectorKeys = R"keys(
file
  connector: name: The connector that the file describes, alone or with other files.
  overrides: name: Instead of `connector`: the connector of which the file corrects single keys.
  title: text: The name of the app, for people.
  source: text: Where the facts come from.
  base_url: text: Where the app is, without a slash at its end; {name} is a key of the account.
  headers: texts_by_name: Headers that are sent with every request.
  account: {}text or @account_key: Keys of an account besides `auth`.
  auth: []@auth: The ways to sign in; an account chooses by `kind`.
  limits: []@limit: How often one may ask.
  rate_headers: @rate_headers: Names of answer headers that tell what is left of the limits.
  concurrency: integer: Requests in flight per account, 1 to 64.
  check: name: The read that shows whether credentials work.
  errors: []@error: What answers mean.
  volatile: pointers: Members that never count as a change, where the record is the body itself.
  defaults: @defaults: What holds for all operations of the file.
  operations: {}@operation: What can be polled and done.
account_key
  about: text: What it is.
  level: =any|location|company: Having it makes the account one of this level.
  choices: texts or texts_by_name: What may be written, and what stands for it.
  default: text: Of an account that does not say.
  start_of: name: A credential; what stands before its first `-` is the value of who gives none.
auth
  kind!: auth_kind: How one signs in.
  name: text: What accounts choose by; the kind by itself.
  fields: texts: Keys under `auth` of an account.
  header: text: The header that takes the key or token.
  prefix: text: What stands in front of it.
  query: text: The query parameter that takes the key.
  at: pointer: Where in the body the key stands.
  also: texts_by_name: Further headers, and the fields that they take.
  token: @token: The request that gives a token.
  authorize_url: text: Where the user consents.
  pkce: boolean: Whether a code challenge is sent.
  scope_separator: text: What stands between scopes; a blank by itself.
  level: =any|location|company: Accounts of this level alone sign in so.
token
  url!: text: Where the token is asked for.
  method: =POST|GET: Of a login.
  refresh_url: text: Where a refresh token is exchanged, if elsewhere.
  body: =form|json: How the request is written.
  client: =body|basic: How id and secret of the client are sent.
  headers: texts_by_name: Headers that are sent with it.
  send: texts_by_name: Further members; {name} is a field or a key of the account.
  token_at: pointer: Where the token stands in the answer.
  refresh_at: pointer: Where the refresh token stands.
  life_at: pointer: Where its life in seconds stands.
  life: duration: How long it lives where the answer does not say.
  refresh_life: duration: How long a refresh token holds that nobody uses.
limit
  requests!: integer: So many requests.
  per!: duration: In this time.
  burst: boolean: false: a quota; so by itself from an hour on.
  group: name: Counts the operations of this `limit_group` alone.
rate_headers
  burst_remaining: text: The name of an answer header.
  burst_interval_ms: text: The name of an answer header.
  day_remaining: text: The name of an answer header.
  day_limit: text: The name of an answer header.
  reset_epoch_s: text: The name of an answer header.
error
  status: statuses: Statuses that it is for; 5xx for all of them.
  at: pointer: A member of the body; alone: that it is there and not empty.
  equals: texts: Any of these texts stands there.
  contains: texts: Any of these texts is in it.
  means!: =transient|throttled|auth|permanent|absent: What the answer means.
defaults
  category: text: For people.
  source: text: Where the facts come from.
  headers: texts_by_name: Headers of all operations.
  token: =any|location|company: The level of account that they need.
  scopes: texts: What the token must be allowed.
  enums: any: Lists of values that parameters name.
operation
  request!: text: METHOD /path, with {param} in the path.
  title: text: For people.
  about: text: For people.
  category: text: For people.
  source: text: Where the facts come from.
  params: {}null or text or @param: What can be given.
  one_of: texts: At least one of these parameters must be given.
  body: =json|form|text|graphql|none or @body: How the body is written.
  headers: texts_by_name: Headers of this operation.
  token: =any|location|company: The level of account that it needs.
  scopes: texts: What the token must be allowed.
  errors: []@error: Rules that are tried before the connector's.
  limit_group: name: The group whose limits it counts in as well.
  deprecated: boolean: The app says so.
  confirmed: boolean: false: not all of it comes from the app's own documents.
  read: @read: What the answer is, of an operation that can be polled.
  write: @write: What it does, of an operation that can be a step.
  alternatives: []@alternative: Operations that are asked instead where a parameter is given.
  lists_accounts: @account_list: Its records are accounts; nobody polls it.
alternative
  param!: name: The parameter that decides.
  operation!: name: The operation that is asked where it is given.
  with: any: Values of its parameters, besides those that both know.
account_list
  key!: name: The account's key that a record's id fills.
  name: pointer: What people call it.
  used: pointer: A flag: where it is false no token is given.
body
  kind: =json|form|text|graphql|none: How it is written.
  fixed: any: Members that are always sent.
param
  about: text: What it is.
  in: =path|query|header|body: Where it is sent.
  type: =text|integer|number|boolean|list|object|any: What it may be.
  required: boolean: It must be given.
  default: any: Sent when nothing is given.
  enum: any: The values that are allowed, or the name of a list under `defaults.enums`.
  min: number: At least.
  max: number: At most.
  from_account: name: The account's key that fills it.
  sent_as: text: Its name on the wire.
  at: pointer: Where it stands in the body.
  as_text: boolean: Numbers stand in the body as texts.
  format: date_format: It is a time, and sent so.
  nullable: boolean: null clears it.
  fan_out: fan_outs: Reads whose records can fill it.
  hidden: boolean: Set by the program alone.
  map_as: texts: Two names: a map may be written for a list of maps with these members.
  then: @follow_up: It is not sent; giving it adds a step behind this one.
  secret: boolean or pointers: What of it is a secret, and is named only.
follow_up
  operation!: name: The write of that step.
  param!: name: Its parameter that takes the value.
  with: {}pointer: Its other parameters, out of the first answer.
fan_out
  operation!: name: The read.
  value: pointer: Where in its records the value stands.
read
  shape: =list|object|map|value|text|binary: What the answer is.
  records: pointers: Where the records are; one token may be *, or {param}.
  where: @condition or []@condition: Which of them are records of the list.
  require: pointers: What must be in a body for it to be understood.
  absent: statuses: Statuses that say that there is none.
  entry_key: text: Of shape map: a regular expression for keys.
  members: pointer: Of shape map: the list in each entry.
  id!: any: What identifies a record: a pointer, alternatives, or {param: NAME}.
  gone: pointer: A flag: where it is true the record is not there.
  updated: pointer or @updated: When it changed.
  created: pointer or @stamp: When it was made.
  volatile: pointers: Left out of every comparison.
  unordered: pointers: Lists whose order does not count.
  remember: pointers: Members that are kept of the last version.
  location_echo: pointer: A member that must equal the account's location.
  conditional: boolean: false: send no If-None-Match.
  paging: @paging: How the next page is asked for.
  since: @since: How changes are asked for.
  window: @window: A span of time that rolls with the clock.
  confirm: @confirm: The read that is asked before a record counts as removed.
condition
  at!: pointer: A member of the record.
  equals: texts: It is one of these.
  not: texts: It is none of these.
  given: boolean: It is there and not null, or it is not.
stamp
  at!: pointer: Where it stands.
  format: date_format: How it is written.
updated
  at!: pointer: Where it stands.
  format: date_format: How it is written.
  version: boolean: false: it goes back at times.
paging
  kind!: =none|page|offset|cursor|next_url|link_header: How pages are walked.
  size_param: name: The parameter that takes the page size.
  size: integer: The page size that is asked for.
  size_on_first: boolean: false: not with the first request.
  number_param: name: The parameter that takes the number of the page, or the offset.
  first: integer: The number of the first page, or the first offset.
  send_first: boolean: false: the first request has no number.
  parts: {}pointers or @cursor: Parameters, and where their values come from.
  next_url_at: pointer: Where the URL of the next page stands in the body.
  next_url_params: texts: The parameters that are taken from it.
  ends_on_short_page: boolean: Fewer records than `size` end the walk.
  more_at: pointers: A flag that says whether there is more.
  total_at: pointer: How many records there are in all.
cursor
  from: =body|last_record|header: Where the value is.
  at!: texts: Pointers tried in order, or the name of a header.
  jq: text: A jq program that makes the cursor of it.
  format: date_format: It is a time, and sent so.
  back: duration: Taken off it.
since
  set: any: Values of parameters in which {since} is the bound.
  always: any: Values that are sent in each walk.
  format: date_format: How the bound is written.
  overlap: duration or integer: How far behind the last change is asked.
  newest_first: boolean: The latest change comes first: a walk ends at the first older record.
window
  start!: name: The parameter of its beginning.
  end!: name: The parameter of its end.
  format: date_format: How they are written.
  past: duration: How far back.
  ahead: duration: How far ahead.
  covers!: pointer or @stamp: The record's own time.
confirm
  operation!: name: The read.
  param!: name: The parameter that takes the record's key.
write
  retry_safe: boolean: Repeating it does no harm.
  unsafe_with: any: Values of parameters with which it does.
  idempotency_header: text: The header that takes the step's key.
  success_at: pointer: What must be true in the answer.
  result: pointers: What later steps see of the answer: the first that is there.
  absent: statuses: Statuses that say that what it takes away is gone already.
  record: @touched: The record that it touches.
touched
  of!: texts: Reads whose records it is one of.
  param: name: The parameter that is its id.
  at: pointer: Where the answer shows it.
  id: pointer: Where its id is, below `at`.
  made_at: pointer: A flag that is false when it was there before.
  removes: boolean: It takes the record away.
)keys";

}  // namespace triggerd
