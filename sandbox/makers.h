// New records as the world's seed and its self-change make them: the members of the published
// schemas with plausible values. The world adds ids, locationId and dates. Called by seed, life and
// the upsert route; pure apart from the random numbers.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "instant.h"
#include "random.h"

namespace triggerd::sandbox {

using Ids = std::vector<std::string>;

// A contact with only the members that every contact has; an upsert fills in the rest.
nlohmann::json bare_contact(Random& random);
nlohmann::json make_contact(Random& random, const Ids& custom_fields);
nlohmann::json make_task(Random& random, const std::string& contact, Millis now);
nlohmann::json make_note(Random& random, const std::string& contact);
nlohmann::json make_business(Random& random);

nlohmann::json make_calendar_group(Random& random);
nlohmann::json make_calendar(Random& random, const std::string& group, const std::string& user);
nlohmann::json make_notification(Random& random, const std::string& calendar);
nlohmann::json make_resource(Random& random, const std::string& type, const Ids& calendars);

struct EventPlan {
  std::string calendar;
  std::string group;
  std::string contact;
  std::string user;
  Millis start = 0;
};
nlohmann::json make_event(Random& random, const EventPlan& plan);
nlohmann::json make_blocked_slot(Random& random, const EventPlan& plan);
nlohmann::json make_appointment_note(Random& random, const nlohmann::json& event);

nlohmann::json make_pipeline(Random& random);
nlohmann::json make_opportunity(Random& random, const nlohmann::json& contact,
                                const nlohmann::json& pipeline, Millis now);
nlohmann::json make_user(Random& random, const std::string& location);
nlohmann::json make_workflow(Random& random);
nlohmann::json make_campaign(Random& random);
nlohmann::json make_custom_field(Random& random, const std::string& model, int position);
nlohmann::json make_snapshot(Random& random);
nlohmann::json make_location(Random& random, const std::string& id);
nlohmann::json make_company(Random& random, const std::string& id);

nlohmann::json make_association(Random& random, const std::string& first_key,
                                const std::string& second_key);
nlohmann::json make_relation(const nlohmann::json& association, const std::string& first,
                             const std::string& second);

nlohmann::json make_conversation(Random& random, const nlohmann::json& contact);
enum class MessageKind { sms, email, call };
nlohmann::json make_message(Random& random, const nlohmann::json& conversation, MessageKind kind,
                            bool inbound);
// Where an email message names its email's own id; empty for other messages.
std::string email_id_of(const nlohmann::json& message);
nlohmann::json make_email(Random& random, const nlohmann::json& message,
                          const nlohmann::json& contact);
nlohmann::json make_transcription(Random& random);
// The audio of a recording: a short valid WAV file derived from the number.
std::string wav_bytes(std::uint64_t number);

nlohmann::json make_blog_site(Random& random);
nlohmann::json make_blog_author(Random& random);
nlohmann::json make_blog_category(Random& random);
nlohmann::json make_blog_post(Random& random, const std::string& site, const std::string& author,
                              const Ids& categories);

// Short texts to vary records with.
std::string some_words(Random& random);
std::string some_name(Random& random);
std::string some_tag(Random& random);
std::string some_phone(Random& random);
std::string slug_of(const std::string& title);

}  // namespace triggerd::sandbox
