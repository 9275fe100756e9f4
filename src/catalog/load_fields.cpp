#include <algorithm>
#include <nlohmann/json.hpp>

#include "catalog/load.h"
#include "triggerd/json_text.h"

namespace triggerd {
namespace {

bool same_name(std::string_view a, std::string_view b) {
  const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; };
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [&](char x, char y) { return lower(x) == lower(y); });
}

}  // namespace

bool is_one_line(std::string_view text) {
  return std::none_of(text.begin(), text.end(), [](char c) {
    return (static_cast<unsigned char>(c) < 0x20 && c != '\t') || c == 0x7f;
  });
}

bool is_loopback_address(std::string_view url) {
  for (const std::string_view host : {"http://127.0.0.1", "http://localhost", "http://[::1]"}) {
    if (!url.starts_with(host)) continue;
    std::string_view rest = url.substr(host.size());
    if (rest.starts_with(':')) {
      rest.remove_prefix(1);
      rest.remove_prefix(std::min(rest.find_first_not_of("0123456789"), rest.size()));
    }
    return rest.empty() || rest.front() == '/';
  }
  return false;
}

bool is_header_name(std::string_view name) {
  return !name.empty() && name.find_first_not_of(
                              "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVW"
                              "XYZ0123456789-_") == std::string_view::npos;
}

std::vector<std::string> load_pointers(YamlMap& map, std::string_view key) {
  std::vector<std::string> pointers = map.texts(key).value_or(std::vector<std::string>{});
  for (const std::string& pointer : pointers) {
    if (is_json_pointer(pointer)) continue;
    map.problem(key, "`" + pointer + "` is not a JSON pointer",
                pointer.find('.') == std::string::npos ? "write `/" + pointer + "`"
                                                       : "write it as /outer/inner");
  }
  return pointers;
}

std::string load_pointer(YamlMap& map, std::string_view key) {
  const std::vector<std::string> pointers = load_pointers(map, key);
  if (pointers.size() > 1) map.problem(key, "must be one JSON pointer, but is a list");
  return pointers.empty() ? std::string{} : pointers.front();
}

std::optional<DateFormat> load_date_format(YamlMap& map, std::string_view key) {
  const std::optional<std::string> text = map.text(key);
  if (!text) return std::nullopt;
  const Result<DateFormat, std::string> format = parse_date_format(*text);
  if (format) return *format;
  map.problem(key, format.error());
  return std::nullopt;
}

Stamp load_stamp(YamlMap& map, std::string_view key) {
  const YamlNode* node = map.node(key);
  if (node == nullptr) return {};
  if (node->kind != YamlNode::Kind::map) return {load_pointer(map, key), {}};
  YamlMap stamp(map.document(), *node, map.path_of(key), map.problems());
  stamp.required("at");
  Stamp loaded{load_pointer(stamp, "at"), load_date_format(stamp, "format").value_or(DateFormat{})};
  loaded.version = stamp.boolean("version").value_or(true);
  stamp.finish();
  if (stamp.has("version") && key != "updated") {
    stamp.problem("version", "is for `updated` alone");
  }
  return loaded;
}

HeaderList load_headers(YamlMap& map) {
  HeaderList headers;
  map.each("headers", [&](const std::string& name, const YamlNode& key, const YamlNode& value) {
    if (!is_header_name(name)) {
      map.problem_at(key.place, "`" + name + "` is not a header name");
    } else if (value.kind != YamlNode::Kind::scalar) {
      map.problem_at(value.place, "the value of header " + name + " must be a text");
    } else if (!is_one_line(value.text)) {
      map.problem_at(value.place, "the value of header " + name + " must be one line");
    } else {
      headers.emplace_back(name, value.text);
    }
  });
  return headers;
}

void add_headers(HeaderList& to, const HeaderList& more) {
  for (const auto& header : more) {
    const auto found = std::find_if(to.begin(), to.end(), [&](const auto& known) {
      return same_name(known.first, header.first);
    });
    if (found == to.end()) {
      to.push_back(header);
    } else {
      *found = header;
    }
  }
}

TokenLevel load_token_level(YamlMap& map, std::string_view key, TokenLevel otherwise) {
  const std::optional<std::string> level = map.choice(key, {"any", "location", "company"});
  if (!level) return otherwise;
  if (*level == "location") return TokenLevel::location;
  return *level == "company" ? TokenLevel::company : TokenLevel::any;
}

Param* known_param(YamlMap& map, Place place, const std::string& name, Operation& operation) {
  std::vector<std::string> names;
  for (Param& param : operation.params) {
    if (param.name == name) return &param;
    names.push_back(param.name);
  }
  const std::string nearest = nearest_name(name, names);
  map.problem_at(place, "`" + name + "` is not a parameter of " + operation.name,
                 nearest.empty() ? "" : "did you mean `" + nearest + "`?");
  return nullptr;
}

Param* load_param_name(YamlMap& map, std::string_view key, Operation& operation) {
  const std::optional<std::string> name = map.text(key);
  if (!name || name->empty()) return nullptr;
  return known_param(map, map.node(key)->place, *name, operation);
}

}  // namespace triggerd
