// Puts the records of one answer into a Page, whatever shape it has. Used by record.cpp and
// record_other.cpp.
#pragma once

#include <string>
#include <string_view>

#include "poll/record_fields.h"
#include "triggerd/poll/record.h"

namespace triggerd {

class PageCut {
 public:
  explicit PageCut(const CutRules& rules) : fields_(rules), rules_(rules) {}

  Page page;
  std::string wrong;  // why the page as a whole is not understood
  std::size_t taken = 0;

  RecordFields& fields() { return fields_; }
  const ReadRules& read() const { return *rules_.operation->read; }
  const CutRules& rules() const { return rules_; }

  // Takes a record whose fields are in fields().wanted(); false when the page is lost.
  bool take(std::string_view raw);
  // Takes a record that stands alone, in the body or in page.made.
  bool take_single(std::string_view raw);
  // Takes one that is made here.
  bool take_made(std::string text);

 private:
  RecordFields fields_;
  const CutRules& rules_;
};

// Each fills cut.page or cut.wrong; the body is checked JSON for the first, untouched for the
// others.
void cut_map(PageCut& cut, std::string_view body);
void cut_text(PageCut& cut, const HttpReply& reply);
void cut_binary(PageCut& cut, const HttpReply& reply);

}  // namespace triggerd
