#include <array>

#include "fields.h"
#include "makers.h"

namespace triggerd::sandbox {
namespace {

using nlohmann::json;

constexpr Millis kAppointmentLength = 30 * kMinute;

json open_hours() {
  json hours = json::array();
  for (int day = 1; day <= 5; ++day) {
    hours.push_back(
        {{"daysOfTheWeek", {day}},
         {"hours", {{{"openHour", 9}, {"openMinute", 0}, {"closeHour", 17}, {"closeMinute", 0}}}}});
  }
  return hours;
}

json team_member(const std::string& user) {
  return {{"userId", user},
          {"priority", 0.5},
          {"isPrimary", true},
          {"locationConfigurations", {{{"kind", "custom"}, {"location", "Room 1"}}}}};
}

json span(Millis start) {
  return {{"startTime", iso_utc(start)}, {"endTime", iso_utc(start + kAppointmentLength)}};
}

}  // namespace

json make_calendar_group(Random& random) {
  const std::string name = "Group " + some_words(random);
  return {{"name", name},
          {"description", some_words(random)},
          {"slug", slug_of(name)},
          {"isActive", true}};
}

json make_calendar(Random& random, const std::string& group, const std::string& user) {
  const std::string name = "Calendar " + some_words(random);
  return {{"name", name},
          {"description", some_words(random)},
          {"isActive", true},
          {"groupId", group},
          {"notifications",
           {{{"type", "email"},
             {"shouldSendToContact", true},
             {"shouldSendToGuest", false},
             {"shouldSendToUser", true},
             {"shouldSendToSelectedUsers", false},
             {"selectedUsers", ""}}}},
          {"teamMembers", {team_member(user)}},
          {"eventType", "RoundRobin_OptimizeForAvailability"},
          {"slug", slug_of(name)},
          {"widgetSlug", slug_of(name)},
          {"widgetType", "classic"},
          {"calendarType", "round_robin"},
          {"eventTitle", "{{contact.name}}"},
          {"eventColor", "#039be5"},
          {"slotDuration", 30},
          {"slotDurationUnit", "mins"},
          {"slotInterval", 60},
          {"slotIntervalUnit", "mins"},
          {"slotBuffer", 0},
          {"slotBufferUnit", "mins"},
          {"appoinmentPerSlot", 1},
          {"appoinmentPerDay", 20},
          {"allowBookingAfter", 0},
          {"allowBookingAfterUnit", "days"},
          {"allowBookingFor", 60},
          {"allowBookingForUnit", "days"},
          {"openHours", open_hours()},
          {"enableRecurring", false},
          {"autoConfirm", true},
          {"allowReschedule", true},
          {"allowCancellation", true},
          {"stickyContact", false},
          {"formSubmitType", "ThankYouMessage"},
          {"availabilityType", 0},
          {"availabilities", json::array()},
          {"lookBusyConfig", {{"enabled", false}, {"LookBusyPercentage", 0}}},
          {"notes", ""}};
}

json make_notification(Random& random, const std::string& calendar) {
  static constexpr std::array kTypes = {"booked", "confirmation", "cancellation", "reminder"};
  return {{"calendarId", calendar},
          {"receiverType", random.chance(50) ? "contact" : "assignedUser"},
          {"additionalEmailIds", {"desk@example.com"}},
          {"additionalPhoneNumbers", {some_phone(random)}},
          {"additionalWhatsappNumbers", json::array()},
          {"channel", "email"},
          {"notificationType", random.pick(kTypes)},
          {"isActive", true},
          {"templateId", random.id(10)},
          {"body", "This is about " + some_words(random)},
          {"subject", some_words(random)},
          {"afterTime", {{{"timeOffset", 1}, {"unit", "hours"}}}},
          {"beforeTime", {{{"timeOffset", 1}, {"unit", "hours"}}}},
          {"selectedUsers", json::array()},
          {"deleted", false}};
}

json make_resource(Random& random, const std::string& type, const Ids& calendars) {
  return {{"name", (type == "rooms" ? "Room " : "Projector ") + random.id(6)},
          {"resourceType", type},
          {"isActive", true},
          {"description", some_words(random)},
          {"quantity", 1 + random.below(5)},
          {"outOfService", 0},
          {"capacity", 4 + random.below(80)},
          {"calendarIds", calendars}};
}

json make_event(Random& random, const EventPlan& plan) {
  json event = {{"address", "https://meet.example.com/" + lower(random.id(10))},
                {"title", "Appointment: " + some_words(random)},
                {"calendarId", plan.calendar},
                {"contactId", plan.contact},
                {"groupId", plan.group},
                {"appointmentStatus", "confirmed"},
                {"assignedUserId", plan.user},
                {"users", {plan.user}},
                {"notes", some_words(random)},
                {"description", some_words(random)},
                {"isRecurring", false},
                {"assignedResources", json::array()},
                {"createdBy", {{"userId", plan.user}, {"source", "calendar_page"}}}};
  event.update(span(plan.start));
  return event;
}

json make_blocked_slot(Random& random, const EventPlan& plan) {
  json block = {{"title", "Blocked: " + some_words(random)},
                {"calendarId", plan.calendar},
                {"groupId", plan.group},
                {"assignedUserId", plan.user},
                {"users", {plan.user}},
                {"isRecurring", false},
                {"createdBy", {{"userId", plan.user}, {"source", "calendar_page"}}}};
  block.update(span(plan.start));
  return block;
}

json make_appointment_note(Random& random, const json& event) {
  const std::string user = random.id();
  return {{"appointmentId", text_of(event, "id")},
          {"contactId", text_of(event, "contactId")},
          {"body", "Remember " + some_words(random)},
          {"userId", user},
          {"createdBy", {{"id", user}, {"name", some_name(random)}}}};
}

}  // namespace triggerd::sandbox
