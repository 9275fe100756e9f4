// Prepared answers of the bench's app: pages of records as a contact search gives them, about 700
// bytes each, which differ in their last record only. Made once, so that serving them costs next to
// nothing; used by the upstream and by the benchmarks of parts. Values only; any thread.
#pragma once

#include <string>
#include <vector>

namespace triggerd::bench {

std::string record_text(int number);  // one record, JSON
std::string page_body(int records);   // {"contacts": [...], "total": N, "traceId": ...}
std::string http_answer(const std::string& body, const std::string& more_headers = "");

// A list that grows: answer `i` has `first + i` records.
std::vector<std::string> growing_answers(int first, int count);

}  // namespace triggerd::bench
