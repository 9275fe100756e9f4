#include "triggerd/store/own_writes.h"

#include <algorithm>
#include <optional>

#include "store/connection.h"
#include "triggerd/json_text.h"

namespace triggerd {

namespace {

using nlohmann::json;

// {"/email": {"at": ms, "values": [...]}}
json fields_json(const std::map<std::string, WrittenField>& fields) {
  json text = json::object();
  for (const auto& [pointer, field] : fields) {
    text[pointer] = {{"at", epoch_ms(field.at)}, {"values", field.values}};
  }
  return text;
}

std::map<std::string, WrittenField> fields_of(const std::string& text) {
  std::map<std::string, WrittenField> fields;
  const Result<json, JsonProblem> stored = parse_json(text);
  if (!stored || !stored->is_object()) return fields;
  for (const auto& [pointer, field] : stored->items()) {
    const json* at = find_at(field, "/at");
    const json* values = find_at(field, "/values");
    if (at == nullptr || !at->is_number_integer() || values == nullptr) continue;
    WrittenField& read = fields[pointer];
    read.at = wall_from_ms(at->get<std::int64_t>());
    for (const json& value : *values) read.values.push_back(value);
  }
  return fields;
}

WriteEffect effect_of(std::string_view text) {
  for (const WriteEffect effect : {WriteEffect::created, WriteEffect::deleted}) {
    if (to_text(effect) == text) return effect;
  }
  return WriteEffect::changed;
}

}  // namespace

void remember_write(Database& database, const std::string& world, const std::string& operation,
                    const OwnWrite& write) {
  std::map<std::string, WrittenField> fields;
  WriteEffect effect = write.effect;
  {
    Query query(database,
                "SELECT fields, effect FROM own_writes WHERE world = ? AND key = ? "
                "AND operation = ? AND written_at > ?",
                world, write.key, operation, write.at - kOwnWriteLife);
    if (query.next()) {
      fields = fields_of(query.text(0));
      const WriteEffect before = effect_of(query.text(1));
      if (effect == WriteEffect::changed) effect = before;
    }
  }
  for (const auto& [pointer, field] : write.fields) fields[pointer] = field;
  const std::string text = compact_json(fields_json(fields));
  Query(database,
        "INSERT INTO own_writes (world, key, operation, effect, fields, written_at) "
        "VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET effect = excluded.effect, "
        "fields = excluded.fields, written_at = excluded.written_at",
        world, write.key, operation, to_text(effect), text, write.at)
      .run();
}

std::vector<OwnWrite> writes_since(Database& database, const std::string& world,
                                   const std::string& key,
                                   const std::vector<std::string>& operations,
                                   std::optional<WallTime> after, WallTime now) {
  std::vector<OwnWrite> writes;
  const WallTime oldest = now - kOwnWriteLife;
  const WallTime since = std::max(after.value_or(oldest), oldest);
  Query query(database,
              "SELECT operation, effect, fields, written_at FROM own_writes "
              "WHERE world = ? AND key = ? AND written_at >= ?",
              world, key, since);
  while (query.next()) {
    if (std::find(operations.begin(), operations.end(), query.text(0)) == operations.end()) {
      continue;
    }
    OwnWrite write;
    write.key = key;
    write.effect = effect_of(query.text(1));
    write.fields = fields_of(query.text(2));
    write.at = query.time(3).value_or(now);
    std::erase_if(write.fields, [&](const auto& field) { return field.second.at < since; });
    writes.push_back(std::move(write));
  }
  return writes;
}

std::optional<WallTime> last_detected(Database& database, StreamId stream, const std::string& key) {
  Query query(database,
              "SELECT detected_at FROM detections WHERE stream_id = ? AND key = ? "
              "ORDER BY n DESC LIMIT 1",
              stream, key);
  return query.next() ? query.time(0) : std::nullopt;
}

}  // namespace triggerd
