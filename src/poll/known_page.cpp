#include "poll/known_page.h"

#include "poll/json_cut.h"
#include "poll/record_place.h"
#include "triggerd/hash.h"

namespace triggerd {
namespace {

// Behind the place of the records there is more to look at than this only in an odd answer.
constexpr std::size_t kAroundBytesMax = 4096;

std::uint64_t chained(std::uint64_t hash, const Wanted& want) {
  return want.is_found() ? hash64(want.found, hash + 1) : hash + 1;
}

// The body without its records, which is JSON as well: the list is empty in it. Gives the hash of
// what the cut and the paging want from there; nothing where they would not find the list in this
// place.
std::optional<std::uint64_t> around_hash(const std::string& body, std::size_t before,
                                         std::size_t behind, const CutRules& rules) {
  if (before + behind > kAroundBytesMax) return std::nullopt;
  std::string around = body.substr(0, before) + body.substr(body.size() - behind);
  if (!check_json(around).empty()) return std::nullopt;
  const ReadRules& read = *rules.operation->read;
  std::vector<Wanted> wanted;
  const std::vector<RecordPlace> places = record_places(read, rules.values);
  for (const RecordPlace& place : places) {
    // The hash of a list in its place says nothing of lists in many places.
    if (place.every) return std::nullopt;
    wanted.push_back({place.at});
  }
  for (const std::string& pointer : read.required) wanted.push_back({pointer});
  for (const std::string& pointer : rules.wanted) wanted.push_back({pointer});
  std::string_view text = around;
  text.remove_prefix(std::min(text.find_first_not_of(" \t\r\n"), text.size()));
  find_raw(text, wanted);
  std::uint64_t hash = 0;
  bool placed = false;
  for (std::size_t i = 0; i < wanted.size(); ++i) {
    const Wanted& want = wanted[i];
    hash = chained(hash, want);
    if (i < read.records.size()) {
      if (placed || !want.is_found() || want.found == "null") continue;
      const auto from = static_cast<std::size_t>(want.found.data() - around.data());
      placed = want.found.front() == '[' && from < before && from + want.found.size() > before;
      if (!placed) return std::nullopt;
    } else if (i < read.records.size() + read.required.size() && !want.is_found()) {
      return std::nullopt;
    }
  }
  return placed ? std::optional(hash) : std::nullopt;
}

}  // namespace

KnownPage known_page(const Page& page, const CutRules& rules) {
  KnownPage known;
  const ReadRules& read = *rules.operation->read;
  const bool by_body = read.shape == Shape::list || read.shape == Shape::object;
  if (!by_body || !page.odd.empty() || page.passed_over > 0 || !page.made.empty()) return known;
  const std::string& body = *page.body;
  known.body_hash = hash64(body);
  known.records = static_cast<std::int64_t>(page.records.size());
  if (read.shape != Shape::list || page.records.empty()) return known;
  const std::string_view first = page.records.front().raw, last = page.records.back().raw;
  const auto before = static_cast<std::size_t>(first.data() - body.data());
  const auto behind =
      body.size() - static_cast<std::size_t>(last.data() + last.size() - body.data());
  const auto around = around_hash(body, before, behind, rules);
  if (!around) return known;
  known.before = before;
  known.behind = behind;
  known.around_hash = *around;
  known.list_hash = hash64(std::string_view(body).substr(before, body.size() - before - behind));
  return known;
}

bool is_known_page(const KnownPage& known, const std::string& body, const CutRules& rules) {
  if (known.body_hash == 0) return false;
  if (known.list_hash == 0) return hash64(body) == known.body_hash;
  if (body.size() <= known.before + known.behind) return false;
  const std::string_view list =
      std::string_view(body).substr(known.before, body.size() - known.before - known.behind);
  if (hash64(list) != known.list_hash) return false;
  if (hash64(body) == known.body_hash) return true;
  const auto around = around_hash(body, known.before, known.behind, rules);
  return around && *around == known.around_hash;
}

}  // namespace triggerd
