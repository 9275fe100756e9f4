// The words of the connector language for its enumerations, as they stand in files. Used by
// describe.cpp.
#pragma once

#include <string>
#include <string_view>

#include "triggerd/catalog/operation.h"

namespace triggerd {

std::string_view to_text(ParamPlace place);
std::string_view to_text(BodyKind kind);
std::string_view to_text(Shape shape);
std::string_view to_text(PagingKind kind);
std::string_view to_text(TokenLevel level);
std::string_view to_text(ErrorClass error);
std::string_view to_text(OperationKind kind);
std::string to_text(const DateFormat& format);

}  // namespace triggerd
