#include "yaml/parse_advice.h"

#include <algorithm>
#include <array>
#include <string>

#include "triggerd/yaml/reader.h"
#include "yaml/source_text.h"

namespace triggerd {
namespace {

constexpr std::string_view kBlank = " \t";

bool holds_expression(std::string_view line) {
  return line.find("${{") != std::string_view::npos ||
         line.find("${env:") != std::string_view::npos ||
         line.find("${file:") != std::string_view::npos;
}

// The text behind "key: " when the line has the form of a member; the line without indent
// otherwise.
std::string_view value_of(std::string_view line) {
  const std::size_t start = line.find_first_not_of(" \t-");
  if (start == std::string_view::npos) return {};
  line.remove_prefix(start);
  const std::size_t colon = line.find(": ");
  if (colon == std::string_view::npos) return line;
  const std::size_t value = line.find_first_not_of(kBlank, colon + 1);
  return value == std::string_view::npos ? std::string_view{} : line.substr(value);
}

std::string_view key_of(std::string_view line) {
  const std::size_t start = line.find_first_not_of(" \t-");
  if (start == std::string_view::npos) return {};
  const std::size_t colon = line.find(':', start);
  return colon == std::string_view::npos ? std::string_view{} : line.substr(start, colon - start);
}

bool is_jq_key(std::string_view key) {
  return key == "when" || key == "each" || key == "success_when";
}

// Where `{` or `[` opens a flow collection in front of the expression.
bool is_in_flow(std::string_view line) {
  const std::string_view value = value_of(line);
  if (!value.empty() && (value.front() == '{' || value.front() == '[')) return true;
  const std::size_t expression = line.find("${");
  const std::size_t opened = line.find_first_of("{[");
  return opened != std::string_view::npos && opened < expression;
}

std::string advice_for_line(std::string_view line) {
  const std::string_view value = value_of(line);
  if (value.empty()) return {};
  if (holds_expression(line)) {
    if (is_in_flow(line)) {
      return "inside {...} and [...], an expression or ${env:...} must be quoted: \"${{ .record.id "
             "}}\"";
    }
    return "a text that holds `: ` or ` #` or begins with a quote must be quoted as a whole "
           "or written as a block (`|`)";
  }
  if (is_jq_key(key_of(line))) {
    return "quote the expression as a whole, or write it as a block: `" +
           std::string(key_of(line)) + ": |` with the expression on the next line";
  }
  if (value.front() != '"' && value.front() != '\'' && value.front() != '{' &&
      value.front() != '[' && value.find(": ") != std::string_view::npos) {
    return "a text that holds `: ` must be quoted";
  }
  if (value.front() == '@' || value.front() == '`' || value.front() == '%') {
    return "a text that begins with `" + std::string(1, value.front()) + "` must be quoted";
  }
  return {};
}

std::size_t indent_of(std::string_view line) {
  return std::min(line.find_first_not_of(' '), line.size());
}

// How far the line is indented, and how far those are that it could stand under.
std::string indent_advice(std::string_view text, int line) {
  const std::string_view here = source_line(text, line);
  if (here.find_first_not_of(" \t\r") == std::string_view::npos) return {};
  const std::size_t indent = indent_of(here);
  std::string above;
  std::size_t least = std::string_view::npos;
  for (int back = line - 1; back >= 1 && least > 0; --back) {
    const std::string_view other = source_line(text, back);
    const std::size_t first = other.find_first_not_of(" \t\r");
    if (first == std::string_view::npos || other[first] == '#' || first >= least) continue;
    least = first;
    above = std::to_string(first) + (above.empty() ? "" : ", ") + above;
  }
  if (above.empty()) return {};
  return "this line is indented by " + std::to_string(indent) + " spaces, the lines above it by " +
         above + ": keys of one map stand in one column";
}

}  // namespace

std::string parse_sentence(std::string_view message) {
  struct Wording {
    std::string_view from, to;
  };
  static constexpr std::array<Wording, 9> kWordings = {{
      {"illegal map value", "a `: ` where no key can stand, or a line that is indented too far"},
      {"end of map flow not found", "this `{...}` is not closed, or holds what must be quoted"},
      {"end of sequence flow not found",
       "this `[...]` is not closed, or holds what must be quoted"},
      {"end of map not found", "the indentation fits no line above"},
      {"end of sequence not found", "the indentation fits no item of the list above"},
      {"unknown token", "a value cannot begin with this character"},
      {"illegal EOF in scalar", "a quote is not closed"},
      {"illegal flow end", "a bracket is closed that was not opened, or out of order"},
      {"the referenced anchor is not defined", "a value cannot begin with `*`"},
  }};
  for (const Wording& wording : kWordings) {
    if (message == wording.from) return std::string(wording.to);
  }
  return std::string(message);
}

std::string parse_advice(std::string_view text, int line, std::string_view message) {
  if (message == "the referenced anchor is not defined") {
    return "aliases are not allowed: write the value out; a text with * is quoted";
  }
  // The parser may notice an unclosed bracket only on a later line.
  for (int back = 0; back < 4 && line - back >= 1; ++back) {
    const std::string advice = advice_for_line(source_line(text, line - back));
    if (!advice.empty()) return advice;
  }
  if (source_line(text, line).find('\t') != std::string_view::npos) {
    return "YAML indents with spaces, never with tabs";
  }
  const bool indented = message == "illegal map value" || message == "end of map not found" ||
                        message == "end of sequence not found";
  return indented ? indent_advice(text, line) : std::string();
}

std::string_view comment_behind(const YamlDocument& document, const YamlNode& node) {
  if (node.kind != YamlNode::Kind::scalar || node.quoted) return {};
  const std::string_view line = source_line(document.text, node.place.line);
  std::size_t at = 0;
  for (int column = 1; column < node.place.column && at < line.size(); ++column) {
    at += source_char(line, at).bytes;
  }
  const std::size_t comment = line.find(" #", at);
  return comment == std::string_view::npos ? std::string_view{} : line.substr(comment);
}

}  // namespace triggerd
