// One plain trigger for each of the 55 operations, named like its operation: everything counts, all
// three kinds are detected, each event goes to one webhook. What a stream shows is then exactly
// what the sandbox showed it.
#pragma once

#include <string>
#include <vector>

namespace triggerd::end_to_end {

struct PlainTrigger {
  std::string operation;
  bool agency = false;
  std::string item;        // parameter that fans out; empty: one stream
  std::string item_from;   // operation that gives its values, or a list of values in brackets
  std::string params;      // fixed parameters, as YAML: "urlSlug: spring-offer"
  std::string small_page;  // makes the page small: "limit: 2"; empty: it does not page
};

const std::vector<PlainTrigger>& plain_triggers();
const PlainTrigger& plain_trigger(const std::string& operation);
// The operation and those above it in the fan-out, the topmost first.
std::vector<std::string> with_parents(const std::string& operation);

struct PlainConfig {
  std::vector<std::string> operations;  // empty: all
  bool small_pages = false;
  std::string emails;  // that filter_users_by_email asks for, separated by commas
};
std::string plain_yaml(const PlainConfig& config);

}  // namespace triggerd::end_to_end
