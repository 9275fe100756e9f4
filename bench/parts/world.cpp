#include "world.h"

#include <cstdlib>
#include <filesystem>
#include <stdexcept>

#include "pages.h"
#include "triggerd/catalog/catalog.h"
#include "triggerd/config/load.h"

namespace triggerd::bench {

namespace {

constexpr const char* kConnector = R"yaml(
connector: bench
title: Bench
base_url: https://app.example
auth: [{kind: none}]
concurrency: 64
operations:
  list_same:
    title: List
    about: A list.
    request: GET /same/{n}
    params:
      n: {required: true, about: Number of the stream.}
    read:
      records: /contacts
      id: /id
      updated: /dateUpdated
      created: /dateAdded
      unordered: [/tags, /additionalEmails]
      remember: [/firstName, /lastName, /contactName, /email, /phone, /companyName]
)yaml";

constexpr Millis kInterval{60'000};
constexpr Millis kStep{100};
constexpr std::int64_t kStreamsPerTrigger = 10'000;

SecretSources no_secrets() {
  SecretSources sources;
  sources.env = [](const std::string&) { return std::nullopt; };
  sources.file = sources.env;
  return sources;
}

}  // namespace

std::shared_ptr<const Config> config_of(std::int64_t streams) {
  const CatalogLoad catalog = load_catalog({{"bench.yaml", kConnector}});
  std::string text =
      "version: 1\naccounts: {bench: {connector: bench}}\ndefaults: {every: 1m}\ntriggers:\n";
  for (std::int64_t i = 0; i < streams; ++i) {
    const std::string number = std::to_string(i);
    if (i % kStreamsPerTrigger == 0) {
      text += (i == 0 ? "  t" : "]\n  t") + number +
              ":\n    poll: bench.list_same\n    account: bench\n    detect: [new, changed]\n"
              "    for_each:\n      n: [";
    }
    text += '"' + number + "\", ";
  }
  const ConfigLoad loaded =
      load_config("triggers.yaml", text + "]\n", catalog.catalog, no_secrets());
  if (loaded.config == nullptr) throw std::runtime_error(loaded.problems.front().what);
  return loaded.config;
}

Page page_of(std::string body, const Config& config) {
  const nlohmann::json values = nlohmann::json::object();
  CutRules rules;
  rules.operation = config.triggers.front().operation;
  rules.values = &values;
  HttpReply reply;
  reply.status = 200;
  reply.body = std::move(body);
  Result<Page, std::string> page = cut_page(std::move(reply), rules);
  if (!page) throw std::runtime_error(page.error());
  return *std::move(page);
}

Folder::Folder() {
  path_ = (std::filesystem::temp_directory_path() / "triggerd_parts_XXXXXX").string();
  if (::mkdtemp(path_.data()) == nullptr) throw std::runtime_error("no folder for the state");
}

Folder::~Folder() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

RunningEngine::RunningEngine(std::int64_t streams)
    : clock_(*parse_iso8601("2026-03-01T09:30:00Z")),
      body_(page_body(20)),
      http_([this](const HttpRequest&) {
        ++answered_;
        HttpReply reply;
        reply.status = 200;
        reply.headers.push_back({"Content-Type", "application/json", false});
        reply.body = body_;
        return reply;
      }) {
  EngineOptions options;
  options.secrets = no_secrets();
  engine_ = std::make_unique<Engine>(EngineSeams{clock_, http_, spawner_},
                                     Database::open(folder_.path(), {}, clock_.wall()), options);
  const std::vector<Problem> problems = engine_->apply(config_of(streams));
  if (!problems.empty()) throw std::runtime_error(problems.front().what);
  for (Millis passed{0}; passed < 4 * kInterval; passed += kStep) pass(kStep);
  if (answered_ < 2 * streams) throw std::runtime_error("streams were not polled");
}

std::int64_t RunningEngine::pass(Millis time) {
  const std::int64_t before = answered_;
  clock_.pass(time);
  do {
    http_.requests.clear();
    engine_->turn(Millis{0});
  } while (!http_.requests.empty());
  return answered_ - before;
}

}  // namespace triggerd::bench
