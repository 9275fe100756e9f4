// Sixteen hosts that do what hosts should not, at once, beside streams of a host that is well:
// memory stays bounded, and the others are polled as if they were alone.
#include <doctest/doctest.h>
#include <zlib.h>

#include <atomic>
#include <deque>
#include <functional>
#include <nlohmann/json.hpp>

#include "limits/contact_upstream.h"
#include "limits/daemon.h"

using namespace triggerd;
using namespace triggerd::limits;

namespace {

constexpr int kHosts = 16;
constexpr int kSmallStreams = 20;
constexpr std::size_t kMegabyte = 1024UL * 1024;
// Each host may fill one body (16 MiB) and the room it grows in; the rest is the program.
constexpr double kMemoryBound = 64 + kHosts * 2 * 16.8;

std::string head(const std::string& more) {
  return "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n" + more + "\r\n";
}

bool send_many(RawConnection& connection, const std::string& piece, std::size_t times) {
  for (std::size_t i = 0; i < times; ++i) {
    if (!connection.send(piece)) return false;
  }
  return true;
}

// A thousand times as large once it is unpacked: 300 MB.
std::string bomb() {
  std::string out;
  z_stream stream{};
  deflateInit2(&stream, 9, Z_DEFLATED, 15 + 16, 9, Z_DEFAULT_STRATEGY);
  std::string zeros(kMegabyte, ' '), buffer(64 * 1024, '\0');
  for (int i = 0; i <= 300; ++i) {
    stream.next_in = reinterpret_cast<Bytef*>(zeros.data());
    stream.avail_in = i == 300 ? 0 : static_cast<uInt>(zeros.size());
    do {
      stream.next_out = reinterpret_cast<Bytef*>(buffer.data());
      stream.avail_out = static_cast<uInt>(buffer.size());
      deflate(&stream, i == 300 ? Z_FINISH : Z_NO_FLUSH);
      out.append(buffer.data(), buffer.size() - stream.avail_out);
    } while (stream.avail_out == 0);
  }
  deflateEnd(&stream);
  return out;
}

std::string with_length(const std::string& body) {
  return head("Content-Length: " + std::to_string(body.size()) + "\r\n") + body;
}

using Script = std::function<void(RawConnection&)>;

Script once(std::function<void(RawConnection&)> answer) {
  return [answer = std::move(answer)](RawConnection& connection) {
    if (!connection.read_request().empty()) answer(connection);
  };
}

Script announced_10_gb() {
  return once([](RawConnection& c) {
    if (c.send(head("Content-Length: 10737418240\r\n"))) {
      send_many(c, std::string(kMegabyte, ' '), 10'240);
    }
  });
}

Script endless_body() {
  return once([](RawConnection& c) {
    if (c.send(head("") + R"({"contacts":[)")) {
      send_many(c, std::string(kMegabyte, ' '), 10'240);
    }
  });
}

Script gzip_bomb() {
  return once([packed = bomb()](RawConnection& c) {
    c.send(head("Content-Encoding: gzip\r\nContent-Length: " + std::to_string(packed.size()) +
                "\r\n") +
           packed);
  });
}

Script deep_nesting() {
  return once([](RawConnection& c) {
    c.send(with_length(R"({"contacts":)" + std::string(10'000'000, '[')));
  });
}

Script many_headers() {
  return once([](RawConnection& c) {
    std::string lines;
    for (int i = 0; i < 20'000; ++i) lines += "X-" + std::to_string(i) + ": value\r\n";
    c.send(head(lines + "Content-Length: 2\r\n") + "{}");
  });
}

// Always one page more, of records that were never there before.
Script endless_cursors() {
  auto next = std::make_shared<std::atomic<std::int64_t>>(0);
  return [next](RawConnection& c) {
    while (!c.read_request().empty()) {
      nlohmann::json list = nlohmann::json::array();
      for (int i = 0; i < 100; ++i) list.push_back({{"id", "e" + std::to_string((*next)++)}});
      const std::string last = list.back()["id"];
      const nlohmann::json body{{"contacts", list},
                                {"meta", {{"startAfterId", last}, {"startAfter", next->load()}}}};
      if (!c.send(with_length(body.dump()))) return;
    }
  };
}

Script slow_drip() {
  return once([](RawConnection& c) {
    if (!c.send(head("Content-Length: 100000\r\n"))) return;
    while (c.send(" ")) end_to_end::wait_until(Wait{200}, [] { return false; });
  });
}

Script never_answers() {
  return [](RawConnection& c) { c.wait_until_closed(); };
}

Script one_huge_text() {
  return once([](RawConnection& c) {
    const std::string start = R"({"contacts":[{"id":"a","name":")";
    if (c.send(head("") + start)) send_many(c, std::string(kMegabyte, 'x'), 50);
  });
}

Script a_million_members() {
  return once([](RawConnection& c) {
    std::string body = R"({"contacts":[{"id":"a")";
    for (int i = 0; i < 1'000'000; ++i) body += ",\"k" + std::to_string(i) + "\":1";
    c.send(with_length(body + "}]}"));
  });
}

Script all_but_one_byte() {
  return once([](RawConnection& c) {
    c.send(
        with_length(R"({"contacts":[],"pad":")" + std::string(16 * kMegabyte - 64, 'p') + "\"}"));
  });
}

const std::vector<std::pair<const char*, Script>>& kinds() {
  static const std::vector<std::pair<const char*, Script>> all{
      {"10 GB announced", announced_10_gb()},
      {"endless body", endless_body()},
      {"gzip bomb", gzip_bomb()},
      {"10^7 nested lists", deep_nesting()},
      {"20,000 headers", many_headers()},
      {"endless cursors", endless_cursors()},
      {"slow drip", slow_drip()},
      {"never answers", never_answers()},
      {"a text of 50 MB", one_huge_text()},
      {"10^6 members", a_million_members()},
      {"16 MB of padding", all_but_one_byte()}};
  return all;
}

// Says where each account's app is: the well host for the small location, a hostile one for others.
class Directory {
 public:
  explicit Directory(const ContactUpstream& well)
      : well_(well), server_([this](RawConnection& connection) {
          for (std::string request = connection.read_request(); !request.empty();
               request = connection.read_request()) {
            connection.send(with_length(answer(request)));
          }
        }) {
    for (int i = 0; i < kHosts; ++i) {
      hosts_.emplace_back(kinds()[static_cast<std::size_t>(i) % kinds().size()].second);
    }
  }
  std::string url() const { return "http://127.0.0.1:" + std::to_string(server_.port()); }
  int connections(std::size_t host) const { return hosts_[host].connections(); }

 private:
  std::string answer(const std::string& request) const {
    std::string base = well_.url();
    const auto at = request.find("hostile");
    if (at != std::string::npos) {
      base = hosts_.at(std::stoul(request.substr(at + 7))).url("");
    }
    return nlohmann::json{{"token", "pit-limits"}, {"base_url", base}}.dump();
  }
  const ContactUpstream& well_;
  std::deque<RawServer> hosts_;
  RawServer server_;
};

std::string config_text(bool with_hostile) {
  std::string accounts, triggers;
  const auto add = [&](const std::string& name, const std::string& location) {
    accounts += "  " + name + ":\n    connector: highlevel\n    location_id: " + location +
                "\n    auth: {token: \"${env:HIGHLEVEL_TOKEN}\"}\n";
  };
  add("small", kSmallLocation);
  for (int i = 0; i < kSmallStreams; ++i) {
    triggers += trigger_text("small" + std::to_string(i), "list_contacts_deprecated", "small",
                             "    params: {query: s" + std::to_string(i) + "}\n");
  }
  for (int i = 0; with_hostile && i < kHosts; ++i) {
    const std::string name = "hostile" + std::to_string(i);
    add(name, name);
    triggers += trigger_text(name, "list_contacts_deprecated", name);
  }
  return "version: 1\naccounts:\n" + accounts + "triggers:\n" + triggers;
}

// The small streams' polls in a stretch of time, once they are all in their rhythm.
std::vector<double> watch_small(ContactUpstream& upstream, Wait stretch) {
  REQUIRE(end_to_end::wait_until(
      Wait{120'000}, [&] { return upstream.small_intervals().size() > 2 * kSmallStreams; }));
  upstream.forget_intervals();
  end_to_end::wait_until(stretch, [] { return false; });
  return upstream.small_intervals();
}

}  // namespace

TEST_CASE(
    "FET-07 FET-08 FET-09 PAG-07 PAR-04 16 hostile hosts at once take bounded memory and no one's "
    "time") {
  const Wait stretch{setting("TRIGGERD_HOSTILE_SECONDS", 12) * 1'000};
  ContactUpstream upstream(1);
  Directory directory(upstream);
  std::vector<double> alone, together;
  double alone_memory = 0;
  {
    Daemon daemon(directory.url(), config_text(false));
    alone = watch_small(upstream, stretch);
    alone_memory = daemon.memory("VmHWM");
    CHECK(daemon.stop() == 0);
  }
  Daemon daemon(directory.url(), config_text(true));
  together = watch_small(upstream, stretch);
  const double memory = daemon.memory("VmHWM");
  for (std::size_t host = 0; host < kHosts; ++host) {
    CAPTURE(kinds()[host % kinds().size()].first);
    CHECK(directory.connections(host) > 0);
  }
  note_lateness(alone, "alone", kLongEnough);
  note_lateness(together, "beside 16 hostile hosts", kLongEnough);
  note_figure("resident memory alone", alone_memory, "MB");
  CHECK(alone_memory > 0);
  CHECK(memory > 0);
  REQUIRE(!alone.empty());
  REQUIRE(!together.empty());
  note_figure("their p99 beside hostile hosts, to that alone",
              together[together.size() * 99 / 100] / alone[alone.size() * 99 / 100], "x");
  // A busy machine is no failure: half of the polls would be.
  CHECK(together.size() * 2 > alone.size());
  CHECK(daemon.number("SELECT count(*) FROM events") == 0);
  CHECK(daemon.number(
            "SELECT count(*) FROM streams WHERE trigger LIKE 'small%' AND health <> 'ok'") == 0);
  CHECK(
      daemon.number("SELECT count(*) FROM streams WHERE trigger LIKE 'hostile%' AND health = 'ok' "
                    "AND pages = 0") == 0);
  count("hostile_hosts", kHosts);
  count("polls_beside_hostile_hosts", static_cast<std::int64_t>(together.size()));
  if (kJudgesMemory) {
    note_limit("peak resident memory beside 16 hostile hosts", memory, "MB", kMemoryBound);
    CHECK(memory < kMemoryBound);
  } else {
    note_figure("peak resident memory beside 16 hostile hosts, with sanitizers", memory, "MB");
  }
  if (daemon.stop() != 0) MESSAGE("the stop took its full time");
}
