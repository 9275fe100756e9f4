// Operations as a connector file would give them, for the tests of this folder, and short ways to
// answers.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "triggerd/catalog/operation.h"
#include "triggerd/http_client.h"

namespace triggerd {

inline Param param_of(std::string name, ParamPlace place = ParamPlace::query,
                      ParamType type = ParamType::any) {
  Param param;
  param.name = name;
  param.sent_as = name;
  param.body_at = "/" + name;
  param.place = place;
  param.type = type;
  return param;
}

// GET /contacts: {"contacts": [{"id", "dateUpdated", "dateAdded", "locationId"}]}
inline Operation list_operation() {
  Operation operation;
  operation.name = "list_contacts";
  operation.full_name = "app.list_contacts";
  operation.path = "/contacts";
  ReadRules read;
  read.records = {"/contacts"};
  read.required = {"/contacts"};
  read.id.alternatives = {{"/id"}};
  read.updated.at = "/dateUpdated";
  read.created.at = "/dateAdded";
  read.location_echo = "/locationId";
  operation.read = std::move(read);
  return operation;
}

inline Operation object_operation() {
  Operation operation = list_operation();
  operation.name = "get_contact";
  operation.read->shape = Shape::object;
  operation.read->records = {"/contact"};
  operation.read->required = {"/contact"};
  return operation;
}

// GET /contacts?limit=..&skip=.., 100 a page, a short page ends.
inline Operation offset_operation(std::int64_t size = 100) {
  Operation operation = list_operation();
  operation.params = {param_of("limit"), param_of("skip")};
  Paging& paging = operation.read->paging;
  paging.kind = PagingKind::offset;
  paging.size_param = "limit";
  paging.number_param = "skip";
  paging.size = size;
  paging.ends_on_short_page = true;
  return operation;
}

// GET /contacts?after=.., next cursor at /next.
inline Operation cursor_operation() {
  Operation operation = list_operation();
  operation.params = {param_of("after"), param_of("limit")};
  Paging& paging = operation.read->paging;
  paging.kind = PagingKind::cursor;
  CursorPart part;
  part.at = {"/next"};
  part.param = "after";
  paging.parts = {part};
  return operation;
}

inline HttpReply reply_of(std::string body, int status = 200) {
  HttpReply reply;
  reply.status = status;
  reply.body = std::move(body);
  return reply;
}

inline HttpReply json_reply(const nlohmann::json& body, int status = 200) {
  return reply_of(body.dump(), status);
}

// Records with the ids first to first + count - 1.
inline nlohmann::json contacts(int first, int count) {
  nlohmann::json list = nlohmann::json::array();
  for (int i = first; i < first + count; ++i) list.push_back({{"id", "c" + std::to_string(i)}});
  return list;
}

inline nlohmann::json contacts_page(int first, int count) {
  return {{"contacts", contacts(first, count)}};
}

}  // namespace triggerd
