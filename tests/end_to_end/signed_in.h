// An agency and a location that sign in by OAuth at the sandbox, over the same path as at the real
// app: connector files whose addresses are the sandbox's, a client, a consent page, a code. Used by
// the tests of sign-ins and of kills during a refresh.
#pragma once

#include <string>
#include <vector>

#include "end_to_end/processes.h"

namespace triggerd::end_to_end {

// The address that a browser at `url` is sent to; fails the test when it is not sent anywhere.
std::string sent_to(const std::string& url);
// A browser opens `url` and follows where it is sent; the text of the last page.
std::string browse(const std::string& url);

class SignedIn {
 public:
  // `triggers`: the YAML below `triggers:`. `category`: the one file of operations that they need;
  // empty: all are there, which takes each start a while to read.
  SignedIn(const Folder& folder, const Sandbox& sandbox, const std::string& triggers,
           const std::string& category = "");

  // A command as an operator types it; its exit code and what it printed. `input` is typed.
  struct Said {
    int code = -1;
    std::string text;
  };
  Said say(const std::vector<std::string>& words, const std::string& input = "") const;
  Process start(const std::vector<std::string>& words, const std::string& output,
                const std::vector<std::string>& before = {}) const;
  // `auth login --paste`, with a code of the sandbox.
  void sign_in(const std::string& account) const;
  json token_row(const std::string& account) const;  // of `auth status`
  // Requests at the token endpoint so far, by status; all of them with 0.
  std::int64_t token_requests(int status = 0) const;

  std::string state() const { return folder_.at("state"); }
  std::string token_file(const std::string& account) const {
    return state() + "/tokens/" + account + ".json";
  }

 private:
  const Folder& folder_;
  const Sandbox& sandbox_;
};

}  // namespace triggerd::end_to_end
