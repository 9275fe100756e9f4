// Files that begin with `overrides: NAME`: single keys laid over a connector's files before these
// are read, so that every rule of the language holds for what is corrected. Called by catalog.cpp.
// A document that was laid over holds lines of several files; place_problems tells them apart.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "triggerd/catalog/operation.h"
#include "triggerd/yaml/reader.h"

namespace triggerd {

// One file of a connector, or one of corrections to it.
struct ConnectorFile {
  YamlDocument document;
  std::string connector;
};

class Overrides {
 public:
  // Lays one file over those of its connector. Maps are merged, all else takes the place of what
  // was there; null takes a key away.
  void lay_over(std::vector<ConnectorFile>& files, const ConnectorFile& correction,
                std::vector<Problem>& problems);
  // Notes in each operation which files corrected it.
  void mark(Connector& connector) const;
  // Problems of what came from a file of corrections name that file and its line.
  void place_problems(std::vector<Problem>& problems) const;

 private:
  // From this line on a document holds the text of this file.
  struct Part {
    int from = 0;
    std::string file;
  };
  // The lines that the places of `correction` lie further down in `document`.
  int append(YamlDocument& document, const ConnectorFile& correction);

  std::map<std::string, std::vector<Part>> parts_;                // by the document's file
  std::map<std::string, std::vector<std::string>> corrected_by_;  // full name -> files
};

}  // namespace triggerd
