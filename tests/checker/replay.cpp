#include "checker/replay.h"

#include <set>
#include <sstream>
#include <tuple>

namespace triggerd::checker {

namespace {

// Sweeps in a row that lack a record before it may, and before it must, have been found removed.
constexpr int kMayRemove = 2;
constexpr int kMustRemove = 4;
// With sweeps among them that are too small to be believed.
constexpr int kMustRemoveSharp = 12;
// Sweeps without a record that the app knows before it is asked about again.
constexpr int kAskedAgain = 30;
// A stamp so far ahead of the server's clock is a mistake, and makes nothing look old.
constexpr std::int64_t kSkewMs = 5 * 60'000;

// One way in which the detections so far can have come about.
struct Course {
  std::size_t used = 0;  // detections accounted for
  bool known = false;
  bool gone = false;
  std::string state;
  int missing = 0;
  // sharp only
  int rule = 0;
  std::string common;
  std::optional<std::int64_t> stamp, created;
  std::int64_t gone_at = 0;
  std::size_t used_before = 0;  // when the stream began anew

  auto order() const {
    return std::tie(used, known, gone, state, missing, rule, common, stamp, created, gone_at,
                    used_before);
  }
  bool operator<(const Course& other) const { return order() < other.order(); }
};
using Courses = std::set<Course>;

class Replay {
 public:
  Replay(const std::vector<Found>& found, const ReplayRules& rules)
      : found_(found), rules_(rules) {}

  Courses start() const { return {Course{}}; }

  void see(Courses& courses, const Sight& sight) const {
    Courses next;
    for (const Course& course : courses) {
      if (sight.forgotten) {
        Course anew;
        anew.used = anew.used_before = course.used;
        next.insert(anew);
        continue;
      }
      if (!sight.certain) next.insert(course);
      if (sight.asked) {
        add_asked(next, course, sight);
      } else if (!sight.present) {
        add_missing(next, course, sight);
      } else if (rules_.sharp) {
        add_exactly(next, course, sight);
      } else {
        add_present(next, course, sight);
      }
    }
    courses = std::move(next);
  }

  bool ends_well(const Course& course) const {
    if (course.used != found_.size()) return false;
    const int most = rules_.sharp ? kMustRemoveSharp : kMustRemove;
    return !rules_.must_remove || !course.known || course.gone || course.missing < most;
  }

 private:
  bool fits(const Course& course, const char* kind, const Sight& sight) const {
    if (course.used >= found_.size()) return false;
    const Found& one = found_[course.used];
    const std::string& shown = sight.text.empty() ? sight.state : sight.text;
    return one.kind == kind && (one.state.empty() || one.state == shown);
  }

  // The record is now known in this state, by a detection or without one.
  static void keep(Courses& next, Course course, const Sight& sight, bool by_detection) {
    course.used += by_detection ? 1U : 0U;
    course.known = true;
    course.gone = false;
    course.missing = 0;
    course.state = sight.state;
    course.common = sight.common;
    course.rule = sight.rule;
    next.insert(course);
  }

  // It is met as if for the first time.
  void first_sight(Courses& next, Course course, const Sight& sight) const {
    const bool fires = !sight.baseline || sight.may_fire;
    course.stamp = sight.stamp;
    course.created = sight.created;
    if (!fires || sight.may_be_silent) keep(next, course, sight, false);
    if (fires && fits(course, "new", sight)) keep(next, course, sight, true);
  }

  void add_exactly(Courses& next, Course course, const Sight& sight) const {
    const bool old = course.known && course.stamp && sight.stamp && *sight.stamp < *course.stamp;
    if (old && (!sight.server || *course.stamp <= *sight.server + kSkewMs)) {
      course.missing = 0;  // P4: a stale read makes no event
      next.insert(course);
      return;
    }
    const bool another =
        course.gone && (!rules_.keeps_tombstones ||
                        (sight.created && (*sight.created > course.gone_at ||
                                           (course.created && *sight.created > *course.created))));
    if (!course.known || another) {
      first_sight(next, course, sight);
      return;
    }
    if (sight.stamp) course.stamp = sight.stamp;
    if (sight.created) course.created = sight.created;
    const bool same =
        course.rule == sight.rule ? course.state == sight.state : course.common == sight.common;
    if (same || (sight.baseline && course.used == course.used_before)) {
      keep(next, course, sight, false);
    } else if (fits(course, "changed", sight)) {
      keep(next, course, sight, true);
    }
  }

  // A direct read, after sweeps that lacked the record.
  void add_asked(Courses& next, Course course, const Sight& sight) const {
    if (!course.known || course.gone || course.missing < kMayRemove) return;
    if (sight.present) {
      course.missing = kMayRemove - 1 - kAskedAgain;
      next.insert(course);
      return;
    }
    if (course.used < found_.size() && found_[course.used].kind == "removed") {
      remove(next, course, sight);
    }
  }

  static void remove(Courses& next, Course course, const Sight& sight) {
    ++course.used;
    course.gone = true;
    course.gone_at = sight.wall;
    course.missing = 0;
    next.insert(course);
  }

  void add_present(Courses& next, const Course& course, const Sight& sight) const {
    const bool same = course.known && course.state == sight.state;
    bool silent = sight.may_be_silent;
    bool fire = true;
    if (!course.known) {
      silent = silent || sight.baseline;
      fire = !sight.baseline || sight.may_fire;
    } else if (course.gone) {
      silent = silent || (same && rules_.keeps_tombstones);
      fire = !same || !rules_.keeps_tombstones;
    } else {
      silent = silent || same || sight.baseline;
      fire = !same;
    }
    if (silent) keep(next, course, sight, false);
    if (!fire) return;
    const bool as_new = !course.known || course.gone;
    const bool as_changed = course.known;
    if (as_new && fits(course, "new", sight)) keep(next, course, sight, true);
    if (as_changed && fits(course, "changed", sight)) keep(next, course, sight, true);
  }

  void add_missing(Courses& next, Course course, const Sight& sight) const {
    const int most = rules_.sharp ? kMustRemoveSharp : kMustRemove;
    if (sight.small) next.insert(course);
    if (course.known && !course.gone) ++course.missing;
    if (course.missing >= most) course.missing = most;
    next.insert(course);
    if (rules_.confirms || !course.known || course.gone || course.missing < kMayRemove) return;
    if (found_.size() > course.used && found_[course.used].kind == "removed") {
      remove(next, course, sight);
    }
  }

  const std::vector<Found>& found_;
  const ReplayRules& rules_;
};

std::string told(const std::vector<Sight>& sights, const std::vector<Found>& found) {
  std::ostringstream text;
  std::string last;
  int times = 0;
  const auto flush = [&] {
    if (times > 0) text << ' ' << last << (times > 1 ? "*" + std::to_string(times) : "");
  };
  text << "shown:";
  for (const Sight& sight : sights) {
    std::string one = sight.present ? sight.state.substr(0, sight.text.empty() ? 6 : 60) : "-";
    if (sight.asked) one = sight.present ? "asked:there" : "asked:gone";
    if (sight.baseline) one += "(first)";
    if (!sight.certain) one += '?';
    if (sight.may_be_silent) one += '~';
    if (one == last) {
      ++times;
      continue;
    }
    flush();
    last = one;
    times = 1;
  }
  flush();
  text << "; detected:";
  for (const Found& one : found)
    text << ' ' << one.kind << ' ' << one.state.substr(0, one.state.size() > 100 ? 100 : 6);
  return text.str();
}

}  // namespace

std::string check_record(const std::vector<Sight>& sights, const std::vector<Found>& found,
                         const ReplayRules& rules) {
  const Replay replay(found, rules);
  Courses courses = replay.start();
  for (const Sight& sight : sights) {
    replay.see(courses, sight);
    if (courses.empty()) return "does not follow from what was shown; " + told(sights, found);
  }
  for (const Course& course : courses) {
    if (replay.ends_well(course)) return {};
  }
  return "more or other than what was shown; " + told(sights, found);
}

}  // namespace triggerd::checker
