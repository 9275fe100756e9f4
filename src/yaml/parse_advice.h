// Turns what the YAML parser says about a broken line into advice for people who write jq in YAML.
// Called by reader.cpp only; pure.
#pragma once

#include <string>
#include <string_view>

namespace triggerd {

// One sentence about the error, from the parser's message.
std::string parse_sentence(std::string_view message);

// How to write it instead, when the lines at the error hold an expression, `${env:...}` or a text
// that YAML reads otherwise than people do; empty when nothing is known. `line` counts from 1.
std::string parse_advice(std::string_view text, int line, std::string_view message);

}  // namespace triggerd
