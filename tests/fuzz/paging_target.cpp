// What an answer says about the next page, in headers and body, is data: it fills parameters that
// the connector names, never leads elsewhere, and never walks in a circle.
// Input: kind of paging, value of Link, value of X-Next, then the body.
#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>
#include <string>

#include "fuzz/targets.h"
#include "poll/operations.h"
#include "poll/paging.h"
#include "triggerd/json_text.h"
#include "triggerd/poll/cycle.h"

namespace triggerd::fuzz {
namespace {

using nlohmann::json;

CursorPart part(CursorPart::From from, std::string at, std::string param) {
  CursorPart made;
  made.from = from;
  made.at = {std::move(at)};
  made.param = std::move(param);
  return made;
}

Operation paged(PagingKind kind) {
  Operation operation = list_operation();
  operation.params = {param_of("after"), param_of("page"), param_of("limit")};
  Paging& paging = operation.read->paging;
  paging.kind = kind;
  paging.next_url_at = "/next";
  paging.next_url_params = {"after", "page"};
  paging.number_param = "page";
  paging.more_at = {"/meta/more"};
  paging.total_at = "/total";
  paging.size_param = "limit";
  paging.size = 2;
  return operation;
}

Operation cursors(bool as_time) {
  Operation operation = paged(PagingKind::cursor);
  Paging& paging = operation.read->paging;
  paging.parts = {part(CursorPart::From::body, "/next", "after")};
  if (as_time) {
    paging.parts[0].format = DateFormat{DateFamily::epoch_ms, {}, {}};
    paging.parts[0].back = Millis{1'000};
  } else {
    paging.parts.push_back(part(CursorPart::From::last_record, "/id", "page"));
    paging.parts.push_back(part(CursorPart::From::header, "X-Next", "limit"));
  }
  return operation;
}

const std::map<std::string, Operation, std::less<>>& operations() {
  static const std::map<std::string, Operation, std::less<>> all{
      {"link", paged(PagingKind::link_header)},
      {"url", paged(PagingKind::next_url)},
      {"page", paged(PagingKind::page)},
      {"offset", paged(PagingKind::offset)},
      {"cursor", cursors(false)},
      {"time", cursors(true)},
  };
  return all;
}

void check_address(const Operation& operation, const HttpReply& reply) {
  const std::string address = next_link(reply);
  const json values = query_values(operation, address);
  const auto& names = operation.read->paging.next_url_params;
  for (const auto& [name, value] : values.items()) {
    expect(std::find(names.begin(), names.end(), name) != names.end(),
           "only named parameters are taken from an address");
    expect(value.is_string(), "what is taken from an address is text");
  }
}

void check_cursor(const PageRead& read) {
  if (!read.cursor.is_object()) return expect(read.cursor.is_null(), "a cursor is an object");
  expect(!read.last, "a walk that is over has no cursor");
  for (const auto& [name, value] : read.cursor.items()) {
    expect(compact_json(value).size() <= kCursorBytesMax, "a cursor is bounded");
  }
}

// The same answer to every request: by the third the walk knows that it leads nowhere.
void walk(const Operation& operation, const HttpReply& reply) {
  constexpr int kAnswersUntilNoticed = 3;
  const Connector connector;
  const WalkPlan plan{&connector, &operation, json::object(), "", ""};
  Cycle cycle(plan, {});
  for (int answer = 0; answer < kAnswersUntilNoticed; ++answer) {
    const auto request = cycle.next_request();
    if (!request) return expect(!request.error().empty(), "no request without a reason");
    expect(request->url == "/contacts" || request->url.starts_with("/contacts?"),
           "every page is asked for at the operation's own path");
    expect(request->url.find_first_of(" \r\n#") == std::string::npos, "values are encoded");
    const WalkStep step = cycle.take(reply);
    const auto* read = std::get_if<PageRead>(&step);
    if (read == nullptr) return;
    check_cursor(*read);
    if (read->last || read->cut) return;
    // Empty pages that promise more are told apart by their position alone.
    const bool counted = operation.read->paging.kind == PagingKind::page;
    if (counted && read->page.records.empty() && read->page.odd.empty()) return;
  }
  expect(false, "an app that repeats itself is found out");
}

}  // namespace

void paging_target(std::string_view input) {
  const auto found = operations().find(take_line(input));
  const Operation& operation =
      found == operations().end() ? operations().at("link") : found->second;
  HttpReply reply;
  reply.status = 200;
  reply.headers = {{"Link", std::string(take_line(input)), false},
                   {"X-Next", std::string(take_line(input)), false}};
  reply.body = input;
  check_address(operation, reply);
  walk(operation, reply);
}

}  // namespace triggerd::fuzz
