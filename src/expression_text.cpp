#include "expression_text.h"

#include <algorithm>
#include <array>
#include <charconv>

#include "triggerd/expression.h"

namespace triggerd {
namespace {

// The largest count in `"text" * count` when both are literals.
constexpr double kRepeatMax = 10'000;
constexpr std::string_view kOwnPrefix = "triggerd__";

// A text with `\( )` inside is text_start for each piece before an interpolation, then text_end.
enum class TokenKind { word, field, text, text_start, text_end, number, symbol, broken };

struct Token {
  TokenKind kind = TokenKind::symbol;
  std::string_view text;  // a field without its dot, a text without its quotes
  std::size_t at = 0;     // where it starts
  bool touching = false;  // no white space before it
};

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_word_start(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; }
bool is_word(char c) { return is_word_start(c) || is_digit(c); }

// The tokens of jq's language, as far as they matter here. Texts with `\( )` inside come as pieces
// with the tokens between them; the parentheses then count like any others.
class Lexer {
 public:
  Lexer(std::string_view text, std::size_t from) : text_(text), at_(from) {}

  std::optional<Token> next() {
    const std::size_t before = at_;
    skip_space();
    const bool touching = at_ == before;
    if (at_ >= text_.size()) {
      if (interpolations_.empty()) {
        return std::nullopt;
      }
      interpolations_.clear();
      return Token{TokenKind::broken, {}, at_};
    }
    Token token = read();
    token.touching = touching;
    return token;
  }

 private:
  void skip_space() {
    while (at_ < text_.size()) {
      const char c = text_[at_];
      if (c == '#') {
        at_ = std::min(text_.find('\n', at_), text_.size());
      } else if (c == ' ' || c == '\t' || c == '\r' || c == '\n') {
        ++at_;
      } else {
        return;
      }
    }
  }

  Token read() {
    const std::size_t start = at_;
    const char c = text_[at_];
    const char after = at_ + 1 < text_.size() ? text_[at_ + 1] : '\0';
    if (c == '"') {
      return read_text(start, 1);
    }
    if (is_word_start(c)) {
      at_ = end_of_word(at_);
      return {TokenKind::word, text_.substr(start, at_ - start), start};
    }
    if (c == '.' && is_word_start(after)) {
      at_ = end_of_word(at_ + 1);
      return {TokenKind::field, text_.substr(start + 1, at_ - start - 1), start};
    }
    if (is_digit(c) || (c == '.' && is_digit(after))) {
      return read_number(start);
    }
    ++at_;
    if (c == '(') {
      ++parentheses_;
    } else if (c == ')') {
      if (!interpolations_.empty() && interpolations_.back() == parentheses_) {
        interpolations_.pop_back();
        return read_text(start, 1);
      }
      --parentheses_;
    }
    return {TokenKind::symbol, text_.substr(start, 1), start};
  }

  std::size_t end_of_word(std::size_t at) const {
    while (at < text_.size() && is_word(text_[at])) {
      ++at;
    }
    return at;
  }

  Token read_number(std::size_t start) {
    while (at_ < text_.size() && (is_digit(text_[at_]) || text_[at_] == '.')) {
      ++at_;
    }
    if (at_ < text_.size() && (text_[at_] == 'e' || text_[at_] == 'E')) {
      const std::size_t sign = text_.substr(at_ + 1, 1).find_first_of("+-") == 0 ? 1 : 0;
      if (at_ + 1 + sign < text_.size() && is_digit(text_[at_ + 1 + sign])) {
        at_ += 1 + sign;
        while (at_ < text_.size() && is_digit(text_[at_])) {
          ++at_;
        }
      }
    }
    return {TokenKind::number, text_.substr(start, at_ - start), start};
  }

  // From behind the opening quote, or from behind the `)` of an interpolation, to the next quote or
  // `\(`.
  Token read_text(std::size_t start, std::size_t opening) {
    const bool whole = text_[start] == '"';
    for (at_ = start + opening; at_ < text_.size(); ++at_) {
      if (text_[at_] == '"') {
        const std::string_view content = text_.substr(start + opening, at_ - start - opening);
        ++at_;
        return {whole ? TokenKind::text : TokenKind::text_end, content, start};
      }
      if (text_[at_] != '\\') {
        continue;
      }
      if (++at_ < text_.size() && text_[at_] == '(') {
        interpolations_.push_back(parentheses_);
        const std::string_view content = text_.substr(start + opening, at_ - 1 - start - opening);
        ++at_;
        return {TokenKind::text_start, content, start};
      }
    }
    return {TokenKind::broken, text_.substr(start), start};
  }

  std::string_view text_;
  std::size_t at_;
  int parentheses_ = 0;
  std::vector<int> interpolations_;  // how many parentheses were open where each began
};

struct Closed {
  std::string_view word;
  std::string_view why;
};

constexpr std::string_view kNoFurtherInput = "there is no further input; use .record or .steps";
constexpr std::string_view kNoModules = "modules are closed";
constexpr std::string_view kNoOutput = "an expression cannot print";
constexpr std::string_view kNoEnd = "an expression cannot end the program";
constexpr std::string_view kNoEnvironment =
    "the environment is closed; put ${env:NAME} into the file instead";
constexpr std::string_view kNoPlace = "an expression has no place of its own";

constexpr std::array<Closed, 18> kClosedWords = {{
    {"now", "the clock is closed; use .event.detected_at"},
    {"input", kNoFurtherInput},
    {"inputs", kNoFurtherInput},
    {"input_filename", kNoFurtherInput},
    {"input_line_number", kNoFurtherInput},
    {"import", kNoModules},
    {"include", kNoModules},
    {"modulemeta", kNoModules},
    {"get_search_list", kNoModules},
    {"get_jq_origin", kNoModules},
    {"get_prog_origin", kNoModules},
    {"debug", kNoOutput},
    {"stderr", kNoOutput},
    {"halt", kNoEnd},
    {"halt_error", kNoEnd},
    {"env", kNoEnvironment},
    {"localtime", "the zone of this machine is closed; use gmtime"},
    {"strflocaltime", "the zone of this machine is closed; use strftime"},
}};

constexpr std::array<Closed, 2> kClosedVariables = {{
    {"ENV", kNoEnvironment},
    {"__loc__", kNoPlace},
}};

template <std::size_t N>
std::optional<std::string> closed_in(const std::array<Closed, N>& list, std::string_view word,
                                     std::string_view prefix) {
  const auto found = std::find_if(list.begin(), list.end(),
                                  [&](const Closed& closed) { return closed.word == word; });
  if (found == list.end()) {
    return std::nullopt;
  }
  return std::string(prefix) + std::string(word) + ": " + std::string(found->why);
}

bool is_symbol(const Token* token, char c) {
  return token != nullptr && token->kind == TokenKind::symbol && token->text[0] == c;
}

bool is_any_symbol(const Token* token, std::string_view characters) {
  return token != nullptr && token->kind == TokenKind::symbol &&
         characters.find(token->text[0]) != std::string_view::npos;
}

std::vector<Token> tokens_of(std::string_view text) {
  std::vector<Token> tokens;
  Lexer lexer(text, 0);
  while (auto token = lexer.next()) {
    tokens.push_back(*token);
  }
  return tokens;
}

// Reads the tokens once and complains about the first thing that is not allowed.
class Inspector {
 public:
  explicit Inspector(std::string_view text) : tokens_(tokens_of(text)) {}

  std::optional<std::string> complaint() {
    if (tokens_.empty()) {
      return "the expression is empty";
    }
    for (std::size_t i = 0; i < tokens_.size(); ++i) {
      if (auto found = complaint_at(i)) {
        return found;
      }
    }
    if (!open_.empty()) {
      return std::string("'") + open_.back() + "' is not closed";
    }
    return std::nullopt;
  }

 private:
  const Token* at(std::size_t i) const { return i < tokens_.size() ? &tokens_[i] : nullptr; }
  const Token* before(std::size_t i) const { return i > 0 ? &tokens_[i - 1] : nullptr; }

  std::optional<std::string> complaint_at(std::size_t i) {
    const Token& token = tokens_[i];
    switch (token.kind) {
      case TokenKind::broken:
        return "a text is not closed";
      case TokenKind::symbol:
        return is_symbol(&token, '*') ? repeat_complaint(i) : balance_complaint(token.text[0]);
      case TokenKind::word:
        return word_complaint(i);
      case TokenKind::field:
      case TokenKind::text:
      case TokenKind::text_start:
      case TokenKind::text_end:
      case TokenKind::number:
        return std::nullopt;
    }
    return std::nullopt;
  }

  std::optional<std::string> balance_complaint(char c) {
    constexpr std::string_view kOpening = "([{";
    constexpr std::string_view kClosing = ")]}";
    if (kOpening.find(c) != std::string_view::npos) {
      open_.push_back(c);
      return std::nullopt;
    }
    const std::size_t kind = kClosing.find(c);
    if (kind == std::string_view::npos) {
      return std::nullopt;
    }
    if (open_.empty() || open_.back() != kOpening[kind]) {
      return std::string("'") + c + "' without its '" + kOpening[kind] + "'";
    }
    open_.pop_back();
    return std::nullopt;
  }

  std::optional<std::string> word_complaint(std::size_t i) const {
    const std::string_view word = tokens_[i].text;
    if (word.substr(0, kOwnPrefix.size()) == kOwnPrefix) {
      return "names that start with triggerd__ are taken";
    }
    if (is_symbol(before(i), '$')) {
      return closed_in(kClosedVariables, word, "$");
    }
    const bool is_key = !open_.empty() && open_.back() == '{' && is_any_symbol(before(i), "{,") &&
                        is_any_symbol(at(i + 1), ":,}");
    const bool is_format = is_symbol(before(i), '@');
    return is_key || is_format ? std::nullopt : closed_in(kClosedWords, word, "");
  }

  std::optional<std::string> repeat_complaint(std::size_t i) const {
    const Token* left = before(i);
    const Token* right = at(i + 1);
    if (left == nullptr || right == nullptr ||
        (left->kind != TokenKind::text) == (right->kind != TokenKind::text)) {
      return std::nullopt;
    }
    const Token* count = left->kind == TokenKind::text ? right : left;
    double number = 0;
    const auto [end, error] =
        std::from_chars(count->text.data(), count->text.data() + count->text.size(), number);
    const bool too_far = error == std::errc::result_out_of_range || number > kRepeatMax;
    return count->kind == TokenKind::number && too_far
               ? std::optional<std::string>{"a text repeated more than 10000 times"}
               : std::nullopt;
  }

  std::vector<Token> tokens_;
  std::vector<char> open_;
};

// The name in `["name"]` that starts at token `i`, or of a field or `."name"`; moves i behind it.
std::optional<std::string_view> read_step(const std::vector<Token>& tokens, std::size_t& i) {
  const auto plain = [](const Token& token) {
    return token.kind == TokenKind::text && token.text.find('\\') == std::string_view::npos;
  };
  if (tokens[i].kind == TokenKind::field) {
    return tokens[i++].text;
  }
  if (is_symbol(&tokens[i], '.') && i + 1 < tokens.size() &&
      tokens[i + 1].kind == TokenKind::text) {
    i += 2;
    return plain(tokens[i - 1]) ? std::optional{tokens[i - 1].text} : std::nullopt;
  }
  if (i + 2 < tokens.size() && is_symbol(&tokens[i], '[') && plain(tokens[i + 1]) &&
      is_symbol(&tokens[i + 2], ']')) {
    i += 3;
    return tokens[i - 2].text;
  }
  return std::nullopt;
}

}  // namespace

std::optional<std::string> refused_in_expression(std::string_view text) {
  return Inspector(text).complaint();
}

std::size_t expression_end(std::string_view text, std::size_t from) {
  Lexer lexer(text, from);
  int braces = 0;
  while (const auto token = lexer.next()) {
    if (is_symbol(&*token, '{')) {
      ++braces;
    } else if (is_symbol(&*token, '}') && --braces < 0) {
      return text.substr(token->at, 2) == "}}" ? token->at : std::string_view::npos;
    }
  }
  return std::string_view::npos;
}

std::optional<std::vector<PathStep>> plain_path(std::string_view text) {
  const std::vector<Token> tokens = tokens_of(text);
  std::vector<PathStep> steps;
  if (tokens.empty()) {
    return std::nullopt;
  }
  // `.` alone, or before a bracket: `.["a"]`.
  const bool bare_dot =
      is_symbol(&tokens[0], '.') && (tokens.size() == 1 || is_symbol(&tokens[1], '['));
  std::size_t i = bare_dot ? 1 : 0;
  if (!bare_dot && is_symbol(&tokens[0], '[')) {
    return std::nullopt;  // `["a"]` makes a list
  }
  while (i < tokens.size()) {
    const auto name = read_step(tokens, i);
    if (!name) {
      return std::nullopt;
    }
    const bool optional = i < tokens.size() && is_symbol(&tokens[i], '?');
    i += optional ? 1 : 0;
    steps.push_back({std::string(*name), optional});
  }
  return steps;
}

std::vector<std::string> steps_named(std::string_view expression) {
  const std::vector<Token> tokens = tokens_of(expression);
  std::vector<std::string> names;
  for (std::size_t i = 0; i + 1 < tokens.size(); ++i) {
    const bool continues_a_path =
        i > 0 && tokens[i].touching &&
        (tokens[i - 1].kind == TokenKind::symbol ? is_any_symbol(&tokens[i - 1], "]})?")
                                                 : tokens[i - 1].kind != TokenKind::text_start);
    if (tokens[i].kind != TokenKind::field || tokens[i].text != "steps" || continues_a_path) {
      continue;
    }
    std::size_t after = i + 1;
    if (const auto name = read_step(tokens, after)) {
      names.emplace_back(*name);
    }
  }
  std::sort(names.begin(), names.end());
  names.erase(std::unique(names.begin(), names.end()), names.end());
  return names;
}

}  // namespace triggerd
