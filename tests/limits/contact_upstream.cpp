#include "limits/contact_upstream.h"

#include <algorithm>
#include <cstdio>
#include <ctime>
#include <nlohmann/json.hpp>

namespace triggerd::limits {

namespace {

using nlohmann::json;

constexpr std::int64_t kFirstSecond = 1'735'689'600;  // 2025-01-01
constexpr std::int64_t kSearchPage = 500, kListPage = 100;
constexpr std::size_t kContactBytes = 800;

std::string id_of(std::int64_t number) {
  char text[32];
  std::snprintf(text, sizeof text, "c%019lld", static_cast<long long>(number));
  return text;
}

std::int64_t number_of(const std::string& id) { return id.empty() ? -1 : std::stoll(id.substr(1)); }

std::string time_text(std::time_t seconds, const char* format) {
  std::tm parts{};
  gmtime_r(&seconds, &parts);
  char text[64];
  return {text, std::strftime(text, sizeof text, format, &parts)};
}

// About 700 bytes, like a contact of a search.
void write_contact(std::string& text, std::int64_t number, const char* location) {
  const std::int64_t second = kFirstSecond + number;
  const std::string at = time_text(second, "%Y-%m-%dT%H:%M:%S.000Z");
  const auto n = static_cast<long long>(number);
  char record[1200];
  const int length = std::snprintf(
      record, sizeof record,
      R"({"id":"c%019lld","locationId":"%s","firstName":"Maria %lld","lastName":"Sanchez %lld",)"
      R"("contactName":"Maria %lld Sanchez %lld","email":"maria.%lld@customers.example",)"
      R"("phone":"+1555%08lld","companyName":"Sanchez and Daughters Ltd","source":"public api",)"
      R"("type":"lead","dnd":false,"assignedTo":"u%019lld","city":"Springfield","state":"OR",)"
      R"("postalCode":"97477","country":"US","timezone":"America/Los_Angeles",)"
      R"("tags":["newsletter","spring offer"],"followers":[],"additionalEmails":[],)"
      R"("customFields":[{"id":"f1","value":"blue"},{"id":"f2","value":%lld}],)"
      R"("dateAdded":"%s","dateUpdated":"%s","searchAfter":[%lld,"c%019lld"]})",
      n, location, n, n, n, n, n, n, n % 40, n % 97, at.c_str(), at.c_str(),
      static_cast<long long>(second) * 1000, n);
  text.append(record, static_cast<std::size_t>(length));
}

std::string reply(int status, const std::string& body) {
  return "HTTP/1.1 " + std::to_string(status) + (status == 200 ? " OK" : " Not Found") +
         "\r\nContent-Type: application/json\r\nDate: " +
         time_text(std::time(nullptr), "%a, %d %b %Y %H:%M:%S GMT") +
         "\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
}

std::string query_value(const std::string& address, const std::string& name) {
  for (const char* before : {"?", "&"}) {
    const auto at = address.find(before + name + "=");
    if (at == std::string::npos) continue;
    const auto from = at + name.size() + 2;
    return address.substr(from, address.find('&', from) - from);
  }
  return {};
}

}  // namespace

ContactUpstream::ContactUpstream(std::int64_t contacts)
    : contacts_(contacts), server_([this](RawConnection& connection) {
        for (std::string request = connection.read_request(); !request.empty();
             request = connection.read_request()) {
          if (!connection.send(answer(request))) return;
        }
      }) {}

void ContactUpstream::hide(std::int64_t from, std::int64_t to) {
  hidden_from_ = from;
  hidden_to_ = to;
}

std::map<std::int64_t, int> ContactUpstream::served() const {
  const std::lock_guard guard(lock_);
  return served_;
}

void ContactUpstream::forget_served() {
  const std::lock_guard guard(lock_);
  served_.clear();
}

std::vector<double> ContactUpstream::small_intervals() const {
  const std::lock_guard guard(lock_);
  std::vector<double> sorted = small_intervals_;
  std::sort(sorted.begin(), sorted.end());
  return sorted;
}

void ContactUpstream::forget_intervals() {
  const std::lock_guard guard(lock_);
  small_intervals_.clear();
  small_last_.clear();
}

void ContactUpstream::note(std::int64_t from) {
  const std::lock_guard guard(lock_);
  ++served_[from];
  ++pages_;
}

std::string ContactUpstream::answer(const std::string& request) {
  const std::size_t space = request.find(' ');
  const std::string address = request.substr(space + 1, request.find(' ', space + 1) - space - 1);
  const std::string body = request.substr(request.find("\r\n\r\n") + 4);
  if (address == "/control/accounts") {
    return reply(200, json{{"token", "pit-limits"}, {"base_url", url()}}.dump());
  }
  if (address.starts_with("/contacts/search")) return search(body);
  if (address.starts_with("/contacts/?")) {
    return query_value(address, "locationId") == kBigLocation
               ? list(address)
               : small(query_value(address, "query"));
  }
  if (address.starts_with("/contacts/c")) return one(address.substr(10));
  return reply(404, R"({"message":"not found"})");
}

std::int64_t ContactUpstream::write_contacts(std::string& text, std::int64_t from,
                                             std::int64_t most) const {
  text.reserve(static_cast<std::size_t>(most) * kContactBytes);
  for (std::int64_t written = 0; from < contacts_ && written < most; ++from) {
    if (hidden(from)) continue;
    if (written++ > 0) text += ',';
    write_contact(text, from, kBigLocation);
  }
  return from;
}

std::string ContactUpstream::search(const std::string& body) {
  const json asked = json::parse(body);
  const json after = asked.value("searchAfter", json());
  // Later polls ask for what changed since a time at which nothing did.
  const bool bound = asked.contains("filters") && !asked["filters"].empty();
  const std::int64_t from = after.is_array() ? number_of(after.at(1).get<std::string>()) + 1 : 0;
  std::string text = R"({"contacts":[)";
  if (!bound) {
    note(from);
    write_contacts(text, from, asked.value("pageLimit", kSearchPage));
  }
  return reply(200, text + "],\"total\":" + std::to_string(bound ? 0 : contacts_) + "}");
}

std::string ContactUpstream::list(const std::string& address) {
  const std::string limit = query_value(address, "limit");
  const std::int64_t from = number_of(query_value(address, "startAfterId")) + 1;
  note(from);
  std::string text = R"({"contacts":[)";
  const std::int64_t next =
      write_contacts(text, from, limit.empty() ? kListPage : std::stoll(limit));
  const std::int64_t there = contacts_ - (hidden_to_ - hidden_from_);
  json meta{{"total", there}};
  if (next < contacts_) {
    meta["startAfterId"] = id_of(next - 1);
    meta["startAfter"] = (kFirstSecond + next - 1) * 1000;
  }
  return reply(200, text + "],\"meta\":" + meta.dump() + "}");
}

std::string ContactUpstream::one(const std::string& id) {
  const std::int64_t number = number_of(id);
  if (number >= contacts_ || hidden(number))
    return reply(404, R"({"message":"Contact not found"})");
  std::string text = R"({"contact":)";
  write_contact(text, number, kBigLocation);
  return reply(200, text + "}");
}

std::string ContactUpstream::small(const std::string& name) {
  {
    const std::lock_guard guard(lock_);
    const auto now = std::chrono::steady_clock::now();
    const auto [last, first] = small_last_.emplace(name, now);
    if (!first) {
      small_intervals_.push_back(
          std::chrono::duration<double, std::milli>(now - last->second).count());
      last->second = now;
    }
  }
  std::string text = R"({"contacts":[)";
  write_contact(text, 7, kSmallLocation);
  return reply(200, text + R"(],"meta":{"total":1}})");
}

}  // namespace triggerd::limits
