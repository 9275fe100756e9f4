// Reading one file of a token store: is it ours and closed to others, and what do its records say?
// For account/token_store alone. Nothing here writes.
#pragma once

#include <nlohmann/json.hpp>
#include <optional>
#include <string>

namespace triggerd {

inline constexpr std::int64_t kTokenRecordBytes = 64 * 1024;
inline constexpr std::int64_t kTokenFileBytes = 2 * kTokenRecordBytes;

struct TokenFile {
  enum class Kind { absent, refused, blank, read };
  Kind kind = Kind::absent;
  std::string reason;                    // of refused
  std::optional<nlohmann::json> intent;  // nothing: torn, or never written
  std::optional<nlohmann::json> answer;
};

TokenFile read_token_file(const std::string& path);

// A record as it stands in the file: a line with checksum and length, then the text.
std::string token_record(const std::string& text);

// Members of a record; empty and 0 when they are absent or of another type.
std::string text_in(const nlohmann::json& record, const char* name);
std::int64_t number_in(const nlohmann::json& record, const char* name);

}  // namespace triggerd
