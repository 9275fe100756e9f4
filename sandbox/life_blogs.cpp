// How blog sites, posts, authors, categories and the well-known slug change by themselves.
#include "fields.h"
#include "life.h"
#include "makers.h"
#include "seed.h"

namespace triggerd::sandbox {
namespace {

using nlohmann::json;

constexpr std::size_t kPostsMax = 25;
constexpr std::size_t kPostsMin = 5;

bool post_publish(Turn& turn) {
  Place place;
  if (!any_place(turn, "blog_posts", place)) return false;
  if (text_of(record_at(turn, place), "status") == "PUBLISHED") {
    return turn.world.update(place, {{"status", "ARCHIVED"}, {"archived", true}});
  }
  return turn.world.update(
      place,
      {{"status", "PUBLISHED"}, {"archived", false}, {"publishedAt", iso_utc(turn.world.now())}});
}

bool post_edit(Turn& turn) {
  return patch_any(turn, "blog_posts", {{"title", "Post on " + some_words(turn.random)}});
}

bool post_delete(Turn& turn) {
  return ids_of(turn, "blog_posts").size() > kPostsMin && remove_any(turn, "blog_posts");
}

bool post_add(Turn& turn) {
  if (ids_of(turn, "blog_posts").size() >= kPostsMax) return post_delete(turn);
  Place site;
  Place author;
  return any_place(turn, "blog_sites", site) && any_place(turn, "blog_authors", author) &&
         add(turn, "blog_posts",
             make_blog_post(turn.random, site.id, author.id, ids_of(turn, "blog_categories")));
}

bool author_rename(Turn& turn) {
  return patch_any(turn, "blog_authors", {{"name", some_name(turn.random)}});
}

bool category_rename(Turn& turn) {
  return patch_any(turn, "blog_categories", {{"label", "Topic " + some_words(turn.random)}});
}

bool site_rename(Turn& turn) {
  return patch_any(turn, "blog_sites", {{"name", "Blog " + some_words(turn.random)}});
}

// The well-known slug is taken or becomes free.
bool slug_flip(Turn& turn) {
  for (const std::string& id : ids_of(turn, "blog_posts")) {
    const Place place = place_of(turn, "blog_posts", id);
    if (text_of(record_at(turn, place), "urlSlug") == kKnownSlug) {
      return turn.world.update(place, {{"urlSlug", slug_of(some_words(turn.random))}});
    }
  }
  return patch_any(turn, "blog_posts", {{"urlSlug", kKnownSlug}});
}

}  // namespace

std::vector<LifeKind> blog_life() {
  return {{"post_publish", post_publish},   {"post_edit", post_edit},
          {"post_add", post_add},           {"post_delete", post_delete},
          {"author_rename", author_rename}, {"category_rename", category_rename},
          {"site_rename", site_rename},     {"slug_flip", slug_flip}};
}

}  // namespace triggerd::sandbox
