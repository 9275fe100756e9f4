#include "triggerd/secret.h"

#include <doctest/doctest.h>

#include <sstream>
#include <type_traits>
#include <utility>

using triggerd::Secret;

namespace {

template <typename T>
concept Printable = requires(std::ostream& out, const T& value) {
  out << value;
};

}  // namespace

TEST_CASE("S-06 a secret has no way to text but reveal") {
  static_assert(!Printable<Secret>);
  static_assert(!std::is_convertible_v<Secret, std::string>);
  static_assert(!std::is_convertible_v<Secret, std::string_view>);
  static_assert(!std::is_convertible_v<std::string, Secret>);
  CHECK(Secret("pit-1234").reveal() == "pit-1234");
}

TEST_CASE("secrets are compared and copied by their text") {
  const Secret one("alpha");
  Secret copy = one;
  CHECK(copy == one);
  copy = Secret("beta");
  CHECK_FALSE(copy == one);
  CHECK(one.reveal() == "alpha");
  CHECK(Secret().empty());
}

TEST_CASE("S-06 the bytes of a moved or replaced secret are gone") {
  // Short enough to live inside the string object, where a plain move would leave them.
  Secret short_one("short-secret");
  const char* bytes = short_one.reveal().data();
  const Secret taken = std::move(short_one);
  CHECK(std::string_view(bytes, 12) == std::string_view("\0\0\0\0\0\0\0\0\0\0\0\0", 12));
  CHECK(taken.reveal() == "short-secret");
}

TEST_CASE("S-06 wiping a text overwrites what it held and empties it") {
  std::string text(100, 'x');
  const char* bytes = text.data();
  triggerd::wipe_text(text);
  CHECK(text.empty());
  CHECK(std::string_view(bytes, 100).find('x') == std::string_view::npos);
}
