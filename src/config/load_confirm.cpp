// confirm: of a step, the read that is asked before an attempt is repeated that may have been
// carried out.
#include "config/loading.h"

namespace triggerd {
namespace {

bool is_write(const Loading& loading, const std::string& action) {
  if (action == "webhook" || action == "exec") return true;
  const Operation* operation = loading.catalog.operation(action);
  return operation == nullptr || operation->kind == OperationKind::write;
}

// Beside the step's own account where that is one of the same app, else the trigger's.
std::vector<const Account*> load_account(Loading& loading, const Trigger& trigger, Section& section,
                                         const Operation& read, const Step& step,
                                         Confirm& confirm) {
  const Account* own = loading.config.account(step.account);
  if (!section.has("account") && own != nullptr && own->connector != nullptr &&
      own->connector->name == read.connector) {
    confirm.account = own->name;
    return {own};
  }
  return load_operation_account(loading, trigger, section, "read", read, confirm.account);
}

}  // namespace

void load_confirm(Loading& loading, const Trigger& trigger, Section& step_section,
                  const StepScope& scope, Step& step) {
  std::optional<Section> section = step_section.section("confirm");
  if (!section) return;
  Confirm confirm;
  if (!step.action.empty() && !is_write(loading, step.action)) {
    step_section.problem("confirm", "`" + step.action + "` may be repeated without harm",
                         "remove it");
  }
  const YamlNode* with = section->node("with");
  if (with != nullptr && with->kind == YamlNode::Kind::map) {
    confirm.with = yaml_to_json(*with);
    load_templates(loading, *with, section->path_of("with"), scope);
  }
  confirm.when = load_expression(loading, *section, "when", scope);
  confirm.wait = section->duration("wait").value_or(confirm.wait);
  if (const std::optional<std::string> name = section->text("read")) {
    const Place place = section->node("read")->place;
    const Operation* read =
        find_operation(loading, *name, place, section->path_of("read"), OperationKind::read);
    if (read != nullptr && !read->read) {
      section->problem("read", "`" + *name + "` is not a read operation");
    } else if (read != nullptr) {
      confirm.read = *name;
      const std::string path = step_section.path_of("confirm");
      check_operation_with(loading, *read, {with, place, path},
                           load_account(loading, trigger, *section, *read, step, confirm));
    }
  }
  section->finish();
  step.confirm = std::move(confirm);
}

}  // namespace triggerd
