#include "figures.h"

#include <cstdlib>
#include <filesystem>
#include <stdexcept>
#include <unordered_set>

#include "state_filler.h"

namespace triggerd::bench {

namespace {

constexpr int kWindowSeconds = 10;
// Each stream of the sandbox is polled every 6 seconds: 2,000 polls a second.
constexpr std::int64_t kIdleStreams = 12'000;
constexpr int kIdleSpeed = 10;
constexpr int kIdleSeconds = 4;
constexpr int kIdleSettleMs = 13'000;
constexpr std::int64_t kChangedStreams = 12'000;
constexpr double kMinuteMs = 60'000;
// After it no stream still waits for the interval since `triggerd once`, or for its first poll
// after a start, which is read in full.
constexpr int kWholeIntervalMs = 65'000;

void require(bool holds, const std::string& what) {
  if (!holds) throw std::runtime_error(what);
}

Spread one(double value) { return {value, value, value}; }

}  // namespace

double Bench::floor_us(const FloorAsked& asked) {
  const std::string folder = options_.folder + "/floor";
  std::filesystem::create_directories(folder);
  MeasuredProcess floor(
      {FLOOR_PROGRAM, asked.kind, upstream_.url(), asked.path, std::to_string(next_stream_),
       std::to_string(asked.streams), std::to_string(asked.polls), std::to_string(asked.warm_up),
       std::to_string(asked.rate), folder},
      folder + "/out");
  next_stream_ += asked.streams;
  require(floor.wait() == 0, "the floor failed: " + read_file(folder + "/out"));
  const double cpu = std::atof(read_file(folder + "/out").c_str());
  std::filesystem::remove_all(folder);
  return cpu;
}

// From the first request to the last, so that neither start nor end is counted.
double Bench::once_us(const Daemon& daemon) {
  const std::int64_t before = upstream_.pages(), acted = upstream_.actions();
  const auto process = daemon.start("once");
  while (upstream_.pages() == before && process->running()) sleep_ms(1);
  const double cpu = process->cpu_us();
  const std::int64_t first = upstream_.pages();
  const std::int64_t acts = daemon.world().acts ? daemon.world().streams : 0;
  while (process->running() && (upstream_.pages() < before + daemon.world().streams ||
                                upstream_.actions() < acted + acts)) {
    sleep_ms(1);
  }
  const double used = process->cpu_us() - cpu;
  const auto polls = static_cast<double>(upstream_.pages() - first);
  require(process->wait() == 0 && upstream_.actions() == acted + acts, "triggerd once failed");
  return used / polls;
}

void Bench::flat_out(std::vector<Figure>& figures, const std::string& name, const World& world,
                     const FloorAsked& floor) {
  const Daemon daemon(options_.folder + "/" + world.operation, upstream_, world);
  daemon.poll_once();
  std::vector<double> ours, floors;
  for (int round = 0; round < options_.rounds; ++round) {
    floors.push_back(floor_us(floor));
    ours.push_back(once_us(daemon));
  }
  const std::int64_t events = daemon.count("SELECT count(*) FROM events");
  const bool grows = world.operation == "grows";
  require(events == (grows ? world.streams * options_.rounds : 0),
          name + ": " + std::to_string(events) + " events");
  figures.push_back({name, "us CPU", spread_of(ours), spread_of(floors), 2});
}

// The second poll after a start is the first one that may take all short cuts.
void Bench::idle_of(std::vector<Figure>& figures, const std::string& name,
                    const std::string& operation, const std::string& floor_path) {
  const World world{operation, 0, kIdleStreams, false, kIdleSpeed};
  const Daemon daemon(options_.folder + "/" + operation, upstream_, world);
  daemon.poll_once();
  FloorAsked floor{"idle", floor_path};
  floor.rate = static_cast<double>(kIdleStreams * kIdleSpeed) / 60;
  floor.polls = static_cast<std::int64_t>(floor.rate) * kIdleSeconds;
  std::vector<double> ours, floors, flat;
  std::unique_ptr<MeasuredProcess> process;
  start_seconds(daemon, process);
  sleep_ms(kIdleSettleMs);
  for (int round = 0; round < options_.rounds; ++round) {
    double share = 0;
    ours.push_back(paced_us(*process, kIdleSeconds, share));
  }
  require(process->stop() == 0, "triggerd did not stop well");
  for (int round = 0; round < options_.rounds; ++round) {
    floors.push_back(floor_us(floor));
    flat.push_back(floor_us({"idle", floor_path}));
  }
  require(daemon.count("SELECT count(*) FROM detections") == 0, name + ": detections");
  // The floor knows no ETag: its page is more work than a 304, and no goal can be held against it.
  if (operation == "checked") {
    figures.push_back({name, "us CPU", spread_of(ours), {}, {}});
    return;
  }
  figures.push_back({name, "us CPU", spread_of(ours), spread_of(floors), 2});
  figures.push_back(
      {name + ", floor as fast as it goes", "us CPU", spread_of(ours), spread_of(flat), {}});
}

void Bench::idle(std::vector<Figure>& figures) {
  idle_of(figures, "idle poll, 20 records", "same", "/same/");
  idle_of(figures, "idle poll, 100 records", "same100", "/same100/");
  idle_of(figures, "idle poll, answered 304", "checked", "/same/");
}

// At the pace of the schedule: few polls share a commit, of triggerd as of the floor.
void Bench::paced(std::vector<Figure>& figures, const std::string& name, const World& world,
                  const std::string& floor_kind) {
  const Daemon daemon(options_.folder + "/" + floor_kind, upstream_, world);
  daemon.poll_once();
  FloorAsked floor{floor_kind, "/grows/"};
  floor.rate = static_cast<double>(world.streams) / (kMinuteMs / 1'000);
  floor.polls = static_cast<std::int64_t>(floor.rate) * kWindowSeconds;
  std::vector<double> ours, floors;
  std::unique_ptr<MeasuredProcess> process;
  start_seconds(daemon, process);
  sleep_ms(kWholeIntervalMs);
  for (int round = 0; round < options_.rounds; ++round) {
    double share = 0;
    ours.push_back(paced_us(*process, kWindowSeconds, share));
  }
  require(process->stop() == 0, "triggerd did not stop well");
  for (int round = 0; round < options_.rounds; ++round) floors.push_back(floor_us(floor));
  const std::int64_t waiting = daemon.count("SELECT count(*) FROM runs WHERE state = 'waiting'");
  require(daemon.count("SELECT count(*) FROM events") > 0 && waiting == 0,
          name + ": " + std::to_string(waiting) + " runs are not done");
  figures.push_back({name, "us CPU", spread_of(ours), spread_of(floors), 2});
}

void Bench::changed(std::vector<Figure>& figures) {
  flat_out(figures, "one new record, to committed event, as fast as it goes",
           {"grows", 0, kChangedStreams, false, 1}, {"changed", "/grows/"});
  paced(figures, "one new record, to committed event, 200 polls/s",
        {"grows", 100'000, kChangedStreams, false, 1}, "changed");
}

void Bench::delivered(std::vector<Figure>& figures) {
  paced(figures, "one new record, to delivered and acknowledged, 200 polls/s",
        {"grows", 200'000, kChangedStreams, true, 1}, "delivered");
}

double Bench::start_seconds(const Daemon& daemon, std::unique_ptr<MeasuredProcess>& process) {
  upstream_.take_arrivals();
  const std::int64_t before = upstream_.pages();
  const std::int64_t started = now_us();
  process = daemon.start("run");
  while (upstream_.pages() == before && process->running()) sleep_ms(1);
  const std::vector<Arrival> arrivals = upstream_.take_arrivals();
  require(!arrivals.empty(), "triggerd run failed");
  return static_cast<double>(arrivals.front().at - started) / 1e6;
}

double Bench::paced_us(const MeasuredProcess& process, int seconds, double& share) {
  const double cpu = process.cpu_us();
  const std::int64_t polls = upstream_.pages(), from = now_us();
  sleep_ms(seconds * 1'000);
  const double used = process.cpu_us() - cpu;
  share = used / static_cast<double>(now_us() - from);
  return used / static_cast<double>(upstream_.pages() - polls);
}

// What `status` promises of each stream against when its request came, over the next polls.
double Bench::lateness_p99_ms(const Daemon& daemon) {
  upstream_.take_arrivals();
  const auto promises = daemon.promises();
  const std::int64_t since = now_us() / 1'000 + 1'000;
  sleep_ms(static_cast<int>(kMinuteMs) + 1'000);
  std::unordered_set<std::int64_t> counted;
  std::vector<double> late;
  for (const Arrival& arrival : upstream_.take_arrivals()) {
    const auto promise = promises.find(arrival.stream);
    if (promise == promises.end() || promise->second < since) continue;
    if (arrival.at / 1'000 < since || !counted.insert(arrival.stream).second) continue;
    late.push_back(static_cast<double>(arrival.at) / 1'000 - static_cast<double>(promise->second));
  }
  require(late.size() > promises.size() / 4, "too few polls for lateness");
  return percentile(late, 0.99);
}

void Bench::at_pace(std::vector<Figure>& figures) {
  const Daemon daemon(options_.folder + "/pace", upstream_,
                      {"same", 0, options_.streams, false, 1});
  // The baseline, and the first sweep that is judged: what a daemon that ran before leaves behind.
  daemon.poll_once();
  daemon.poll_once();
  sleep_ms(kWholeIntervalMs);
  std::unique_ptr<MeasuredProcess> process;
  const double start = start_seconds(daemon, process);
  const double rate = static_cast<double>(options_.streams) / (kMinuteMs / 1'000);
  FloorAsked floor{"idle", "/same/"};
  floor.rate = rate;
  floor.polls = static_cast<std::int64_t>(rate) * kWindowSeconds / 2;
  std::vector<double> ours, floors, shares;
  sleep_ms(kWholeIntervalMs);
  for (int round = 0; round < options_.rounds; ++round) {
    ours.push_back(paced_us(*process, kWindowSeconds, shares.emplace_back()));
  }
  const double resident = process->resident_mb();
  const double late = lateness_p99_ms(daemon);
  require(process->stop() == 0, "triggerd did not stop well");
  for (int round = 0; round < options_.rounds; ++round) floors.push_back(floor_us(floor));
  for (double& share : shares) share *= 100;
  const std::string at = " at " + std::to_string(static_cast<int>(rate)) + " polls/s";
  figures.push_back({"idle poll" + at, "us CPU", spread_of(ours), spread_of(floors), {}});
  figures.push_back({"share of a core" + at, "%", spread_of(shares), {}, 10});
  figures.push_back({"lateness p99" + at, "ms", one(late), {}, 2});
  figures.push_back({"start to first poll, all streams", "s", one(start), {}, 1});
  figures.push_back({"resident, all streams", "MB", one(resident), {}, {}});
}

void Bench::memory(std::vector<Figure>& figures) {
  const auto settled_mb = [&](const Daemon& daemon) {
    std::unique_ptr<MeasuredProcess> process;
    start_seconds(daemon, process);
    sleep_ms(kWholeIntervalMs);
    const double peak = process->peak_mb();
    require(process->stop() == 0, "triggerd did not stop well");
    return peak;
  };
  const Daemon small(options_.folder + "/one", upstream_, {"same", 0, 100, false, 1});
  small.poll_once();
  const double with_few = settled_mb(small);
  const Daemon daemon(options_.folder + "/keys", upstream_,
                      {"same", 0, options_.streams, false, 1});
  daemon.poll_once();
  const double with_all = settled_mb(daemon);
  fill_seen(daemon.database(), options_.keys);
  const double with_keys = settled_mb(daemon);
  const double each = (with_all - with_few) * 1e3 / static_cast<double>(options_.streams);
  figures.push_back({"peak resident, all streams and keys", "MB", one(with_keys), {}, 256});
  figures.push_back({"memory of one stream", "KB", one(each), {}, 4});
}

void Bench::delay(std::vector<Figure>& figures) {
  const std::int64_t streams = std::min<std::int64_t>(options_.streams, 1'200);
  const Daemon daemon(options_.folder + "/delay", upstream_, {"grows", 500'000, streams, true, 1});
  daemon.poll_once();
  std::unique_ptr<MeasuredProcess> process;
  start_seconds(daemon, process);
  sleep_ms(static_cast<int>(kMinuteMs) + 500);
  require(process->stop() == 0, "triggerd did not stop well");
  std::unordered_map<std::int64_t, std::int64_t> served;
  std::vector<double> delays;
  for (const Arrival& arrival : upstream_.take_arrivals()) {
    if (arrival.what == Arrival::What::page) {
      served[arrival.stream] = arrival.at;
    } else if (served.contains(arrival.stream)) {
      delays.push_back(static_cast<double>(arrival.at - served[arrival.stream]) / 1'000);
    }
  }
  require(delays.size() + 10 > static_cast<std::size_t>(streams), "too few actions");
  figures.push_back(
      {"new record served to action sent, p99", "ms", one(percentile(delays, 0.99)), {}, 20});
  figures.push_back({"the same, median", "ms", one(percentile(delays, 0.5)), {}, {}});
}

}  // namespace triggerd::bench
