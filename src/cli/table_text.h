// Rows as a table for the terminal, or as JSON. Colour only on a terminal and without NO_COLOR.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "triggerd/store/listings.h"

namespace triggerd {

bool colour_wanted();  // of stdout
std::string coloured(const std::string& text, int code);

// Columns of equal width; cells longer than 60 characters are cut; control characters are shown as
// '?'. `columns` chooses and orders; empty: all of the listing.
std::string table_text(const Listing& listing, const std::vector<std::string>& columns);
void print_listing(const Listing& listing, const std::vector<std::string>& columns, bool json,
                   const std::string& when_empty);

}  // namespace triggerd
