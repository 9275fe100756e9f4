#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>
#include <regex>

#include "poll/html_page.h"
#include "poll/json_cut.h"
#include "poll/page_cut.h"
#include "triggerd/hash.h"
#include "triggerd/json_text.h"

namespace triggerd {
namespace {

using nlohmann::json;

// The library's matcher recurses once per character.
constexpr std::size_t kEntryKeyBytesMax = 256;
constexpr std::size_t kPatternsKeptMax = 64;

const std::regex& compiled(const std::string& pattern) {
  thread_local std::map<std::string, std::regex> kept;
  if (kept.size() >= kPatternsKeptMax) kept.clear();
  return kept.try_emplace(pattern, pattern).first->second;
}

bool is_entry_key(const std::string& pattern, std::string_view key) {
  return key.size() <= kEntryKeyBytesMax &&
         std::regex_match(key.begin(), key.end(), compiled(pattern));
}

// An error document that comes instead of bytes says so, or begins like one.
bool is_document(const HttpReply& reply) {
  const std::string_view type = reply.header("Content-Type");
  if (type.empty()) return first_character(reply.body) == '{' || first_character(reply.body) == '<';
  for (const char* document :
       {"application/json", "application/problem", "text/", "application/xml"}) {
    if (starts_like(type, document)) return true;
  }
  return false;
}

// One member of an entry: an object is a record as it is, anything else is named by its entry.
bool take_member(PageCut& cut, const std::string& entry, std::string_view raw) {
  if (cut.page.records.size() + cut.page.odd.size() >= kRecordsPerPageMax) {
    cut.wrong = "more than " + std::to_string(kRecordsPerPageMax) + " records on one page";
    return false;
  }
  if (raw.front() == '{') return cut.take_single(raw);
  std::string text = "{\"entry\":" + compact_json(entry) + ",\"value\":";
  return cut.take_made(text.append(raw) + "}");
}

bool take_entry(PageCut& cut, const std::string& entry, std::string_view raw) {
  Wanted members{cut.read().members};
  find_raw(raw, {&members, 1});
  if (!members.is_found() || members.found.front() != '[') {
    cut.wrong = "no list at " + cut.read().members + " of an entry";
    return false;
  }
  for_each_element(members.found, {},
                   [&](std::string_view element) { return take_member(cut, entry, element); });
  return cut.wrong.empty();
}

}  // namespace

void cut_map(PageCut& cut, std::string_view body) {
  if (body.front() != '{') {
    cut.wrong = "the body is no object";
    return;
  }
  std::vector<std::pair<std::string, std::string_view>> entries;
  const std::vector<std::string>& expected = cut.rules().root_volatiles;
  bool other = false;
  for_each_member(body, [&](std::string_view key, std::string_view raw) {
    if (is_entry_key(cut.read().entry_key, key)) {
      entries.emplace_back(key, raw);
    } else {
      const std::string pointer = "/" + std::string(key);
      other = other || std::find(expected.begin(), expected.end(), pointer) == expected.end();
    }
    return entries.size() <= kRecordsPerPageMax;
  });
  // No member at all is an empty answer; only members of other names are another document.
  if (entries.empty() && other) {
    cut.wrong = "no entry of the expected form";
    return;
  }
  for (const auto& [key, raw] : entries) {
    if (!take_entry(cut, key, raw)) return;
  }
}

void cut_text(PageCut& cut, const HttpReply& reply) {
  if (reply.body.empty()) {
    cut.wrong = "the body is empty";
  } else if (says_html(reply)) {
    cut.wrong = "an HTML page instead of text";
  } else {
    const json text = reply.body;
    std::string made = compact_json(
        {{"text", text}, {"bytes", reply.body.size()}, {"sha256", to_hex(sha256(reply.body))}});
    // The writer replaces what is not UTF-8; a text that would not come back the same is refused.
    const Result<json, JsonProblem> back = parse_json(made);
    const json* written = back ? find_at(*back, "/text") : nullptr;
    if (written == nullptr || *written != text) {
      cut.wrong = "the text is not valid UTF-8";
    } else {
      cut.take_made(std::move(made));
    }
  }
}

void cut_binary(PageCut& cut, const HttpReply& reply) {
  if (reply.body.empty()) {
    cut.wrong = "the body is empty";
  } else if (is_document(reply)) {
    cut.wrong = "a document instead of bytes";
  } else {
    cut.take_made(compact_json({{"content_type", std::string(reply.header("Content-Type"))},
                                {"bytes", reply.body.size()},
                                {"sha256", to_hex(sha256(reply.body))}}));
  }
}

}  // namespace triggerd
