#include "cli/sign_in_page.h"

#include <algorithm>

#include "triggerd/catalog/request.h"
#include "triggerd/config/sign_in.h"
#include "triggerd/hash.h"

namespace triggerd {
namespace {

constexpr std::size_t kCodeBytesMax = 4'096;

std::string url_base64(std::string_view bytes) {
  std::string text = to_base64(bytes);
  for (char& c : text) c = c == '+' ? '-' : c == '/' ? '_' : c;
  while (text.ends_with('=')) text.pop_back();
  return text;
}

std::string decoded(std::string_view text) {
  std::string result;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto digit = [&](std::size_t at) {
      const std::size_t value = at < text.size()
                                    ? std::string_view("0123456789abcdef").find(text[at] | 0x20)
                                    : std::string_view::npos;
      return value == std::string_view::npos ? -1 : static_cast<int>(value);
    };
    if (text[i] == '%' && digit(i + 1) >= 0 && digit(i + 2) >= 0) {
      result += static_cast<char>(digit(i + 1) * 16 + digit(i + 2));
      i += 2;
    } else {
      result += text[i] == '+' ? ' ' : text[i];
    }
  }
  return result;
}

std::string trimmed(std::string text) {
  const auto blank = [](char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; };
  while (!text.empty() && blank(text.back())) text.pop_back();
  const auto begin = std::find_if_not(text.begin(), text.end(), blank);
  return std::string(begin, text.end());
}

}  // namespace

SignInPage sign_in_page(const Account& account, const std::string& redirect_uri,
                        std::string_view random) {
  const SignIn& sign_in = *account.sign_in;
  SignInPage page;
  page.redirect_uri = redirect_uri;
  page.state = url_base64(random.substr(0, 24));
  std::string url = sign_in.authorize_url;
  const auto add = [&url](std::string_view name, const std::string& value) {
    url += url.find('?') == std::string::npos ? '?' : '&';
    url += percent_encode(name) + "=" + percent_encode(value);
  };
  add("response_type", "code");
  const auto client = account.secrets.find(account.auth->fields.front());
  if (client != account.secrets.end()) add("client_id", client->second.reveal());
  add("redirect_uri", redirect_uri);
  std::string scopes;
  for (const std::string& scope : sign_in.scopes) {
    scopes += (scopes.empty() ? "" : account.auth->scope_separator) + scope;
  }
  if (!scopes.empty()) add("scope", scopes);
  add("state", page.state);
  if (account.auth->pkce) {
    page.verifier = url_base64(random.substr(24));
    add("code_challenge", url_base64(sha256(page.verifier)));
    add("code_challenge_method", "S256");
  }
  page.url = url;
  return page;
}

std::map<std::string, std::string> query_members(std::string_view query) {
  std::map<std::string, std::string> members;
  while (!query.empty()) {
    const std::string_view pair = query.substr(0, query.find('&'));
    query.remove_prefix(std::min(query.size(), pair.size() + 1));
    const std::size_t equals = std::min(pair.find('='), pair.size());
    members.emplace(decoded(pair.substr(0, equals)),
                    equals < pair.size() ? decoded(pair.substr(equals + 1)) : "");
  }
  return members;
}

Result<std::string, std::string> code_of_query(const SignInPage& page, std::string_view query) {
  const auto members = query_members(query);
  const auto text = [&members](const char* name) {
    const auto found = members.find(name);
    return found == members.end() ? std::string{} : found->second;
  };
  // Before anything else of it is believed: it may be another page's doing.
  if (text("state") != page.state) {
    return Failure<std::string>("the answer does not belong to this sign-in (its state differs)");
  }
  if (!text("error").empty()) {
    return Failure<std::string>("the app says: " + text("error") + " " + text("error_description"));
  }
  const std::string code = text("code");
  if (code.empty() || code.size() > kCodeBytesMax) {
    return Failure<std::string>("the answer holds no code");
  }
  return code;
}

Result<std::string, std::string> code_of_text(const SignInPage& page, std::string text) {
  text = trimmed(std::move(text));
  const std::size_t mark = text.find('?');
  if (mark != std::string::npos) {
    std::string query = text.substr(mark + 1);
    return code_of_query(page, query.substr(0, query.find('#')));
  }
  const bool sound =
      !text.empty() && text.size() <= kCodeBytesMax &&
      std::all_of(text.begin(), text.end(), [](char c) { return c > 32 && c < 127; });
  if (!sound) return Failure<std::string>("that is neither an address nor a code");
  return text;
}

Result<LocalPlace, std::string> local_place(const std::string& redirect_uri) {
  if (redirect_uri.empty()) return LocalPlace{0, "/callback"};
  for (const std::string_view start : {"http://127.0.0.1", "http://localhost"}) {
    if (!redirect_uri.starts_with(start)) continue;
    std::string rest = redirect_uri.substr(start.size());
    LocalPlace place{80, "/"};
    const std::size_t slash = std::min(rest.find('/'), rest.size());
    if (rest.starts_with(':')) {
      const std::string digits = rest.substr(1, slash - 1);
      const bool number = !digits.empty() && digits.size() <= 5 &&
                          digits.find_first_not_of("0123456789") == std::string::npos;
      if (!number) break;
      place.port = std::stoi(digits);
    } else if (slash != 0) {
      break;
    }
    if (place.port > 65'535) break;
    if (slash < rest.size()) place.path = rest.substr(slash, rest.find_first_of("?#") - slash);
    return place;
  }
  return Failure<std::string>(
      "the app's redirect_uri is not on this machine: add --paste, sign "
      "in, and paste the address that the browser was sent to");
}

}  // namespace triggerd
