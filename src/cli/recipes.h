// The recipes that are part of the program: flows between two apps, ready to be filled in. Read by
// `init`; knows their texts alone and loads none. Pure.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace triggerd {

struct RecipeTitle {
  std::string_view name;
  std::string_view about;  // the first line of its head: ids and what it does
};
std::vector<RecipeTitle> recipe_titles();

std::optional<std::string_view> find_recipe(std::string_view name);
// "did you mean ...?", or where the names stand.
std::string recipe_hint(const std::string& name);

// The connector file that it comes with; empty when all of its connectors are part of the program.
std::string_view connector_of_recipe(std::string_view text);

// One sentence for each value that the user has to give: variables of the environment and ids.
std::vector<std::string> recipe_settings(std::string_view text);

}  // namespace triggerd
