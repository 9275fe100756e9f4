// Sub-accounts, associations with their relations, and blog posts.
#include "end_to_end/action_cases.h"

namespace triggerd::end_to_end {

namespace {

using Cases = std::vector<ActionCase>;

// Makes a record of a known id before anything is polled.
std::function<void(const Sandbox&)> having(std::string collection, std::string id, json record) {
  return [=](const Sandbox& sandbox) { sandbox.create(collection, record, id); };
}

// ---- sub-accounts

void add_locations(Cases& all) {
  all.push_back({.operation = "find_location_by_id",
                 .with = {{"locationId", kLocation}},
                 .missing = "locationId",
                 .answer = {{"id", kLocation}, {"companyId", kCompany}},
                 .account = "agency"});
  all.push_back({.operation = "create_location",
                 .with = {{"name", "Branch"},
                          {"twilio", {{"sid", "AC1"}, {"authToken", "${env:TWILIO_TOKEN}"}}},
                          {"city", "Oslo"},
                          {"country", "NO"},
                          {"settings", {{"allowDuplicateContact", true}}},
                          {"prospectInfo",
                           {{"firstName", "Ola"},
                            {"lastName", "Nordmann"},
                            {"email", "ola@branch.example.com"}}}},
                 .missing = "name",
                 .collection = "locations",
                 .op = "create",
                 .expect = {{"name", "Branch"},
                            {"country", "NO"},
                            {"email", "ola@branch.example.com"},
                            {"settings", {{"allowDuplicateContact", true}}}},
                 .answer = {{"name", "Branch"}, {"companyId", kCompany}},
                 .repeatable = false,
                 .account = "agency"});
}

// ---- associations

json pets_of(const std::string& key) {
  return {{"key", key},
          {"firstObjectLabel", "owner"},
          {"firstObjectKey", "contact"},
          {"secondObjectLabel", "pet"},
          {"secondObjectKey", "custom_objects.pets"},
          {"associationType", "USER_DEFINED"}};
}

void add_associations(Cases& all) {
  json created = pets_of("owner_pet");
  created.erase("associationType");
  all.push_back({.operation = "create_association",
                 .with = created,
                 .missing = "secondObjectKey",
                 .collection = "associations",
                 .op = "create",
                 .expect = pets_of("owner_pet"),
                 .answer = {{"key", "owner_pet"}, {"associationType", "USER_DEFINED"}},
                 .repeatable = false});
  all.push_back({.operation = "update_association",
                 .with = {{"associationId", "association-renamed"},
                          {"firstObjectLabel", "keeper"},
                          {"secondObjectLabel", "animal"}},
                 .missing = "firstObjectLabel",
                 .collection = "associations",
                 .op = "update",
                 .expect = {{"id", "association-renamed"},
                            {"key", "renamed"},
                            {"firstObjectLabel", "keeper"},
                            {"secondObjectLabel", "animal"}},
                 .answer = {{"id", "association-renamed"}, {"firstObjectLabel", "keeper"}},
                 .prepare = having("associations", "association-renamed", pets_of("renamed"))});
  all.push_back({.operation = "delete_association",
                 .with = {{"associationId", "association-deleted"}},
                 .missing = "associationId",
                 .collection = "associations",
                 .op = "delete",
                 .expect = {{"id", "association-deleted"}},
                 .answer = {{"deleted", true}, {"id", "association-deleted"}},
                 .prepare = having("associations", "association-deleted", pets_of("deleted"))});
}

void add_relations(Cases& all) {
  all.push_back({.operation = "create_relation",
                 .with = {{"associationId", "association-used"},
                          {"firstRecordId", "@contacts/0"},
                          {"secondRecordId", "pet-1"}},
                 .missing = "secondRecordId",
                 .collection = "relations",
                 .op = "create",
                 .expect = {{"associationId", "association-used"},
                            {"firstObjectKey", "contact"},
                            {"firstRecordId", "@contacts/0"},
                            {"secondRecordId", "pet-1"}},
                 .answer = {{"firstRecordId", "@contacts/0"}},
                 .repeatable = false,
                 .prepare = having("associations", "association-used", pets_of("used"))});
  all.push_back({.operation = "delete_relation",
                 .with = {{"relationId", "relation-deleted"}},
                 .missing = "relationId",
                 .collection = "relations",
                 .op = "delete",
                 .expect = {{"id", "relation-deleted"}},
                 .answer = {{"id", "relation-deleted"}},
                 .prepare = having("relations", "relation-deleted",
                                   {{"associationId", "association-1"},
                                    {"firstRecordId", "contact-1"},
                                    {"secondRecordId", "pet-2"}})});
}

// ---- blog posts

json whole_post(const std::string& slug, const std::string& status) {
  return {{"blogId", "@blog_sites/0"},
          {"title", "How to"},
          {"imageUrl", "https://cdn.example.com/a.png"},
          {"description", "In short"},
          {"rawHTML", "<p>At length</p>"},
          {"status", status},
          {"imageAltText", "a hand"},
          {"categories", {"@blog_categories/0"}},
          {"author", "@blog_authors/0"},
          {"urlSlug", slug},
          {"publishedAt", "2026-12-01T10:00:00+01:00"}};
}

json kept_post(const std::string& slug, const std::string& status) {
  json post = whole_post(slug, status);
  post["publishedAt"] = "2026-12-01T09:00:00.000Z";
  post["archived"] = status == "ARCHIVED";
  return post;
}

void add_blog_posts(Cases& all) {
  all.push_back({.operation = "create_blog_post",
                 .with = whole_post("by-step", "PUBLISHED"),
                 .missing = "rawHTML",
                 .collection = "blog_posts",
                 .op = "create",
                 .expect = kept_post("by-step", "PUBLISHED"),
                 .answer = {{"urlSlug", "by-step"}, {"archived", false}},
                 .repeatable = false});
  json with = whole_post("by-another", "ARCHIVED");
  with["postId"] = "post-updated";
  all.push_back({.operation = "update_blog_post",
                 .with = with,
                 .missing = "postId",
                 .collection = "blog_posts",
                 .op = "update",
                 .expect = kept_post("by-another", "ARCHIVED"),
                 .answer = {{"_id", "post-updated"}, {"urlSlug", "by-another"}},
                 .prepare = having("blog_posts", "post-updated",
                                   {{"title", "Draft"}, {"status", "DRAFT"}, {"urlSlug", "old"}})});
}

}  // namespace

void add_record_actions(Cases& all) {
  for (auto* part : {add_locations, add_associations, add_relations, add_blog_posts}) part(all);
}

}  // namespace triggerd::end_to_end
