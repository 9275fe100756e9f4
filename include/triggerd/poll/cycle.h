// One walk over the pages of one stream: which request comes next, what its answer means, when it
// ends. Driven by engine/; knows no store, no clock, no credentials. A walk can be left after any
// page and resumed from its cursor. Only a walk made of understood pages ends as complete.
#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "triggerd/catalog/operation.h"
#include "triggerd/http_client.h"
#include "triggerd/poll/record.h"
#include "triggerd/poll/reply_kind.h"
#include "triggerd/result.h"
#include "triggerd/time.h"

namespace triggerd {

inline constexpr int kPagesPerCycleMax = 2'000;  // a longer walk goes on with the next poll

enum class CycleKind { sweep, incremental };

// What stays the same for every walk of a stream.
struct WalkPlan {
  const Connector* connector = nullptr;
  const Operation* operation = nullptr;
  nlohmann::json values = nlohmann::json::object();  // the user's, item's and account's
  std::string item_key;  // compact text of the fan-out item; key of records that have none
  std::string location;  // the account's location, for the echo check
};

// What is kept in memory of the last complete walk of one page, to know its answer again without
// cutting it (src/poll/known_page.cpp).
struct KnownPage {
  std::uint64_t body_hash = 0;  // 0: nothing is known
  std::int64_t records = 0;
  // Bytes around the records, and hashes of the records and of what counts around them; a
  // list_hash of 0: only the whole body is known.
  std::size_t before = 0, behind = 0;
  std::uint64_t list_hash = 0, around_hash = 0;
};

struct WalkStart {
  CycleKind kind = CycleKind::sweep;
  std::optional<WallTime> since{};  // bound, overlap already taken off; only for incremental
  std::optional<std::pair<WallTime, WallTime>> window{};
  nlohmann::json cursor{};              // of an interrupted walk; null: from the start
  std::int64_t page_size_seen = 0;      // what the app gives when it caps the size; 0: as asked
  bool probe_short_pages = false;       // baseline: a short page is followed by one more request
  std::string etag{}, last_modified{};  // of the last complete one-page walk
  KnownPage known{};  // of the same; only where nothing else is to be learnt from its records
};

// A page was read in full.
struct PageRead {
  Page page;
  bool last = false;  // the walk is complete with this page
  // A limit or a guard ended it, not the app: not complete. With a cursor the next poll goes on
  // from there; without one the walk leads nowhere and the next poll begins anew.
  bool cut = false;
  std::string reason;                 // of `cut`: "the page cursor repeats", "2000 pages"
  nlohmann::json cursor;              // where to resume after this page; null when the walk is over
  std::optional<std::int64_t> total;  // what the app says that the whole answer holds
  std::optional<WallTime> server_time;  // the answer's Date
  std::string etag, last_modified;      // of a walk of one page; empty otherwise
  std::int64_t page_size_seen = 0;
  KnownPage known;  // of a walk of one page
};
struct Unchanged {};  // 304: the whole (one-page) walk is as it was
struct SamePage {     // the one page of the walk has the records that WalkStart::known says
  std::optional<WallTime> server_time;
  std::string etag, last_modified;
};
struct ObjectAbsent {
  std::optional<WallTime> server_time;
};
struct WalkFailure {
  ReplyKind kind = ReplyKind::transient;
  std::string reason;
  std::optional<Millis> wait;
  bool restart = false;  // the page cursor is no longer valid: begin again from the first page
  int status = 0;        // of the answer; 0 when there was none
};
using WalkStep = std::variant<PageRead, Unchanged, SamePage, ObjectAbsent, WalkFailure>;

class Cycle {
 public:
  Cycle(const WalkPlan& plan, WalkStart start);

  // The request for the current page, without base URL and credentials.
  Result<HttpRequest, std::string> next_request() const;
  // Takes the answer to it; after a PageRead that is neither last nor cut, next_request() is for
  // the next page. After a WalkFailure it is for the same page again.
  WalkStep take(HttpReply reply);

  CycleKind kind() const { return start_.kind; }
  int pages() const { return pages_; }
  const WalkStart& start() const { return start_; }

 private:
  nlohmann::json request_values() const;
  CutRules cut_rules() const;
  bool is_same_page(const HttpReply& reply) const;
  bool sends_validators() const;
  WalkStep failure(const ReplyMeaning& meaning, int status) const;
  // Decides what follows a page: fills last, or cut and reason, or the cursor.
  void go_on(PageRead& read, const HttpReply& reply);
  void end(PageRead& read, const HttpReply& reply);
  bool ends_as_short(PageRead& read, std::int64_t count);
  bool has_all(const PageRead& read) const;
  bool is_bound() const;                           // it asks for changes alone
  bool is_past_bound(const PageRead& read) const;  // of a list with the latest change first
  bool bound_is_cursor() const;                    // by the parameter that pages are walked by
  bool loses_its_place(const PageRead& read, std::int64_t count) const;
  bool is_full(std::int64_t count) const;
  std::int64_t page_size() const;  // records of a full page, as far as known; 0: not known
  bool seen_before(std::uint64_t hash);
  std::string loop_reason(const PageRead& read, std::uint64_t position_hash);

  const WalkPlan* plan_;  // outlives the cycle (the stream owns it)
  WalkStart start_;
  nlohmann::json position_;                  // where the current page begins; null: the first page
  std::vector<std::uint64_t> cursors_seen_;  // hashes of positions and pages, for the loop guard
  std::int64_t records_ = 0;
  std::int64_t probed_size_ = 0;  // of a short page that is followed by one more request
  std::int64_t asked_size_ = 0;   // 0: the app decides
  int pages_ = 0;
};

}  // namespace triggerd
