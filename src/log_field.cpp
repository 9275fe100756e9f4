#include "triggerd/log.h"

namespace triggerd {

LogField::LogField(std::string_view field_name, std::string_view field_text)
    : name(field_name), text(field_text) {}

LogField::LogField(std::string_view field_name, const char* field_text)
    : name(field_name), text(field_text) {}

LogField::LogField(std::string_view field_name, const std::string& field_text)
    : name(field_name), text(field_text) {}

LogField::LogField(std::string_view field_name, std::int64_t number)
    : name(field_name), text(std::to_string(number)) {}

LogField::LogField(std::string_view field_name, int number)
    : name(field_name), text(std::to_string(number)) {}

LogField::LogField(std::string_view field_name, std::size_t number)
    : name(field_name), text(std::to_string(number)) {}

}  // namespace triggerd
