#include <array>

#include "fields.h"
#include "makers.h"

namespace triggerd::sandbox {
namespace {

using nlohmann::json;

constexpr std::array kFirstNames = {"Ada",   "Grace", "Linus", "Edsger", "Barbara", "Dennis",
                                    "Radia", "Tony",  "Mary",  "Alan",   "Frances", "Niklaus",
                                    "Hedy",  "Ken",   "Joan",  "Donald"};
constexpr std::array kLastNames = {"Moreno",  "Okafor", "Lindqvist", "Tanaka", "Novak",  "Haddad",
                                   "Fischer", "Silva",  "Kowalska",  "Brandt", "Nguyen", "Rossi",
                                   "Dubois",  "Larsen", "Mbeki",     "Walsh"};
constexpr std::array kTags = {"lead", "customer", "vip",     "newsletter", "webinar",
                              "cold", "partner",  "overdue", "trial",      "renewal"};
constexpr std::array kCities = {"New York", "Chicago", "Austin", "Denver", "Boston", "Portland"};
constexpr std::array kSources = {"public api", "form 12", "facebook ad", "referral", "import"};
constexpr std::array kWords = {"invoice", "call",   "quarter", "garden", "offer", "meeting",
                               "renewal", "plan",   "demo",    "survey", "order", "delivery",
                               "review",  "budget", "launch",  "roof"};
constexpr std::array kColors = {"#FFAA00", "#00AAFF", "#22CC66", "#CC2266"};

json dnd_settings() {
  json settings = json::object();
  for (const char* channel : {"Call", "Email", "SMS", "WhatsApp", "GMB", "FB"}) {
    settings[channel] = {{"status", "inactive"}, {"message", ""}, {"code", ""}};
  }
  return settings;
}

}  // namespace

std::string some_words(Random& random) {
  return std::string(random.pick(kWords)) + " " + random.pick(kWords) + " " +
         std::to_string(random.below(1000));
}

std::string some_name(Random& random) {
  return std::string(random.pick(kFirstNames)) + " " + random.pick(kLastNames);
}

std::string some_tag(Random& random) { return random.pick(kTags); }

std::string some_phone(Random& random) {
  return "+1" + std::to_string(2'000'000'000 + random.below(7'000'000'000));
}

std::string slug_of(const std::string& title) {
  std::string slug = lower(title);
  for (char& letter : slug) {
    if (letter == ' ') letter = '-';
  }
  return slug;
}

json bare_contact(Random& random) {
  return {{"type", "lead"},
          {"source", "public api"},
          {"dnd", false},
          {"dndSettings", dnd_settings()},
          {"timezone", "US/Central"},
          {"country", "US"},
          {"tags", json::array()},
          {"customFields", json::array()},
          {"followers", json::array()},
          {"attributionSource",
           {{"url", "Trigger Link"}, {"medium", "survey"}, {"mediumId", random.id()}}}};
}

json make_contact(Random& random, const Ids& custom_fields) {
  const std::string first = random.pick(kFirstNames);
  const std::string last = random.pick(kLastNames);
  const std::string email = lower(first + "." + last + "." + random.id(5)) + "@example.com";
  json contact = bare_contact(random);
  contact.update({{"firstName", first},
                  {"lastName", last},
                  {"name", first + " " + last},
                  {"firstNameLowerCase", lower(first)},
                  {"lastNameLowerCase", lower(last)},
                  {"fullNameLowerCase", lower(first + " " + last)},
                  {"email", email},
                  {"emailLowerCase", email},
                  {"phone", some_phone(random)},
                  {"source", random.pick(kSources)},
                  {"companyName", std::string(random.pick(kLastNames)) + " Ltd"},
                  {"address1", std::to_string(1 + random.below(900)) + " Main Street"},
                  {"city", random.pick(kCities)},
                  {"state", "TX"},
                  {"postalCode", std::to_string(10000 + random.below(80000))},
                  {"website", "https://" + lower(last) + ".example.com"},
                  {"dateOfBirth", std::to_string(1950 + random.below(50)) + "-05-17"},
                  {"visitorId", random.uuid()}});
  contact["tags"].push_back(some_tag(random));
  for (std::size_t i = 0; i < custom_fields.size(); ++i) {
    const json value = i % 3 == 0   ? json(some_words(random))
                       : i % 3 == 1 ? json(random.below(1000))
                                    : json(random.chance(50) ? "yes" : "no");
    contact["customFields"].push_back({{"id", custom_fields[i]}, {"value", value}});
  }
  return contact;
}

json make_task(Random& random, const std::string& contact, Millis now) {
  const Millis due = now + static_cast<Millis>(1 + random.below(14)) * kDay;
  return {{"title", "Follow up: " + some_words(random)},
          {"body", some_words(random)},
          {"assignedTo", random.id()},
          {"dueDate", iso_utc(due - due % kHour)},
          {"completed", false},
          {"contactId", contact}};
}

json make_note(Random& random, const std::string& contact) {
  return {{"body", "Note about " + some_words(random)},
          {"userId", random.id()},
          {"contactId", contact},
          {"title", some_words(random)},
          {"color", random.pick(kColors)},
          {"pinned", false}};
}

json make_business(Random& random) {
  const std::string name = std::string(random.pick(kLastNames)) + " & Sons";
  return {{"name", name},
          {"phone", some_phone(random)},
          {"email", "office@" + lower(random.id(6)) + ".example.com"},
          {"website", "https://www.example.com/" + lower(random.id(6))},
          {"address", std::to_string(1 + random.below(900)) + " Market Street"},
          {"city", random.pick(kCities)},
          {"description", some_words(random)},
          {"state", "CA"},
          {"postalCode", std::to_string(10000 + random.below(80000))},
          {"country", "united states"},
          {"createdBy", {{"type", "user"}, {"id", random.id()}}},
          {"updatedBy", {{"type", "user"}, {"id", random.id()}}}};
}

}  // namespace triggerd::sandbox
