// A Cycle with its plan, and short ways to look at its requests and feed it pages.
#pragma once

#include <doctest/doctest.h>

#include <string>
#include <utility>

#include "poll/operations.h"
#include "triggerd/poll/cycle.h"

namespace triggerd {

struct Walk {
  explicit Walk(Operation op, WalkStart start = {},
                nlohmann::json values = nlohmann::json::object())
      : operation(std::move(op)),
        plan{&connector, &operation, std::move(values), {}, {}},
        cycle(plan, std::move(start)) {}
  Walk(const Walk&) = delete;
  Walk& operator=(const Walk&) = delete;

  HttpRequest request() const {
    auto made = cycle.next_request();
    REQUIRE(made.has_value());
    return *std::move(made);
  }
  std::string url() const { return request().url; }
  nlohmann::json body() const { return nlohmann::json::parse(request().body); }
  std::string header(std::string_view name) const {
    for (const HttpHeader& header : request().headers) {
      if (header.name == name) return header.value;
    }
    return {};
  }

  WalkStep take(HttpReply reply) { return cycle.take(std::move(reply)); }
  PageRead read(HttpReply reply) {
    WalkStep step = cycle.take(std::move(reply));
    REQUIRE(std::holds_alternative<PageRead>(step));
    return std::get<PageRead>(std::move(step));
  }
  PageRead read(const nlohmann::json& body) { return read(json_reply(body)); }

  Connector connector;
  Operation operation;
  WalkPlan plan;
  Cycle cycle;
};

}  // namespace triggerd
