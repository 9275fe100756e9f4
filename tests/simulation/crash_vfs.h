// A SQLite VFS over the ordinary one that can lose power: it keeps a log of what was written to the
// database and its write-ahead log since each file's last sync, and after a crash rebuilds the
// files from what was synced and any part of the rest. Shared memory and locks pass through.
// Registered by name while it lives; used below Database by the simulation. One thread.
#pragma once

#include <sqlite3.h>

#include <cstdint>
#include <functional>
#include <map>
#include <random>
#include <string>
#include <vector>

namespace triggerd::simulation {

enum class Loss {
  nothing,   // the process was killed: the operating system keeps what was written
  unsynced,  // the power failed: of what was not synced anything may be missing, by sectors
};

class CrashVfs {
 public:
  explicit CrashVfs(std::string name);
  ~CrashVfs();
  CrashVfs(const CrashVfs&) = delete;
  CrashVfs& operator=(const CrashVfs&) = delete;

  // Writes, truncates, deletes and syncs so far: the points at which it can crash.
  std::uint64_t points() const { return points_; }
  // The `more`-th point from now (from 1) does not happen any more. 0: no such plan.
  void crash_after(std::uint64_t more) { crash_at_ = more == 0 ? 0 : points_ + more; }
  // From the `more`-th point on nothing can be written, and what is there can be read, until there
  // is room again. 0: no such plan.
  void fill_after(std::uint64_t more) { full_at_ = more == 0 ? 0 : points_ + more; }
  void make_room() { full_ = false; }
  bool full() const { return full_; }
  // From now on nothing is read or written; every operation fails.
  void crash() { crashed_ = true; }
  bool crashed() const { return crashed_; }
  // Once all connections are closed: makes the files what they are after the crash.
  void rebuild(Loss loss, std::mt19937_64& random);

  // At every so many-th point, what a crash would leave there is written into `folder`, and
  // `on_image` is called, in which the database must not be used. Kills and power cuts in turn.
  struct Images {
    std::uint64_t every = 0;  // 0: none
    std::string folder;
    std::mt19937_64 random{1};
    std::function<void()> on_image;
    std::uint64_t made = 0;
  };
  Images images;

  bool ignore_syncs = false;  // a disk that lies: what is said to be synced is not

 private:
  struct Write {
    std::int64_t at = 0;  // of a truncate: the new size
    std::string bytes;
    bool truncates = false;
  };
  struct Content {
    std::string synced;
    std::vector<Write> since;
  };
  struct File;

  static void apply(std::string& content, const Write& write);
  static void apply_part(std::string& content, const Write& write, std::mt19937_64& random);
  bool reach_point();  // false: the crash has come
  void make_image();

  static int open(sqlite3_vfs* vfs, const char* name, sqlite3_file* file, int flags, int* out);
  static int remove(sqlite3_vfs* vfs, const char* name, int sync);
  static int read(sqlite3_file* file, void* bytes, int count, sqlite3_int64 offset);
  static int write(sqlite3_file* file, const void* bytes, int count, sqlite3_int64 offset);
  static int truncate(sqlite3_file* file, sqlite3_int64 size);
  static int sync(sqlite3_file* file, int flags);
  static sqlite3_io_methods methods();

  std::string name_;
  sqlite3_vfs* below_ = nullptr;
  sqlite3_vfs vfs_{};
  std::map<std::string, Content> files_;  // by path
  std::uint64_t points_ = 0, crash_at_ = 0, full_at_ = 0;
  bool crashed_ = false, full_ = false;
};

}  // namespace triggerd::simulation
