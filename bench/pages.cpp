#include "pages.h"

#include <array>
#include <cstdio>

namespace triggerd::bench {

std::string record_text(int number) {
  std::array<char, 1024> text{};
  std::snprintf(
      text.data(), text.size(),
      R"({"id":"ocQHyuzHvysMo5N5%08d","locationId":"ve9EPM428h8vShlRW1KT","contactName":"Ada Lovelace %d",)"
      R"("firstName":"Ada","lastName":"Lovelace %d","companyName":"Analytical Engines Ltd",)"
      R"("email":"ada.%d@example.com","phone":"+1555%07d","type":"lead","source":"public api",)"
      R"("assignedTo":"%08dlAbCdEf","dnd":false,"city":"London","state":"LDN","postalCode":"NW1 6XE",)"
      R"("address1":"12 St James's Square","country":"GB","website":null,"timezone":"Europe/London",)"
      R"("tags":["customer","newsletter","vip"],"dateAdded":"2026-01-05T09:30:%02d.000Z",)"
      R"("dateUpdated":"2026-03-02T14:12:%02d.000Z","customFields":[{"id":"MgobCB14YMVKuE4Ka8p1",)"
      R"("value":"gold"},{"id":"dVl8nQnMzzYpvX2yD1oF","value":%d}],"additionalEmails":[],)"
      R"("attributions":[{"pageUrl":"https://example.com/landing","isFirst":true,"medium":"form"}]})",
      number, number, number, number, number, number, number % 60, number % 60, number);
  return text.data();
}

std::string page_body(int records) {
  std::string body = R"({"contacts":[)";
  for (int i = 0; i < records; ++i) body += (i == 0 ? "" : ",") + record_text(i);
  return body + R"(],"total":)" + std::to_string(records) + R"(,"traceId":"5f0c8d6a"})";
}

std::string http_answer(const std::string& body, const std::string& more_headers) {
  return "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n" + more_headers +
         "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
}

std::vector<std::string> growing_answers(int first, int count) {
  std::vector<std::string> answers;
  for (int i = 0; i < count; ++i) answers.push_back(http_answer(page_body(first + i)));
  return answers;
}

}  // namespace triggerd::bench
