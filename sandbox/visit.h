// One request on its way through an operation: its parameters, whose token it carries, what of the
// world it may see. Made by the server per request, read by route functions. Not thread-safe; lives
// under the sandbox's mutex.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <tl/expected.hpp>
#include <utility>
#include <vector>

#include "answer.h"
#include "fields.h"
#include "random.h"
#include "route.h"
#include "tokens.h"
#include "world.h"

namespace triggerd::sandbox {

using QueryList = std::vector<std::pair<std::string, std::string>>;  // decoded, in order

class Visit {
 public:
  struct Parts {
    Matched matched;
    QueryList query;
    nlohmann::json body;
    Grant grant;
  };

  Visit(Parts parts, World& the_world, View seen, Random& dice)
      : world(the_world), view(std::move(seen)), random(dice), parts_(std::move(parts)) {}

  World& world;  // for writes
  View view;     // for reads
  Random& random;

  const Route& route() const { return *parts_.matched.route; }
  const Grant& grant() const { return parts_.grant; }
  const QueryList& query() const { return parts_.query; }
  const nlohmann::json& body() const { return parts_.body; }
  const std::map<std::string, std::string>& path_values() const { return parts_.matched.path; }
  Millis now() const { return world.now(); }

  std::string path(const std::string& name) const;
  // Query parameter or body member as text; empty when absent.
  std::string text(const std::string& name) const;
  bool has(const std::string& name) const;
  std::size_t count(const std::string& name, std::size_t fallback) const;
  Millis instant(const std::string& name) const;  // epoch ms; 0 when absent
  bool flag(const std::string& name, bool fallback) const;
  std::vector<std::string> list(const std::string& name) const;  // a repeated parameter
  // As if the request asked for the first page.
  void forget_cursor();

  // The location that the request names, else the token's.
  std::string location() const;
  const std::string& company() const { return parts_.grant.company; }
  // Locations that the token reaches.
  std::vector<std::string> reachable_locations() const;

  // A record by id: 404 where it is nowhere, 403 where it belongs to somebody else.
  tl::expected<const Row*, Answer> reach(std::string_view collection, const std::string& id,
                                         const std::string& what) const;
  std::vector<const Row*> all(std::string_view collection) const {
    return view.all(location(), collection);
  }

 private:
  Parts parts_;
};

// A page of a list by offset, as records.
nlohmann::json page_of(const std::vector<const Row*>& rows, std::size_t skip, std::size_t limit);
nlohmann::json records_of(const std::vector<const Row*>& rows);

}  // namespace triggerd::sandbox
