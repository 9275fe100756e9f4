// A recipe of recipes/ run by the real daemon against the sandbox, and what both sides show: each
// test is a table of moves and of what must stand there afterwards. After each move the daemon is
// killed or stopped and started again, then everything must come to rest, and stay there.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "end_to_end/processes.h"

namespace triggerd::recipes {

using end_to_end::json;

// Texts that begin with @ stand for the id that a move or an expectation gave that name.
struct Expected {
  std::string collection;  // of the sandbox; those of an app begin with its name; or X.jsonl
  json where;              // members of the record; a list must hold what is listed here
  int count = 1;           // exactly so many records fit
  std::string as = {};     // name for the id of the one that fits
};

struct Move {
  enum class Kind { make, change, remove } kind = Kind::make;
  std::string collection;
  std::string name;  // of the record: given by `make`, used by the others
  json fields = {};
  std::vector<Expected> then = {};
};

struct Recipe {
  std::string file;               // name below recipes/, without .yaml
  std::vector<Move> before = {};  // before the daemon starts: what it takes as known
  std::vector<Move> moves = {};
  int contacts = 0;  // of HighLevel that are there at the start
};

Move make(std::string collection, std::string name, json fields, std::vector<Expected> then = {});
Move change(std::string collection, std::string name, json fields, std::vector<Expected> then);
Move remove(std::string collection, std::string name, std::vector<Expected> then);

// Runs it; every failure is a failed check.
void run_recipe(const Recipe& recipe);

}  // namespace triggerd::recipes
