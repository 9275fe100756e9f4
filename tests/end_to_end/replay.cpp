#include "end_to_end/replay.h"

#include <set>
#include <sstream>
#include <tuple>

namespace triggerd::end_to_end {

namespace {

// Sweeps in a row that lack a record before it may, and before it must, have been found removed.
constexpr int kMayRemove = 2;
constexpr int kMustRemove = 4;

// One way in which the detections so far can have come about.
struct Course {
  std::size_t used = 0;  // detections accounted for
  bool known = false;
  bool gone = false;
  std::string state;
  int missing = 0;

  auto order() const { return std::tie(used, known, gone, state, missing); }
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
      if (sight.present) {
        add_present(next, course, sight);
        if (!sight.certain) next.insert(course);
      } else {
        add_missing(next, course);
        if (!sight.certain) next.insert(course);
      }
    }
    courses = std::move(next);
  }

  bool ends_well(const Course& course) const {
    if (course.used != found_.size()) return false;
    return !rules_.must_remove || !course.known || course.gone || course.missing < kMustRemove;
  }

 private:
  bool fits(const Course& course, const char* kind, const std::string& state) const {
    if (course.used >= found_.size()) return false;
    const Found& one = found_[course.used];
    return one.kind == kind && (one.state.empty() || one.state == state);
  }

  // The record is now known in this state, by a detection or without one.
  static void keep(Courses& next, Course course, const Sight& sight, bool by_detection) {
    course.used += by_detection ? 1U : 0U;
    course.known = true;
    course.gone = false;
    course.missing = 0;
    course.state = sight.state;
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
    if (as_new && fits(course, "new", sight.state)) keep(next, course, sight, true);
    if (as_changed && fits(course, "changed", sight.state)) keep(next, course, sight, true);
  }

  void add_missing(Courses& next, Course course) const {
    if (course.known && !course.gone) ++course.missing;
    if (course.missing >= kMustRemove) course.missing = kMustRemove;
    next.insert(course);
    if (course.known && !course.gone && course.missing >= kMayRemove &&
        fits(course, "removed", "")) {
      ++course.used;
      course.gone = true;
      course.missing = 0;
      next.insert(course);
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
    std::string one = sight.present ? sight.state.substr(0, 6) : "-";
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
  for (const Found& one : found) text << ' ' << one.kind << ' ' << one.state.substr(0, 6);
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

}  // namespace triggerd::end_to_end
