#include "catalog/problem_samples.h"

using namespace triggerd;

TEST_CASE("a file that is right gives no problem") { CHECK(problems(with_lines("")) == ""); }

TEST_CASE("S-33: a key that is not known names the nearest one, and an operation stands once") {
  CHECK(problems(with_lines("    titel: Items\n")) ==
        R"(acme.yaml:8:5: items: `titel` is not a key that is known here
  hint: did you mean `title`?
)");
  CHECK(problems(acme_file("  items: {request: GET /items, read: {id: /id}}\n  items: {request: "
                           "GET /items, read: {id: /id}}\n")) ==
        R"(acme.yaml:6:3: `items` stands here twice
  hint: the first one is on line 5
)");
  CHECK(problems(acme_file("  items: {request: GET /items\n")) ==
        R"(acme.yaml:6:1: not valid YAML: this `{...}` is not closed, or holds what must be quoted
)");
}

TEST_CASE("a file begins with the name of its connector, and one file has base_url") {
  CHECK(problems("title: x\n") ==
        R"(acme.yaml:1:1: connector: must be a name of a-z, 0-9, _ and -
  hint: begin the file with `connector: NAME`
)");
  CHECK(problems("connector: Ac me\nbase_url: https://x.test\n") ==
        R"(acme.yaml:1:12: connector: must be a name of a-z, 0-9, _ and -
  hint: begin the file with `connector: NAME`
)");
  CHECK(problems("- a\n") ==
        R"(acme.yaml:1:1: connector: must be a name of a-z, 0-9, _ and -
  hint: begin the file with `connector: NAME`
)");
  CHECK(problems("connector: acme\noperations: {}\n") ==
        R"(acme.yaml:1:1: no file of connector acme has `base_url`
)");
}

TEST_CASE("base_url is https without query, and its placeholders are keys of an account") {
  CHECK(problems("connector: acme\nbase_url: http://x.test/?q\nauth: [{kind: none}]\n") ==
        R"(acme.yaml:2:11: base_url: must begin with https://
  hint: http is for loopback addresses alone
acme.yaml:2:11: base_url: must not hold a query, a fragment, a user or blanks
)");
  CHECK(problems("connector: acme\nbase_url: https://{shop}.x.test/\nauth: [{kind: none}]\n") ==
        R"(acme.yaml:2:11: base_url: `{shop}` is not a key of an account
  hint: name it under `account:`
acme.yaml:2:11: base_url: must not end with a slash
)");
}

TEST_CASE("each kind of auth has what it needs, and a name of its own") {
  CHECK(problems("connector: acme\nbase_url: https://x.test\n") ==
        R"(acme.yaml:1:1: `auth` is missing
)");
  CHECK(
      problems("connector: acme\nbase_url: https://x.test\nauth:\n  - {kind: barer}\n  - {kind: "
               "header_key}\n  - {kind: query_key, query: k}\n  - {kind: query_key, query: k}\n  - "
               "{kind: basic, fields: [a]}\n") ==
      "acme.yaml:4:12: auth[0].kind: `barer` is not one of none, basic, bearer, header_key, "
      "query_key\n"
      R"(  hint: did you mean `bearer`?
acme.yaml:5:5: auth[1]: `header` is missing
acme.yaml:7:5: auth[3].name: `query_key` names two kinds of auth
  hint: give each its own `name`
acme.yaml:8:27: auth[4].fields: must name 2 keys for kind basic
)");
}

TEST_CASE("limits are positive") {
  CHECK(problems("connector: acme\nbase_url: https://x.test\nauth: [{kind: none}]\nlimits:\n  - "
                 "{requests: 0, per: 0s}\n  - {requests: many}\nconcurrency: 0\n") ==
        R"(acme.yaml:5:16: limits[0].requests: must be at least 1
acme.yaml:5:24: limits[0].per: must be longer than nothing
acme.yaml:6:5: limits[1]: `per` is missing
acme.yaml:6:16: limits[1].requests: must be a whole number
acme.yaml:7:14: concurrency: must be 1 to 64
)");
}

TEST_CASE("a rule about errors has a status or a text to look for") {
  CHECK(
      problems(
          "connector: acme\nbase_url: https://x.test\nauth: [{kind: none}]\nerrors:\n  - {status: "
          "4x, means: gone}\n  - {at: /code, means: absent}\n  - {means: transient}\n") ==
      R"(acme.yaml:5:14: errors[0].status: `4x` is not a status
  hint: write 404, or 5xx for all of them
acme.yaml:5:25: errors[0].means: `gone` is not one of transient, throttled, auth, permanent, absent
acme.yaml:6:5: errors[1].status: a rule needs `status` or `at`
acme.yaml:6:10: errors[1].at: `at` goes together with `equals` or `contains`
acme.yaml:7:5: errors[2].status: a rule needs `status` or `at`
)");
}
