// What the answers of HighLevel mean that its documents describe in more than one way.
#include <doctest/doctest.h>

#include <nlohmann/json.hpp>

#include "poll/operations.h"
#include "poll/walk.h"
#include "triggerd/catalog/catalog.h"
#include "triggerd/poll/reply_kind.h"

using namespace triggerd;
using nlohmann::json;

namespace {

const Catalog& highlevel() {
  static const CatalogLoad kLoad = load_catalog_with("");
  REQUIRE(kLoad.catalog != nullptr);
  return *kLoad.catalog;
}

ReplyKind meaning(const char* operation, int status, const json& message) {
  const Operation* found = highlevel().operation(std::string("highlevel.") + operation);
  REQUIRE(found != nullptr);
  return read_reply(json_reply({{"statusCode", status}, {"message", message}}, status), *found,
                    *highlevel().connector("highlevel"))
      .kind;
}

}  // namespace

TEST_CASE("a contact that is gone answers 404, or 400 in one of several wordings") {
  CHECK(meaning("get_contact", 404, "Contact not found") == ReplyKind::absent);
  for (const char* words :
       {"Contact not found", "Contact with id x does not exist", "No contact found for the id"}) {
    CAPTURE(words);
    CHECK(meaning("get_contact", 400, words) == ReplyKind::absent);
  }
  CHECK(meaning("get_contact", 400, "version header is invalid") == ReplyKind::refused);
}

TEST_CASE("no duplicate and no transcript are absent by 400, 404 and 422") {
  for (const char* operation :
       {"get_duplicate_contact", "get_message_transcription", "download_transcription"}) {
    for (const int status : {400, 404, 422}) {
      CAPTURE(operation);
      CAPTURE(status);
      CHECK(meaning(operation, status, "not found") == ReplyKind::absent);
    }
  }
}

TEST_CASE("a 401 that is about a route or a scope says nothing about the credentials") {
  CHECK(meaning("list_businesses_by_location", 401,
                "This route is not yet supported by the IAM Service. Please update your IAM "
                "config.") == ReplyKind::refused);
  CHECK(meaning("get_contact", 401, "The token is not authorized for this scope.") ==
        ReplyKind::refused);
  CHECK(meaning("get_contact", 401, "Invalid JWT") == ReplyKind::unauthorised);
}

TEST_CASE("a search of opportunities ends although the app goes on to promise a next page") {
  const Operation* search = highlevel().operation("highlevel.search_opportunities");
  REQUIRE(search != nullptr);
  const auto page = [](int first, int count, int total) {
    json list = json::array();
    for (int i = first; i < first + count; ++i) list.push_back({{"id", "o" + std::to_string(i)}});
    return json{{"opportunities", list},
                {"meta",
                 {{"total", total},
                  {"nextPage", 2},
                  {"startAfter", first + count},
                  {"startAfterId", "o" + std::to_string(first + count - 1)}}}};
  };
  const json values = {{"location_id", "L"}, {"limit", 3}};
  SUBCASE("on a short page") {
    Walk walk(*search, {.probe_short_pages = false}, values);
    CHECK_FALSE(walk.read(page(0, 3, 5)).last);
    CHECK(walk.read(page(3, 2, 5)).last);
  }
  SUBCASE("on an empty page with the cursor that was sent") {
    Walk walk(*search, {.probe_short_pages = true}, values);
    CHECK_FALSE(walk.read(page(0, 3, 3)).last);
    json empty = page(3, 0, 3);
    empty["meta"]["startAfterId"] = "o2";
    CHECK(walk.read(empty).last);
  }
}

TEST_CASE("a conversation in the trash is gone") {
  const Operation* read = highlevel().operation("highlevel.get_conversation");
  REQUIRE(read != nullptr);
  Walk walk(*read, {}, {{"conversationId", "c"}});
  CHECK(walk.read(json{{"id", "c"}, {"deleted", true}}).page.records.empty());
  Walk there(*read, {}, {{"conversationId", "c"}});
  CHECK(there.read(json{{"id", "c"}, {"deleted", false}}).page.records.size() == 1);
}
