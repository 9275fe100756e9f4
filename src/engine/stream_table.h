// All living streams, built from configuration and database, and their grouping into fan-out turns.
// Owned by the engine; used by engine/poller. Loop thread.
#pragma once

#include <deque>
#include <map>
#include <memory>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "engine/page_step.h"
#include "engine/stream.h"
#include "triggerd/config/budget_plan.h"
#include "triggerd/store/database.h"

namespace triggerd {

inline constexpr std::size_t kStreamsMax = 250'000;

// The streams that one trigger has for one account because of another trigger's records. They are
// not due one by one: each turn takes some of them.
struct TurnGroup {
  const Trigger* trigger = nullptr;
  const Account* account = nullptr;
  std::string name;  // "trigger\naccount"
  std::int64_t per_turn = 1;
  std::deque<StreamId> order;         // longest unpolled first; a polled one goes to the back
  std::optional<WallTime> last_poll;  // the newest of its streams' when the table was made
  std::unordered_set<std::int64_t> members;
  std::vector<StreamId> urgent;  // those whose parent changed since the last turn
  std::deque<StreamId> fresh;    // never polled: they need not wait for the turn
  std::int64_t left = 1;         // of per_turn, until the next turn
};

// Every combination of the fixed values of a trigger's for_each; one empty item without any.
std::vector<nlohmann::json> fixed_items(const Trigger& trigger);

class StreamTable {
 public:
  // Makes the table say what `config` wants: reads rows, adds and ends streams in the database
  // (inside the caller's transaction). Walks of streams that stay are kept; those in `reset` lose
  // theirs.
  void apply(std::shared_ptr<const Config> config, Database& database,
             const std::unordered_set<std::string>& reset, WallTime now);
  // Reads the rows of one trigger again, after an operator's command.
  void reload_trigger(Database& database, const std::string& trigger);

  Stream* find(StreamId id);
  // Adds a stream that a parent's record calls for; null when it is there already or the table is
  // full.
  Stream* add_child(Database& database, NewChild& child, WallTime now);
  // A record of `parent` is gone: ends the streams that it made, and those below them, unless
  // another record calls for them, too.
  void end_children(Database& database, StreamId parent, const std::string& key, WallTime now);
  // Records of `parent` have changed: streams of values that they no longer have end likewise.
  void follow_values(Database& database, StreamId parent, const std::vector<std::string>& changed,
                     WallTime now);
  void mark_urgent(StreamId parent, const std::vector<std::string>& keys);

  std::vector<TurnGroup>& groups() { return groups_; }
  std::unordered_set<std::size_t>& groups_with_fresh() { return groups_with_fresh_; }
  TurnGroup& group_of(const Stream& stream) { return groups_[stream.group]; }
  void plan_turns();                                       // per_turn from the budget
  bool turns_outdated() const { return turns_outdated_; }  // groups have grown since plan_turns
  std::unordered_map<std::int64_t, std::unique_ptr<Stream>>& all() { return streams_; }
  const Config& config() const { return *config_; }
  std::shared_ptr<const Config> config_pointer() const { return config_; }
  const TriggerParts* parts(const std::string& trigger) const;
  void set_paused(const std::string& trigger, bool paused);

 private:
  void make_parts(Database& database);
  void adopt(StreamRow row);
  bool take_other_parent(Database& database, Stream& stream);
  void end_tree(Database& database, StreamId id, WallTime now);
  void join_group(Stream& stream);
  void order_by_last_poll(TurnGroup& group);
  void want_fixed_streams(Database& database, std::unordered_set<std::string>& wanted,
                          WallTime now);
  void want_children(Database& database, std::unordered_set<std::string>& wanted, WallTime now);
  void end_unwanted(Database& database, const std::unordered_set<std::string>& wanted,
                    WallTime now);

  std::shared_ptr<const Config> config_;
  std::map<std::string, std::unique_ptr<TriggerParts>> parts_;
  std::unordered_map<std::int64_t, std::unique_ptr<Stream>> streams_;
  std::unordered_map<std::string, StreamId> by_name_;
  std::unordered_map<std::int64_t, std::vector<StreamId>> by_parent_;
  std::vector<TurnGroup> groups_;
  std::unordered_map<std::string, std::size_t> group_by_name_;
  std::unordered_set<std::size_t> groups_with_fresh_;
  bool turns_outdated_ = false;
};

std::string stream_name(const StreamRow& row);  // "trigger\naccount\nitem"

}  // namespace triggerd
