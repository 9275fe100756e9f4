#include "makers.h"

namespace triggerd::sandbox {

using nlohmann::json;

json make_blog_site(Random& random) { return {{"name", "Blog " + some_words(random)}}; }

json make_blog_author(Random& random) {
  const std::string name = some_name(random);
  return {{"name", name}, {"canonicalLink", "https://blog.example.com/author/" + slug_of(name)}};
}

json make_blog_category(Random& random) {
  const std::string label = "Topic " + some_words(random);
  return {{"label", label},
          {"urlSlug", slug_of(label)},
          {"canonicalLink", "https://blog.example.com/category/" + slug_of(label)}};
}

json make_blog_post(Random& random, const std::string& site, const std::string& author,
                    const Ids& categories) {
  const std::string title = "Post on " + some_words(random);
  return {{"blogId", site},
          {"title", title},
          {"description", "All about " + some_words(random)},
          {"imageUrl", "https://cdn.example.com/" + random.hex(24) + ".jpeg"},
          {"imageAltText", "picture"},
          {"status", "DRAFT"},
          {"urlSlug", slug_of(title)},
          {"canonicalLink", "https://blog.example.com/post/" + slug_of(title)},
          {"author", author},
          {"categories", categories},
          {"tags", {"news"}},
          {"archived", false}};
}

}  // namespace triggerd::sandbox
