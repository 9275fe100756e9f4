// Blog sites, posts, authors, categories and the slug check. Ids are `_id`; the list of posts is
// called `blogs` and the list of sites `data`.
#include <algorithm>

#include "visit.h"

namespace triggerd::sandbox {
namespace {

using nlohmann::json;

std::size_t skip_of(Visit& visit) { return visit.count("offset", visit.count("skip", 0)); }

Answer get_blog_authors(Visit& visit) {
  return ok(
      {{"authors", page_of(visit.all("blog_authors"), skip_of(visit), visit.count("limit", 10))}});
}

Answer get_blog_categories(Visit& visit) {
  return ok({{"categories",
              page_of(visit.all("blog_categories"), skip_of(visit), visit.count("limit", 10))}});
}

Answer get_blogs_by_location(Visit& visit) {
  std::vector<const Row*> sites = visit.all("blog_sites");
  const std::string term = visit.text("searchTerm");
  std::erase_if(sites, [&](const Row* row) {
    return !term.empty() && !contains_text(text_of(row->record, "name"), term);
  });
  return ok({{"data", page_of(sites, skip_of(visit), visit.count("limit", 10))}});
}

Answer get_blog_posts(Visit& visit) {
  const auto site = visit.reach("blog_sites", visit.text("blogId"), "Blog");
  if (!site) return site.error();
  std::vector<const Row*> posts = visit.all("blog_posts");
  const std::string term = visit.text("searchTerm");
  const std::string status = visit.text("status");
  std::erase_if(posts, [&](const Row* row) {
    return text_of(row->record, "blogId") != visit.text("blogId") ||
           (!term.empty() && !contains_text(text_of(row->record, "title"), term)) ||
           (!status.empty() && text_of(row->record, "status") != status);
  });
  json page = page_of(posts, skip_of(visit), visit.count("limit", 10));
  for (json& post : page) post.erase("blogId");
  return ok({{"blogs", page}});
}

Answer check_blog_url_slug(Visit& visit) {
  for (const Row* row : visit.all("blog_posts")) {
    if (text_of(row->record, "_id") == visit.text("postId")) continue;
    if (text_of(row->record, "urlSlug") == visit.text("urlSlug")) return ok({{"exists", true}});
  }
  return ok({{"exists", false}});
}

Route blog_list(std::string operation, std::string rest, std::string scope, std::string member,
                Answer (*answer)(Visit&)) {
  return {.operation = std::move(operation),
          .method = "GET",
          .path = "/blogs/" + std::move(rest),
          .scope = std::move(scope),
          .query = {text("locationId").must(), number("limit").must().from(1),
                    number("offset").must().from(0)},
          .paging = Paging::offset,
          .records = {Shape::list, "/" + std::move(member), "_id"},
          .answer = answer};
}

}  // namespace

std::vector<Route> blog_routes() {
  Route posts =
      blog_list("get_blog_posts", "posts/all", "blogs/posts.readonly", "blogs", get_blog_posts);
  posts.query.push_back(text("blogId").must());
  posts.query.push_back(text("searchTerm"));
  posts.query.push_back(text("status").one_of({"PUBLISHED", "SCHEDULED", "ARCHIVED", "DRAFT"}));

  Route sites = blog_list("get_blogs_by_location", "site/all", "blogs/list.readonly", "data",
                          get_blogs_by_location);
  sites.query = {text("locationId").must(), number("skip").must().from(0),
                 number("limit").must().from(1), text("searchTerm")};

  return {posts,
          sites,
          blog_list("get_blog_authors", "authors", "blogs/author.readonly", "authors",
                    get_blog_authors),
          blog_list("get_blog_categories", "categories", "blogs/category.readonly", "categories",
                    get_blog_categories),
          {.operation = "check_blog_url_slug",
           .method = "GET",
           .path = "/blogs/posts/url-slug-exists",
           .scope = "blogs/check-slug.readonly",
           .query = {text("urlSlug").must(), text("locationId").must(), text("postId")},
           .records = {Shape::object, "", ""},
           .answer = check_blog_url_slug}};
}

}  // namespace triggerd::sandbox
