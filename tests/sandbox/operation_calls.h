// One good call of each operation, and what its answer must look like by the API's documents: where
// the records stand and which members they carry. Written by hand, apart from the sandbox's own
// route table, so that the two check each other.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "fixture.h"

namespace triggerd::sandbox::tests {

struct GoodCall {
  std::string operation;
  Request request;  // token filled in by the table
  int status = 200;
  std::string pointer;  // to the list or object of records
  bool is_list = false;
  std::vector<std::string> members;   // that each record must carry
  std::vector<std::string> required;  // parameters whose absence must be refused
};

std::vector<GoodCall> good_calls(World60& world);

// The parts of the table, by category, and what they are written with.
using GoodCalls = std::vector<GoodCall>;
void add_contact_reads(World60& world, GoodCalls& calls);
void add_contact_writes(World60& world, GoodCalls& calls);
void add_contact_link_writes(World60& world, GoodCalls& calls);
void add_business_writes(World60& world, GoodCalls& calls);
void add_calendar_reads(World60& world, GoodCalls& calls);
void add_event_reads(World60& world, GoodCalls& calls);
void add_calendar_writes(World60& world, GoodCalls& calls);
void add_calendar_setting_writes(World60& world, GoodCalls& calls);
void add_event_writes(World60& world, GoodCalls& calls);
void add_sales_reads(World60& world, GoodCalls& calls);
void add_user_reads(World60& world, GoodCalls& calls);
void add_conversation_reads(World60& world, GoodCalls& calls);
void add_account_reads(World60& world, GoodCalls& calls);
void add_blog_reads(World60& world, GoodCalls& calls);
void add_opportunity_writes(World60& world, GoodCalls& calls);
void add_user_writes(World60& world, GoodCalls& calls);
void add_association_writes(World60& world, GoodCalls& calls);
void add_message_writes(World60& world, GoodCalls& calls);
void add_location_writes(World60& world, GoodCalls& calls);
void add_blog_writes(World60& world, GoodCalls& calls);

inline constexpr const char* kCalendarVersion = "2021-04-15";
std::string text(const nlohmann::json& record, const char* member);
Request get(std::string path, std::string version = "2021-07-28");
Request post(std::string path, nlohmann::json body);
Request sent(std::string method, std::string path, nlohmann::json body = {});
// The id of a new record, for calls that change or remove it.
std::string made(World60& world, const std::string& collection, const nlohmann::json& fields);

}  // namespace triggerd::sandbox::tests
