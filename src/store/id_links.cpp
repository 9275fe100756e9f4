#include "triggerd/store/id_links.h"

#include "store/connection.h"

namespace triggerd {

namespace {

std::optional<IdPair> read_pair(Query& query) {
  if (!query.next()) return std::nullopt;
  return IdPair{query.text(0), query.text(1)};
}

}  // namespace

std::optional<IdPair> find_by_left(Database& database, const std::string& name,
                                   const std::string& left) {
  Query query(database, "SELECT left_id, right_id FROM id_links WHERE name = ? AND left_id = ?",
              name, left);
  return read_pair(query);
}

std::optional<IdPair> find_by_right(Database& database, const std::string& name,
                                    const std::string& right) {
  Query query(database, "SELECT left_id, right_id FROM id_links WHERE name = ? AND right_id = ?",
              name, right);
  return read_pair(query);
}

std::optional<IdPair> save_pair(Database& database, const std::string& name, const IdPair& pair,
                                bool replace, WallTime now) {
  const std::optional<IdPair> left = find_by_left(database, name, pair.left);
  if (left && left->right == pair.right) return std::nullopt;
  const std::optional<IdPair> right = find_by_right(database, name, pair.right);
  if (!replace && (left || right)) return left ? left : right;
  if (left) forget_pair(database, name, *left);
  if (right) forget_pair(database, name, *right);
  Query(database, "INSERT INTO id_links (name, left_id, right_id, made_at) VALUES (?, ?, ?, ?)",
        name, pair.left, pair.right, now)
      .run();
  return std::nullopt;
}

void forget_pair(Database& database, const std::string& name, const IdPair& pair) {
  Query(database, "DELETE FROM id_links WHERE name = ? AND left_id = ? AND right_id = ?", name,
        pair.left, pair.right)
      .run();
}

}  // namespace triggerd
