#include "triggerd/poll/record.h"

#include <nlohmann/json.hpp>

#include "poll/json_cut.h"
#include "poll/page_cut.h"
#include "poll/record_place.h"
#include "triggerd/check.h"
#include "triggerd/hash.h"
#include "triggerd/json_text.h"

namespace triggerd {
namespace {

std::string_view trimmed(std::string_view text) {
  constexpr std::string_view kSpace = " \t\r\n";
  const std::size_t first = text.find_first_not_of(kSpace);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(kSpace) - first + 1);
}

std::string place(const std::string& pointer) { return pointer.empty() ? "the root" : pointer; }

std::string too_many_records() {
  return "more than " + std::to_string(kRecordsPerPageMax) + " records on one page";
}

void cut_list(PageCut& cut, std::string_view list) {
  constexpr std::size_t kUsualPage = 32;
  cut.page.records.reserve(kUsualPage);
  for_each_element(list, cut.fields().wanted(), [&](std::string_view raw) {
    if (++cut.taken > kRecordsPerPageMax) {
      cut.wrong = too_many_records();
      return false;
    }
    return cut.take(raw);
  });
}

// A lone object without an id is no record: it is an error document, or another answer.
void cut_object(PageCut& cut, std::string_view object) {
  if (!cut.take_single(object) || cut.page.odd.empty()) return;
  cut.wrong = "the object " + cut.page.odd.front().reason;
}

// `*` in a pointer: the records stand in each element or member of what is in front of it.
void cut_each(PageCut& cut, std::string_view outer, std::string_view behind) {
  // Taken first, since a list within is gone through by the same parser.
  std::vector<std::string_view> found;
  const auto note = [&](std::string_view raw) {
    Wanted inner{behind};
    find_raw(raw, {&inner, 1});
    if (inner.is_found() && inner.found != "null") found.push_back(inner.found);
    return found.size() <= kRecordsPerPageMax;
  };
  if (outer.front() == '[') {
    for_each_element(outer, {}, note);
  } else {
    for_each_member(outer, [&](std::string_view, std::string_view raw) { return note(raw); });
  }
  for (const std::string_view raw : found) {
    if (!cut.wrong.empty()) return;
    if (raw.front() == '[') {
      cut_list(cut, raw);
    } else if (++cut.taken > kRecordsPerPageMax) {
      cut.wrong = too_many_records();
    } else {
      cut.take_single(raw);
    }
  }
}

void cut_list_or_object(PageCut& cut, std::span<const Wanted> candidates,
                        std::span<const RecordPlace> places) {
  const bool is_list = cut.read().shape == Shape::list;
  bool nothing_there = true;
  for (std::size_t i = 0; i < candidates.size(); ++i) {
    const Wanted& each = candidates[i];
    if (!each.is_found() || each.found == "null") continue;
    nothing_there = false;
    const bool holds_others = each.found.front() == '[' || each.found.front() == '{';
    if (places[i].every && holds_others) return cut_each(cut, each.found, places[i].behind);
    if (is_list && each.found.front() == '[') return cut_list(cut, each.found);
    if (each.found.front() == '{') return cut_object(cut, each.found);
  }
  if (!is_list && nothing_there) return;
  const std::string first = candidates.empty() ? "" : std::string(candidates.front().pointer);
  cut.wrong = (is_list ? "no list at " : "no object at ") + place(first);
}

// Everything that is wanted of the body itself, found in one pass.
struct Envelope {
  explicit Envelope(const CutRules& rules) {
    const ReadRules& read = *rules.operation->read;
    places = record_places(read, rules.values);
    for (const RecordPlace& place : places) all.push_back({place.at});
    records = all.size();
    for (const std::string& pointer : read.required) all.push_back({pointer});
    required = all.size();
    for (const std::string& pointer : rules.wanted) all.push_back({pointer});
  }
  std::vector<RecordPlace> places;
  std::vector<Wanted> all;
  std::size_t records = 0;  // where the ones before end
  std::size_t required = 0;
};

void cut_json(PageCut& cut, std::string_view body) {
  Envelope envelope(cut.rules());
  find_raw(body, envelope.all);
  const std::span<const Wanted> all = envelope.all;
  for (const Wanted& each : all.subspan(envelope.records, envelope.required - envelope.records)) {
    if (!each.is_found()) {
      cut.wrong = "no member at " + std::string(each.pointer);
      return;
    }
  }
  for (const Wanted& each : all.subspan(envelope.required)) {
    cut.page.found.push_back(each.is_found() ? std::optional<std::string>(each.found)
                                             : std::nullopt);
  }
  switch (cut.read().shape) {
    case Shape::list:
    case Shape::object:
      return cut_list_or_object(cut, all.first(envelope.records), envelope.places);
    case Shape::map:
      return cut_map(cut, body);
    case Shape::value:
      if (body != "null") cut.take_single(body);
      return;
    case Shape::text:
    case Shape::binary:
      return;
  }
}

void cut_body(PageCut& cut, const HttpReply& reply, std::string& body) {
  const Shape shape = cut.read().shape;
  if (shape == Shape::text) return cut_text(cut, reply);
  if (shape == Shape::binary) return cut_binary(cut, reply);
  mend_surrogates(body);
  cut.wrong = check_json(body);
  if (cut.wrong.empty()) cut_json(cut, trimmed(body));
}

}  // namespace

bool PageCut::take(std::string_view raw) {
  page.last = raw;
  RecordFields::Outcome outcome = fields_.read(raw);
  if (auto* record = std::get_if<Record>(&outcome)) {
    page.content_hash =
        hash64({reinterpret_cast<const char*>(&record->raw_hash), sizeof record->raw_hash},
               page.content_hash);
    page.records.push_back(std::move(*record));
    return true;
  }
  if (auto* odd = std::get_if<OddRecord>(&outcome)) {
    page.content_hash = hash64(raw, page.content_hash);
    page.odd.push_back(std::move(*odd));
    return true;
  }
  if (auto* gone = std::get_if<RecordFields::Gone>(&outcome)) {
    page.content_hash = hash64(raw, page.content_hash);
    ++page.passed_over;
    if (!gone->key.empty()) page.gone.push_back(std::move(gone->key));
    return true;
  }
  wrong = "answer of another location";
  return false;
}

bool PageCut::take_single(std::string_view raw) {
  find_raw(raw, fields_.wanted());
  return take(raw);
}

bool PageCut::take_made(std::string text) {
  make_room(text);
  page.made.push_back(std::move(text));
  return take_single(page.made.back());
}

Result<Page, std::string> cut_page(HttpReply reply, const CutRules& rules) {
  TRIGGERD_CHECK(rules.operation != nullptr && rules.operation->read);
  auto body = std::make_unique<std::string>(std::move(reply.body));
  reply.body.clear();
  PageCut cut(rules);
  const Shape shape = cut.read().shape;
  if (shape == Shape::text || shape == Shape::binary) reply.body = std::move(*body);
  cut_body(cut, reply, *body);
  if (!cut.wrong.empty()) return Failure<std::string>(std::move(cut.wrong));
  cut.page.body = std::move(body);
  return std::move(cut.page);
}

}  // namespace triggerd
