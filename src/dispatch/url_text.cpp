#include "dispatch/url_text.h"

#include <algorithm>
#include <optional>

#include "triggerd/catalog/request.h"

namespace triggerd {
namespace {

constexpr std::string_view kOpen = "${{";

// Length of "https://host:port", 0 when the text does not begin like that.
std::size_t origin_length(std::string_view url) {
  std::size_t host = 0;
  for (const std::string_view scheme : {"https://", "http://"}) {
    if (url.starts_with(scheme)) host = scheme.size();
  }
  if (host == 0) return 0;
  const std::size_t end = std::min(url.find_first_of("/?#", host), url.size());
  const std::string_view authority = url.substr(host, end - host);
  const bool odd = std::any_of(authority.begin(), authority.end(), [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return c == '@' || c == '\\' || c == '$' || c == '{' || c == '}' || c == '%' || byte <= 0x20 ||
           byte >= 0x7f;
  });
  return authority.empty() || odd ? 0 : end;
}

// The path and query while they are put together. Segments are judged one by one, since an
// expression must not make a path climb.
struct Draft {
  std::string text;
  std::size_t segment_at = 0;
  bool segment_has_value = false;
  bool in_path = true;

  std::string judge_segment() const {
    if (!in_path || !segment_has_value) return {};
    std::string segment = text.substr(segment_at);
    for (std::size_t at = 0; (at = segment.find('%', at)) != std::string::npos; ++at) {
      if (segment.compare(at, 3, "%2e") == 0 || segment.compare(at, 3, "%2E") == 0) {
        segment.replace(at, 3, ".");
      }
    }
    if (segment.empty()) return "url: an expression leaves a part of the path empty";
    if (segment == "." || segment == "..") {
      return "url: an expression makes a part of the path \"" + segment + "\"";
    }
    return {};
  }

  std::string add_literal(char c) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte < 0x20 || byte == 0x7f) return "url: it holds a control character";
    std::string problem;
    if (in_path && (c == '/' || c == '?' || c == '#')) {
      problem = judge_segment();
      segment_at = text.size() + 1;
      segment_has_value = false;
      in_path = c == '/';
    }
    text += c;
    return problem;
  }

  void add_value(std::string_view value) {
    text += percent_encode(value);
    segment_has_value = true;
  }
};

// Position behind the "}}" that closes the expression at `at`.
std::optional<std::size_t> expression_end(std::string_view written, std::size_t at,
                                          std::string_view expression) {
  const std::size_t found = written.find(expression, at + kOpen.size());
  if (found == std::string_view::npos) return std::nullopt;
  const std::size_t close = written.find("}}", found + expression.size());
  if (close == std::string_view::npos) return std::nullopt;
  return close + 2;
}

}  // namespace

std::string url_origin(std::string_view url) {
  return std::string(url.substr(0, origin_length(url)));
}

Result<std::string, std::string> fill_url(
    std::string_view written, const std::vector<std::string>& expressions,
    const std::function<Result<std::string, std::string>(std::size_t)>& value) {
  const std::size_t origin = origin_length(written);
  if (origin == 0) {
    return Failure<std::string>(
        "url: it must begin with https:// and a literal host, without expressions or user names");
  }
  Draft draft;
  std::size_t number = 0;
  for (std::size_t at = origin; at < written.size();) {
    if (written.substr(at).starts_with("$${{")) {  // the escape for a literal ${{
      draft.text += kOpen;
      at += 4;
      continue;
    }
    if (!written.substr(at).starts_with(kOpen)) {
      const std::string problem = draft.add_literal(written[at++]);
      if (!problem.empty()) return Failure<std::string>(problem);
      continue;
    }
    const std::optional<std::size_t> end = number < expressions.size()
                                               ? expression_end(written, at, expressions[number])
                                               : std::nullopt;
    if (!end) return Failure<std::string>("url: an expression in it is not closed");
    const Result<std::string, std::string> text = value(number++);
    if (!text) return Failure<std::string>("url: " + text.error());
    draft.add_value(*text);
    at = *end;
  }
  if (std::string problem = draft.judge_segment(); !problem.empty()) {
    return Failure<std::string>(std::move(problem));
  }
  return std::string(written.substr(0, origin)) + draft.text;
}

std::string sink_url(std::string_view sandbox, std::string_view url) {
  const std::size_t origin = origin_length(url);
  const std::size_t host = std::min(url.find("://") + 3, origin);
  std::string_view name = url.substr(host, origin - host);
  // The port goes; the brackets of an IPv6 address keep their colons.
  const std::size_t colon = name.find(':', name.starts_with('[') ? name.find(']') : 0);
  name = name.substr(0, colon);
  while (sandbox.ends_with('/')) sandbox.remove_suffix(1);
  std::string_view path = url.substr(origin);
  std::string text(sandbox);
  text += "/sink/";
  text += name;
  if (!path.starts_with('/')) text += '/';
  text += path;
  return text;
}

}  // namespace triggerd
