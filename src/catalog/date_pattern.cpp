#include "catalog/date_pattern.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstdio>

namespace triggerd {
namespace {

using std::chrono::minutes;

constexpr std::string_view kDirectives = "YmdHMSfybjzZ%";
constexpr std::array<std::string_view, 12> kMonths = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                      "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

struct Fields {
  int year = 1970, month = 1, day = 1, hour = 0, minute = 0, second = 0, ms = 0;
  int day_of_year = 0;  // 0: not given
  std::optional<minutes> zone;
};

class PatternReader {
 public:
  explicit PatternReader(std::string_view text) : text_(text) {}

  bool read(char directive, Fields& to) {
    switch (directive) {
      case 'Y':
        return number(4, 4, to.year);
      case 'y':
        if (!number(2, 2, to.year)) return false;
        to.year += to.year < 69 ? 2000 : 1900;  // as POSIX splits the centuries
        return true;
      case 'm':
        return number(1, 2, to.month);
      case 'd':
        return number(1, 2, to.day);
      case 'H':
        return number(1, 2, to.hour);
      case 'M':
        return number(2, 2, to.minute);
      case 'S':
        return number(2, 2, to.second);
      case 'j':
        return number(1, 3, to.day_of_year) && to.day_of_year > 0;
      case 'f':
        return fraction(to.ms);
      case 'b':
        return month_name(to.month);
      case 'z':
        return zone(to.zone);
      case 'Z':
        return zone_word();
      default:
        return literal(directive);
    }
  }

  bool literal(char c) {
    if (at_ >= text_.size() || text_[at_] != c) return false;
    ++at_;
    return true;
  }

  bool ended() const { return at_ == text_.size(); }

 private:
  bool number(std::size_t least, std::size_t most, int& to) {
    int value = 0;
    std::size_t count = 0;
    while (count < most && at_ < text_.size() && is_digit(text_[at_])) {
      value = value * 10 + (text_[at_++] - '0');
      ++count;
    }
    to = value;
    return count >= least;
  }

  bool fraction(int& ms) {
    int scale = 100;
    std::size_t count = 0;
    for (; at_ < text_.size() && is_digit(text_[at_]); ++at_, ++count) {
      ms += (text_[at_] - '0') * scale;
      scale /= 10;
    }
    return count > 0;
  }

  bool month_name(int& month) {
    for (std::size_t i = 0; i < kMonths.size(); ++i) {
      if (text_.substr(at_, 3) != kMonths[i]) continue;
      at_ += 3;
      month = static_cast<int>(i) + 1;
      return true;
    }
    return false;
  }

  bool zone(std::optional<minutes>& to) {
    if (literal('Z')) {
      to = minutes{0};
      return true;
    }
    const bool colon = text_.size() > at_ + 3 && text_[at_ + 3] == ':';
    std::string spelled(text_.substr(at_, 3));
    spelled += text_.substr(std::min(text_.size(), at_ + (colon ? 4 : 3)), 2);
    to = parse_zone(spelled);
    at_ = std::min(text_.size(), at_ + (colon ? 6 : 5));
    return to.has_value();
  }

  bool zone_word() {
    const std::size_t start = at_;
    while (at_ < text_.size() && is_letter(text_[at_])) ++at_;
    return at_ > start;
  }

  std::string_view text_;
  std::size_t at_ = 0;
};

std::optional<WallTime> assemble(const Fields& fields, minutes zone) {
  namespace ch = std::chrono;
  if (fields.year < 1 || fields.hour > 23 || fields.minute > 59 || fields.second > 60) {
    return std::nullopt;
  }
  ch::sys_days day;
  if (fields.day_of_year > 0) {
    day = ch::sys_days{ch::year{fields.year} / 1 / 1} + ch::days{fields.day_of_year - 1};
    if (ch::year_month_day{day}.year() != ch::year{fields.year}) return std::nullopt;
  } else {
    const ch::year_month_day date{ch::year{fields.year},
                                  ch::month{static_cast<unsigned>(fields.month)},
                                  ch::day{static_cast<unsigned>(fields.day)}};
    if (!date.ok()) return std::nullopt;
    day = ch::sys_days{date};
  }
  return WallTime{day} + ch::hours{fields.hour} + minutes{fields.minute} +
         ch::seconds{fields.second} + Millis{fields.ms} - fields.zone.value_or(zone);
}

std::string digits(const char* format, int value) {
  char buffer[16];
  const int length = std::snprintf(buffer, sizeof buffer, format, value);
  return std::string(buffer, static_cast<std::size_t>(length));
}

std::string zone_text(minutes zone) {
  const int total = static_cast<int>(zone.count());
  const int size = total < 0 ? -total : total;
  return (total < 0 ? "-" : "+") + digits("%02d", size / 60) + digits("%02d", size % 60);
}

}  // namespace

std::optional<minutes> parse_zone(std::string_view text) {
  if (text.size() != 5 || (text[0] != '+' && text[0] != '-')) return std::nullopt;
  for (const char c : text.substr(1)) {
    if (!is_digit(c)) return std::nullopt;
  }
  const int hours = (text[1] - '0') * 10 + (text[2] - '0');
  const int rest = (text[3] - '0') * 10 + (text[4] - '0');
  if (hours > 14 || rest > 59) return std::nullopt;
  const int total = hours * 60 + rest;
  return minutes{text[0] == '-' ? -total : total};
}

std::string check_date_pattern(std::string_view pattern) {
  for (std::size_t i = 0; i < pattern.size(); ++i) {
    if (pattern[i] != '%') continue;
    ++i;
    if (i == pattern.size() || kDirectives.find(pattern[i]) == std::string_view::npos) {
      const std::string directive(pattern.substr(i - 1, 2));
      return "`" + directive + "` is not one of %Y %m %d %H %M %S %f %y %b %j %z %Z %%";
    }
  }
  return {};
}

std::optional<WallTime> read_date_pattern(std::string_view text, std::string_view pattern,
                                          minutes zone) {
  PatternReader reader(text);
  Fields fields;
  for (std::size_t i = 0; i < pattern.size(); ++i) {
    const bool directive = pattern[i] == '%' && i + 1 < pattern.size();
    if (directive ? !reader.read(pattern[++i], fields) : !reader.literal(pattern[i])) {
      return std::nullopt;
    }
  }
  return reader.ended() ? assemble(fields, zone) : std::nullopt;
}

std::string write_date_pattern(WallTime at, std::string_view pattern, minutes zone) {
  namespace ch = std::chrono;
  const auto local = at + zone;
  const auto day = ch::floor<ch::days>(local);
  const ch::year_month_day date{day};
  const ch::hh_mm_ss time{local - day};
  const auto month = static_cast<unsigned>(date.month());
  std::string text;
  for (std::size_t i = 0; i < pattern.size(); ++i) {
    if (pattern[i] != '%' || i + 1 == pattern.size()) {
      text += pattern[i];
      continue;
    }
    switch (pattern[++i]) {
      case 'Y':
        text += digits("%04d", static_cast<int>(date.year()));
        break;
      case 'y':
        text += digits("%02d", static_cast<int>(date.year()) % 100);
        break;
      case 'm':
        text += digits("%02d", static_cast<int>(month));
        break;
      case 'd':
        text += digits("%02d", static_cast<int>(static_cast<unsigned>(date.day())));
        break;
      case 'H':
        text += digits("%02d", static_cast<int>(time.hours().count()));
        break;
      case 'M':
        text += digits("%02d", static_cast<int>(time.minutes().count()));
        break;
      case 'S':
        text += digits("%02d", static_cast<int>(time.seconds().count()));
        break;
      case 'f':
        text += digits("%03d", static_cast<int>(time.subseconds().count()));
        break;
      case 'j':
        text +=
            digits("%03d", static_cast<int>((day - ch::sys_days{date.year() / 1 / 1}).count() + 1));
        break;
      case 'b':
        text += kMonths[month - 1];
        break;
      case 'z':
        text += zone_text(zone);
        break;
      case 'Z':
        text += "UTC";  // readers ignore it; %z says what holds
        break;
      default:
        text += pattern[i];
    }
  }
  return text;
}

}  // namespace triggerd
