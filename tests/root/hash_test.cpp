#include "triggerd/hash.h"

#include <doctest/doctest.h>

using namespace triggerd;

TEST_CASE("SHA-256 and HMAC give the published vectors") {
  CHECK(to_hex(sha256("abc")) ==
        "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  CHECK(to_hex(sha256("")) == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  CHECK(to_hex(hmac_sha256("Jefe", "what do ya want for nothing?")) ==
        "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
  CHECK(hmac_sha256("", "").size() == 32);
}

TEST_CASE("XXH3 gives its published values and depends on the seed") {
  CHECK(hash64("") == 0x2d06800538d394c2ULL);
  CHECK(hash128_hex("") == "99aa06d3014798d86001c324468d497f");
  CHECK(hash64("abc", 0) == hash64("abc"));
  CHECK(hash64("abc", 1) != hash64("abc"));
}

TEST_CASE("base32 is lower case without padding") {
  CHECK(to_base32("") == "");
  CHECK(to_base32("f") == "my");
  CHECK(to_base32("fo") == "mzxq");
  CHECK(to_base32("foobar") == "mzxw6ytboi");
  CHECK(to_base32(std::string(32, '\xff')).size() == 52);
}

TEST_CASE("base64 is read back and printed with padding") {
  const std::string bytes("\x00\x01\xfe\xff", 4);
  CHECK(to_base64("f") == "Zg==");
  CHECK(to_base64("fo") == "Zm8=");
  CHECK(to_base64("foo") == "Zm9v");
  std::string decoded;
  REQUIRE(from_base64(to_base64(bytes), decoded));
  CHECK(decoded == bytes);
  REQUIRE(from_base64("", decoded));
  CHECK(decoded == "");
}

TEST_CASE("what is not base64 is refused and leaves the target alone") {
  for (const char* text :
       {"Z", "Zg", "Zg=", "Zg===", "Z===", "Zh==", "Zg==Zg==", "Zm9-", "Zm 9", "="}) {
    CAPTURE(text);
    std::string decoded = "before";
    CHECK_FALSE(from_base64(text, decoded));
    CHECK(decoded == "before");
  }
}
