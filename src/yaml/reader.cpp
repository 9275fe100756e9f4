#include "triggerd/yaml/reader.h"

#include <yaml-cpp/depthguard.h>
#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/parser.h>

#include <set>
#include <sstream>

#include "yaml/parse_advice.h"
#include "yaml/source_text.h"

namespace triggerd {
namespace {

constexpr std::size_t kYamlProblemsMax =
    100;  // a file of another kind must not give a million lines

// Ends the parser from within an event; never leaves this file.
struct Stop {};

// Builds the tree from events, since only they show anchors, tags and duplicate keys, and can be
// stopped at the depth limit before any library recurses.
class TreeBuilder final : public YAML::EventHandler {
 public:
  std::size_t twice = 0;  // problems that are only keys that stand twice

  TreeBuilder(const std::string& file, std::string_view text, std::vector<Problem>& problems)
      : file_(file), problems_(problems) {
    for (std::size_t at = 0; at != std::string_view::npos;) {
      const std::size_t end = text.find('\n', at);
      lines_.push_back(text.substr(at, end - at));
      at = end == std::string_view::npos ? end : end + 1;
    }
  }

  void OnDocumentStart(const YAML::Mark& mark) override {
    if (++documents_ > 1) refuse(mark, "a second document begins here; one file is one document");
  }
  void OnDocumentEnd() override {}

  void OnNull(const YAML::Mark& mark, YAML::anchor_t) override {
    YamlNode node;
    node.place = place_of(mark);
    // An empty value has no text of its own: the parser names the token behind it.
    if (!open_.empty() && open_.back().key && open_.back().key->place.line != node.place.line) {
      node.place = open_.back().key->place;
    }
    add(std::move(node));
  }

  void OnAlias(const YAML::Mark& mark, YAML::anchor_t) override {
    // Behind `<<:` the merge key has been told already.
    const bool merged = !open_.empty() && open_.back().key && open_.back().key->text == "<<" &&
                        !open_.back().key->quoted;
    if (!merged) {
      refuse(mark, "aliases (*name) are not allowed",
             "write the value out; a text with * is quoted");
    }
    // It stands in its place, so that what comes behind is read as what it is.
    YamlNode node;
    node.place = place_of(mark);
    add(std::move(node));
  }
  void OnAnchor(const YAML::Mark& mark, const std::string&) override {
    refuse(mark, "anchors (&name) are not allowed", "write the value out; a text with & is quoted");
  }

  void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t,
                const std::string& value) override {
    check_tag(mark, tag);
    YamlNode node;
    node.kind = YamlNode::Kind::scalar;
    node.place = place_of(mark);
    node.text = value;
    node.quoted = tag == "!";
    add(std::move(node));
  }

  void OnSequenceStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t,
                       YAML::EmitterStyle::value) override {
    begin(mark, tag, YamlNode::Kind::list);
  }
  void OnSequenceEnd() override { end(); }
  void OnMapStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t,
                  YAML::EmitterStyle::value) override {
    begin(mark, tag, YamlNode::Kind::map);
  }
  void OnMapEnd() override { end(); }

  YamlNode take_root() { return std::move(root_); }

  Place place_of(const YAML::Mark& mark) {
    if (mark.line < 0) return {};
    Place place{mark.line + 1, 1};
    const auto line = static_cast<std::size_t>(mark.line);
    // The parser counts bytes.
    if (line < lines_.size() && mark.column > 0) {
      place.column += chars_before(line, static_cast<std::size_t>(mark.column));
    }
    return place;
  }

 private:
  // Goes on from the place before on the same line: a list of ten thousand values may be one line.
  int chars_before(std::size_t line, std::size_t bytes) {
    bytes = std::min(bytes, lines_[line].size());
    if (line != counted_line_ || bytes < counted_bytes_) {
      counted_line_ = line;
      counted_bytes_ = 0;
      counted_chars_ = 0;
    }
    counted_chars_ += chars_in(lines_[line].substr(counted_bytes_), bytes - counted_bytes_);
    counted_bytes_ = bytes;
    return counted_chars_;
  }

  struct Open {
    YamlNode node;
    std::optional<YamlNode> key;  // of the member whose value comes next
    std::set<std::string, std::less<>> keys;
  };

  void refuse(const YAML::Mark& mark, std::string what, std::string hint = {}) {
    problems_.push_back({file_, place_of(mark), std::move(what), std::move(hint)});
    if (problems_.size() >= kYamlProblemsMax) throw Stop{};
  }

  void check_tag(const YAML::Mark& mark, const std::string& tag) {
    if (tag == "?" || tag == "!" || tag.empty()) return;
    refuse(mark, "tags (!name) are not allowed", "a text that begins with ! is quoted");
  }

  void begin(const YAML::Mark& mark, const std::string& tag, YamlNode::Kind kind) {
    check_tag(mark, tag);
    if (static_cast<int>(open_.size()) >= kYamlDepthMax) {
      refuse(mark, "deeper than " + std::to_string(kYamlDepthMax) + " levels");
      throw Stop{};
    }
    Open open;
    open.node.kind = kind;
    open.node.place = place_of(mark);
    open_.push_back(std::move(open));
  }

  void end() {
    YamlNode node = std::move(open_.back().node);
    open_.pop_back();
    add(std::move(node));
  }

  void add(YamlNode node) {
    if (open_.empty()) {
      root_ = std::move(node);
      return;
    }
    Open& open = open_.back();
    if (open.node.kind == YamlNode::Kind::list) {
      open.node.items.push_back(std::move(node));
    } else if (!open.key) {
      check_key(open, node);
      open.key = std::move(node);
    } else {
      open.node.members.push_back({std::move(*open.key), std::move(node)});
      open.key.reset();
    }
  }

  void check_key(Open& open, const YamlNode& key) {
    Problem problem{file_, key.place, {}, {}};
    if (key.kind != YamlNode::Kind::scalar || key.text.empty()) {
      problem.what = "a key must be a plain text";
    } else if (key.text == "<<" && !key.quoted) {
      problem.what = "merge keys (<<) are not allowed";
      problem.hint = "write the members out";
    } else if (!open.keys.insert(key.text).second) {
      ++twice;
      problem.what = "`" + key.text + "` stands here twice";
      problem.hint = "the first one is on line " + std::to_string(line_of(open.node, key.text));
    } else {
      return;
    }
    problems_.push_back(std::move(problem));
    if (problems_.size() >= kYamlProblemsMax) throw Stop{};
  }

  static int line_of(const YamlNode& map, std::string_view name) {
    for (const auto& [key, value] : map.members) {
      if (key.text == name) return key.place.line;
    }
    return 0;
  }

  const std::string& file_;
  std::vector<Problem>& problems_;
  std::vector<std::string_view> lines_;
  std::size_t counted_line_ = SIZE_MAX, counted_bytes_ = 0;
  int counted_chars_ = 0;
  std::vector<Open> open_;
  YamlNode root_;
  int documents_ = 0;
};

// Not one byte of another encoding reaches the parser, which would convert it silently.
std::optional<Problem> check_text(const std::string& file, std::string_view text) {
  if (text.size() > kYamlBytesMax) {
    return Problem{file, {}, "the file is larger than 1 MiB", {}};
  }
  Place place{1, 1};
  for (std::size_t at = 0; at < text.size();) {
    const SourceChar next = source_char(text, at);
    const bool control =
        next.code < 0x20 && next.code != '\n' && next.code != '\r' && next.code != '\t';
    if (!next.valid) return Problem{file, place, "not UTF-8 text", "save the file as UTF-8"};
    if (control || next.code == 0x7f) return Problem{file, place, "a control character", {}};
    at += next.bytes;
    ++place.column;
    if (next.code == '\n') place = {place.line + 1, 1};
  }
  return std::nullopt;
}

}  // namespace

std::optional<YamlDocument> parse_yaml(std::string file, std::string text,
                                       std::vector<Problem>& problems) {
  static constexpr std::string_view kByteOrderMark = "\xef\xbb\xbf";
  if (text.starts_with(kByteOrderMark)) text.erase(0, kByteOrderMark.size());
  if (auto problem = check_text(file, text)) {
    problems.push_back(std::move(*problem));
    return std::nullopt;
  }
  std::vector<Problem> found;
  TreeBuilder builder(file, text, found);
  try {
    std::istringstream stream(text);
    YAML::Parser parser(stream);
    while (parser.HandleNextDocument(builder)) {
    }
  } catch (const Stop&) {
  } catch (const YAML::Exception& error) {
    const Place place = builder.place_of(error.mark);
    const bool too_deep = dynamic_cast<const YAML::DeepRecursion*>(&error) != nullptr;
    found.push_back(
        {file, place,
         too_deep ? "nested too deeply" : "not valid YAML: " + parse_sentence(error.msg),
         parse_advice(text, place.line, error.msg)});
  }
  problems.insert(problems.end(), found.begin(), found.end());
  // A key that stands twice hides nothing else: the rest of the file is looked at all the same.
  if (found.size() != builder.twice) return std::nullopt;
  YamlNode root = builder.take_root();
  return YamlDocument{std::move(file), std::move(text), std::move(root)};
}

const YamlNode* YamlNode::find(std::string_view key) const {
  for (const auto& [name, value] : members) {
    if (name.text == key) return &value;
  }
  return nullptr;
}

}  // namespace triggerd
