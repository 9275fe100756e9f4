// Whether a change is what our own step wrote.
#include "triggerd/detect/echo.h"

#include <doctest/doctest.h>

namespace triggerd {
namespace {

using nlohmann::json;

constexpr WallTime kAt = WallTime{Millis{1'790'000'000'000}};

Param body_param(const std::string& name, const std::string& at) {
  Param made;
  made.name = made.sent_as = name;
  made.place = ParamPlace::body;
  made.body_at = at;
  return made;
}

Operation set_contact() {
  Operation made;
  made.full_name = "crm.set_contact";
  made.kind = OperationKind::write;
  Param id = body_param("id", "");
  id.place = ParamPlace::path;
  made.params = {id, body_param("email", "/email"), body_param("tags", "/tags"),
                 body_param("city", "/variables/city")};
  made.write.emplace();
  TouchedRecord& record = made.write->record.emplace();
  record.of = {"crm.get_contact"};
  record.param = "id";
  record.at = "/contact";
  record.id = "/id";
  return made;
}

Detection changed(std::vector<std::pair<std::string, json>> fields) {
  Detection detection;
  detection.kind = DetectionKind::changed;
  for (auto& [field, to] : fields) detection.changes.push_back({field, nullptr, to, false, {}});
  return detection;
}

OwnWrite written(const json& params, const json& body, const json& answer) {
  const auto write = own_write(set_contact(), params, body, answer, kAt);
  REQUIRE(write.has_value());
  return *write;
}

TEST_CASE("a field shows what was sent, or what the app made of it, and nothing else is an echo") {
  const OwnWrite write =
      written({{"id", "c1"}, {"email", "A@B.C"}}, {{"email", "A@B.C"}},
              {{"contact", {{"id", "c1"}, {"email", "a@b.c"}, {"name", "by hand"}}}});
  CHECK(write.key == "c1");
  CHECK(write.effect == WriteEffect::changed);
  CHECK(is_echo(changed({{"/email", "a@b.c"}}), {write}, ""));
  CHECK(is_echo(changed({{"/email", "A@B.C"}}), {write}, ""));
  CHECK(!is_echo(changed({{"/email", "x@b.c"}}), {write}, ""));
  // The answer shows the whole record; what was not sent is not ours.
  CHECK(!is_echo(changed({{"/name", "by hand"}}), {write}, ""));
  CHECK(!is_echo(changed({{"/email", "a@b.c"}, {"/name", "by hand"}}), {write}, ""));
  CHECK(!is_echo(changed({{"/email", "a@b.c"}}), {}, ""));
  CHECK(!is_echo(changed({}), {write}, ""));
}

TEST_CASE("the stamp of change goes with any write") {
  const OwnWrite write = written({{"id", "c1"}, {"email", "a"}}, {{"email", "a"}}, nullptr);
  CHECK(is_echo(changed({{"/email", "a"}, {"/updated", 5}}), {write}, "/updated"));
  CHECK(!is_echo(changed({{"/email", "a"}, {"/updated", 5}}), {write}, ""));
}

TEST_CASE("lists in another order and empty values in another spelling are the same") {
  const OwnWrite write = written({{"id", "c1"}, {"email", ""}, {"tags", {"a", "b"}}},
                                 {{"email", ""}, {"tags", {"a", "b"}}}, nullptr);
  CHECK(is_echo(changed({{"/tags", {"b", "a"}}, {"/email", nullptr}}), {write}, ""));
  CHECK(!is_echo(changed({{"/tags", {"a", "b", "c"}}}), {write}, ""));
  CHECK(!is_echo(changed({{"/tags", {"a", "a"}}}), {write}, ""));
}

TEST_CASE("tags that a write added to those of the record are known by its answer") {
  const OwnWrite write = written({{"id", "c1"}, {"tags", {"b"}}}, {{"tags", {"b"}}},
                                 {{"contact", {{"id", "c1"}, {"tags", {"a", "b"}}}}});
  CHECK(is_echo(changed({{"/tags", {"a", "b"}}}), {write}, ""));
}

TEST_CASE("several writes add up, and of one field the latest counts") {
  OwnWrite first = written({{"id", "c1"}, {"email", "a"}}, {{"email", "a"}}, nullptr);
  OwnWrite second = written({{"id", "c1"}, {"tags", {"x"}}}, {{"tags", {"x"}}}, nullptr);
  CHECK(is_echo(changed({{"/email", "a"}, {"/tags", {"x"}}}), {first, second}, ""));
  OwnWrite later = first;
  later.fields["/email"] = {{"b"}, kAt + Millis{1}};
  CHECK(!is_echo(changed({{"/email", "a"}}), {first, later}, ""));
  CHECK(is_echo(changed({{"/email", "b"}}), {later, first}, ""));
}

TEST_CASE("a watched place inside of a member that was written as a whole is compared there") {
  const OwnWrite write =
      written({{"id", "c1"}, {"email", {{"work", "w"}}}}, {{"email", {{"work", "w"}}}}, nullptr);
  CHECK(is_echo(changed({{"/email/work", "w"}}), {write}, ""));
  CHECK(!is_echo(changed({{"/email/home", "h"}}), {write}, ""));
  CHECK(is_echo(changed({{"/email/home", nullptr}}), {write}, ""));
}

TEST_CASE("a parameter deep in the body stands for the record's field of its name") {
  const OwnWrite write =
      written({{"id", "c1"}, {"city", "Rome"}}, {{"variables", {{"city", "Rome"}}}}, nullptr);
  CHECK(is_echo(changed({{"/city", "Rome"}}), {write}, ""));
}

TEST_CASE("a record that a write made is an echo as new, unless it was changed since") {
  Operation add = set_contact();
  add.write->record->param.clear();
  add.write->record->made_at = "/new";
  const json answer = {{"new", true}, {"contact", {{"id", 7}, {"email", "a"}}}};
  const json params = {{"email", "a"}};
  const auto write = own_write(add, params, params, answer, kAt);
  REQUIRE(write.has_value());
  CHECK(write->key == "7");
  CHECK(write->effect == WriteEffect::created);
  Detection made;
  made.kind = DetectionKind::created;
  made.record = {{"id", 7}, {"email", "a"}, {"owner", "default"}};
  CHECK(is_echo(made, {*write}, ""));
  made.record["email"] = "by hand";
  CHECK(!is_echo(made, {*write}, ""));

  const json known = {{"new", false}, {"contact", {{"id", 7}, {"email", "a"}}}};
  const auto changes = own_write(add, params, params, known, kAt);
  REQUIRE(changes.has_value());
  CHECK(changes->effect == WriteEffect::changed);
  made.record["email"] = "a";
  CHECK(!is_echo(made, {*changes}, ""));
}

TEST_CASE("a record that a write took away is an echo as removed, one that it changed is not") {
  Detection gone;
  gone.kind = DetectionKind::removed;
  Operation remove = set_contact();
  remove.write->record->removes = true;
  const auto write = own_write(remove, {{"id", "c1"}}, nullptr, nullptr, kAt);
  REQUIRE(write.has_value());
  CHECK(is_echo(gone, {*write}, ""));
  CHECK(!is_echo(gone, {written({{"id", "c1"}}, nullptr, nullptr)}, ""));
}

TEST_CASE("a write whose record cannot be told is not remembered") {
  Operation add = set_contact();
  add.write->record->param.clear();
  CHECK(!own_write(add, json::object(), nullptr, nullptr, kAt));
  CHECK(!own_write(add, json::object(), nullptr, {{"contact", json::object()}}, kAt));
  Operation silent = set_contact();
  silent.write->record.reset();
  CHECK(!own_write(silent, {{"id", "c1"}}, nullptr, nullptr, kAt));
}

}  // namespace
}  // namespace triggerd
