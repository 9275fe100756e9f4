// jq of the configuration: `when`, `each`, `success_when` and the `${{ ... }}` of `with`. All go
// into one pool, which is compiled once at the end, since each compilation costs libjq's built-ins.
#include <algorithm>
#include <set>

#include "config/expression_advice.h"
#include "config/loading.h"

namespace triggerd {
namespace {

bool holds(const std::vector<std::string>& names, const std::string& name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

void check_steps_named(Loading& loading, const ExpressionPlace& use, const StepScope& scope) {
  for (const std::string& name : steps_named(use.text)) {
    if (holds(scope.earlier, name)) continue;
    if (scope.earlier.size() < scope.all.size() && scope.all[scope.earlier.size()] == name) {
      loading.problem(use.place, use.path + ": the step `" + name + "` is this one itself",
                      "an expression sees the answers of earlier steps only");
    } else if (holds(scope.all, name)) {
      loading.problem(use.place, use.path + ": the step `" + name + "` comes later",
                      "an expression sees the answers of earlier steps only");
    } else if (scope.all.empty()) {
      loading.problem(use.place, use.path + ": `.steps` has no answers yet here");
    } else {
      const std::string hint = did_you_mean(name, scope.earlier);
      loading.problem(use.place, use.path + ": there is no step `" + name + "` before this one",
                      !hint.empty()           ? hint
                      : scope.earlier.empty() ? "this is the first step"
                                              : "earlier steps: " + listed(scope.earlier));
    }
  }
}

const YamlNode* node_at(const YamlNode& root, std::string_view pointer, std::string& path) {
  const YamlNode* node = &root;
  while (!pointer.empty() && node != nullptr) {
    pointer.remove_prefix(1);
    const std::size_t end = std::min(pointer.find('/'), pointer.size());
    std::string part(pointer.substr(0, end));
    pointer.remove_prefix(end);
    for (std::size_t at = part.find('~'); at != std::string::npos && at + 1 < part.size();
         at = part.find('~', at + 1)) {
      part.replace(at, 2, part[at + 1] == '1' ? "/" : "~");
    }
    if (node->kind == YamlNode::Kind::list) {
      const std::size_t index = static_cast<std::size_t>(std::strtoul(part.c_str(), nullptr, 10));
      path += "[" + part + "]";
      node = index < node->items.size() ? &node->items[index] : nullptr;
    } else {
      path += "." + part;
      node = node->find(part);
    }
  }
  return node;
}

// S-27: what stands in a key is never an expression; silently keeping it as text would surprise.
void refuse_templates_in_keys(Loading& loading, const YamlNode& value, const std::string& path) {
  for (const YamlNode& item : value.items) refuse_templates_in_keys(loading, item, path);
  for (const auto& [key, member] : value.members) {
    if (key.text.find("${{") != std::string::npos) {
      loading.problem(key.place, path + ": an expression cannot stand in a key");
    }
    refuse_templates_in_keys(loading, member, path);
  }
}

// What no object of triggerd has gives null at every event: a slip that nothing else would show.
void warn_of_unknown_names(Loading& loading, const ExpressionPlace& use) {
  for (const std::string& name : unknown_names(use.text)) {
    const std::string near = nearest_name(name, expression_names());
    std::string all;
    for (const std::string& known : expression_names()) all += (all.empty() ? "." : ", .") + known;
    loading.warn(place_of_word(loading.document, use.place, use.text, "." + name),
                 use.path + ": there is no `." + name + "`, so it is always null",
                 near.empty() ? "a field of the record is .record." + name + "; there are " + all
                              : "did you mean `." + near + "`?");
  }
}

// An expression in the spelling of another tool, which stays as it is.
void warn_of_stray_templates(Loading& loading, const YamlNode& value, const std::string& path) {
  for (const YamlNode& item : value.items) warn_of_stray_templates(loading, item, path);
  for (const auto& [key, member] : value.members) {
    warn_of_stray_templates(loading, member, path + "." + key.text);
  }
  if (value.kind != YamlNode::Kind::scalar) return;
  const std::string stray = stray_template(value.text);
  if (stray.empty()) return;
  loading.warn(value.place, path + ": `" + stray + "` is sent as it is written",
               "an expression is written ${{ .record.id }}");
}

// A text that YAML cut at ` #` although an expression goes on behind it.
void warn_of_cut_texts(Loading& loading, const YamlNode& value, const std::string& path) {
  for (const YamlNode& item : value.items) warn_of_cut_texts(loading, item, path);
  for (const auto& [key, member] : value.members) {
    warn_of_cut_texts(loading, member, path + "." + key.text);
  }
  if (value.kind != YamlNode::Kind::scalar) return;
  if (comment_behind(loading.document, value).find("${{") == std::string_view::npos) return;
  loading.warn(value.place, path + ": the text ends at ` #`, where a comment begins",
               "quote the whole text");
}

}  // namespace

bool holds_template(const nlohmann::json& value) {
  if (value.is_string()) {
    return value.get_ref<const std::string&>().find("${{") != std::string::npos;
  }
  return value.is_structured() && std::any_of(value.begin(), value.end(), holds_template);
}

std::string load_expression(Loading& loading, Section& section, const std::string& key,
                            const StepScope& scope) {
  const std::optional<std::string> text = section.text(key);
  if (!text) return {};
  const YamlNode& node = *section.node(key);
  if (text->find("${{") != std::string::npos) {
    section.problem(key, "is jq already", "write it without ${{ and }}");
    return {};
  }
  ExpressionPlace use{loading.config.expressions->add(*text), *text, node.place,
                      section.path_of(key), !comment_behind(loading.document, node).empty()};
  check_steps_named(loading, use, scope);
  loading.expressions.push_back(std::move(use));
  return *text;
}

void load_templates(Loading& loading, const YamlNode& value, const std::string& path,
                    const StepScope& scope) {
  refuse_templates_in_keys(loading, value, path);
  warn_of_cut_texts(loading, value, path);
  warn_of_stray_templates(loading, value, path);
  const auto parsed = JsonTemplate::parse(yaml_to_json(value), *loading.config.expressions);
  if (!parsed) {
    std::string at = path;
    const YamlNode* node = node_at(value, parsed.error().pointer, at);
    const YamlNode& shown = node == nullptr ? value : *node;
    loading.problem(shown.place, at + ": " + parsed.error().what,
                    comment_behind(loading.document, shown).empty()
                        ? ""
                        : "the text ends at ` #`, where a comment begins: quote the whole text");
    return;
  }
  for (const JsonTemplate::Use& use : parsed->uses()) {
    std::string at = path;
    const YamlNode* node = node_at(value, use.pointer, at);
    const YamlNode& shown = node == nullptr ? value : *node;
    ExpressionPlace placed{use.id, use.text, shown.place, at, false};
    check_steps_named(loading, placed, scope);
    loading.expressions.push_back(std::move(placed));
  }
}

void compile_expressions(Loading& loading) {
  std::set<ExpressionId> broken;
  for (const ExpressionProblem& found : loading.config.expressions->compile()) {
    broken.insert(found.id);
    for (const ExpressionPlace& use : loading.expressions) {
      if (use.id != found.id) continue;
      const ExpressionAdvice advice = advise_expression(use.text, found.what);
      loading.problem(place_of_word(loading.document, use.place, use.text, advice.word),
                      use.path + ": not a jq expression: " + found.what,
                      use.cut
                          ? "the text ends at ` #`, where a comment begins: quote the whole text"
                          : advice.hint);
    }
  }
  for (const ExpressionPlace& use : loading.expressions) {
    // `success_when` looks at the answer of its step instead, `confirm` at `.answer` and `.sent`.
    const bool other_object =
        use.path.ends_with(".success_when") || use.path.find(".confirm.") != std::string::npos;
    if (!other_object && !broken.contains(use.id)) warn_of_unknown_names(loading, use);
  }
}

}  // namespace triggerd
