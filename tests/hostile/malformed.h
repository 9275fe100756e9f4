// Answers that no app should give: from the body of a good one, by kind and seed, always the same
// bytes. Each kind is one that must move nothing at all, whatever the seed.
#pragma once

#include <cstdint>
#include <random>
#include <span>
#include <string>

namespace triggerd::hostile {

struct GoodBody {
  std::string text;    // a JSON object
  std::string member;  // the name of its one member, which holds the record or the list of them
  bool is_list = true;
};

struct Kind {
  const char* name;
  // The bytes of a whole answer; empty: the connection closes without any.
  std::string (*make)(const GoodBody& good, std::mt19937_64& chance);
  bool lists_only = false;  // of one object it says that there is none
};

std::span<const Kind> kinds();

std::string good_answer(const std::string& body);

}  // namespace triggerd::hostile
