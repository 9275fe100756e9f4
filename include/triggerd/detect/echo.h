// Our own writes, and whether a detection is nothing but what they wrote. Made by dispatch/ from
// what a step sent and what was answered, kept by store/, asked by engine/ for detections that
// would fire. Pure.
#pragma once

#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "triggerd/catalog/operation.h"
#include "triggerd/detect/detect.h"
#include "triggerd/time.h"

namespace triggerd {

// How long a write is looked for in what polls show.
inline constexpr Millis kOwnWriteLife{24LL * 3600 * 1000};

enum class WriteEffect { changed, created, deleted };
std::string_view to_text(WriteEffect effect);

// A field, by its pointer in the record, and the values it may show: as it was sent, and as the app
// answered it (in another spelling, or with what was there before).
struct WrittenField {
  std::vector<nlohmann::json> values;
  WallTime at{};
};

struct OwnWrite {
  std::string key;  // of the record
  WriteEffect effect = WriteEffect::changed;
  std::map<std::string, WrittenField> fields;
  WallTime at{};
};

// `params` and `body` as they were sent; `answer` is what `.steps.<id>` shows. Nothing when the
// connector does not say which record the operation touches, or the answer does not.
std::optional<OwnWrite> own_write(const Operation& operation, const nlohmann::json& params,
                                  const nlohmann::json& body, const nlohmann::json& answer,
                                  WallTime at);

// Whether the detection shows what `writes` wrote and nothing else. `stamp`: pointer to the time of
// the record's last change, which moves with every write; empty: it has none.
bool is_echo(const Detection& detection, const std::vector<OwnWrite>& writes,
             std::string_view stamp);

}  // namespace triggerd
