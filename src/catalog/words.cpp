#include "catalog/words.h"

namespace triggerd {

std::string_view to_text(ParamPlace place) {
  switch (place) {
    case ParamPlace::path:
      return "path";
    case ParamPlace::query:
      return "query";
    case ParamPlace::header:
      return "header";
    case ParamPlace::body:
      return "body";
  }
  return {};
}

std::string_view to_text(BodyKind kind) {
  switch (kind) {
    case BodyKind::none:
      return "none";
    case BodyKind::json:
      return "json";
    case BodyKind::form:
      return "form";
    case BodyKind::text:
      return "text";
    case BodyKind::graphql:
      return "graphql";
  }
  return {};
}

std::string_view to_text(Shape shape) {
  switch (shape) {
    case Shape::list:
      return "list";
    case Shape::object:
      return "object";
    case Shape::map:
      return "map";
    case Shape::value:
      return "value";
    case Shape::text:
      return "text";
    case Shape::binary:
      return "binary";
  }
  return {};
}

std::string_view to_text(PagingKind kind) {
  switch (kind) {
    case PagingKind::none:
      return "none";
    case PagingKind::page:
      return "page";
    case PagingKind::offset:
      return "offset";
    case PagingKind::cursor:
      return "cursor";
    case PagingKind::next_url:
      return "next_url";
    case PagingKind::link_header:
      return "link_header";
  }
  return {};
}

std::string_view to_text(TokenLevel level) {
  switch (level) {
    case TokenLevel::any:
      return "any";
    case TokenLevel::location:
      return "location";
    case TokenLevel::company:
      return "company";
  }
  return {};
}

std::string_view to_text(ErrorClass error) {
  switch (error) {
    case ErrorClass::transient:
      return "transient";
    case ErrorClass::throttled:
      return "throttled";
    case ErrorClass::auth:
      return "auth";
    case ErrorClass::permanent:
      return "permanent";
    case ErrorClass::absent:
      return "absent";
  }
  return {};
}

std::string_view to_text(OperationKind kind) {
  switch (kind) {
    case OperationKind::read:
      return "read";
    case OperationKind::write:
      return "write";
  }
  return {};
}

std::string to_text(const DateFormat& format) {
  switch (format.family) {
    case DateFamily::iso8601:
      return "iso8601";
    case DateFamily::epoch_s:
      return "epoch_s";
    case DateFamily::epoch_ms:
      return "epoch_ms";
    case DateFamily::epoch_us:
      return "epoch_us";
    case DateFamily::date:
      return "date";
    case DateFamily::date_time:
      return "date_time";
    case DateFamily::number:
      return "number";
    case DateFamily::pattern:
      return format.pattern;
  }
  return {};
}

}  // namespace triggerd
