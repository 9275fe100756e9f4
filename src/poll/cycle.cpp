#include "triggerd/poll/cycle.h"

#include <algorithm>

#include "poll/known_page.h"
#include "poll/paging.h"
#include "poll/since_values.h"
#include "triggerd/catalog/request.h"
#include "triggerd/check.h"
#include "triggerd/hash.h"
#include "triggerd/json_text.h"

namespace triggerd {
namespace {

using nlohmann::json;

constexpr std::size_t kValidatorBytesMax = 512;
// Keeps the hashes of pages apart from those of positions.
constexpr std::uint64_t kPageSeed = 1;

bool fits_header(const std::string& value) {
  const auto is_bad = [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; };
  return !value.empty() && value.size() <= kValidatorBytesMax &&
         std::none_of(value.begin(), value.end(), is_bad);
}

bool is_time_cursor(const Paging& paging) {
  const auto is_time = [](const CursorPart& part) { return part.format.has_value(); };
  return paging.kind == PagingKind::cursor &&
         std::any_of(paging.parts.begin(), paging.parts.end(), is_time);
}

// Whether the next page is named outside of the body.
bool reads_headers(const Paging& paging) {
  const auto is_header = [](const CursorPart& part) {
    return part.from == CursorPart::From::header;
  };
  return paging.kind == PagingKind::link_header ||
         std::any_of(paging.parts.begin(), paging.parts.end(), is_header);
}

// Whether the records are in another order than the walk relies on.
bool is_disordered(const ReadRules& rules, const std::vector<Record>& records) {
  if (!rules.since) return false;
  const bool descending = rules.since->newest_first;
  if (!descending && !sorts_ascending(rules.since->always)) return false;
  std::optional<WallTime> before;
  for (const Record& record : records) {
    if (!record.updated) continue;
    if (before && (descending ? *record.updated > *before : *record.updated < *before)) return true;
    before = record.updated;
  }
  return false;
}

std::uint64_t hash_of(const json& position) { return hash64(compact_json(position)); }

}  // namespace

Cycle::Cycle(const WalkPlan& plan, WalkStart start) : plan_(&plan), start_(std::move(start)) {
  TRIGGERD_CHECK(plan.connector != nullptr && plan.operation != nullptr && plan.operation->read);
  const Paging& paging = plan.operation->read->paging;
  const json* asked = find_at(plan.values, "/" + paging.size_param);
  const bool by_user = !paging.size_param.empty() && asked != nullptr && asked->is_number_integer();
  asked_size_ = by_user ? asked->get<std::int64_t>() : paging.size;
  if (start_.cursor.is_object()) {
    position_ = start_.cursor;
    cursors_seen_.push_back(hash_of(position_));
  }
}

// ---- the request

Result<HttpRequest, std::string> Cycle::next_request() const {
  Result<HttpRequest, std::string> request = build_request(*plan_->operation, request_values());
  if (!request || !sends_validators()) return request;
  if (fits_header(start_.etag)) request->headers.push_back({"If-None-Match", start_.etag, false});
  if (fits_header(start_.last_modified)) {
    request->headers.push_back({"If-Modified-Since", start_.last_modified, false});
  }
  return request;
}

json Cycle::request_values() const {
  const ReadRules& read = *plan_->operation->read;
  json values = plan_->values;
  const bool bound = start_.kind == CycleKind::incremental && start_.since;
  if (read.since) add_since_values(values, *read.since, bound ? start_.since : std::nullopt);
  if (read.window && start_.window) {
    values[read.window->start_param] = write_date(start_.window->first, read.window->format);
    values[read.window->end_param] = write_date(start_.window->second, read.window->format);
  }
  // Last, since a cursor may take the place of the bound on the pages after the first.
  add_position(values, read.paging, position_);
  return values;
}

// A validator belongs to one address; that of a walk with a bound or a window is another each time.
bool Cycle::sends_validators() const {
  const bool same_address = plan_->operation->method == "GET" && !start_.window &&
                            !(start_.kind == CycleKind::incremental && start_.since);
  return same_address && plan_->operation->read->conditional && position_.is_null() &&
         (fits_header(start_.etag) || fits_header(start_.last_modified));
}

// ---- the answer

WalkStep Cycle::take(HttpReply reply) {
  const ReplyMeaning meaning = read_reply(reply, *plan_->operation, *plan_->connector);
  const std::optional<WallTime> server_time = parse_http_date(reply.header("Date"));
  if (meaning.kind == ReplyKind::absent) return ObjectAbsent{server_time};
  if (meaning.kind == ReplyKind::not_modified && sends_validators()) return Unchanged{};
  if (meaning.kind != ReplyKind::page) return failure(meaning, reply.status);

  if (is_same_page(reply)) {
    return SamePage{server_time, std::string(reply.header("ETag")),
                    std::string(reply.header("Last-Modified"))};
  }

  const ReadRules& rules = *plan_->operation->read;
  HttpReply body;
  body.body = std::move(reply.body);
  if (rules.shape == Shape::text || rules.shape == Shape::binary) body.headers = reply.headers;
  Result<Page, std::string> page = cut_page(std::move(body), cut_rules());
  if (!page) return WalkFailure{ReplyKind::not_understood, page.error(), std::nullopt, false};

  PageRead read;
  read.page = *std::move(page);
  read.page.out_of_order = is_disordered(rules, read.page.records);
  read.server_time = server_time;
  ++pages_;
  go_on(read, reply);
  read.page_size_seen = start_.page_size_seen;
  if (!read.last && !read.cut) position_ = read.cursor;
  return read;
}

CutRules Cycle::cut_rules() const {
  return {plan_->operation,
          &plan_->values,
          plan_->item_key,
          plan_->location,
          plan_->connector->volatiles,
          paging_pointers(plan_->operation->read->paging)};
}

// The first short cut: what the same bytes led to last time, they lead to again.
bool Cycle::is_same_page(const HttpReply& reply) const {
  return start_.known.body_hash != 0 && pages_ == 0 && position_.is_null() &&
         start_.kind == CycleKind::sweep && !reads_headers(plan_->operation->read->paging) &&
         is_known_page(start_.known, reply.body, cut_rules());
}

WalkStep Cycle::failure(const ReplyMeaning& meaning, int status) const {
  if (meaning.kind == ReplyKind::not_modified) {
    return WalkFailure{ReplyKind::not_understood, "HTTP 304, though nothing conditional was asked",
                       std::nullopt, false};
  }
  const bool cursor_refused = meaning.kind == ReplyKind::refused && !position_.is_null() &&
                              (status == 400 || status == 410);
  return WalkFailure{meaning.kind, meaning.reason, meaning.wait, cursor_refused, status};
}

void Cycle::go_on(PageRead& read, const HttpReply& reply) {
  const Paging& paging = plan_->operation->read->paging;
  const std::int64_t count = received(read.page);
  const MorePages more = more_pages(paging, read.page);
  records_ += count;
  // Where the bound is a cursor, the total is that of all records, not of those behind it.
  if (!bound_is_cursor()) read.total = stated_total(paging, read.page);
  if (read.page.out_of_order && is_bound()) {
    read.cut = true;
    read.reason = "the records are not in the order asked for";
    return;
  }
  if (paging.kind == PagingKind::none || more == MorePages::no) return end(read, reply);
  if (is_past_bound(read)) return end(read, reply);
  // An empty page behind all that there is ends the walk, whatever a flag says.
  if (count == 0 && (more == MorePages::unsaid || has_all(read))) return end(read, reply);
  if (more == MorePages::unsaid && ends_as_short(read, count)) return end(read, reply);
  NextPosition next = next_position(*plan_->operation, position_, read.page, reply);
  read.cut = true;
  if (!next.wrong.empty()) {
    read.reason = next.wrong;
  } else if (next.position.is_null()) {
    if (more != MorePages::yes && !loses_its_place(read, count)) return end(read, reply);
    read.reason = more == MorePages::yes ? "the app promises more pages but names none"
                                         : "the last record of a full page has no cursor";
  } else {
    const std::uint64_t hash = hash_of(next.position);
    // A cursor that is a time stands still at the end of the list, where the border is read again.
    const bool stands = !position_.is_null() && hash == hash_of(position_);
    if (stands && is_time_cursor(paging) && !is_full(count)) return end(read, reply);
    read.reason = loop_reason(read, hash);
    if (!read.reason.empty()) return;
    read.cursor = std::move(next.position);
    read.cut = pages_ >= kPagesPerCycleMax;
    if (read.cut) read.reason = std::to_string(kPagesPerCycleMax) + " pages";
  }
}

// Why going on would lead in a circle; empty when it would not.
std::string Cycle::loop_reason(const PageRead& read, std::uint64_t position_hash) {
  const std::int64_t count = received(read.page);
  const bool same_page =
      count > 0 && seen_before(hash64({reinterpret_cast<const char*>(&read.page.content_hash),
                                       sizeof read.page.content_hash},
                                      kPageSeed));
  if (seen_before(position_hash)) {
    const bool time = is_time_cursor(plan_->operation->read->paging);
    return time ? "no progress: a full page of equal stamps" : "the page cursor repeats";
  }
  return same_page ? "the page repeats one before" : "";
}

void Cycle::end(PageRead& read, const HttpReply& reply) {
  read.cut = false;
  read.last = true;
  read.cursor = nullptr;
  if (pages_ != 1 || !position_.is_null()) return;
  read.etag = reply.header("ETag");
  read.last_modified = reply.header("Last-Modified");
  read.known = known_page(read.page, cut_rules());
}

// Fewer records than a full page has: the end, unless the app is known to have more, or the size
// that it really gives is being learnt.
bool Cycle::ends_as_short(PageRead& read, std::int64_t count) {
  const Paging& paging = plan_->operation->read->paging;
  if (!paging.ends_on_short_page) return false;
  if (probed_size_ > 0) start_.page_size_seen = std::exchange(probed_size_, 0);
  if (start_.page_size_seen > 0) start_.page_size_seen = std::max(start_.page_size_seen, count);
  if (is_full(count)) return false;
  if (start_.probe_short_pages) {
    probed_size_ = count;
    return false;
  }
  // Right or wrong, the total can cost one request more, never one less.
  return !read.total || has_all(read);
}

// Whether the total says that nothing is left; of a walk that was resumed it cannot tell.
bool Cycle::has_all(const PageRead& read) const {
  return read.total && (!start_.cursor.is_null() || *read.total <= records_);
}

bool Cycle::is_bound() const {
  return start_.kind == CycleKind::incremental && start_.since &&
         plan_->operation->read->since.has_value();
}

bool Cycle::is_past_bound(const PageRead& read) const {
  if (!is_bound() || !plan_->operation->read->since->newest_first) return false;
  return std::any_of(read.page.records.begin(), read.page.records.end(), [&](const Record& record) {
    return record.updated && *record.updated < *start_.since;
  });
}

bool Cycle::bound_is_cursor() const {
  if (!is_bound()) return false;
  const ReadRules& rules = *plan_->operation->read;
  return std::any_of(rules.paging.parts.begin(), rules.paging.parts.end(),
                     [&](const CursorPart& part) { return rules.since->set.contains(part.param); });
}

// A full page whose records do not say where to go on is no end, unless all has come.
bool Cycle::loses_its_place(const PageRead& read, std::int64_t count) const {
  const Paging& paging = plan_->operation->read->paging;
  const bool in_records = std::any_of(
      paging.parts.begin(), paging.parts.end(),
      [](const CursorPart& part) { return part.from == CursorPart::From::last_record; });
  // Records at the borders of times are counted twice, so their number proves nothing.
  const bool complete = has_all(read) && (pages_ == 1 || !is_time_cursor(paging));
  return paging.kind == PagingKind::cursor && in_records && page_size() > 0 && is_full(count) &&
         !complete;
}

bool Cycle::is_full(std::int64_t count) const { return page_size() == 0 || count >= page_size(); }

std::int64_t Cycle::page_size() const {
  const std::int64_t seen = start_.page_size_seen;
  return seen > 0 && (asked_size_ == 0 || seen < asked_size_) ? seen : asked_size_;
}

bool Cycle::seen_before(std::uint64_t hash) {
  if (std::find(cursors_seen_.begin(), cursors_seen_.end(), hash) != cursors_seen_.end())
    return true;
  cursors_seen_.push_back(hash);
  return false;
}

}  // namespace triggerd
