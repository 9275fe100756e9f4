// The consent page of an app as `auth login` opens it, and the way back from it: address, state,
// code challenge, and the code in what the browser was sent to. Pure but for the randomness that is
// handed in.
#pragma once

#include <map>
#include <string>
#include <string_view>

#include "triggerd/config/config.h"
#include "triggerd/result.h"

namespace triggerd {

struct SignInPage {
  std::string url;           // to be opened by a person
  std::string state;         // must come back
  std::string verifier;      // of the code challenge; empty without one
  std::string redirect_uri;  // as it was sent
};

// `random`: 64 bytes.
SignInPage sign_in_page(const Account& account, const std::string& redirect_uri,
                        std::string_view random);

// Decoded members of a query.
std::map<std::string, std::string> query_members(std::string_view query);

// The code of a query that came back; what is wrong with it otherwise.
Result<std::string, std::string> code_of_query(const SignInPage& page, std::string_view query);
// The same of what a person pasted: the whole address, or the code alone.
Result<std::string, std::string> code_of_text(const SignInPage& page, std::string text);

// Where a browser on this machine can come back to.
struct LocalPlace {
  int port = 0;  // 0: any
  std::string path;
};
// Nothing (a failure with the reason) for an address that is not on this machine.
Result<LocalPlace, std::string> local_place(const std::string& redirect_uri);

}  // namespace triggerd
