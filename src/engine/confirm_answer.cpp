#include "engine/confirm_answer.h"

#include "triggerd/poll/reply_kind.h"

namespace triggerd {

namespace {

const Operation* confirming(const Stream& stream) {
  const auto& confirm = stream.parts->trigger->operation->read->confirm;
  for (const Operation& operation : stream.account->connector->operations) {
    if (confirm && operation.name == confirm->operation) return &operation;
  }
  return nullptr;
}

}  // namespace

ConfirmAnswer read_confirm(const Stream& stream, const std::string& key, HttpReply reply) {
  const Operation* operation = confirming(stream);
  if (operation == nullptr) return {ConfirmAnswer::Kind::unclear, "no such operation"};
  ReplyMeaning meaning = read_reply(reply, *operation, *stream.account->connector);
  if (meaning.kind == ReplyKind::absent) return {ConfirmAnswer::Kind::gone, {}};
  if (meaning.kind != ReplyKind::page)
    return {ConfirmAnswer::Kind::unclear, std::move(meaning.reason)};
  CutRules rules;
  rules.operation = operation;
  const nlohmann::json values{{stream.parts->trigger->operation->read->confirm->param, key}};
  rules.values = &values;
  rules.item_key = "self";
  rules.root_volatiles = stream.account->connector->volatiles;
  const Result<Page, std::string> page = cut_page(std::move(reply), rules);
  if (!page) return {ConfirmAnswer::Kind::unclear, page.error()};
  return {page->records.empty() ? ConfirmAnswer::Kind::gone : ConfirmAnswer::Kind::there, {}};
}

}  // namespace triggerd
