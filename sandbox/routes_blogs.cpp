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

// Neither the blog nor the content comes with a post.
json shown_post(json post) {
  for (const char* member : {"blogId", "rawHTML"}) post.erase(member);
  return post;
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
  for (json& post : page) post = shown_post(post);
  return ok({{"blogs", page}});
}

Answer check_blog_url_slug(Visit& visit) {
  for (const Row* row : visit.all("blog_posts")) {
    if (text_of(row->record, "_id") == visit.text("postId")) continue;
    if (text_of(row->record, "urlSlug") == visit.text("urlSlug")) return ok({{"exists", true}});
  }
  return ok({{"exists", false}});
}

// ---- writes

bool is_known(const std::vector<const Row*>& rows, const json& id) {
  return std::any_of(rows.begin(), rows.end(),
                     [&](const Row* row) { return row->record.value("_id", json()) == id; });
}

// What is wrong with a whole post; `own` is the post that it replaces.
std::optional<Answer> refused_post(Visit& visit, const std::string& own) {
  const auto site = visit.reach("blog_sites", visit.text("blogId"), "Blog");
  if (!site) return site.error();
  if (!parse_iso(visit.text("publishedAt"))) {
    return unprocessable({"publishedAt must be a valid ISO 8601 date string"});
  }
  if (!is_known(visit.all("blog_authors"), visit.text("author"))) return not_found("Author");
  for (const json& category : list_of(visit.body(), "categories")) {
    if (!is_known(visit.all("blog_categories"), category)) return not_found("Category");
  }
  for (const Row* row : visit.all("blog_posts")) {
    if (text_of(row->record, "_id") != own &&
        text_of(row->record, "urlSlug") == visit.text("urlSlug")) {
      return bad_request("urlSlug already exists");
    }
  }
  return std::nullopt;
}

json post_of(Visit& visit) {
  json post = visit.body();
  post.erase("locationId");
  if (!post.contains("tags")) post["tags"] = json::array();
  post["archived"] = visit.text("status") == "ARCHIVED";
  return post;
}

Answer create_blog_post(Visit& visit) {
  if (const auto refused = refused_post(visit, "")) return *refused;
  const Place place = {visit.location(), "blog_posts", visit.random.hex(24)};
  return ok({{"data", shown_post(visit.world.create(place, post_of(visit)).record)}});
}

Answer update_blog_post(Visit& visit) {
  const auto post = visit.reach("blog_posts", visit.path("postId"), "Blog post");
  if (!post) return post.error();
  if (const auto refused = refused_post(visit, visit.path("postId"))) return *refused;
  const Place place = {visit.location(), "blog_posts", visit.path("postId")};
  visit.world.update(place, post_of(visit));
  return ok({{"updatedBlogPost", shown_post(visit.world.find(place)->record)}});
}

Route post_write(std::string operation, std::string method, std::string rest, std::string scope,
                 Answer (*answer)(Visit&)) {
  std::vector<Param> members = {
      text("status").must().one_of({"DRAFT", "PUBLISHED", "SCHEDULED", "ARCHIVED"}),
      list("categories").must(), list("tags"), text("canonicalLink")};
  for (const char* name : {"title", "locationId", "blogId", "imageUrl", "description", "rawHTML",
                           "imageAltText", "author", "urlSlug", "publishedAt"}) {
    members.push_back(text(name).must());
  }
  return {.operation = std::move(operation),
          .method = std::move(method),
          .path = "/blogs/posts" + std::move(rest),
          .scope = std::move(scope),
          .body = std::move(members),
          .answer = answer};
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

  Route new_post = post_write("create_blog_post", "POST", "", "blogs/post.write", create_blog_post);
  new_post.records = {Shape::object, "/data", "_id"};
  Route whole_post = post_write("update_blog_post", "PUT", "/{postId}", "blogs/post-update.write",
                                update_blog_post);
  whole_post.records = {Shape::object, "/updatedBlogPost", "_id"};

  return {posts,
          sites,
          new_post,
          whole_post,
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
