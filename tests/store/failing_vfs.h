// A SQLite VFS that lies below the database: the ordinary one, whose syncs and writes can be made
// to fail after they were done or instead. Registered by name while it lives.
#pragma once

#include <sqlite3.h>

#include <cstring>
#include <string>

namespace triggerd {

class FailingVfs {
 public:
  FailingVfs() {
    below_ = sqlite3_vfs_find(nullptr);
    vfs_ = *below_;
    vfs_.zName = "failing";
    vfs_.pAppData = this;
    vfs_.szOsFile = below_->szOsFile + static_cast<int>(sizeof(File));
    vfs_.xOpen = &FailingVfs::open;
    sqlite3_vfs_register(&vfs_, 0);
  }
  ~FailingVfs() { sqlite3_vfs_unregister(&vfs_); }
  FailingVfs(const FailingVfs&) = delete;
  FailingVfs& operator=(const FailingVfs&) = delete;

  bool fail_log_sync_once = false;  // after the bytes of the log are safe
  bool fail_log_writes = false;     // instead of writing
  bool full = false;                // likewise: no space for the log

 private:
  // The file of the VFS below lies directly behind; its methods are called through `below`.
  struct File {
    sqlite3_file base;
    sqlite3_io_methods methods;
    FailingVfs* owner;
    bool is_log;
    sqlite3_file* below() { return reinterpret_cast<sqlite3_file*>(this + 1); }
  };
  static File* self(sqlite3_file* file) { return reinterpret_cast<File*>(file); }
  static sqlite3_file* below(sqlite3_file* file) { return self(file)->below(); }

  static int open(sqlite3_vfs* vfs, const char* name, sqlite3_file* file, int flags, int* out) {
    auto* owner = static_cast<FailingVfs*>(vfs->pAppData);
    File* opened = self(file);
    std::memset(opened, 0, sizeof(File));
    opened->owner = owner;
    opened->is_log = (flags & SQLITE_OPEN_WAL) != 0;
    const int code = owner->below_->xOpen(owner->below_, name, opened->below(), flags, out);
    if (opened->below()->pMethods == nullptr) return code;
    opened->methods = all_through();
    opened->base.pMethods = &opened->methods;
    return code;
  }

  static int sync(sqlite3_file* file, int flags) {
    const int code = below(file)->pMethods->xSync(below(file), flags);
    FailingVfs& owner = *self(file)->owner;
    if (!self(file)->is_log || !owner.fail_log_sync_once) return code;
    owner.fail_log_sync_once = false;
    return SQLITE_IOERR_FSYNC;
  }
  static int write(sqlite3_file* file, const void* bytes, int count, sqlite3_int64 offset) {
    if (self(file)->is_log && self(file)->owner->fail_log_writes) return SQLITE_IOERR_WRITE;
    if (self(file)->is_log && self(file)->owner->full) return SQLITE_FULL;
    return below(file)->pMethods->xWrite(below(file), bytes, count, offset);
  }

  template <auto Method, typename... Arguments>
  static int through(sqlite3_file* file, Arguments... arguments) {
    return (below(file)->pMethods->*Method)(below(file), arguments...);
  }
  static void barrier(sqlite3_file* file) { below(file)->pMethods->xShmBarrier(below(file)); }

  static sqlite3_io_methods all_through() {
    using M = sqlite3_io_methods;
    M methods{};
    methods.iVersion = 2;
    methods.xClose = &through<&M::xClose>;
    methods.xRead = &through<&M::xRead, void*, int, sqlite3_int64>;
    methods.xWrite = &write;
    methods.xTruncate = &through<&M::xTruncate, sqlite3_int64>;
    methods.xSync = &sync;
    methods.xFileSize = &through<&M::xFileSize, sqlite3_int64*>;
    methods.xLock = &through<&M::xLock, int>;
    methods.xUnlock = &through<&M::xUnlock, int>;
    methods.xCheckReservedLock = &through<&M::xCheckReservedLock, int*>;
    methods.xFileControl = &through<&M::xFileControl, int, void*>;
    methods.xSectorSize = &through<&M::xSectorSize>;
    methods.xDeviceCharacteristics = &through<&M::xDeviceCharacteristics>;
    methods.xShmMap = &through<&M::xShmMap, int, int, int, void volatile**>;
    methods.xShmLock = &through<&M::xShmLock, int, int, int>;
    methods.xShmBarrier = &barrier;
    methods.xShmUnmap = &through<&M::xShmUnmap, int>;
    return methods;
  }

  sqlite3_vfs* below_ = nullptr;
  sqlite3_vfs vfs_{};
};

}  // namespace triggerd
