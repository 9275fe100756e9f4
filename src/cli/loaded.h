// Catalog and configuration as the commands need them: loaded, problems printed to stderr, the
// sandbox put in place of every account where it is asked for.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "cli/command_line.h"
#include "triggerd/config/config.h"
#include "triggerd/config/load.h"
#include "triggerd/http_client.h"
#include "triggerd/result.h"

namespace triggerd {

struct Loaded {
  std::shared_ptr<const Catalog> catalog;
  std::shared_ptr<const Config> config;  // null: problems were printed
  std::string text;                      // of the file, for rendering further problems
  std::size_t errors = 0;                // problems that are no warnings
};

// `look_only`: for commands that send nothing: secrets may be absent, and warnings stay unsaid.
Loaded load_for(const CommandOptions& options, bool look_only);
// Without a word about problems, for commands that go on without a configuration.
std::shared_ptr<const Config> load_quietly(const CommandOptions& options);
// The same configuration with the secrets of this moment; nothing when the file is another one by
// now.
std::shared_ptr<const Config> load_unchanged(const CommandOptions& options,
                                             const std::string& text);
// Refusals of a reload name what they mean by its path of keys; the place in the text is found
// here.
void place_problems(std::vector<Problem>& problems, const std::string& text);

// engine.state, --state, or, with --sandbox, a directory beside it that is the sandbox's own.
// With the accounts that agencies listed when the daemon looked last.
std::shared_ptr<const Config> with_stored_accounts(std::shared_ptr<const Config> config,
                                                   const std::string& state);

std::string state_directory(const CommandOptions& options, const Config& config);
SecretSources secrets_for(const CommandOptions& options);

struct MovedConfig {
  std::shared_ptr<const Config> config;
  std::optional<WallTime> now;  // the sandbox's clock; nothing without accounts
};
// Asks the sandbox for throw-away credentials and sends every account there.
Result<MovedConfig, std::string> move_to_sandbox(const Config& config,
                                                 const std::string& sandbox_url, HttpClient& http);
// Only loopback addresses may be a sandbox; a sentence when it is none.
std::string check_sandbox_url(const std::string& url);

}  // namespace triggerd
