#include <nlohmann/json.hpp>

#include "catalog/load.h"
#include "catalog/param_value.h"

namespace triggerd {
namespace {

using nlohmann::json;

PagingKind paging_kind(const std::string& name) {
  if (name == "page") return PagingKind::page;
  if (name == "offset") return PagingKind::offset;
  if (name == "cursor") return PagingKind::cursor;
  if (name == "next_url") return PagingKind::next_url;
  if (name == "link_header") return PagingKind::link_header;
  return PagingKind::none;
}

std::string hide(Param* param) {
  if (param == nullptr) return {};
  param->hidden = true;
  return param->name;
}

CursorPart::From load_from(YamlMap& map) {
  const std::optional<std::string> from = map.choice("from", {"body", "last_record", "header"});
  if (from == "last_record") return CursorPart::From::last_record;
  return from == "header" ? CursorPart::From::header : CursorPart::From::body;
}

void load_program(YamlMap& map, CursorPart& part, ConnectorDraft& draft) {
  part.jq = map.text("jq").value_or("");
  if (part.jq.empty()) return;
  if (draft.expressions == nullptr) draft.expressions = std::make_shared<ExpressionPool>();
  part.expression = draft.expressions->add(part.jq);
  part.expressions = draft.expressions;
  draft.programs.push_back(
      {part.expression, map.document().file, map.node("jq")->place, map.path_of("jq")});
}

void load_part_map(YamlMap& map, CursorPart& part, ConnectorDraft& draft) {
  map.required("at");
  part.from = load_from(map);
  part.at = part.from == CursorPart::From::header
                ? map.texts("at").value_or(std::vector<std::string>{})
                : load_pointers(map, "at");
  part.format = load_date_format(map, "format");
  part.back = map.duration("back").value_or(Millis{0});
  load_program(map, part, draft);
  map.finish();
  if (part.back > Millis{0} && !part.format) {
    map.problem("back", "needs `format`, since only a time can be set back");
  }
}

// `parts: {startAfter: /meta/startAfter, searchAfter: {from: last_record, at: /searchAfter}}`
void load_parts(YamlMap& map, Operation& operation, Paging& paging, ConnectorDraft& draft) {
  map.each("parts", [&](const std::string& name, const YamlNode& key, const YamlNode& value) {
    CursorPart part;
    part.param = hide(known_param(map, key.place, name, operation));
    const std::string path = map.path_of("parts") + "." + name;
    if (value.kind == YamlNode::Kind::map) {
      YamlMap entry(map.document(), value, path, map.problems());
      load_part_map(entry, part, draft);
    } else {
      const YamlNode holder{YamlNode::Kind::map, value.place, {}, false, {}, {{key, value}}};
      YamlMap entry(map.document(), holder, map.path_of("parts"), map.problems());
      part.at = load_pointers(entry, name);
    }
    paging.parts.push_back(std::move(part));
  });
}

void load_next_url(YamlMap& map, Operation& operation, Paging& paging) {
  if (paging.kind == PagingKind::next_url) {
    map.required("next_url_at");
    paging.next_url_at = load_pointer(map, "next_url_at");
  }
  map.required("next_url_params");
  for (const std::string& name :
       map.texts("next_url_params").value_or(std::vector<std::string>{})) {
    paging.next_url_params.push_back(
        hide(known_param(map, map.node("next_url_params")->place, name, operation)));
  }
}

void load_size(YamlMap& map, Operation& operation, Paging& paging) {
  Param* size = load_param_name(map, "size_param", operation);
  paging.size_param = size == nullptr ? "" : size->name;
  paging.size = map.integer("size").value_or(map.has("size") ? 1 : 0);
  paging.size_on_first = map.boolean("size_on_first").value_or(true);
  if (size != nullptr && !map.has("size")) {
    map.problem("size", "must say how many records a page is asked for");
  }
  if (map.has("size") && paging.size < 1) map.problem("size", "must be at least 1");
  if (size != nullptr && size->maximum && static_cast<double>(paging.size) > *size->maximum) {
    map.problem("size", "is above the greatest value of `" + size->name + "`");
  }
}

// Every parameter that `set` or `always` fills must be one of the operation, and hold the bound
// once.
json load_values(YamlMap& map, std::string_view key, Operation& operation) {
  json values = json::object();
  map.each(key, [&](const std::string& name, const YamlNode& name_node, const YamlNode& value) {
    Param* param = known_param(map, name_node.place, name, operation);
    if (param != nullptr) values[param->name] = yaml_to_json(value);
  });
  return values;
}

// Of a count it is a count, too: so many changes before the bound are read again.
void load_overlap(YamlMap& map, bool counts, Since& since) {
  if (!counts) {
    since.overlap = map.duration("overlap").value_or(since.overlap);
    return;
  }
  constexpr std::int64_t kUsualOverlap = 100;
  since.overlap = Millis{map.integer("overlap").value_or(kUsualOverlap)};
  if (since.overlap < Millis{0}) map.problem("overlap", "must not be below 0");
}

bool sorts_ascending(const json& always) {
  const std::string text = always.dump();
  return text.find("\"asc\"") != std::string::npos ||
         text.find("\"ascending\"") != std::string::npos;
}

Param* load_bound_param(YamlMap& map, std::string_view key, Operation& operation) {
  map.required(key);
  Param* param = load_param_name(map, key, operation);
  if (param != nullptr) param->hidden = true;
  return param;
}

}  // namespace

void load_paging(YamlMap& read, Operation& operation, ConnectorDraft& draft) {
  const YamlNode* node = read.node("paging");
  if (node == nullptr) return;
  YamlMap map(read.document(), *node, read.path_of("paging"), read.problems());
  Paging& paging = operation.read->paging;
  map.required("kind");
  paging.kind = paging_kind(
      map.choice("kind", {"none", "page", "offset", "cursor", "next_url", "link_header"})
          .value_or("none"));
  load_size(map, operation, paging);
  switch (paging.kind) {
    case PagingKind::none:
      break;
    case PagingKind::page:
    case PagingKind::offset:
      map.required("number_param");
      paging.number_param = hide(load_param_name(map, "number_param", operation));
      paging.first = map.integer("first").value_or(paging.kind == PagingKind::page ? 1 : 0);
      paging.send_first = map.boolean("send_first").value_or(true);
      break;
    case PagingKind::cursor:
      map.required("parts");
      load_parts(map, operation, paging, draft);
      break;
    case PagingKind::next_url:
    case PagingKind::link_header:
      load_next_url(map, operation, paging);
      break;
  }
  paging.ends_on_short_page = map.boolean("ends_on_short_page").value_or(false);
  paging.more_at = load_pointers(map, "more_at");
  paging.total_at = load_pointer(map, "total_at");
  map.finish();
  if (paging.ends_on_short_page && paging.size == 0) {
    map.problem("ends_on_short_page", "needs `size`: without it no page is known to be short");
  }
}

void load_since(YamlMap& read, Operation& operation) {
  const YamlNode* node = read.node("since");
  if (node == nullptr) return;
  YamlMap map(read.document(), *node, read.path_of("since"), read.problems());
  Since since;
  since.newest_first = map.boolean("newest_first").value_or(false);
  if (!since.newest_first) map.required("set");
  since.set = load_values(map, "set", operation);
  since.always = load_values(map, "always", operation);
  const bool counts = operation.read->updated.format.family == DateFamily::number;
  since.format = load_date_format(map, "format")
                     .value_or(counts ? operation.read->updated.format : DateFormat{});
  load_overlap(map, counts, since);
  map.finish();
  if (map.has("set") && since.set.dump().find("{since}") == std::string::npos) {
    map.problem("set", "must hold `{since}` where the bound goes");
  }
  if (since.newest_first && sorts_ascending(since.always)) {
    map.problem("newest_first", "the order that `always` asks for is the other one");
  }
  if (operation.read->updated.at.empty()) {
    map.problem(map.has("set") ? "set" : "newest_first",
                "needs `updated`, since the bound comes from the records");
  }
  operation.read->since = std::move(since);
}

void load_window(YamlMap& read, Operation& operation) {
  const YamlNode* node = read.node("window");
  if (node == nullptr) return;
  YamlMap map(read.document(), *node, read.path_of("window"), read.problems());
  Window window;
  const Param* start = load_bound_param(map, "start", operation);
  const Param* end = load_bound_param(map, "end", operation);
  window.start_param = start == nullptr ? "" : start->name;
  window.end_param = end == nullptr ? "" : end->name;
  window.format = load_date_format(map, "format").value_or(DateFormat{});
  window.past = map.duration("past").value_or(Millis{0});
  window.ahead = map.duration("ahead").value_or(Millis{0});
  map.required("covers");
  window.covers = load_stamp(map, "covers");
  map.finish();
  if (window.past + window.ahead <= Millis{0}) {
    map.problem("ahead", "the window is empty: `past` and `ahead` are both 0");
  }
  operation.read->window = std::move(window);
}

}  // namespace triggerd
