#include "dispatch/link_step.h"

#include <nlohmann/json.hpp>

#include "dispatch/render_parts.h"
#include "triggerd/json_text.h"
#include "triggerd/store/id_links.h"

namespace triggerd {
namespace {

using nlohmann::json;

AttemptEnd answered(const json& answer) {
  AttemptEnd end;
  end.answer = compact_json(answer);
  return end;
}

json shown(const std::string& id) { return id.empty() ? json(nullptr) : json(id); }

AttemptEnd save(Database& database, const std::string& name, const IdPair& pair, bool replace,
                WallTime now) {
  const std::optional<IdPair> in_the_way = save_pair(database, name, pair, replace, now);
  if (!in_the_way) return answered({{"left", pair.left}, {"right", pair.right}});
  AttemptEnd end;
  end.kind = AttemptEnd::Kind::dead;
  end.reason = "link " + name + ": " + pair.left + " and " + pair.right +
               " cannot be linked, since " + in_the_way->left + " and " + in_the_way->right +
               " are";
  return end;
}

}  // namespace

AttemptEnd walk_link(Database& database, const json& request, WallTime now) {
  const std::string left = plain_text(member(request, "left"));
  const std::string right = plain_text(member(request, "right"));
  if (request.contains("save")) {
    const bool replace = member(request, "replace") == json(true);
    return save(database, plain_text(request["save"]), {left, right}, replace, now);
  }
  const bool finds = request.contains("find");
  const std::string name = plain_text(member(request, finds ? "find" : "forget"));
  const bool by_left = request.contains("left");
  const std::optional<IdPair> pair =
      by_left ? find_by_left(database, name, left) : find_by_right(database, name, right);
  const std::string other = !pair ? "" : by_left ? pair->right : pair->left;
  if (!finds && pair) forget_pair(database, name, *pair);
  return answered({{finds ? "found" : "forgotten", shown(other)}});
}

}  // namespace triggerd
