#include "daemon.h"

#include <sqlite3.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <stdexcept>

namespace triggerd::bench {

namespace {

constexpr std::int64_t kStreamsPerTrigger = 10'000;

// Calls `row` for each row; throws what SQLite says.
template <typename Row>
void query(const std::string& path, const std::string& sql, const Row& row) {
  sqlite3* handle = nullptr;
  sqlite3_open_v2(path.c_str(), &handle, SQLITE_OPEN_READONLY, nullptr);
  sqlite3_busy_timeout(handle, 5'000);
  sqlite3_stmt* statement = nullptr;
  int code = sqlite3_prepare_v2(handle, sql.c_str(), -1, &statement, nullptr);
  while (code == SQLITE_OK || code == SQLITE_ROW) {
    code = sqlite3_step(statement);
    if (code == SQLITE_ROW) row(statement);
  }
  const std::string problem = sqlite3_errmsg(handle);
  sqlite3_finalize(statement);
  sqlite3_close(handle);
  if (code != SQLITE_DONE) throw std::runtime_error(path + ": " + problem);
}

}  // namespace

Daemon::Daemon(const std::string& folder, const Upstream& upstream, const World& world)
    : folder_(folder), url_(upstream.url()), world_(world) {
  std::filesystem::create_directories(folder_ + "/connectors");
  write_connector();
  write_triggers();
}

Daemon::~Daemon() {
  std::error_code ignored;
  std::filesystem::remove_all(folder_, ignored);
}

void Daemon::write_connector() const {
  std::ofstream file(folder_ + "/connectors/bench.yaml");
  file << "connector: bench\ntitle: Bench\nbase_url: " << url_
       << "\nauth: [{kind: none}]\nconcurrency: 64\noperations:\n";
  for (const std::string kind : {"same", "same100", "checked", "grows"}) {
    file << "  list_" << kind << ":\n    title: List " << kind << "\n    request: GET /" << kind
         << "/{n}\n    params:\n      n: {required: true, about: Number of the stream.}\n"
         << "    read:\n      records: /contacts\n      id: /id\n      updated: /dateUpdated\n"
         << "      created: /dateAdded\n      unordered: [/tags, /additionalEmails]\n"
         << "      remember: [/firstName, /lastName, /contactName, /email, /phone, /companyName]\n"
         << "      conditional: " << (kind == "checked" ? "true" : "false") << "\n";
  }
}

void Daemon::write_triggers() const {
  std::ofstream file(folder_ + "/triggers.yaml");
  file << "version: 1\nengine: {state: " << folder_ << "/state}\n"
       << "accounts: {bench: {connector: bench}}\ndefaults: {every: 1m}\ntriggers:\n";
  for (std::int64_t done = 0; done < world_.streams; done += kStreamsPerTrigger) {
    const std::int64_t end = std::min(world_.streams, done + kStreamsPerTrigger);
    file << "  t" << done << ":\n    poll: bench.list_" << world_.operation
         << "\n    account: bench\n    detect: [new]\n    for_each:\n      n: [";
    for (std::int64_t i = done; i < end; ++i) {
      file << (i == done ? "" : ", ") << '"' << world_.first + i << '"';
    }
    file << "]\n";
    if (!world_.acts) continue;
    file << "    do:\n      - action: webhook\n        with:\n          url: " << url_
         << "/sink\n          body: {stream: \"${{ .item.n }}\", record: \"${{ .record }}\"}\n";
  }
}

std::unique_ptr<MeasuredProcess> Daemon::start(const std::string& command) const {
  std::vector<std::string> words{
      TRIGGERD_PROGRAM,           command,        "-c",
      folder_ + "/triggers.yaml", "--connectors", folder_ + "/connectors"};
  if (world_.speed > 1) {
    for (const std::string& word :
         {std::string("--sandbox"), url_, std::string("--speed"), std::to_string(world_.speed)}) {
      words.push_back(word);
    }
  }
  return std::make_unique<MeasuredProcess>(words, folder_ + "/triggerd.log");
}

void Daemon::poll_once() const {
  const int code = start("once")->wait();
  if (code != 0) {
    throw std::runtime_error("triggerd once ended with " + std::to_string(code) + ":\n" +
                             read_file(folder_ + "/triggerd.log").substr(0, 2'000));
  }
}

std::unordered_map<std::int64_t, std::int64_t> Daemon::promises() const {
  std::unordered_map<std::int64_t, std::int64_t> all;
  query(
      database(), "SELECT json_extract(item, '$.n'), next_poll FROM streams",
      [&](sqlite3_stmt* row) { all[sqlite3_column_int64(row, 0)] = sqlite3_column_int64(row, 1); });
  return all;
}

std::int64_t Daemon::count(const std::string& sql) const {
  std::int64_t number = 0;
  query(database(), sql, [&](sqlite3_stmt* row) { number = sqlite3_column_int64(row, 0); });
  return number;
}

}  // namespace triggerd::bench
