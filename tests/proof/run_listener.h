// What a program that links run_listener.cpp says of itself.
#pragma once

#include <string>

namespace triggerd::proof {

std::string part_name();
std::string repeat_command();

}  // namespace triggerd::proof
