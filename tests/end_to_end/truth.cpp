#include "end_to_end/truth.h"

#include <doctest/doctest.h>
#define XXH_INLINE_ALL
#include <xxhash.h>

#include <array>
#include <cstdio>
#include <fstream>

namespace triggerd::end_to_end {

using checker::Arrival;

namespace {

using nlohmann::json;

std::string text_of(const json& line, const char* name) {
  const auto found = line.find(name);
  return found != line.end() && found->is_string() ? found->get<std::string>() : "";
}

std::int64_t number_of(const json& line, const char* name) {
  const auto found = line.find(name);
  return found != line.end() && found->is_number() ? found->get<std::int64_t>() : 0;
}

bool flag_of(const json& line, const char* name) {
  const auto found = line.find(name);
  return found != line.end() && found->is_boolean() && found->get<bool>();
}

// Values are ids, numbers and instants: nothing that would be percent-encoded but the @ of an
// address.
std::map<std::string, std::string> query_of(const std::string& text) {
  std::map<std::string, std::string> query;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = std::min(text.find('&', at), text.size());
    const std::string part = text.substr(at, end - at);
    const std::size_t mark = std::min(part.find('='), part.size());
    query[part.substr(0, mark)] = mark < part.size() ? part.substr(mark + 1) : "";
    at = end + 1;
  }
  return query;
}

Answer answer_of(const json& line) {
  Answer answer;
  answer.seq = number_of(line, "seq");
  answer.world = number_of(line, "world");
  answer.at = text_of(line, "at");
  answer.operation = text_of(line, "operation");
  answer.path = text_of(line, "path");
  answer.query = query_of(text_of(line, "query"));
  answer.body = json::parse(text_of(line, "body"), nullptr, false);
  answer.status = static_cast<int>(number_of(line, "status"));
  answer.complete = flag_of(line, "complete");
  answer.fault = !text_of(line, "fault").empty();
  answer.token = text_of(line, "authorization");
  for (const json& pair : line.value("records", json::array())) {
    answer.shown.push_back({pair.at(0).get<std::string>(), pair.at(1).get<std::string>()});
  }
  return answer;
}

Mutation mutation_of(const json& line) {
  Mutation mutation;
  mutation.seq = number_of(line, "seq");
  mutation.collection = text_of(line, "collection");
  mutation.id = text_of(line, "id");
  mutation.op = text_of(line, "op");
  mutation.record = line.value("record", json::object());
  mutation.flagged = flag_of(mutation.record, "deleted");
  mutation.by = text_of(line, "by");
  for (const json& pointer : line.value("changed", json::array())) {
    mutation.changed.push_back(pointer.get<std::string>());
  }
  return mutation;
}

Arrival arrival_of(const json& line) {
  const json headers = line.value("headers", json::object());
  Arrival arrival;
  arrival.seq = number_of(line, "world");
  arrival.key = text_of(headers, "webhook-id");
  const std::string attempt = text_of(headers, "x-triggerd-attempt");
  arrival.attempt = attempt.empty() ? 0 : std::stoll(attempt);
  arrival.path = text_of(line, "path");
  arrival.body = text_of(line, "body");
  arrival.status = static_cast<int>(number_of(line, "status"));
  arrival.complete = flag_of(line, "complete");
  arrival.may_be_overtaken = true;
  return arrival;
}

}  // namespace

Truth read_truth(const std::string& path) {
  Truth truth;
  std::ifstream file(path);
  for (std::string text; std::getline(file, text);) {
    const json line = json::parse(text, nullptr, false);
    if (!line.is_object()) continue;  // the last line of a log that is being written
    const std::string type = text_of(line, "type");
    if (type == "request") truth.answers.push_back(answer_of(line));
    if (type == "mutation") truth.mutations.push_back(mutation_of(line));
    if (type == "sink") truth.arrivals.push_back(arrival_of(line));
  }
  REQUIRE(!truth.answers.empty());
  return truth;
}

std::string state_of(json record) {
  if (record.is_object()) {
    record.erase("traceId");
    record.erase("searchAfter");
  }
  const std::string text = record.dump();
  std::array<char, 17> digits{};
  std::snprintf(digits.data(), digits.size(), "%016llx",
                static_cast<unsigned long long>(XXH64(text.data(), text.size(), 0)));
  return {digits.data(), 16};
}

}  // namespace triggerd::end_to_end
