#include "simulation/crash_vfs.h"

#include <algorithm>
#include <cstring>
#include <filesystem>
#include <fstream>

namespace triggerd::simulation {

namespace {

constexpr std::size_t kSector = 512;

std::string read_whole(const std::string& path) {
  std::ifstream file(path, std::ios::binary | std::ios::ate);
  std::string bytes(file ? static_cast<std::size_t>(file.tellg()) : 0, '\0');
  file.seekg(0);
  file.read(bytes.data(), static_cast<std::streamsize>(bytes.size()));
  return bytes;
}

}  // namespace

// The file of the VFS below lies directly behind.
struct CrashVfs::File {
  sqlite3_file base;
  sqlite3_io_methods methods;
  CrashVfs* owner;
  Content* content;  // null: a file that is not logged
  sqlite3_file* below() { return reinterpret_cast<sqlite3_file*>(this + 1); }

  static File* self(sqlite3_file* file) { return reinterpret_cast<File*>(file); }
  static sqlite3_file* below(sqlite3_file* file) { return self(file)->below(); }

  template <auto Method, typename... Arguments>
  static int through(sqlite3_file* file, Arguments... arguments) {
    return (below(file)->pMethods->*Method)(below(file), arguments...);
  }
  static void barrier(sqlite3_file* file) { below(file)->pMethods->xShmBarrier(below(file)); }
};

CrashVfs::CrashVfs(std::string name) : name_(std::move(name)) {
  below_ = sqlite3_vfs_find(nullptr);
  vfs_ = *below_;
  vfs_.zName = name_.c_str();
  vfs_.pAppData = this;
  vfs_.szOsFile = below_->szOsFile + static_cast<int>(sizeof(File));
  vfs_.xOpen = &CrashVfs::open;
  vfs_.xDelete = &CrashVfs::remove;
  sqlite3_vfs_register(&vfs_, 0);
}

CrashVfs::~CrashVfs() { sqlite3_vfs_unregister(&vfs_); }

void CrashVfs::apply(std::string& content, const Write& write) {
  const auto at = static_cast<std::size_t>(write.at);
  if (write.truncates) {
    content.resize(std::min(content.size(), at));
    return;
  }
  if (content.size() < at + write.bytes.size()) content.resize(at + write.bytes.size());
  content.replace(at, write.bytes.size(), write.bytes);
}

// All, nothing, the beginning, or any sectors of it.
void CrashVfs::apply_part(std::string& content, const Write& write, std::mt19937_64& random) {
  const auto way = random() % 4;
  if (way == 0) return;
  if (way == 1 || write.truncates) {
    apply(content, write);
    return;
  }
  for (std::size_t from = 0; from < write.bytes.size();) {
    const std::size_t position = static_cast<std::size_t>(write.at) + from;
    const std::size_t size = std::min(kSector - position % kSector, write.bytes.size() - from);
    if (random() % 2 == 0) {
      apply(content, {write.at + static_cast<std::int64_t>(from), write.bytes.substr(from, size)});
    } else if (way == 2) {
      return;
    }
    from += size;
  }
}

bool CrashVfs::reach_point() {
  if (crashed_) return false;
  ++points_;
  if (points_ == crash_at_) crashed_ = true;
  if (points_ == full_at_) full_ = true;
  if (!crashed_ && images.every > 0 && points_ % images.every == 0) make_image();
  return !crashed_;
}

void CrashVfs::make_image() {
  const Loss loss = images.made++ % 2 == 0 ? Loss::unsynced : Loss::nothing;
  std::filesystem::remove_all(images.folder);
  std::filesystem::create_directories(images.folder);
  for (const auto& [path, content] : files_) {
    std::string after = content.synced;
    for (const Write& write : content.since) {
      loss == Loss::unsynced ? apply_part(after, write, images.random) : apply(after, write);
    }
    const auto copy = std::filesystem::path(images.folder) / std::filesystem::path(path).filename();
    std::ofstream(copy, std::ios::binary)
        .write(after.data(), static_cast<std::streamsize>(after.size()));
  }
  images.on_image();
}

void CrashVfs::rebuild(Loss loss, std::mt19937_64& random) {
  for (auto& [path, content] : files_) {
    if (loss == Loss::unsynced) {
      std::string after = content.synced;
      for (const Write& write : content.since) apply_part(after, write, random);
      std::ofstream(path, std::ios::binary | std::ios::trunc)
          .write(after.data(), static_cast<std::streamsize>(after.size()));
    }
    below_->xDelete(below_, (path + "-shm").c_str(), 0);
  }
  files_.clear();
  crashed_ = full_ = false;
  crash_at_ = full_at_ = 0;
}

int CrashVfs::open(sqlite3_vfs* vfs, const char* name, sqlite3_file* file, int flags, int* out) {
  auto* owner = static_cast<CrashVfs*>(vfs->pAppData);
  File* opened = File::self(file);
  std::memset(opened, 0, sizeof(File));
  opened->owner = owner;
  if (owner->crashed_) return SQLITE_CANTOPEN;
  const bool logged = name != nullptr && (flags & (SQLITE_OPEN_MAIN_DB | SQLITE_OPEN_WAL)) != 0;
  if (logged && !owner->files_.contains(name)) owner->files_[name].synced = read_whole(name);
  const int code = owner->below_->xOpen(owner->below_, name, opened->below(), flags, out);
  if (opened->below()->pMethods == nullptr) return code;
  opened->content = logged ? &owner->files_.at(name) : nullptr;
  opened->methods = methods();
  opened->base.pMethods = &opened->methods;
  return code;
}

int CrashVfs::remove(sqlite3_vfs* vfs, const char* name, int sync) {
  auto* owner = static_cast<CrashVfs*>(vfs->pAppData);
  if (!owner->reach_point()) return SQLITE_IOERR_DELETE;
  if (const auto file = owner->files_.find(name); file != owner->files_.end()) file->second = {};
  return owner->below_->xDelete(owner->below_, name, sync);
}

int CrashVfs::read(sqlite3_file* file, void* bytes, int count, sqlite3_int64 offset) {
  if (File::self(file)->owner->crashed_) return SQLITE_IOERR_READ;
  return File::through<&sqlite3_io_methods::xRead>(file, bytes, count, offset);
}

int CrashVfs::write(sqlite3_file* file, const void* bytes, int count, sqlite3_int64 offset) {
  File* one = File::self(file);
  const bool alive = !one->owner->crashed_;
  if (alive && one->owner->full_ && one->content != nullptr) return SQLITE_FULL;
  const bool done = one->content == nullptr ? alive : one->owner->reach_point();
  if (alive && one->content != nullptr) {
    // What was just being written when the power failed may be on the disk, too.
    one->content->since.push_back(
        {offset, std::string(static_cast<const char*>(bytes), static_cast<std::size_t>(count))});
  }
  if (!done) return SQLITE_IOERR_WRITE;
  return File::through<&sqlite3_io_methods::xWrite>(file, bytes, count, offset);
}

int CrashVfs::truncate(sqlite3_file* file, sqlite3_int64 size) {
  File* one = File::self(file);
  if (!one->owner->reach_point()) return SQLITE_IOERR_TRUNCATE;
  if (one->content != nullptr) one->content->since.push_back({size, {}, true});
  return File::through<&sqlite3_io_methods::xTruncate>(file, size);
}

int CrashVfs::sync(sqlite3_file* file, int) {
  File* one = File::self(file);
  if (!one->owner->reach_point()) return SQLITE_IOERR_FSYNC;
  if (one->content == nullptr || one->owner->ignore_syncs) return SQLITE_OK;
  for (const Write& write : one->content->since) apply(one->content->synced, write);
  one->content->since.clear();
  return SQLITE_OK;  // what is safe is decided here, not by the disk below
}

sqlite3_io_methods CrashVfs::methods() {
  using M = sqlite3_io_methods;
  M all{};
  all.iVersion = 2;
  all.xClose = &File::through<&M::xClose>;
  all.xRead = &read;
  all.xWrite = &write;
  all.xTruncate = &truncate;
  all.xSync = &sync;
  all.xFileSize = &File::through<&M::xFileSize, sqlite3_int64*>;
  all.xLock = &File::through<&M::xLock, int>;
  all.xUnlock = &File::through<&M::xUnlock, int>;
  all.xCheckReservedLock = &File::through<&M::xCheckReservedLock, int*>;
  all.xFileControl = &File::through<&M::xFileControl, int, void*>;
  all.xSectorSize = &File::through<&M::xSectorSize>;
  all.xDeviceCharacteristics = &File::through<&M::xDeviceCharacteristics>;
  all.xShmMap = &File::through<&M::xShmMap, int, int, int, void volatile**>;
  all.xShmLock = &File::through<&M::xShmLock, int, int, int>;
  all.xShmBarrier = &File::barrier;
  all.xShmUnmap = &File::through<&M::xShmUnmap, int>;
  return all;
}

}  // namespace triggerd::simulation
