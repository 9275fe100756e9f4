// One account whose limit a long walk could use up alone: the other streams of the account are
// polled all the same.
#include <doctest/doctest.h>

#include "limits/fast_world.h"
#include "limits/measuring.h"

using namespace triggerd;
using namespace triggerd::limits;

namespace {

constexpr int kSmall = 20;

std::string config() {
  std::string values;
  for (int i = 0; i < kSmall; ++i) values += (i == 0 ? "" : ", ") + ("g" + std::to_string(i));
  return world_config(
      "  big:\n    poll: app.list_items\n    account: main\n    every: 1m\n"
      "    do: [{action: log, with: {message: seen}}]\n"
      "  small:\n    poll: app.list_groups\n    account: main\n    every: 1m\n"
      "    for_each: {group: [" +
      values +
      "]}\n"
      "    do: [{action: log, with: {message: seen}}]\n");
}

}  // namespace

TEST_CASE("PAG-07 P7 a walk of thousands of pages leaves the account's other streams their polls") {
  std::int64_t pages = 0, polls = 0;
  FastWorld world(
      [&](const std::string& path) -> std::string {
        if (path.starts_with("/groups/")) {
          ++polls;
          return R"({"items":[]})";
        }
        ++pages;
        return R"({"items":[{"id":"r)" + std::to_string(pages) + R"(","name":"n"}],"next":")" +
               std::to_string(pages) + "\"}";
      },
      config(), "{requests: 100, per: 10s}");
  // Twelve minutes, in each of which the walk could take all of the 600 requests that are allowed.
  constexpr int kMinutes = 12;
  for (int i = 0; i < kMinutes * 600; ++i) {
    world.clock.pass(Millis{100});
    world.turn();
    world.turn();
  }
  note_figure("pages of an endless walk in 12 minutes", static_cast<double>(pages), "pages");
  note_figure("  polls of 20 streams beside it, due each minute", static_cast<double>(polls),
              "polls");
  CHECK(polls >= kSmall * (kMinutes - 2));
  CHECK(pages > 2'000);
}
