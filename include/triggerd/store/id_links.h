// Pairs of ids of the same thing in two apps, by the name that the configuration gives them. An id
// stands in at most one pair of a name, on either side. Called by dispatch/ inside the transaction
// that ends the step; nothing else writes the table.
#pragma once

#include <optional>
#include <string>

#include "triggerd/store/database.h"

namespace triggerd {

inline constexpr std::size_t kLinkIdBytesMax = 512;

struct IdPair {
  std::string left, right;
};

// The pair that holds an id on the side that is given; nothing when there is none, or when the id
// is empty.
std::optional<IdPair> find_by_left(Database& database, const std::string& name,
                                   const std::string& left);
std::optional<IdPair> find_by_right(Database& database, const std::string& name,
                                    const std::string& right);

// Nothing: the pair is kept (now, or since earlier). Else the pair in the way, and nothing was
// written; with `replace` what is in the way is taken away.
std::optional<IdPair> save_pair(Database& database, const std::string& name, const IdPair& pair,
                                bool replace, WallTime now);
void forget_pair(Database& database, const std::string& name, const IdPair& pair);

}  // namespace triggerd
