#include "end_to_end/shown_streams.h"

#include <algorithm>
#include <ctime>

#include "end_to_end/plain_config.h"

namespace triggerd::end_to_end {

namespace {

constexpr const char* kApi = "/highlevel";
constexpr const char* kSlots = "get_free_slots";
constexpr const char* kSlug = "check_blog_url_slug";

std::map<std::string, std::string> values_of(const StoredStream& stream) {
  std::map<std::string, std::string> values{{"locationId", kLocation}, {"companyId", kCompany}};
  const std::string params = plain_trigger(stream.operation).params;
  for (std::size_t at = 0; at < params.size();) {
    const std::size_t end = std::min(params.find(", ", at), params.size());
    const std::size_t mark = params.find(": ", at);
    values[params.substr(at, mark - at)] = params.substr(mark + 2, end - mark - 2);
    at = end + 2;
  }
  for (const auto& [name, value] : stream.item.items()) {
    values[name] = value.is_string() ? value.get<std::string>() : value.dump();
  }
  return values;
}

// "{name}" replaced; `named` gets the names.
std::string filled(const std::string& path, const std::map<std::string, std::string>& values,
                   std::set<std::string>& named) {
  std::string text;
  for (std::size_t at = 0; at < path.size();) {
    if (path[at] != '{') {
      text += path[at++];
      continue;
    }
    const std::size_t end = path.find('}', at);
    const std::string name = path.substr(at + 1, end - at - 1);
    named.insert(name);
    const auto value = values.find(name);
    text += value == values.end() ? "?" : value->second;
    at = end + 1;
  }
  return text;
}

// What tells the requests of one stream from those of others.
std::string mark_of(const std::string& operation, const std::string& path,
                    const std::string& item_value) {
  return operation + ' ' + path + ' ' + item_value;
}

bool is_continued(const Answer& answer) {
  for (const char* name : {"skip", "offset"}) {
    const auto value = answer.query.find(name);
    if (value != answer.query.end() && value->second != "0") return true;
    if (answer.body.is_object() && answer.body.contains(name)) {
      const json& member = answer.body.at(name);
      if (member != json("0") && member != json(0)) return true;
    }
  }
  if (answer.query.contains("startAfterId") || answer.query.contains("lastMessageId")) return true;
  return answer.body.is_object() && answer.body.contains("searchAfter");
}

bool is_incremental(const Answer& answer) {
  if (answer.operation == "search_conversations") return answer.query.contains("startAfterDate");
  return answer.operation == "search_contacts" && answer.body.is_object() &&
         answer.body.contains("filters");
}

struct Page {
  const Answer* answer = nullptr;
  std::vector<Shown> shown;
  bool certain = true;
};

struct ShownWalk {
  std::vector<Page> pages;
  bool sweep = true;
  bool certain() const { return pages.back().certain; }
};

// Reads that show deleted records, which are not there for triggerd.
bool hides_deleted(const std::string& operation) {
  return operation == "search_users" || operation == "list_users_by_location" ||
         operation == "get_conversation" || operation == "get_calendar_notification";
}

std::int64_t instant_of(const Answer& answer, const char* name) {
  const auto value = answer.query.find(name);
  return value == answer.query.end() ? 0 : std::stoll(value->second);
}

// Slots are shown in UTC.
std::int64_t slot_instant(const std::string& slot) {
  std::tm time{};
  if (::strptime(slot.c_str(), "%Y-%m-%dT%H:%M:%S", &time) == nullptr) return 0;
  return static_cast<std::int64_t>(::timegm(&time)) * 1000;
}

class StreamReading {
 public:
  StreamReading(const StoredStream& stream, const Lives& lives)
      : stream_(stream), lives_(lives), made_later_(stream.made_by_event) {
    for (const auto& [name, value] : stream.item.items()) {
      if (!value.is_string()) continue;
      const std::string text = value.get<std::string>();
      made_later_ = made_later_ || lives.made.contains(text);
      unsteady_ = unsteady_ || lives.deleted.contains(text);
    }
    unsteady_ = unsteady_ || confirms_others(stream.operation);
  }

  std::map<std::string, RecordSights> run(const StreamAnswers& answers) {
    for (const ShownWalk& walk : walks_of(pages_of(answers))) take(walk);
    return std::move(records_);
  }

 private:
  // A page says something when it was understood: a full list, or that the object is not there.
  bool speaks(const Answer& answer) const {
    if (!answer.complete) return false;
    if (answer.status == 200 || answer.status == 304) return true;
    const bool absent = answer.status == 404 || answer.status == 400;
    return absent &&
           (!is_list(stream_.operation) || stream_.operation == "get_association_by_keys");
  }

  std::vector<Page> pages_of(const StreamAnswers& answers) const {
    std::vector<Page> pages;
    for (const Answer* answer : answers) {
      if (!speaks(*answer)) continue;
      Page page{answer, answer->shown, true};
      if (answer->status == 304 && !pages.empty()) page.shown = pages.back().shown;
      if (stream_.operation == kSlug && !page.shown.empty()) page.shown.front().id = "spring-offer";
      if (hides_deleted(stream_.operation)) {
        std::erase_if(page.shown,
                      [&](const Shown& shown) { return is_flagged(shown.id, answer->world); });
      }
      pages.push_back(std::move(page));
    }
    for (std::size_t i = 0; i < pages.size(); ++i) {
      const bool is_last = i + 1 == pages.size();
      const bool killed_after = !is_last && pages[i].answer->token != pages[i + 1].answer->token;
      pages[i].certain =
          !killed_after && (!unsteady_ || (!is_last && same(pages[i], pages[i + 1])));
    }
    return pages;
  }

  // Whether the record said of itself that it is deleted when the log was this long.
  bool is_flagged(const std::string& id, std::int64_t world) const {
    bool flagged = false;
    for (const Mutation* mutation : lives_.all) {
      if (mutation->id == id && mutation->seq <= world) flagged = mutation->flagged;
    }
    return flagged;
  }

  static bool same(const Page& one, const Page& other) {
    return std::equal(
        one.shown.begin(), one.shown.end(), other.shown.begin(), other.shown.end(),
        [](const Shown& a, const Shown& b) { return a.id == b.id && a.state == b.state; });
  }

  static std::vector<ShownWalk> walks_of(std::vector<Page> pages) {
    std::vector<ShownWalk> walks;
    for (Page& page : pages) {
      const bool sweep = !is_incremental(*page.answer);
      if (walks.empty() || !is_continued(*page.answer) || walks.back().sweep != sweep) {
        walks.push_back({{}, sweep});
      }
      walks.back().pages.push_back(std::move(page));
    }
    return walks;
  }

  void take(const ShownWalk& walk) {
    std::set<std::string> met;
    for (const Page& page : walk.pages) {
      for (const Shown& shown : page.shown) {
        met.insert(shown.id);
        add_present(page, shown);
      }
      last_end_ = instant_of(*page.answer, "endDate");
    }
    if (walk.sweep) {
      for (auto& [id, record] : records_) {
        if (!met.contains(id)) add_missing(walk, id, record);
      }
    }
    if (walk.certain()) baseline_ = false;
    baseline_may_be_over_ = true;
  }

  void add_present(const Page& page, const Shown& shown) {
    RecordSights& record = records_[shown.id];
    Sight sight;
    sight.present = true;
    sight.certain = page.certain;
    sight.baseline = baseline_;
    // A first walk that lacked it and was cut off by a kill may have been the baseline.
    const bool new_since = baseline_may_be_over_ && record.sights.empty();
    sight.may_fire = made_later_ || lives_.made.contains(shown.id) || new_since;
    sight.state = counted_state(page, shown, record);
    if (stream_.operation == kSlots && last_end_ > 0) {
      sight.may_be_silent = slot_instant(shown.id) >= last_end_;
    }
    record.sights.push_back(std::move(sight));
    last_world_[shown.id] = {page.answer->world, shown.state};
  }

  // lastActivity moves by itself and is no change.
  std::string counted_state(const Page& page, const Shown& shown, RecordSights& record) {
    const auto known = record.same_as.find(shown.state);
    if (known != record.same_as.end()) return known->second;
    std::string state = shown.state;
    const auto before = last_world_.find(shown.id);
    const bool shows_activity =
        stream_.operation == "get_contact" || stream_.operation == "get_duplicate_contact";
    if (shows_activity && before != last_world_.end() &&
        only_activity(shown.id, before->second.first, page.answer->world)) {
      state = record.same_as[before->second.second];
    }
    record.same_as[shown.state] = state;
    return state;
  }

  bool only_activity(const std::string& id, std::int64_t from, std::int64_t to) const {
    return std::all_of(lives_.all.begin(), lives_.all.end(), [&](const Mutation* mutation) {
      if (mutation->id != id || mutation->seq <= from || mutation->seq > to) return true;
      return mutation->changed == std::vector<std::string>{"/lastActivity"};
    });
  }

  void add_missing(const ShownWalk& walk, const std::string& id, RecordSights& record) const {
    // A slot that has passed was not closed.
    const Answer& answer = *walk.pages.back().answer;
    if (stream_.operation == kSlots && slot_instant(id) < instant_of(answer, "startDate")) return;
    Sight sight;
    sight.certain = walk.certain();
    record.sights.push_back(sight);
  }

  const StoredStream& stream_;
  const Lives& lives_;
  bool made_later_ = false;  // the stream or its record was made after the start
  bool unsteady_ = false;    // not each answer was taken in by this stream
  bool baseline_ = true;
  bool baseline_may_be_over_ = false;
  std::int64_t last_end_ = 0;
  std::map<std::string, std::pair<std::int64_t, std::string>> last_world_;
  std::map<std::string, RecordSights> records_;
};

}  // namespace

bool is_list(const std::string& operation) {
  static const std::set<std::string> kNamedGet = {
      "get_contacts_by_business", "get_contact_appointments",     "get_contact_tasks",
      "get_contact_notes",        "get_messages_by_conversation", "get_relations_by_record",
      "get_blog_authors",         "get_blog_categories",          "get_blog_posts",
      "get_blogs_by_location",    "get_association_by_keys"};
  return kNamedGet.contains(operation) || operation.starts_with("list_") ||
         operation.starts_with("search_") || operation == "find_associations" ||
         operation == "filter_users_by_email";
}

bool confirms_others(const std::string& operation) {
  static const std::set<std::string> kConfirming = {
      "get_contact",  "get_calendar_by_id", "get_appointment",        "get_calendar_notification",
      "get_user",     "get_opportunity",    "get_conversation",       "get_message_by_id",
      "get_business", "get_association",    "get_contact_task_by_id", "get_contact_note_by_id"};
  return kConfirming.contains(operation);
}

Lives lives_of(const Truth& truth) {
  Lives lives;
  for (const Mutation& mutation : truth.mutations) {
    if (mutation.op == "create" || mutation.op == "restore") lives.made.insert(mutation.id);
    if (mutation.op == "delete" || mutation.flagged) lives.deleted.insert(mutation.id);
    lives.all.push_back(&mutation);
  }
  return lives;
}

Sorted sort_answers(const Truth& truth, const std::vector<StoredStream>& streams,
                    const json& routes) {
  std::map<std::string, std::string> paths;
  for (const json& route : routes.at("operations")) {
    paths[route.at("operation").get<std::string>()] = route.at("path").get<std::string>();
  }
  std::map<std::string, std::int64_t> streams_by_mark;
  std::map<std::string, std::string> item_in_query;  // by operation
  for (const StoredStream& stream : streams) {
    const auto values = values_of(stream);
    std::set<std::string> named;
    const std::string path = filled(paths[stream.operation], values, named);
    const std::string item = plain_trigger(stream.operation).item;
    const bool in_query = !item.empty() && !named.contains(item);
    if (in_query) item_in_query[stream.operation] = item;
    streams_by_mark[mark_of(stream.operation, path, in_query ? values.at(item) : "")] = stream.id;
  }
  Sorted sorted;
  for (const Answer& answer : truth.answers) {
    const auto item = item_in_query.find(answer.operation);
    std::string value;
    if (item != item_in_query.end()) {
      const auto given = answer.query.find(item->second);
      value = given == answer.query.end() ? "" : given->second;
    }
    const std::string path =
        answer.path.starts_with(kApi) ? answer.path.substr(std::string(kApi).size()) : answer.path;
    const auto found = streams_by_mark.find(mark_of(answer.operation, path, value));
    if (found != streams_by_mark.end()) {
      sorted.by_stream[found->second].push_back(&answer);
    } else if (!confirms_others(answer.operation)) {
      sorted.problems.push_back("an answer of no stream: " + answer.operation + " " + path);
    }
  }
  return sorted;
}

std::map<std::string, RecordSights> sights_of(const StoredStream& stream,
                                              const StreamAnswers& answers, const Lives& lives) {
  return StreamReading(stream, lives).run(answers);
}

}  // namespace triggerd::end_to_end
