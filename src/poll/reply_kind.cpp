#include "triggerd/poll/reply_kind.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "poll/html_page.h"
#include "triggerd/account/retry_after.h"
#include "triggerd/json_text.h"

namespace triggerd {
namespace {

using nlohmann::json;

constexpr std::size_t kReasonBytesMax = 512;
constexpr std::size_t kErrorBodyBytesMax = 256 * 1024;
constexpr std::size_t kTokenBytesMin = 40;  // longer than any id, as long as credentials are

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

bool contains_ignoring_case(std::string_view text, std::string_view part) {
  const auto same = [](char a, char b) { return lower(a) == lower(b); };
  return std::search(text.begin(), text.end(), part.begin(), part.end(), same) != text.end();
}

// Parsed at most once, and only when a rule asks for a member that may be in it.
class Body {
 public:
  explicit Body(const std::string& text) : text_(text) {}

  const json* member(std::string_view pointer) {
    if (!may_hold(pointer)) return nullptr;
    if (!parsed_) {
      Result<json, JsonProblem> value = parse_json(text_);
      parsed_ = value ? *std::move(value) : json(json::value_t::discarded);
    }
    return parsed_->is_discarded() ? nullptr : find_at(*parsed_, pointer);
  }
  const std::string& text() const { return text_; }

 private:
  // A whole page is not parsed for an error member whose name does not even occur in it.
  bool may_hold(std::string_view pointer) const {
    const std::string_view name = pointer.substr(pointer.rfind('/') + 1);
    if (name.find('~') != std::string_view::npos) return true;
    return text_.find("\"" + std::string(name) + "\"") != std::string::npos;
  }

  const std::string& text_;
  std::optional<json> parsed_;
};

bool text_matches(const ErrorRule& rule, const std::string& text) {
  const auto is_in = [&](const std::string& part) { return contains_ignoring_case(text, part); };
  return std::find(rule.equals.begin(), rule.equals.end(), text) != rule.equals.end() ||
         std::any_of(rule.contains.begin(), rule.contains.end(), is_in);
}

// Whether a member says "error" by being there at all: {"errors": []} and {"error": null} do not.
bool says_something(const json& value) {
  if (value.is_boolean()) return value.get<bool>();
  if (const auto* text = value.get_ptr<const std::string*>()) return !text->empty();
  return !value.is_null() && !(value.is_structured() && value.empty());
}

bool matches(const ErrorRule& rule, int status, Body& body) {
  if (!rule.statuses.empty() &&
      std::find(rule.statuses.begin(), rule.statuses.end(), status) == rule.statuses.end()) {
    return false;
  }
  const bool any_text = rule.equals.empty() && rule.contains.empty();
  if (rule.at.empty()) return any_text ? !rule.statuses.empty() : text_matches(rule, body.text());
  const json* member = body.member(rule.at);
  if (member == nullptr) return false;
  if (any_text) return says_something(*member);
  if (!member->is_array()) return text_matches(rule, plain_text(*member));
  return std::any_of(member->begin(), member->end(),
                     [&](const json& item) { return text_matches(rule, plain_text(item)); });
}

ReplyKind kind_of(ErrorClass error) {
  switch (error) {
    case ErrorClass::transient:
      return ReplyKind::transient;
    case ErrorClass::throttled:
      return ReplyKind::throttled;
    case ErrorClass::auth:
      return ReplyKind::unauthorised;
    case ErrorClass::permanent:
      return ReplyKind::refused;
    case ErrorClass::absent:
      return ReplyKind::absent;
  }
  return ReplyKind::not_understood;
}

ReplyKind kind_of(HttpFailure failure) {
  switch (failure) {
    case HttpFailure::none:
      return ReplyKind::page;
    case HttpFailure::refused_url:
      return ReplyKind::refused;
    case HttpFailure::too_large:
      return ReplyKind::not_understood;
    case HttpFailure::resolve:
    case HttpFailure::connect:
    case HttpFailure::tls:
    case HttpFailure::timeout:
    case HttpFailure::cut_short:
    case HttpFailure::broken:
      return ReplyKind::transient;
  }
  return ReplyKind::transient;
}

ReplyKind kind_of_success(const HttpReply& reply, const Operation& operation) {
  const int status = reply.status;
  // Of a read the cut finds out. Of a write nobody else looks into the body, and a login page or a
  // proxy's notice says nothing of what the app did.
  if (!operation.read) return is_html_page(reply) ? ReplyKind::not_understood : ReplyKind::page;
  // No content can only mean "no such object"; of a list it says nothing. A part is not a whole.
  if (status == 204) {
    return operation.read->shape == Shape::object ? ReplyKind::absent : ReplyKind::not_understood;
  }
  return status == 205 || status == 206 ? ReplyKind::not_understood : ReplyKind::page;
}

ReplyKind kind_of_status(const HttpReply& reply, const Operation& operation) {
  const int status = reply.status;
  if (status >= 200 && status < 300) return kind_of_success(reply, operation);
  if (status == 304) return ReplyKind::not_modified;
  if (status == 401) return ReplyKind::unauthorised;
  if (status == 408 || status == 425) return ReplyKind::transient;
  if (status == 429) return ReplyKind::throttled;
  if (status >= 300 && status < 500) return ReplyKind::refused;
  if (status >= 500 && status < 600) return ReplyKind::transient;
  return ReplyKind::not_understood;
}

std::string_view without_query(std::string_view url) {
  return url.substr(0, url.find_first_of("?#"));
}

// What the app says about it: the first of the usual members, or nothing.
std::string app_words(const HttpReply& reply) {
  if (reply.body.size() > kErrorBodyBytesMax) return {};
  const Result<json, JsonProblem> body = parse_json(reply.body);
  if (!body) return {};
  for (const char* pointer : {"/message", "/error/message", "/error_description", "/error",
                              "/errors/0/message", "/detail"}) {
    const json* member = find_at(*body, pointer);
    if (member == nullptr) continue;
    if (member->is_array() && !member->empty()) member = &member->front();
    if (member->is_string() && !member->get_ref<const std::string&>().empty()) {
      return member->get<std::string>();
    }
  }
  return {};
}

bool is_token_character(char c) {
  return (c >= '0' && c <= '9') || (lower(c) >= 'a' && lower(c) <= 'z') ||
         std::string_view("-_.+/=~").find(c) != std::string_view::npos;
}

// What an app repeats of a credential does not reach logs and tables.
std::string without_tokens(std::string_view text) {
  std::string kept;
  while (!text.empty()) {
    const auto end = std::find_if_not(text.begin(), text.end(), is_token_character);
    const auto length = static_cast<std::size_t>(end - text.begin());
    kept += length >= kTokenBytesMin ? std::string_view("[...]") : text.substr(0, length);
    text.remove_prefix(length);
    if (text.empty()) break;
    kept += text.front();
    text.remove_prefix(1);
  }
  return kept;
}

// One line without control characters, cut at a whole character.
std::string one_line(std::string text) {
  for (char& c : text) {
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) c = ' ';
  }
  if (text.size() <= kReasonBytesMax) return text;
  std::size_t end = kReasonBytesMax;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0) == 0x80) --end;
  text.resize(end);
  return text;
}

std::string reason_of(const HttpReply& reply) {
  std::string reason = "HTTP " + std::to_string(reply.status);
  const std::string_view target = reply.header("Location");
  if (reply.status >= 300 && reply.status < 400 && !target.empty()) {
    return one_line(reason + ": redirects to " + std::string(without_query(target)) +
                    ", which is never followed");
  }
  const std::string words = app_words(reply);
  return one_line(words.empty() ? reason : reason + ": " + without_tokens(words));
}

}  // namespace

std::string_view to_text(ReplyKind kind) {
  switch (kind) {
    case ReplyKind::page:
      return "page";
    case ReplyKind::not_modified:
      return "not modified";
    case ReplyKind::absent:
      return "absent";
    case ReplyKind::throttled:
      return "throttled";
    case ReplyKind::unauthorised:
      return "unauthorised";
    case ReplyKind::refused:
      return "refused";
    case ReplyKind::transient:
      return "transient";
    case ReplyKind::not_understood:
      return "not understood";
  }
  return "not understood";
}

ReplyMeaning read_reply(const HttpReply& reply, const Operation& operation,
                        const Connector& connector) {
  if (reply.failure != HttpFailure::none) {
    const std::string reason =
        reply.reason.empty() ? std::string(to_text(reply.failure)) : reply.reason;
    return {kind_of(reply.failure), one_line(reason), std::nullopt};
  }
  ReplyMeaning meaning{kind_of_status(reply, operation), {}, std::nullopt};
  Body body(reply.body);
  const auto apply = [&](const std::vector<ErrorRule>& rules) {
    const auto rule = std::find_if(rules.begin(), rules.end(), [&](const ErrorRule& each) {
      return matches(each, reply.status, body);
    });
    if (rule != rules.end()) meaning.kind = kind_of(rule->means);
    return rule != rules.end();
  };
  if (!apply(operation.errors)) apply(connector.errors);
  if (meaning.kind == ReplyKind::page || meaning.kind == ReplyKind::not_modified) return meaning;
  meaning.reason = reason_of(reply);
  if (meaning.kind == ReplyKind::not_understood && is_html_page(reply)) {
    meaning.reason += ": an HTML page instead of an answer";
  }
  meaning.wait = retry_after(reply);
  return meaning;
}

}  // namespace triggerd
