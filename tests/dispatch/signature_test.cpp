#include "triggerd/dispatch/signature.h"

#include <doctest/doctest.h>

namespace triggerd {
namespace {

// The vector that the reference libraries of Standard Webhooks carry in their own tests.
const Secret kSecret("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw");
constexpr std::string_view kId = "msg_p5jXN8AQM9LWM0D4loKWxJek";
constexpr std::string_view kBody = R"({"test": 2432232314})";
constexpr std::string_view kSignature = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=";
const WallTime kAt = wall_from_ms(1'614'265'330'000);

std::string value_of(const std::vector<HttpHeader>& headers, std::string_view name) {
  for (const HttpHeader& header : headers) {
    if (header.name == name) return header.value;
  }
  return "absent";
}

TEST_CASE("a signature is the one of the published Standard Webhooks vector (DSP-15, S-31)") {
  CHECK(webhook_signature(kId, kAt, kBody, kSecret) == kSignature);
}

TEST_CASE("one changed byte of body, id or second changes the signature (DSP-15)") {
  CHECK(webhook_signature(kId, kAt, R"({"test": 2432232315})", kSecret) != kSignature);
  CHECK(webhook_signature("msg_x", kAt, kBody, kSecret) != kSignature);
  CHECK(webhook_signature(kId, kAt + Millis{1000}, kBody, kSecret) != kSignature);
  // Seconds are what is signed: a millisecond within one is the same text.
  CHECK(webhook_signature(kId, kAt + Millis{999}, kBody, kSecret) == kSignature);
}

TEST_CASE("two secrets give two signatures, so that a receiver can change over (DSP-15)") {
  const Secret both("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw plain-text-secret");
  const std::string second = webhook_signature(kId, kAt, kBody, Secret("plain-text-secret"));
  CHECK(webhook_signature(kId, kAt, kBody, both) == std::string(kSignature) + " " + second);
  CHECK(second != kSignature);
}

TEST_CASE("a secret that cannot sign says why, its nearest good neighbour says nothing") {
  CHECK(signing_problem(Secret("whsec_MfKQ9r8G*YqrTwjUPD8ILPZIo2LaLaSw")) ==
        "is not base64 behind whsec_");
  CHECK(signing_problem(Secret("whsec_")) == "is not base64 behind whsec_");
  CHECK(signing_problem(Secret("   ")) == "is empty");
  CHECK(signing_problem(kSecret).empty());
  CHECK(signing_problem(Secret("any plain words")).empty());
}

TEST_CASE("a secret without its base64 padding signs like the padded one") {
  CHECK(webhook_signature(kId, kAt, kBody, Secret("whsec_c2VjcmV0LTEyMzQ")) ==
        webhook_signature(kId, kAt, kBody, Secret("whsec_c2VjcmV0LTEyMzQ=")));
}

TEST_CASE("headers carry id, second, attempt and key; unsigned ones have no signature") {
  const auto headers = webhook_headers(kId, kAt, kBody, kSecret, 3);
  CHECK(value_of(headers, "webhook-id") == kId);
  CHECK(value_of(headers, "webhook-timestamp") == "1614265330");
  CHECK(value_of(headers, "webhook-signature") == kSignature);
  CHECK(value_of(headers, "Idempotency-Key") == kId);
  CHECK(value_of(headers, "X-Triggerd-Attempt") == "3");
  CHECK(value_of(webhook_headers(kId, kAt, kBody, Secret(), 1), "webhook-signature") == "absent");
}

}  // namespace
}  // namespace triggerd
