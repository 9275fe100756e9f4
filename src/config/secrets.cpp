// `${env:NAME}` and `${file:PATH}`: found, checked and replaced.
#include <sys/stat.h>

#include <cstdlib>
#include <fstream>
#include <nlohmann/json.hpp>

#include "config/loading.h"

namespace triggerd {
namespace {

constexpr std::size_t kSecretBytesMax = 64 * 1024;

// Stands in where a sandbox needs no secret; long enough for every signature scheme.
constexpr std::string_view kThrowAwaySecret = "sandbox-throw-away-secret-0123456789";

bool is_variable_name(std::string_view name) {
  static constexpr std::string_view kLetters =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_";
  static constexpr std::string_view kAll =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_0123456789";
  return !name.empty() && kLetters.find(name.front()) != std::string_view::npos &&
         name.find_first_not_of(kAll) == std::string_view::npos;
}

Result<std::string, std::string> read_reference(const SecretReference& reference,
                                                const SecretSources& sources) {
  const bool env = reference.kind == SecretReference::Kind::env;
  const std::optional<std::string> found =
      env ? sources.env(reference.name) : sources.file(reference.name);
  if (found && !found->empty()) return *found;
  if (sources.sandbox) return std::string(kThrowAwaySecret);
  if (env) {
    return Failure<std::string>("the environment variable " + reference.name +
                                (found ? " is empty" : " is not set"));
  }
  return Failure<std::string>("the file " + reference.name +
                              (found ? " is empty" : " cannot be read"));
}

std::optional<std::string> read_variable(const std::string& name) {
  const char* value = std::getenv(name.c_str());
  if (value == nullptr) return std::nullopt;
  return std::string(value);
}

std::optional<std::string> read_secret_file(const std::string& path) {
  struct stat status {};
  // A pipe or device could block the start for ever.
  if (::stat(path.c_str(), &status) != 0 || !S_ISREG(status.st_mode)) return std::nullopt;
  std::ifstream stream(path, std::ios::binary);
  if (!stream) return std::nullopt;
  std::string text(kSecretBytesMax + 1, '\0');
  stream.read(text.data(), static_cast<std::streamsize>(text.size()));
  text.resize(static_cast<std::size_t>(stream.gcount()));
  if (stream.bad() || text.size() > kSecretBytesMax) return std::nullopt;
  if (text.ends_with('\n')) text.pop_back();
  if (text.ends_with('\r')) text.pop_back();
  return text;
}

// S-02.
std::string secret_file_complaint(const std::string& path) {
  struct stat status {};
  if (::stat(path.c_str(), &status) != 0) return {};
  if ((status.st_mode & 077) == 0) return {};
  return "the file " + path + " can be read by others than its owner";
}

Result<nlohmann::json, std::string> resolve_members(nlohmann::json value,
                                                    const SecretSources& sources) {
  for (auto& member : value) {
    Result<nlohmann::json, std::string> resolved = resolve_secrets(member, sources);
    if (!resolved) return resolved;
    member = std::move(*resolved);
  }
  return value;
}

}  // namespace

SecretSources process_secrets() {
  return {.env = read_variable,
          .file = read_secret_file,
          .sandbox = false,
          .file_complaint = secret_file_complaint};
}

Result<std::vector<SecretReference>, std::string> secret_references(std::string_view text) {
  std::vector<SecretReference> found;
  for (std::size_t at = text.find("${"); at != std::string_view::npos;
       at = text.find("${", at + 2)) {
    const std::string_view rest = text.substr(at + 2);
    const std::size_t colon = rest.find(':');
    const std::string_view kind = rest.substr(0, colon == std::string_view::npos ? 0 : colon);
    // `${{` and a `${` without a kind are no references: they may be part of any text.
    if (kind.empty() ||
        kind.find_first_not_of("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_") !=
            std::string_view::npos) {
      continue;
    }
    if (kind != "env" && kind != "file") {
      return Failure<std::string>("`${" + std::string(kind) +
                                  ":...}` is not known; there are ${env:NAME} and ${file:PATH}");
    }
    const std::size_t close = rest.find('}', colon);
    if (close == std::string_view::npos) {
      return Failure<std::string>("`${" + std::string(kind) + ":` is not closed with }");
    }
    SecretReference reference;
    reference.kind = kind == "env" ? SecretReference::Kind::env : SecretReference::Kind::file;
    reference.name = std::string(rest.substr(colon + 1, close - colon - 1));
    reference.begin = at;
    reference.end = at + 2 + close + 1;
    if (kind == "env" && !is_variable_name(reference.name)) {
      return Failure<std::string>("`" + reference.name +
                                  "` is not the name of an environment variable");
    }
    if (reference.name.empty()) return Failure<std::string>("`${file:}` names no file");
    found.push_back(std::move(reference));
  }
  return found;
}

Result<std::string, std::string> resolve_text(std::string_view text, const SecretSources& sources) {
  const auto references = secret_references(text);
  if (!references) return Failure<std::string>(references.error());
  std::string resolved;
  std::size_t at = 0;
  for (const SecretReference& reference : *references) {
    resolved += text.substr(at, reference.begin - at);
    const auto value = read_reference(reference, sources);
    if (!value) return value;
    resolved += *value;
    at = reference.end;
  }
  return resolved + std::string(text.substr(at));
}

std::string secret_hint(std::string_view text) {
  const auto references = secret_references(text);
  if (!references || references->empty()) return {};
  const SecretReference& first = references->front();
  return first.kind == SecretReference::Kind::env
             ? "set it before triggerd starts: export " + first.name +
                   "=...; a service needs it in its Environment or EnvironmentFile"
             : "the file must exist and be readable by the user that triggerd runs as";
}

Result<nlohmann::json, std::string> resolve_secrets(const nlohmann::json& value,
                                                    const SecretSources& sources) {
  if (value.is_structured()) return resolve_members(value, sources);
  if (!value.is_string()) return value;
  auto resolved = resolve_text(value.get_ref<const std::string&>(), sources);
  if (!resolved) return Failure<std::string>(resolved.error());
  return nlohmann::json(std::move(*resolved));
}

}  // namespace triggerd
