// reconcile: of triggers.yaml. Its grammar is checked; running it is not part of this version,
// which the key itself says (grammar.cpp).
#include "config/loading.h"

namespace triggerd {
namespace {

bool is_time_of_day(std::string_view text) {
  const auto digit = [&](std::size_t i) { return text[i] >= '0' && text[i] <= '9'; };
  if (text.size() != 5 || text[2] != ':' || !digit(0) || !digit(1) || !digit(3) || !digit(4)) {
    return false;
  }
  return text.substr(0, 2) < "24" && text.substr(3) < "60";
}

void check_side(Loading& loading, Section& entry, const std::string& key) {
  std::optional<Section> side = entry.section(key);
  if (!side) return;
  if (const std::optional<std::string> name = side->text("poll")) {
    find_operation(loading, *name, side->node("poll")->place, side->path_of("poll"));
  }
  side->text("account");
  side->finish();
}

void check_steps(Loading& loading, Section& outcomes, const std::string& key) {
  outcomes.each_item(key, [&](std::size_t index, const YamlNode& item) {
    Section step = loading.section(SectionKind::step, item,
                                   outcomes.path_of(key) + "[" + std::to_string(index) + "]");
    step.finish();
  });
}

}  // namespace

void check_reconcile(Loading& loading, Section& root) {
  root.each("reconcile", [&](const std::string& name, const YamlNode& key, const YamlNode& value) {
    const std::string path = "reconcile." + name;
    check_name(loading, key.place, path, name);
    Section entry = loading.section(SectionKind::reconcile, value, path);
    check_side(loading, entry, "left");
    check_side(loading, entry, "right");
    if (entry.has("match")) entry.choices("match");
    if (const std::optional<std::string> at = entry.text("at"); at && !is_time_of_day(*at)) {
      entry.problem("at", "`" + *at + "` is not a time of day such as \"03:15\"");
    }
    if (std::optional<Section> outcomes = entry.section("do")) {
      for (const char* outcome : {"only_left", "only_right", "different"}) {
        check_steps(loading, *outcomes, outcome);
      }
      outcomes->finish();
    }
    entry.finish();
  });
}

}  // namespace triggerd
