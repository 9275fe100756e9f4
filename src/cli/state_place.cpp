#include "cli/state_place.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iostream>

#include "cli/outcome.h"
#include "os/system_clock.h"
#include "triggerd/config/config.h"
#include "triggerd/store/listings.h"
#include "triggerd/yaml/reader.h"

namespace triggerd {

namespace {

constexpr const char* kSandboxEnding = "-sandbox";

// The value behind "state:" below "engine:", for a file that no parser understands.
std::string scan_for_state(const std::string& text) {
  const std::size_t engine = text.starts_with("engine:") ? 0 : text.find("\nengine:");
  if (engine == std::string::npos) return {};
  std::size_t end = text.find('\n', engine + 1);
  // The section goes on over lines that are indented, empty or comments.
  while (end != std::string::npos && end + 1 < text.size() &&
         std::string(" \t\n\r#").find(text[end + 1]) != std::string::npos) {
    end = text.find('\n', end + 1);
  }
  const std::string section = text.substr(engine, end - engine);
  std::size_t at = section.find("state:");
  if (at == std::string::npos) return {};
  at = section.find_first_not_of(" \t\"'", at + 6);
  if (at == std::string::npos) return {};
  return section.substr(at, section.find_first_of(" \t\r\n,}\"'", at) - at);
}

std::optional<std::string> read_file(const std::string& path) {
  std::error_code ignored;
  if (!std::filesystem::is_regular_file(path, ignored)) return std::nullopt;
  std::ifstream stream(path, std::ios::binary);
  if (!stream) return std::nullopt;
  std::string text(kYamlBytesMax + 1, '\0');
  stream.read(text.data(), static_cast<std::streamsize>(text.size()));
  text.resize(static_cast<std::size_t>(stream.gcount()));
  return text;
}

bool holds_state(const std::string& directory) {
  std::error_code ignored;
  return std::filesystem::exists(directory + "/triggerd.db", ignored);
}

}  // namespace

std::string state_of_text(const std::string& file, const std::string& text,
                          std::vector<std::string>& triggers, bool& sound) {
  std::vector<Problem> problems;
  const std::optional<YamlDocument> document = parse_yaml(file, text, problems);
  sound = document.has_value();
  if (!document) return scan_for_state(text);
  if (const YamlNode* named = document->root.find("triggers")) {
    for (const auto& [key, value] : named->members) triggers.push_back(key.text);
  }
  const YamlNode* engine = document->root.find("engine");
  const YamlNode* state = engine == nullptr ? nullptr : engine->find("state");
  return state == nullptr ? "" : state->text;
}

std::optional<StatePlace> find_state(const CommandOptions& options, int& failed) {
  StatePlace place;
  const std::optional<std::string> text = read_file(options.config);
  bool sound = true;
  std::string named;
  if (text) named = state_of_text(options.config, *text, place.triggers, sound);
  if (!options.state.empty()) {
    place.directory = options.state;
    return place;
  }
  if (!text) {
    failed = fail(options, kExitConfiguration,
                  options.config +
                      " cannot be read, so where the state lies is not known: name the file with "
                      "-c FILE, or the directory with --state DIR");
    return std::nullopt;
  }
  if (named.empty()) named = EngineSettings{}.state;
  if (!sound) {
    std::cerr << "triggerd: warning: " << options.config
              << " has problems (`triggerd check` shows them); looking at the state in " << named
              << '\n';
  }
  place.directory = options.sandbox.empty() ? named : named + kSandboxEnding;
  return place;
}

std::optional<Database> read_state(const CommandOptions& options, const StatePlace& place,
                                   int& failed) {
  if (!holds_state(place.directory)) {
    std::string message = "there is no state in " + place.directory + " yet";
    const std::string beside = place.directory + kSandboxEnding;
    message += holds_state(beside) ? "; there is one of a sandbox: add --state " + beside
                                   : "; `triggerd run` or `once` makes it, --state names another";
    failed = fail(options, kExitState, message);
    return std::nullopt;
  }
  DatabaseOptions how;
  how.read_only = true;
  return Database::open(place.directory, how, SystemClock().wall());
}

std::vector<std::string> known_triggers(Database* database, const StatePlace& place,
                                        bool removed_too) {
  std::vector<std::string> names = place.triggers;
  if (database != nullptr) {
    for (std::string& name : stored_triggers(*database, removed_too)) {
      names.push_back(std::move(name));
    }
  }
  std::sort(names.begin(), names.end());
  names.erase(std::unique(names.begin(), names.end()), names.end());
  return names;
}

}  // namespace triggerd
