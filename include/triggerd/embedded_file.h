// Files that are part of the program: the connectors, the database migrations and the recipes, put
// in at build time by cmake/embed.cmake. Read by catalog/catalog.cpp, store/migrations.cpp, cli/.
#pragma once

#include <span>
#include <string_view>

namespace triggerd {

struct EmbeddedFile {
  std::string_view path;  // below its root: "highlevel/contacts.yaml", "0001_state.sql"
  std::string_view text;
};

std::span<const EmbeddedFile> embedded_connectors();  // ordered by path
std::span<const EmbeddedFile> embedded_migrations();  // ordered by path
std::span<const EmbeddedFile> embedded_recipes();     // ordered by path

}  // namespace triggerd
