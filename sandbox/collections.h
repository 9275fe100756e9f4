// The collections of the world, one line each: how a record names itself and its dates, and whether
// it lives in a location or in a company. Read by the world (stamps), the control endpoints (names)
// and the truth log. A new category adds its lines in collections.cpp.
#pragma once

#include <span>
#include <string_view>

namespace triggerd::sandbox {

// `korean`: as Stibee writes times, 2024-11-12 17:09:13 +0900 KST.
enum class StampStyle { iso, epoch_ms, korean };
enum class Level { location, company };

struct Collection {
  std::string_view name;
  std::string_view id_member = "id";
  std::string_view created_member = {};  // empty: the API shows no such date
  std::string_view updated_member = {};
  bool shows_location = true;  // records carry locationId
  StampStyle stamps = StampStyle::iso;
  Level level = Level::location;
};

std::span<const Collection> collections();
const Collection* find_collection(std::string_view name);

}  // namespace triggerd::sandbox
