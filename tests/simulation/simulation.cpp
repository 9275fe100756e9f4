#include "simulation/simulation.h"

#include <filesystem>
#include <stdexcept>

#include "checker/crash_image.h"
#include "simulation/judge.h"
#include "triggerd/catalog/catalog.h"
#include "triggerd/config/load.h"

namespace triggerd::simulation {

namespace {

constexpr Millis kSecond{1'000};
constexpr Millis kMinute{60'000};
constexpr std::int64_t kQuietMinutes = 25;
// What is left to do when the faults end may wait this long: backoffs, stated waits, suspensions.
constexpr std::int64_t kSettleMinutes = 35;
constexpr std::int64_t kSettleMinutesGone = 65;     // an endpoint was left alone for an hour
constexpr std::int64_t kStart = 1'772'357'400'000;  // 2026-03-01T09:30:00Z

SecretSources secrets() {
  SecretSources sources;
  sources.env = [](const std::string&) { return std::optional<std::string>("secret"); };
  sources.file = sources.env;
  return sources;
}

// One life of so many is crowded.
constexpr std::uint64_t kCrowded = 4;
constexpr Size kCrowd{.population_max = 120, .changes_max = 160};
// A life that needs more never ends.
constexpr std::int64_t kTurnsMax = 2'000, kTurnsPerSecondMax = 100;

std::string trigger_text(const std::string& name, const std::string& operation, int every,
                         const std::string& more) {
  return "  " + name + ":\n    poll: app." + operation +
         "\n    account: main\n    every: " + std::to_string(every) +
         "m\n    detect: [new, changed, removed]\n" + more +
         "    do:\n"
         "      - action: webhook\n"
         "        retry: {min: 5s, max: 60s}\n"
         "        with:\n"
         "          url: https://hooks.example/" +
         name +
         "\n"
         "          body:\n"
         "            key: ${{ .event.key }}\n"
         "            kind: ${{ .event.kind }}\n"
         "            n: ${{ .event.n }}\n"
         "            name: ${{ .record.name }}\n";
}

}  // namespace

std::string command_of(std::uint64_t seed, std::int64_t steps) {
  return "tests_simulation --seed " + std::to_string(seed) + " --steps " + std::to_string(steps);
}

Simulation::Simulation(std::uint64_t seed, std::int64_t steps)
    : seed_(seed),
      steps_(steps),
      crowded_(seed % kCrowded == 0),
      chance_(seed),
      clock_(wall_from_ms(kStart)),
      world_(chance_, kStart, crowded_ ? kCrowd : Size{}),
      app_(chance_, world_),
      receiver_(chance_),
      transport_(clock_, chance_, app_, receiver_) {
  // So that ids that the database makes are the same in each run of the seed.
  sqlite3_test_control(SQLITE_TESTCTRL_PRNG_SEED, static_cast<int>(seed % 1'000'000 + 1), nullptr);
  CatalogLoad load = load_catalog({{"app.yaml", kConnector}});
  for (const Problem& problem : load.problems) {
    outcome_.problems.push_back(render_problem(problem, kConnector));
  }
  catalog_ = load.catalog;
  if (catalog_ == nullptr) throw std::logic_error(outcome_.problems.front());
  transport_.program_is_dead = [this] { return disk_.crashed(); };
  transport_.on_served = [this](const Answer& answer) { observer_.served(answer); };
  // Some hundred in each life.
  disk_.images.every = crowded_ ? 1'000 : 25;
  disk_.images.folder = directory_.path() + "-image";
  disk_.images.random.seed(seed);
  disk_.images.on_image = [this] { image_ = receiver_.count(); };
  transport_.on_poll = [this](SteadyTime now) { observer_.poll_left(now); };
}

Simulation::~Simulation() {
  std::error_code ignored;
  std::filesystem::remove_all(disk_.images.folder, ignored);
}

std::string Simulation::configuration() const {
  std::string text =
      "version: 1\naccounts:\n  main:\n    connector: app\n    auth: {token: \"${env:TOKEN}\"}\n"
      "triggers:\n";
  // What is no crowd for this app must not be held as a flood.
  const std::string crowd = crowded_ ? "    hold_above: 100000\n" : "";
  const std::string page = crowd + (crowded_ ? "    params: {limit: 50}\n" : "");
  text +=
      trigger_text("items", "search_items", 1,
                   page + (setup_.wide ? "    watch: [/name, /note]\n" : "    watch: [/name]\n"));
  const std::string all = page + "    remember: record\n";
  text += trigger_text("members", "list_members", setup_.every, all);
  text += trigger_text("cards", "get_card", setup_.every, "    for_each: {id: members}\n" + crowd);
  text += trigger_text("slots", "open_slots", 1, crowd);
  if (setup_.orders) text += trigger_text("orders", "list_orders", 1, page);
  return text;
}

bool Simulation::load() {
  const std::string text = configuration();
  const ConfigLoad loaded = load_config("triggers.yaml", text, catalog_, secrets());
  for (const Problem& problem : loaded.problems) {
    if (!problem.warning) outcome_.problems.push_back(render_problem(problem, text));
  }
  if (loaded.config == nullptr) throw std::logic_error("the configuration is refused");
  for (const Problem& problem : engine_->apply(loaded.config)) {
    outcome_.problems.push_back(render_problem(problem, text));
  }
  return true;
}

void Simulation::start() {
  EngineOptions options;
  options.seed = seed_;
  options.secrets = secrets();
  DatabaseOptions with;
  with.vfs = "crash";
  engine_ =
      std::make_unique<Engine>(EngineSeams{clock_, transport_, spawner_},
                               Database::open(directory_.path(), with, clock_.wall()), options);
  load();
}

// The program is dead. What it left on the disk is what it starts from.
void Simulation::recover() {
  const SteadyTime died = clock_.steady();
  unwritten_.clear();
  for (;;) {
    count(loss_ == Loss::unsynced ? "power cuts" : "kills");
    disk_.crash();
    transport_.cut_all();
    engine_.reset();
    disk_.rebuild(loss_, chance_.generator());
    // Some crashes come while it starts.
    if (!calm_ && chance_.in(150)) disk_.crash_after(1 + chance_.below(40));
    clock_.pass(Millis{chance_.between(100, 20'000)});
    try {
      start();
    } catch (const std::exception& failure) {
      if (!disk_.crashed()) throw;
      continue;
    }
    if (!disk_.crashed()) break;
  }
  observer_.restarted(database(), clock_.server(), died);
  recovered_ = true;
}

// False: the program died in it, and was started again.
bool Simulation::survives(const std::function<void()>& act) {
  recovered_ = false;
  try {
    act();
  } catch (const StoreFailure&) {
    if (!disk_.crashed()) throw;
  }
  if (disk_.crashed()) recover();
  return !recovered_;
}

void Simulation::examine_image() {
  const std::size_t arrived = *std::exchange(image_, std::nullopt);
  count("crash points");
  const std::string image = disk_.images.folder + "/triggerd.db";
  for (const std::string& problem :
       checker::check_crash_image(image, receiver_.arrivals(), arrived)) {
    outcome_.problems.push_back("a crash before write " + std::to_string(disk_.points()) +
                                " would leave: " + problem);
  }
}

bool Simulation::turn() {
  bool lived = true;
  try {
    engine_->turn(kSecond);
  } catch (const std::exception&) {
    if (!disk_.crashed()) throw;
    lived = false;
  }
  if (image_) examine_image();
  lived = lived && !disk_.crashed();
  const bool written = lived && !cannot_write();
  for (const HandedOver& one : transport_.take_handed()) hand_over(one, written);
  count("turns");
  if (!lived) {
    recover();
  } else if (!written) {
    observer_.disk_full(database(), clock_.server());
  } else {
    for (const std::size_t arrival : std::exchange(unwritten_, {})) receiver_.noted(arrival);
  }
  return lived;
}

void Simulation::hand_over(const HandedOver& one, bool certain) {
  const bool alive = !disk_.crashed();
  if (one.answer) {
    const Answer& answer = *one.answer;
    if (answer.retry_wait && alive) {
      observer_.told_to_wait(Millis{*answer.retry_wait}, clock_.steady());
    }
    observer_.taken(answer, epoch_ms(clock_.wall()), setup_.wide ? 1 : 0, certain);
  }
  // The engine keeps the end of a send until it can be written.
  if (one.arrival && alive) unwritten_.push_back(*one.arrival);
  if (one.throttled && certain) receiver_.told_to_wait(*one.throttled, clock_.server());
}

bool Simulation::cannot_write() const {
  const nlohmann::json standing = engine_->operate({{"command", "standing"}});
  return standing.at("message").get_ref<const std::string&>().starts_with("the state cannot");
}

void Simulation::pass_until(SteadyTime moment) {
  transport_.no_later = moment;
  const std::int64_t most = kTurnsMax + kTurnsPerSecondMax * ((moment - clock_.steady()) / kSecond);
  for (std::int64_t turns = 0; clock_.steady() < moment; ++turns) {
    if (turns > most) throw std::runtime_error("time does not pass (I19)");
    turn();
  }
}

void Simulation::edit() {
  count("edits");
  switch (chance_.below(3)) {
    case 0:
      setup_.wide = !setup_.wide;
      break;
    case 1:
      setup_.every = 3 - setup_.every;
      break;
    default:
      setup_.orders = !setup_.orders;
  }
  observer_.excuse();
  if (survives([this] { load(); })) observer_.interrupted(database(), clock_.server());
}

// The operator lets a trigger forget what it knows.
void Simulation::begin_anew() {
  count("new beginnings");
  static const std::vector<std::string> kTriggers{"items", "members", "cards", "slots", "orders"};
  std::string trigger = chance_.one_of(kTriggers);
  if (chance_.in(700)) {  // in the middle of a poll
    const SteadyTime latest = clock_.steady() + 2 * kMinute;
    transport_.no_later = latest;
    while (transport_.asking().empty() && clock_.steady() < latest) turn();
    if (!transport_.asking().empty()) trigger = transport_.asking();
  }
  if (trigger == "orders" && !setup_.orders) return;
  const std::int64_t now = clock_.server();
  observer_.look_for_new_beginnings(database(), now);
  observer_.asked_anew(trigger);
  transport_.outdate(trigger);
  if (survives([&] { engine_->operate({{"command", "rebaseline"}, {"trigger", trigger}}); })) {
    observer_.look_for_new_beginnings(database(), now);
  }
  observer_.asked_anew("");
}

void Simulation::restart_gently() {
  count("restarts");
  const SteadyTime stopped = clock_.steady();
  engine_->drain();
  for (int i = 0; i < 200 && !engine_->drained(); ++i) {
    if (!turn()) return;  // it died and lives again
  }
  if (!survives([this] {
        engine_->save();
        engine_.reset();
        transport_.cut_all();
        if (chance_.in(250)) clock_.pass(kMinute * 60 * chance_.between(10, 40));
        start();
      })) {
    return;
  }
  observer_.restarted(database(), clock_.server(), stopped);
}

// What befalls the program itself.
void Simulation::disturb() {
  if (disk_.full()) {
    if (chance_.in(300)) return;
    disk_.make_room();
    count("full disks");
  }
  disk_.fill_after(0);
  loss_ = chance_.in(700) ? Loss::unsynced : Loss::nothing;
  const std::int64_t dice = chance_.below(1'000);
  if (dice < 60) {
    disk_.crash_after(1 + chance_.below(60));
  } else if (dice < 70) {
    recover();
  } else if (dice < 80) {
    restart_gently();
  } else if (dice < 110) {
    edit();
  } else if (dice < 122) {
    begin_anew();
  } else if (dice < 126) {
    count("standstills");
    observer_.excuse();
    clock_.pass(kMinute * chance_.between(2, 200));
  } else if (dice < 136) {
    count("clock steps");
    observer_.excuse();
    clock_.step_wall(kSecond * chance_.between(-100, 400));
    receiver_.excuse_waits();
  } else if (dice < 236) {
    disk_.fill_after(1 + chance_.below(60));
  }
}

void Simulation::step() {
  const std::int64_t now = clock_.server();
  app_.next_mood(now);
  receiver_.next_mood(now);
  if (chance_.in(550)) world_.mutate(now);
  disturb();
  pass_until(clock_.steady() + kSecond * chance_.between(3, 25));
}

void Simulation::quiet() {
  calm_ = app_.calm = receiver_.calm = true;
  disk_.crash_after(0);
  disk_.fill_after(0);
  disk_.make_room();
  setup_.orders = true;
  load();
  observer_.interrupted(database(), clock_.server());
  pass_until(clock_.steady() +
             kMinute * (receiver_.said_gone ? kSettleMinutesGone : kSettleMinutes));
  observer_.begin_quiet();
  pass_until(clock_.steady() + kMinute * kQuietMinutes);
}

void Simulation::live() {
  start();
  for (std::int64_t i = 0; i < steps_; ++i) step();
  quiet();
  engine_->save();
  engine_.reset();
  observer_.end();
  Verdicts verdicts =
      judge(observer_, world_, receiver_, database(), {clock_.server(), kQuietMinutes});
  outcome_.problems.insert(outcome_.problems.end(), verdicts.problems.begin(),
                           verdicts.problems.end());
  for (const std::string& problem : receiver_.problems()) outcome_.problems.push_back(problem);
  count("records", verdicts.records);
  count("detections", verdicts.detections);
}

Outcome Simulation::run() {
  disk_.ignore_syncs = lying_disk;
  try {
    live();
  } catch (const std::exception& failure) {
    outcome_.problems.push_back(std::string("the life ended early: ") + failure.what() + " (I20)");
  }
  outcome_.problems.insert(outcome_.problems.end(), observer_.problems().begin(),
                           observer_.problems().end());
  count("writes", static_cast<std::int64_t>(disk_.points()));
  count("mutations", world_.mutations());
  count("faults", app_.faults());
  count("requests", transport_.requests);
  count("sends", transport_.sends);
  count("deliveries", static_cast<std::int64_t>(receiver_.count()));
  count("problems", static_cast<std::int64_t>(outcome_.problems.size()));
  return std::move(outcome_);
}

}  // namespace triggerd::simulation
