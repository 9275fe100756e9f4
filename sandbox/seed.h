// The world at the start: what a company and a location hold before anything changes. The same seed
// and id give the same records whatever else was seeded before. Called once per company and
// location under the sandbox's mutex.
#pragma once

#include <string>

#include "world.h"

namespace triggerd::sandbox {

inline constexpr const char* kFirstCompany = "5DP4iH6HLkQsiKESj6rh";
inline constexpr const char* kFirstLocation = "ve9EPM428h8vShlRW1KT";
// Values that a configuration can name without a look-up.
inline constexpr const char* kKnownRoom = "room0000000000000001";
inline constexpr const char* kKnownEmail = "ada@example.com";
inline constexpr const char* kKnownSlug = "spring-offer";

struct SeedPlan {
  std::uint64_t seed = 1;
  std::size_t contacts = 60;
};

void seed_company(World& world, const SeedPlan& plan, const std::string& company);
void seed_location(World& world, const SeedPlan& plan, const std::string& company,
                   const std::string& location);

}  // namespace triggerd::sandbox
