// The cut of a page, which looks at raw text, against a full parse of the same body: the same
// records, keys, stamps and members. The first line names the shape. What is cut goes on to
// detection, where a page that is seen twice is news once.
#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>
#include <set>
#include <string>

#include "fuzz/targets.h"
#include "poll/operations.h"
#include "triggerd/detect/detect.h"
#include "triggerd/json_text.h"
#include "triggerd/poll/record.h"

namespace triggerd::fuzz {
namespace {

using nlohmann::json;

Operation shaped(Shape shape, std::vector<std::string> records, IdRule id) {
  Operation operation = list_operation();
  operation.read->shape = shape;
  operation.read->records = std::move(records);
  operation.read->required.clear();
  operation.read->id = std::move(id);
  operation.read->volatiles = {"/traceId", "/meta/seen"};
  return operation;
}

Operation slots() {
  Operation operation = shaped(Shape::map, {}, {{{"/value"}}, {}});
  operation.read->entry_key = R"(\d{4}-\d{2}-\d{2})";
  operation.read->members = "/slots";
  return operation;
}

const std::map<std::string, Operation, std::less<>>& operations() {
  static const std::map<std::string, Operation, std::less<>> all{
      {"list", shaped(Shape::list, {"/contacts"}, {{{"/id"}}, {}})},
      {"deep",
       shaped(Shape::list, {"/data/list", "/list/0", ""}, {{{"/a/b", "/id"}, {"/_id"}}, {}})},
      {"root", shaped(Shape::list, {""}, {})},
      {"param", shaped(Shape::list, {"/contacts"}, {{}, "contactId"})},
      {"object", shaped(Shape::object, {"/contact", ""}, {{{"/id"}}, {}})},
      {"map", slots()},
      {"value", shaped(Shape::value, {}, {})},
      {"text", shaped(Shape::text, {}, {})},
      {"binary", shaped(Shape::binary, {}, {})},
  };
  return all;
}

CutRules rules_for(const Operation& operation) {
  static const json values{{"contactId", "c1"}};
  CutRules rules;
  rules.operation = &operation;
  rules.values = &values;
  rules.item_key = "item";
  rules.location = "L";
  rules.root_volatiles = {"/traceId"};
  rules.wanted = {"/meta/next", "/total", "/list/1/id", "/a~1b", ""};
  return rules;
}

void check_bounds(const Page& page) {
  expect(page.records.size() + page.odd.size() <= kRecordsPerPageMax, "a page is bounded");
  for (const Record& record : page.records) {
    expect(!record.key.empty() && record.key.size() <= kKeyBytesMax, "a key is bounded");
    const auto holds = [&](const std::string& text) {
      return record.raw.data() >= text.data() &&
             record.raw.data() + record.raw.size() <= text.data() + text.size();
    };
    expect(holds(*page.body) || std::any_of(page.made.begin(), page.made.end(), holds),
           "a record's text is a part of its page");
  }
  for (const OddRecord& odd : page.odd) {
    expect(!odd.reason.empty() && odd.raw.size() <= kOddRawBytesMax, "an odd record says why");
  }
}

// A member that was found in the raw text is the one that a parse finds.
void check_found(const Page& page, const CutRules& rules, const json& body) {
  for (std::size_t i = 0; i < rules.wanted.size(); ++i) {
    const json* member = find_at(body, rules.wanted[i]);
    expect((member != nullptr) == page.found.at(i).has_value(), "the cut finds what a parse finds");
    if (member == nullptr) continue;
    const Result<json, JsonProblem> raw = parse_json(*page.found[i]);
    expect(raw && *raw == *member, "the cut finds the same value as a parse");
  }
}

void check_record(const Record& record, const json& parsed, const ReadRules& read) {
  const auto* first = read.id.alternatives.size() == 1 && read.id.alternatives[0].size() == 1
                          ? find_at(parsed, read.id.alternatives[0][0])
                          : nullptr;
  if (first != nullptr) expect(plain_text(*first) == record.key, "the key is the id as text");
  for (const auto& [stamp, at] :
       {std::pair{&read.updated, record.updated}, std::pair{&read.created, record.created}}) {
    const json* member = find_at(parsed, stamp->at);
    const auto expected = member == nullptr ? std::nullopt : read_date(*member, stamp->format);
    expect(expected == at, "a stamp is the one that a parse gives");
  }
}

// Every element of the list is a record or an odd one, in the order of the list.
void check_list(const Page& page, const Operation& operation, const json& list) {
  expect(page.records.size() + page.odd.size() == list.size(), "no element is lost or invented");
  std::size_t at = 0;
  for (const json& element : list) {
    if (at == page.records.size()) break;
    const Result<json, JsonProblem> raw = parse_json(page.records[at].raw);
    expect(raw.has_value(), "a record is JSON");
    if (*raw != element) continue;  // one of the odd ones
    check_record(page.records[at++], element, *operation.read);
  }
  expect(at == page.records.size(), "records are the elements of the list, in its order");
}

void check_against_parse(const Page& page, const CutRules& rules, const json& body) {
  const Operation& operation = *rules.operation;
  check_found(page, rules, body);
  if (operation.read->shape != Shape::list) return;
  for (const std::string& pointer : operation.read->records) {
    const json* place = find_at(body, pointer);
    if (place == nullptr || !place->is_structured()) continue;
    if (place->is_array()) return check_list(page, operation, *place);
    return expect(page.records.size() == 1, "a lone object is a list of one");
  }
  expect(false, "without a list there is no page");
}

void check_detection(const Page& page, const Operation& operation) {
  Trigger trigger;
  trigger.operation = &operation;
  const DetectRules rules = detect_rules(trigger);
  DetectMode mode;
  mode.now = wall_from_ms(1'772'357'400'000);
  SeenMap seen;
  const PageOutcome first = detect_page(rules, page, seen, mode, std::nullopt);
  std::set<std::string> keys;
  for (const Record& record : page.records) keys.insert(record.key);
  expect(first.rows.size() <= keys.size(), "a row for each record");
  expect(first.detections.size() <= page.records.size(), "no more news than records");
  // The same key twice on one page is two states, and both are news each time.
  if (keys.size() != page.records.size()) return;
  for (const Seen& row : first.rows) seen.emplace(row.key, row);
  const PageOutcome again = detect_page(rules, page, seen, mode, std::nullopt);
  expect(again.detections.empty(), "a page that is seen again is no news");
}

HttpReply reply_with(std::string_view body, std::string_view type) {
  HttpReply reply = reply_of(std::string(body));
  if (!type.empty()) reply.headers.push_back({"Content-Type", std::string(type), false});
  return reply;
}

}  // namespace

void page_cut_target(std::string_view input) {
  std::string_view line = take_line(input);
  const std::string_view name = line.substr(0, line.find(' '));
  const std::string_view type = line.substr(std::min(line.size(), name.size() + 1));
  const auto found = operations().find(name);
  const Operation& operation =
      found == operations().end() ? operations().at("list") : found->second;
  const CutRules rules = rules_for(operation);
  const Result<Page, std::string> page = cut_page(reply_with(input, type), rules);
  const Result<Page, std::string> again = cut_page(reply_with(input, type), rules);
  expect(page.has_value() == again.has_value(), "the same body is read the same way");
  std::string mended(input);
  mend_surrogates(mended);
  const bool is_json =
      operation.read->shape != Shape::text && operation.read->shape != Shape::binary;
  const Result<json, JsonProblem> body = parse_json(mended);
  if (!page) return expect(!page.error().empty(), "a page that is not understood says why");
  expect(page->content_hash == again->content_hash, "the same body has the same hash");
  expect(!is_json || body || !body.error().syntax, "what is no JSON is no page");
  check_bounds(*page);
  check_detection(*page, operation);
  // Keys that are spelled with escapes are not found by the cut: no app writes them.
  const bool plain = mended.find('\\') == std::string::npos;
  if (is_json && body && plain) check_against_parse(*page, rules, *body);
}

}  // namespace triggerd::fuzz
