// When appointments and blocked slots take place: as the API shows them, with the location's
// offset, and which slots of a calendar they leave free. Read by the routes of events; pure
// functions over records and a View. Spans are half open, in epoch milliseconds.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "visit.h"

namespace triggerd::sandbox {

struct Span {
  Millis start;
  Millis end;
};

int location_offset(Visit& visit, const std::string& location);  // minutes
nlohmann::json shown_event(const Row& row, int offset);
Millis start_of(const nlohmann::json& event);  // 0 when it says none
Millis end_of(const nlohmann::json& event);
bool has_user(const nlohmann::json& event, const std::string& user);
Millis slot_length(const nlohmann::json& calendar);

// What takes time of the calendar, cancelled appointments left out; with `users` only what lies
// with one of them. `but` is the id of an event that does not count.
std::vector<Span> busy_spans(const View& view, const nlohmann::json& calendar,
                             const std::vector<std::string>& users, const std::string& but = "");
// {"2026-11-21": {"slots": [...]}}, days without slots left out.
nlohmann::json free_slots(const nlohmann::json& calendar, const std::vector<Span>& busy,
                          const Span& window, int offset);
bool is_free_slot(const nlohmann::json& calendar, const std::vector<Span>& busy, Millis start,
                  int offset);

}  // namespace triggerd::sandbox
