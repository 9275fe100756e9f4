// A loopback server that shows a location of up to a million contacts as the HighLevel API does, by
// `search_contacts` and by `list_contacts_deprecated`, and a small location beside it. Records are
// made from their number while they are written, so that it holds none. Also answers what
// `triggerd --sandbox` asks for. Counts the pages it serves.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <map>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "os/raw_server.h"

namespace triggerd::limits {

inline constexpr const char* kBigLocation = "bigLocation000000001";
inline constexpr const char* kSmallLocation = "smallLocation0000001";

class ContactUpstream {
 public:
  explicit ContactUpstream(std::int64_t contacts);

  // Contacts `from` to `to` - 1 are gone from now on.
  void hide(std::int64_t from, std::int64_t to);
  // How often each page of the big location was served, by the number of its first contact.
  std::map<std::int64_t, int> served() const;
  std::int64_t pages() const { return pages_; }
  void forget_served();
  // Milliseconds from one request of a small stream to its next, longest last.
  std::vector<double> small_intervals() const;
  void forget_intervals();
  std::string url() const { return "http://127.0.0.1:" + std::to_string(server_.port()); }

 private:
  std::string answer(const std::string& request);
  std::string search(const std::string& body);
  std::string list(const std::string& address);
  std::string one(const std::string& id);
  std::string small(const std::string& name);
  // Up to `most` contacts that are there, from `from` on; where the next page begins.
  std::int64_t write_contacts(std::string& text, std::int64_t from, std::int64_t most) const;
  bool hidden(std::int64_t number) const { return number >= hidden_from_ && number < hidden_to_; }
  void note(std::int64_t from);

  const std::int64_t contacts_;
  std::atomic<std::int64_t> hidden_from_{0}, hidden_to_{0}, pages_{0};
  mutable std::mutex lock_;
  std::map<std::int64_t, int> served_;
  std::map<std::string, std::chrono::steady_clock::time_point> small_last_;
  std::vector<double> small_intervals_;
  RawServer server_;  // last: its threads use the rest
};

}  // namespace triggerd::limits
