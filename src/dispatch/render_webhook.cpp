#include <algorithm>
#include <array>

#include "dispatch/render_parts.h"
#include "dispatch/url_text.h"
#include "triggerd/json_text.h"

namespace triggerd {
namespace {

using nlohmann::json;

// Names that the engine, curl or the signature rules own.
constexpr std::array<std::string_view, 8> kOwnHeaders = {
    "host",       "content-length",    "transfer-encoding", "connection",
    "webhook-id", "webhook-timestamp", "webhook-signature", "expect"};

std::string lower(std::string_view text) {
  std::string lowered(text);
  for (char& c : lowered) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + ('a' - 'A'));
  }
  return lowered;
}

bool is_header_name(std::string_view name) {
  static constexpr std::string_view kMarks = "!#$%&'*+-.^_`|~";
  return !name.empty() && std::all_of(name.begin(), name.end(), [](char c) {
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ||
           kMarks.find(c) != std::string_view::npos;
  });
}

std::string name_problem(const std::string& name) {
  if (!is_header_name(name)) return "is no name of a header";
  const std::string lowered = lower(name);
  if (std::find(kOwnHeaders.begin(), kOwnHeaders.end(), lowered) != kOwnHeaders.end() ||
      lowered.starts_with("x-triggerd-")) {
    return "is set by triggerd itself";
  }
  return {};
}

// A line break would start a header, or a request, of the record's choice (S-26).
bool has_control_character(std::string_view text) {
  return std::any_of(text.begin(), text.end(), [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return (byte < 0x20 && c != '\t') || byte == 0x7f;
  });
}

RequestOrReason render_headers(const RenderInput& input) {
  const json& written = member(input.step.with, "headers");
  json headers = json::object();
  if (!written.is_object()) return headers;
  const json& filled = member(input.filled, "headers");
  for (const auto& [name, text] : written.items()) {
    std::string problem = name_problem(name);
    RequestOrReason value = text_or_secret(text, member(filled, name));
    if (problem.empty() && !value) problem = value.error();
    if (problem.empty() && value->is_string() &&
        has_control_character(value->get_ref<const std::string&>())) {
      problem = "holds a line break or another control character";
    }
    if (!problem.empty()) return Failure<std::string>("headers." + name + ": " + problem);
    headers[name] = *std::move(value);
  }
  return headers;
}

// The type the operator gave, in lower case; empty when none.
std::string content_type(const json& headers) {
  for (const auto& [name, value] : headers.items()) {
    if (lower(name) == "content-type") return lower(plain_text(value));
  }
  return {};
}

// Whether the text was put together from expressions, so that a value could end a string of it
// (S-28).
bool is_pasted(const RenderInput& input) {
  const json& written = member(input.step.with, "body");
  if (!written.is_string()) return false;
  const auto& uses = input.with.uses();
  const auto in_body = std::count_if(uses.begin(), uses.end(), [](const JsonTemplate::Use& use) {
    return use.pointer == "/body";
  });
  if (in_body == 0) return false;
  const auto& text = written.get_ref<const std::string&>();
  const std::size_t start = text.find_first_not_of(" \t\r\n");
  const std::size_t end = text.find_last_not_of(" \t\r\n");
  const bool whole = text.compare(start, 3, "${{") == 0 && end > 0 && text[end] == '}';
  return in_body > 1 || !whole;
}

// Puts the body and its type in; the reason when it cannot be.
std::string add_body(const RenderInput& input, json& request) {
  const bool given = input.filled.contains("body");
  const std::string method = plain_text(request["method"]);
  const bool bodyless = method == "GET" || method == "DELETE" || method == "HEAD";
  request["body"] = "";
  if (!given && bodyless) return {};
  const json& body = given ? member(input.filled, "body") : input.object;
  const std::string type = content_type(request["headers"]);
  const bool text = body.is_string();
  if (text && type.find("json") != std::string::npos && is_pasted(input)) {
    return "body: write JSON as a map and not as a text, so that no value can change its shape";
  }
  request["body"] = text ? body.get<std::string>() : compact_json(body);
  if (type.empty()) {
    request["headers"]["Content-Type"] = text ? "text/plain; charset=utf-8" : "application/json";
  }
  return {};
}

Result<std::string, std::string> render_url(const RenderInput& input) {
  const json& written = member(input.step.with, "url");
  if (!written.is_string()) return Failure<std::string>("url: is missing");
  std::vector<std::string> texts;
  std::vector<ExpressionId> ids;
  for (const JsonTemplate::Use& use : input.with.uses()) {
    if (use.pointer != "/url") continue;
    texts.push_back(use.text);
    ids.push_back(use.id);
  }
  return fill_url(written.get_ref<const std::string&>(), texts,
                  [&](std::size_t number) -> Result<std::string, std::string> {
                    const auto values = input.expressions.run(ids[number], input.object);
                    if (!values) return Failure<std::string>(values.error());
                    if (values->size() > 1) {
                      return Failure<std::string>("an expression in it gives several values");
                    }
                    return values->empty() ? std::string{} : plain_text(values->front());
                  });
}

}  // namespace

RequestOrReason render_webhook(const RenderInput& input) {
  const Result<std::string, std::string> url = render_url(input);
  if (!url) return Failure<std::string>(url.error());
  RequestOrReason headers = render_headers(input);
  if (!headers) return headers;
  const std::string method = plain_text(member(input.step.with, "method"));
  json request = {{"method", method.empty() ? "POST" : method},
                  {"url", *url},
                  {"headers", *std::move(headers)}};
  const std::string problem = add_body(input, request);
  if (!problem.empty()) return Failure<std::string>(problem);
  const json& secret = member(input.step.with, "secret");
  if (secret.is_string()) {
    RequestOrReason reference = text_or_secret(secret, secret);
    if (!reference) return Failure<std::string>("secret: " + reference.error());
    // A literal one stays in the step's definition, where the operator allowed it.
    request["secret"] = reference->is_object() ? secret : json("(as written)");
  }
  return request;
}

}  // namespace triggerd
