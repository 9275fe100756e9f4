#include "poll/paging.h"

#include <algorithm>

#include "poll/json_cut.h"
#include "triggerd/json_text.h"

namespace triggerd {
namespace {

using nlohmann::json;

json parsed(const std::optional<std::string>& raw) {
  if (!raw) return nullptr;
  Result<json, JsonProblem> value = parse_json(*raw);
  return value ? *std::move(value) : json(nullptr);
}

// The value of the first of `count` wanted pointers that is in the body, from `first` on.
json first_found(const Page& page, std::size_t first, std::size_t count) {
  for (std::size_t i = first; i < first + count && i < page.found.size(); ++i) {
    if (page.found[i]) return parsed(page.found[i]);
  }
  return nullptr;
}

bool says_nothing(const json& value) {
  if (const auto* text = value.get_ptr<const std::string*>()) return text->empty();
  return value.is_null() || (value.is_structured() && value.empty()) ||
         (value.is_boolean() && !value.get<bool>());
}

std::string what_is_wrong(const json& value) {
  const auto is_plain = [](const json& each) { return each.is_primitive(); };
  const bool usable =
      value.is_array() ? std::all_of(value.begin(), value.end(), is_plain) : value.is_primitive();
  if (!usable) return "the page cursor is neither a single value nor a list of them";
  if (compact_json(value).size() <= kCursorBytesMax) return {};
  return "the page cursor is longer than " + std::to_string(kCursorBytesMax) + " bytes";
}

json value_in_record(const CursorPart& part, std::string_view raw) {
  std::vector<Wanted> wanted;
  for (const std::string& pointer : part.at) wanted.push_back({pointer});
  find_raw(raw, wanted);
  for (const Wanted& each : wanted) {
    if (each.is_found()) return parsed(std::string(each.found));
  }
  return nullptr;
}

json value_in_last_record(const CursorPart& part, const Page& page) {
  if (page.last.empty()) return nullptr;
  json value = value_in_record(part, page.last);
  // From a time that an earlier record has, some are read again; from any other value the walk
  // might go astray.
  const bool may_step_back = part.format.has_value();
  for (auto record = page.records.rbegin();
       may_step_back && says_nothing(value) && record != page.records.rend(); ++record) {
    value = value_in_record(part, record->raw);
  }
  return value;
}

json part_value(const CursorPart& part, const Page& page, const HttpReply& reply,
                std::size_t first_pointer) {
  switch (part.from) {
    case CursorPart::From::body:
      return first_found(page, first_pointer, part.at.size());
    case CursorPart::From::last_record:
      return value_in_last_record(part, page);
    case CursorPart::From::header:
      return part.at.empty() ? json(nullptr) : json(std::string(reply.header(part.at.front())));
  }
  return nullptr;
}

// A cursor that is a time goes back by a little, in the spelling that requests want.
json as_time(const CursorPart& part, const json& value) {
  const std::optional<WallTime> at = read_date(value, DateFormat{});
  return at ? write_date(*at - part.back, *part.format) : json(nullptr);
}

// What the connector's program makes of a value.
json computed(const CursorPart& part, const json& value, std::string& wrong) {
  auto values = part.expressions->run(part.expression, value);
  if (!values) wrong = "the page cursor for " + part.param + ": " + values.error();
  if (values && values->size() > 1) wrong = "the page cursor for " + part.param + " is many values";
  return values && values->size() == 1 ? std::move(values->front()) : json(nullptr);
}

std::size_t body_pointers(const Paging& paging) {
  return paging.more_at.size() + (paging.total_at.empty() ? 0 : 1);
}

NextPosition next_cursor(const Paging& paging, const Page& page, const HttpReply& reply) {
  NextPosition next{json::object(), {}};
  std::size_t pointer = body_pointers(paging);
  for (const CursorPart& part : paging.parts) {
    json value = part_value(part, page, reply, pointer);
    if (part.from == CursorPart::From::body) pointer += part.at.size();
    if (part.expressions != nullptr && !value.is_null()) {
      std::string wrong;
      value = computed(part, value, wrong);
      if (!wrong.empty()) return {nullptr, wrong};
    }
    if (says_nothing(value)) return {nullptr, {}};
    if (std::string wrong = what_is_wrong(value); !wrong.empty()) return {nullptr, wrong};
    if (part.format) value = as_time(part, value);
    if (value.is_null()) return {nullptr, "the page cursor for " + part.param + " is no time"};
    next.position[part.param] = std::move(value);
  }
  return next;
}

NextPosition next_address(const Operation& operation, const json& address) {
  if (says_nothing(address)) return {nullptr, {}};
  if (!address.is_string()) return {nullptr, "the next page's address is no text"};
  NextPosition next{query_values(operation, address.get_ref<const std::string&>()), {}};
  if (next.position.empty()) return {nullptr, "the next page's address names no known parameter"};
  for (const json& value : next.position) {
    if (std::string wrong = what_is_wrong(value); !wrong.empty()) return {nullptr, wrong};
  }
  return next;
}

std::int64_t number_of(const json& position, const Paging& paging) {
  const json* number = find_at(position, "/number");
  return number != nullptr && number->is_number_integer() ? number->get<std::int64_t>()
                                                          : paging.first;
}

int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

std::string percent_decoded(std::string_view text) {
  std::string plain;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const int high = text[i] == '%' && i + 2 < text.size() ? hex_digit(text[i + 1]) : -1;
    const int low = high >= 0 ? hex_digit(text[i + 2]) : -1;
    if (low >= 0) {
      plain += static_cast<char>(high * 16 + low);
      i += 2;
    } else {
      plain += text[i] == '+' ? ' ' : text[i];
    }
  }
  return plain;
}

std::string lower(std::string_view text) {
  std::string small(text);
  for (char& c : small) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  return small;
}

// Whether the parameters behind an address of a Link header hold rel="next".
bool is_next(std::string_view parameters) {
  const std::string text = lower(parameters);
  const std::size_t at = text.find("rel=");
  if (at == std::string::npos) return false;
  std::string_view value = std::string_view(text).substr(at + 4);
  if (value.starts_with('"')) {
    value = value.substr(1, value.find('"', 1) - 1);
  } else {
    value = value.substr(0, value.find_first_of(";, "));
  }
  while (!value.empty()) {
    const std::size_t space = value.find(' ');
    if (value.substr(0, space) == "next") return true;
    value = space == std::string_view::npos ? std::string_view{} : value.substr(space + 1);
  }
  return false;
}

}  // namespace

// The order that the functions below count on: flags, total, then each part of the cursor.
std::vector<std::string> paging_pointers(const Paging& paging) {
  std::vector<std::string> pointers = paging.more_at;
  if (!paging.total_at.empty()) pointers.push_back(paging.total_at);
  if (paging.kind == PagingKind::next_url) pointers.push_back(paging.next_url_at);
  if (paging.kind != PagingKind::cursor) return pointers;
  for (const CursorPart& part : paging.parts) {
    if (part.from != CursorPart::From::body) continue;
    pointers.insert(pointers.end(), part.at.begin(), part.at.end());
  }
  return pointers;
}

MorePages more_pages(const Paging& paging, const Page& page) {
  for (std::size_t i = 0; i < paging.more_at.size() && i < page.found.size(); ++i) {
    if (!page.found[i]) continue;
    return says_nothing(parsed(page.found[i])) ? MorePages::no : MorePages::yes;
  }
  return MorePages::unsaid;
}

std::optional<std::int64_t> stated_total(const Paging& paging, const Page& page) {
  if (paging.total_at.empty()) return std::nullopt;
  const json total = first_found(page, paging.more_at.size(), 1);
  if (!total.is_number_integer()) return std::nullopt;
  return std::max<std::int64_t>(0, total.get<std::int64_t>());
}

std::int64_t received(const Page& page) {
  return static_cast<std::int64_t>(page.records.size() + page.odd.size()) + page.passed_over;
}

NextPosition next_position(const Operation& operation, const json& position, const Page& page,
                           const HttpReply& reply) {
  const Paging& paging = operation.read->paging;
  const std::int64_t number = number_of(position, paging);
  switch (paging.kind) {
    case PagingKind::none:
      return {};
    case PagingKind::page:
      return {json::object({{"number", number + 1}}), {}};
    case PagingKind::offset:
      return {json::object({{"number", number + received(page)}}), {}};
    case PagingKind::cursor:
      return next_cursor(paging, page, reply);
    case PagingKind::next_url:
      return next_address(operation, first_found(page, body_pointers(paging), 1));
    case PagingKind::link_header:
      return next_address(operation, next_link(reply));
  }
  return {};
}

void add_position(json& values, const Paging& paging, const json& position) {
  const bool first = !position.is_object();
  if (!paging.size_param.empty()) {
    if (first && !paging.size_on_first) {
      values[paging.size_param] = nullptr;
    } else if (!values.contains(paging.size_param) && paging.size > 0) {
      values[paging.size_param] = paging.size;
    }
  }
  if (paging.kind == PagingKind::page || paging.kind == PagingKind::offset) {
    const bool left_out = first && !paging.send_first;
    values[paging.number_param] = left_out ? json(nullptr) : json(number_of(position, paging));
    return;
  }
  if (first) return;
  for (const auto& [name, value] : position.items()) values[name] = value;
}

json query_values(const Operation& operation, std::string_view address) {
  const std::vector<std::string>& names = operation.read->paging.next_url_params;
  json values = json::object();
  const std::size_t question = address.find('?');
  if (question == std::string_view::npos) return values;
  std::string_view query = address.substr(question + 1);
  query = query.substr(0, query.find('#'));
  while (!query.empty()) {
    const std::size_t end = query.find('&');
    const std::string_view pair = query.substr(0, end);
    query = end == std::string_view::npos ? std::string_view{} : query.substr(end + 1);
    const std::size_t equals = pair.find('=');
    if (equals == std::string_view::npos) continue;
    const std::string sent_as = percent_decoded(pair.substr(0, equals));
    for (const std::string& name : names) {
      const Param* param = operation.find_param(name);
      const bool is_it = param != nullptr && param->sent_as == sent_as && !values.contains(name);
      if (is_it) values[name] = percent_decoded(pair.substr(equals + 1));
    }
  }
  return values;
}

std::string next_link(const HttpReply& reply) {
  for (const HttpHeader& header : reply.headers) {
    if (lower(header.name) != "link") continue;
    std::string_view rest = header.value;
    for (std::size_t open = rest.find('<'); open != std::string_view::npos; open = rest.find('<')) {
      const std::size_t close = rest.find('>', open);
      if (close == std::string_view::npos) break;
      const std::string_view address = rest.substr(open + 1, close - open - 1);
      rest = rest.substr(close + 1);
      // What belongs to this address ends where the next one begins.
      if (is_next(rest.substr(0, rest.find('<')))) return std::string(address);
    }
  }
  return {};
}

}  // namespace triggerd
