#include "engine/reading_hash.h"

#include <string>
#include <vector>

#include "triggerd/hash.h"

namespace triggerd {

namespace {

// Keeps ("a", "bc") and ("ab", "c") apart.
class Sum {
 public:
  void add(std::string_view text) { value_ = hash64(text, value_ + text.size()); }
  void add(const std::vector<std::string>& texts) {
    add(std::to_string(texts.size()));
    for (const std::string& text : texts) add(text);
  }
  void add(const Stamp& stamp) {
    add(stamp.at);
    add(std::to_string(static_cast<int>(stamp.format.family)));
    add(stamp.format.pattern);
    add(std::to_string(stamp.format.zone.count()));
    add(stamp.version ? "version" : "");
  }
  std::uint64_t value() const { return value_ == 0 ? 1 : value_; }

 private:
  std::uint64_t value_ = 0;
};

void add_read(Sum& sum, const ReadRules& read) {
  sum.add(std::to_string(static_cast<int>(read.shape)));
  sum.add(read.records);
  sum.add(read.entry_key);
  sum.add(read.members);
  for (const std::vector<std::string>& pointers : read.id.alternatives) sum.add(pointers);
  sum.add(read.id.param);
  sum.add(read.gone);
  for (const RecordCondition& condition : read.where) {
    sum.add(condition.at);
    sum.add(condition.equals);
    sum.add(condition.unless);
    sum.add(condition.given ? (*condition.given ? "given" : "not given") : "");
  }
  sum.add(read.updated);
  sum.add(read.created);
  sum.add(read.volatiles);
  sum.add(read.required);
  sum.add(read.location_echo);
}

}  // namespace

std::uint64_t reading_hash(const Trigger& trigger, const DetectRules& rules,
                           const Catalog& catalog) {
  Sum sum;
  sum.add(TRIGGERD_VERSION);
  sum.add(std::to_string(rules.rule));
  sum.add(trigger.source_hash);
  const Operation& operation = *trigger.operation;
  sum.add(operation.method);
  sum.add(operation.path);
  if (const Connector* connector = catalog.connector(operation.connector)) {
    sum.add(connector->base_url);
    sum.add(connector->volatiles);
  }
  if (operation.read) add_read(sum, *operation.read);
  return sum.value();
}

}  // namespace triggerd
