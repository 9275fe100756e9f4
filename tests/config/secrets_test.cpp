#include <doctest/doctest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <random>

#include "config/loading.h"
#include "config/test_catalog.h"

using namespace triggerd;

TEST_CASE("S-01 references are replaced in every text of a value, also within a text") {
  const auto value = nlohmann::json::parse(
      R"({"a": "Bearer ${env:CRM_TOKEN}", "b": ["${file:/run/secrets/token}", 1], "c": "$5"})");
  const auto resolved = resolve_secrets(value, triggerd::testing::test_secrets());
  REQUIRE(resolved);
  CHECK(*resolved ==
        nlohmann::json::parse(
            R"({"a": "Bearer pit-0123456789", "b": ["pit-from-file", 1], "c": "$5"})"));
}

TEST_CASE("S-01 a missing or empty source is a failure that names it") {
  const auto sources = triggerd::testing::test_secrets();
  CHECK(resolve_secrets("${env:ABSENT}", sources).error() ==
        "the environment variable ABSENT is not set");
  CHECK(resolve_secrets("${env:EMPTY}", sources).error() ==
        "the environment variable EMPTY is empty");
  CHECK(resolve_secrets("${file:/absent}", sources).error() == "the file /absent cannot be read");
}

TEST_CASE("what a reference gives is never read as a reference again") {
  SecretSources sources = triggerd::testing::test_secrets();
  sources.env = [](const std::string&) { return std::optional<std::string>("${env:CRM_TOKEN}"); };
  CHECK(resolve_text("x ${env:A}", sources) == std::string("x ${env:CRM_TOKEN}"));
}

TEST_CASE("S-01 a secret file is read without its last line end, and only when it is a file") {
  const auto path = std::filesystem::temp_directory_path() /
                    ("secret_test_" + std::to_string(std::random_device{}()));
  std::ofstream(path) << "secret\n";
  const SecretSources sources = process_secrets();
  CHECK(sources.file(path.string()) == "secret");
  std::filesystem::permissions(path, std::filesystem::perms::owner_read);
  CHECK(sources.file_complaint(path.string()).empty());
  std::filesystem::permissions(path, std::filesystem::perms::others_read,
                               std::filesystem::perm_options::add);
  CHECK_FALSE(sources.file_complaint(path.string()).empty());
  std::filesystem::remove(path);
  CHECK_FALSE(sources.file(path.string()).has_value());
  CHECK_FALSE(sources.file("/tmp").has_value());
  CHECK_FALSE(sources.env("TRIGGERD_NO_SUCH_VARIABLE").has_value());
}

TEST_CASE("S-19 a URL has a fixed scheme, host and port, and https off this host") {
  for (const char* good :
       {"https://example.com", "https://example.com:8443/x?y=${{ .a }}", "http://127.0.0.1:80/",
        "http://localhost/", "http://[::1]:9/x", "https://[2001:db8::1]/"}) {
    CAPTURE(good);
    CHECK(url_fault(good) == "");
  }
  for (const char* bad :
       {"", "example.com", "ftp://x", "http://example.com", "http://127.0.0.1.evil.example/",
        "https://", "https:///x", "https://a b/", "https://a@b/", "https://a:b@c/", "https://a:/",
        "https://a:123456/", "https://${{ .a }}/", "https://a${{ .b }}", "https://a\\b/",
        "https://[::1", "https://[zz]/", "//evil.example", "https://[::1]x/"}) {
    CAPTURE(bad);
    CHECK(url_fault(bad) != "");
  }
}
