#include "seed.h"

#include <algorithm>

#include "fields.h"
#include "makers.h"

namespace triggerd::sandbox {
namespace {

using nlohmann::json;

constexpr std::size_t kBusyContacts = 8;  // the ones with tasks, notes and conversations

class Sower {
 public:
  Sower(World& world, const SeedPlan& plan, std::string location)
      : world_(world),
        plan_(plan),
        location_(std::move(location)),
        random_(seed_from(plan.seed, location_)),
        now_(world.now()) {}

  void sow() {
    sow_account();
    sow_contacts();
    sow_calendars();
    sow_events();
    sow_sales();
    sow_conversations();
    sow_associations();
    sow_blogs();
  }

 private:
  // Some instant in the past that lies at least an hour back.
  Millis past(int days) {
    return now_ - kHour -
           static_cast<Millis>(
               random_.below(static_cast<std::size_t>(static_cast<Millis>(days) * kDay)));
  }

  std::string add(std::string_view collection, json record, int days = 90) {
    const Collection* spec = find_collection(collection);
    const std::string id = spec->id_member == "_id" ? random_.hex(24) : random_.id();
    world_.create({location_, collection, id}, std::move(record), past(days));
    return id;
  }

  Ids ids(std::string_view collection) const {
    Ids found;
    for (const auto& [id, row] : world_.rows(location_, collection)) found.push_back(id);
    return found;
  }

  const json& record(std::string_view collection, const std::string& id) const {
    return world_.find({location_, collection, id})->record;
  }

  void sow_account() {
    for (int i = 0; i < 4; ++i) add("users", make_user(random_, location_));
    for (int i = 0; i < 3; ++i) add("businesses", make_business(random_));
    for (int i = 0; i < 5; ++i) add("workflows", make_workflow(random_));
    for (int i = 0; i < 4; ++i) add("campaigns", make_campaign(random_));
    for (int i = 0; i < 10; ++i)
      contact_fields_.push_back(add("custom_fields", make_custom_field(random_, "contact", i)));
    for (int i = 0; i < 2; ++i) add("custom_fields", make_custom_field(random_, "opportunity", i));
  }

  void sow_contacts() {
    const Ids businesses = ids("businesses");
    const Ids users = ids("users");
    for (std::size_t i = 0; i < plan_.contacts; ++i) {
      json contact = make_contact(random_, contact_fields_);
      contact["assignedTo"] = random_.pick(users);
      if (i % 3 == 0) contact["businessId"] = businesses[i % businesses.size()];
      if (i == 0) contact["email"] = contact["emailLowerCase"] = kKnownEmail;
      const std::string id = add("contacts", std::move(contact));
      const Row* row = world_.find({location_, "contacts", id});
      const Millis lived = now_ - kMinute - row->created;
      const Millis updated =
          row->created + static_cast<Millis>(random_.below(static_cast<std::size_t>(lived)));
      world_.update({location_, "contacts", id}, {{"lastActivity", iso_utc(updated)}},
                    {.moves = true, .at = updated});
      if (i >= kBusyContacts) continue;
      busy_.push_back(id);
      for (int n = 0; n < 2; ++n) add("tasks", make_task(random_, id, now_), 20);
      for (int n = 0; n < 2; ++n) add("notes", make_note(random_, id), 20);
    }
  }

  void sow_calendars() {
    for (int i = 0; i < 2; ++i) add("calendar_groups", make_calendar_group(random_));
    const Ids groups = ids("calendar_groups");
    const Ids users = ids("users");
    for (std::size_t i = 0; i < 3; ++i) {
      const std::string calendar = add(
          "calendars", make_calendar(random_, groups[i % groups.size()], users[i % users.size()]));
      for (int n = 0; n < 2; ++n) {
        add("calendar_notifications", make_notification(random_, calendar));
      }
    }
    const Ids calendars = ids("calendars");
    world_.create({location_, "resources", kKnownRoom}, make_resource(random_, "rooms", calendars),
                  past(90));
    add("resources", make_resource(random_, "rooms", calendars));
    for (int i = 0; i < 2; ++i) add("resources", make_resource(random_, "equipments", calendars));
  }

  // An hour of opening time on some day of the coming month, in US/Central.
  Millis some_slot(std::size_t number) const {
    const Millis day = (day_number(now_) + 1 + static_cast<Millis>(number % 28)) * kDay;
    return day + 15 * kHour + static_cast<Millis>(number % 7) * kHour;
  }

  EventPlan event_plan(std::size_t number) {
    const Ids calendars = ids("calendars");
    EventPlan plan;
    plan.calendar = calendars[number % calendars.size()];
    plan.group = text_of(record("calendars", plan.calendar), "groupId");
    const Ids users = ids("users");
    plan.user = users[number % users.size()];
    if (!busy_.empty()) plan.contact = busy_[number % busy_.size()];
    plan.start = some_slot(number * 3);
    return plan;
  }

  void sow_events() {
    for (std::size_t i = 0; i < 15; ++i) {
      EventPlan plan = event_plan(i);
      if (i % 5 == 4) plan.start -= 40 * kDay;
      const std::string id = add("events", make_event(random_, plan), 10);
      if (i < 4) {
        for (int n = 0; n < 2; ++n) {
          add("appointment_notes", make_appointment_note(random_, record("events", id)), 5);
        }
      }
    }
    for (std::size_t i = 0; i < 6; ++i) {
      add("blocked_slots", make_blocked_slot(random_, event_plan(100 + i)), 10);
    }
  }

  void sow_sales() {
    for (int i = 0; i < 2; ++i) add("pipelines", make_pipeline(random_));
    const Ids pipelines = ids("pipelines");
    const Ids contacts = ids("contacts");
    if (contacts.empty()) return;
    for (std::size_t i = 0; i < 25; ++i) {
      const Millis at = past(30);
      world_.create({location_, "opportunities", random_.id()},
                    make_opportunity(random_, record("contacts", random_.pick(contacts)),
                                     record("pipelines", pipelines[i % pipelines.size()]), at),
                    at);
    }
  }

  void sow_conversations() {
    for (const std::string& contact : busy_) {
      const std::string conversation =
          add("conversations", make_conversation(random_, record("contacts", contact)), 30);
      for (int i = 0; i < 5; ++i) sow_message(conversation, contact, i);
    }
  }

  void sow_message(const std::string& conversation, const std::string& contact, int number) {
    const MessageKind kind = number == 1   ? MessageKind::email
                             : number == 3 ? MessageKind::call
                                           : MessageKind::sms;
    json message =
        make_message(random_, record("conversations", conversation), kind, random_.chance(50));
    const std::string id = random_.id();
    const Millis at = now_ - kDay + static_cast<Millis>(number) * kHour +
                      static_cast<Millis>(random_.below(kHour));
    if (kind == MessageKind::email) {
      message["status"] = "delivered";
      world_.create({location_, "emails", email_id_of(message)},
                    make_email(random_, message, record("contacts", contact)), at);
    }
    if (kind == MessageKind::call && random_.chance(50)) {
      world_.create({location_, "recordings", id}, {{"audio", random_.below(1'000'000)}}, at);
      world_.create({location_, "transcriptions", id}, make_transcription(random_), at);
    }
    json patch = {{"lastMessageBody", message.value("body", json("Call"))},
                  {"lastMessageType", message["messageType"]},
                  {"lastMessageDirection", message["direction"]}};
    world_.create({location_, "messages", id}, std::move(message), at);
    world_.update({location_, "conversations", conversation}, patch, {.moves = true, .at = at});
  }

  void sow_associations() {
    const std::string pairs[][2] = {{"contact", "custom_objects.pets"},
                                    {"contact", "opportunity"},
                                    {"custom_objects.pets", "opportunity"}};
    for (const auto& pair : pairs) {
      add("associations", make_association(random_, pair[0], pair[1]));
    }
    const Ids associations = ids("associations");
    const Ids opportunities = ids("opportunities");
    if (opportunities.empty()) return;
    for (const std::string& contact : busy_) {
      for (int i = 0; i < 2; ++i) {
        add("relations", make_relation(record("associations", random_.pick(associations)), contact,
                                       random_.pick(opportunities)));
      }
    }
  }

  void sow_blogs() {
    for (int i = 0; i < 2; ++i) add("blog_sites", make_blog_site(random_));
    for (int i = 0; i < 3; ++i) add("blog_authors", make_blog_author(random_));
    for (int i = 0; i < 4; ++i) add("blog_categories", make_blog_category(random_));
    const Ids sites = ids("blog_sites");
    const Ids categories = ids("blog_categories");
    for (std::size_t i = 0; i < 10; ++i) {
      json post = make_blog_post(random_, sites[i % 2], random_.pick(ids("blog_authors")),
                                 {random_.pick(categories)});
      if (i % 3 != 0) {
        post["status"] = "PUBLISHED";
        post["publishedAt"] = iso_utc(past(60));
      }
      add("blog_posts", std::move(post), 60);
    }
  }

  World& world_;
  const SeedPlan plan_;
  const std::string location_;
  Random random_;
  const Millis now_;
  Ids contact_fields_;
  Ids busy_;
};

}  // namespace

void seed_company(World& world, const SeedPlan& plan, const std::string& company) {
  Random random(seed_from(plan.seed, company));
  const Millis at = world.now() - 200 * kDay;
  world.set_silent(true);
  world.create({company, "companies", company}, make_company(random, company), at);
  for (int i = 0; i < 4; ++i) {
    world.create({company, "snapshots", random.id()}, make_snapshot(random), at);
  }
  world.set_silent(false);
}

void seed_location(World& world, const SeedPlan& plan, const std::string& company,
                   const std::string& location) {
  Random random(seed_from(plan.seed, location + "/shop"));
  world.set_silent(true);
  world.create({company, "locations", location}, make_location(random, location),
               world.now() - 200 * kDay);
  Sower(world, plan, location).sow();
  world.set_silent(false);
}

}  // namespace triggerd::sandbox
