// Brings a database to the newest schema: numbered SQL files, each in one transaction with its
// number. Called by database.cpp while it opens; tests pass files of their own.
#pragma once

#include <span>
#include <string>

#include "store/connection.h"
#include "triggerd/embedded_file.h"

namespace triggerd {

// Number of the last file ("0012_name.sql" is 12); they are numbered from 1 without gaps.
int newest_version(std::span<const EmbeddedFile> files);
int read_version(Database::Parts& parts);  // user_version

// The sentence that refuses a database of a newer schema, or one that is not ours; empty: it may be
// opened.
std::string version_problem(Database::Parts& parts, std::span<const EmbeddedFile> files);

// Where the copy that is made before migrating lies.
std::string backup_path(const std::string& database_path, int version);

// Migrates; an existing database is copied first (unless it is in memory).
void migrate(Database::Parts& parts, std::span<const EmbeddedFile> files);

}  // namespace triggerd
