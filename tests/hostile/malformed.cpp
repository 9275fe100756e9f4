#include "hostile/malformed.h"

#include <zlib.h>

#include <array>
#include <cstdio>
#include <stdexcept>

namespace triggerd::hostile {
namespace {

using Chance = std::mt19937_64;

std::size_t below(Chance& chance, std::size_t bound) { return chance() % bound; }

template <std::size_t Count>
std::string one_of(Chance& chance, const std::array<const char*, Count>& texts) {
  return texts[below(chance, Count)];
}

constexpr const char* kOk = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n";

std::string sized(const std::string& body, const std::string& head = kOk) {
  return head + "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
}

std::string cut(const std::string& text, Chance& chance) {
  return text.substr(0, below(chance, text.size()));
}

// A JSON object without its end is never JSON.
std::string cut_body(const GoodBody& good, Chance& chance) { return cut(good.text, chance); }

std::string gzipped(const std::string& text) {
  z_stream stream{};
  constexpr int kGzip = 15 + 16;
  constexpr int kMemory = 8;
  if (deflateInit2(&stream, 6, Z_DEFLATED, kGzip, kMemory, Z_DEFAULT_STRATEGY) != Z_OK) {
    throw std::runtime_error("zlib refuses to start");
  }
  std::string packed(deflateBound(&stream, text.size()), '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
  stream.avail_in = static_cast<uInt>(text.size());
  stream.next_out = reinterpret_cast<Bytef*>(packed.data());
  stream.avail_out = static_cast<uInt>(packed.size());
  deflate(&stream, Z_FINISH);
  packed.resize(stream.total_out);
  deflateEnd(&stream);
  return packed;
}

constexpr const char* kGzipHead = "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n";

// ---- status line and headers

std::string cut_status_line(const GoodBody&, Chance& chance) {
  return cut("HTTP/1.1 200 OK\r\n", chance);
}

std::string odd_status_line(const GoodBody& good, Chance& chance) {
  constexpr std::array kLines{"HTTP/1.1 000 OK",
                              "HTTP/1.1 99 OK",
                              "HTTP/1.1 999 Odd",
                              "HTTP/1.1 2000 OK",
                              "HTTP/1.1 -200 OK",
                              "HTTP/1.1 20x OK",
                              "HTTP/1.1  OK",
                              "HTTP/9.9 200 OK",
                              "HTTP/1.1200 OK",
                              "http 200",
                              "ICY 200 OK",
                              "RTSP/1.0 200 OK",
                              "HTTP/1.1 600 Odd",
                              "HTTP/1.1",
                              "200 OK",
                              "HTTP/1.1 \t200",
                              "\r\n\r\nHTTP/1.1 ",
                              "GET / HTTP/1.1",
                              "HTTP/1.1 99999999999 x"};
  return sized(cut_body(good, chance), one_of(chance, kLines) + "\r\n");
}

std::string no_http(const GoodBody& good, Chance& chance) {
  if (below(chance, 2) == 0) return good.text;
  std::string junk(1 + below(chance, 2'000), '\0');
  for (char& c : junk) c = static_cast<char>(chance());
  return junk;
}

std::string no_answer(const GoodBody&, Chance&) { return {}; }

std::string cut_headers(const GoodBody&, Chance& chance) {
  const std::string head = "HTTP/1.1 200 OK\r\nContent-Length: 2000\r\nDate: x\r\n\r\n";
  return head.substr(0, 17 + below(chance, head.size() - 17));
}

std::string odd_header(const GoodBody& good, Chance& chance) {
  constexpr std::array kHeaders{"no colon here", ": no name", "spaced name: x",
                                "tab\tname: x",  "\x01: x",   "name\x7f: x",
                                "(comment): x",  "na@me: x",  "caf\xc3\xa9: x"};
  return sized(good.text, kOk + one_of(chance, kHeaders) + "\r\n");
}

std::string nul_header(const GoodBody& good, Chance& chance) {
  std::string line = "X-Text: some value";
  line[below(chance, line.size())] = '\0';
  return sized(cut_body(good, chance), kOk + line + "\r\n");
}

std::string many_headers(const GoodBody& good, Chance& chance) {
  std::string head = kOk;
  for (int i = 0; i < 20'000; ++i) head += "X-" + std::to_string(i) + ": some value\r\n";
  return sized(good.text, below(chance, 2) == 0 ? head : head + head);
}

std::string long_header(const GoodBody& good, Chance& chance) {
  return sized(good.text,
               kOk + ("X-Long: " + std::string(300'000 + below(chance, 100'000), 'x')) + "\r\n");
}

std::string interim_flood(const GoodBody&, Chance& chance) {
  std::string flood;
  const std::size_t count = 1 + below(chance, 3'000);
  for (std::size_t i = 0; i < count; ++i) {
    flood +=
        one_of(chance, std::array{"HTTP/1.1 103 Early Hints\r\nLink: <x>\r\n\r\n",
                                  "HTTP/1.1 100 Continue\r\n\r\n", "HTTP/1.1 102 Busy\r\n\r\n"});
  }
  return flood;
}

// ---- lengths, chunks, encodings

std::string wrong_length(const GoodBody& good, Chance& chance) {
  const std::string longer = std::to_string(good.text.size() + 1 + below(chance, 100'000));
  const std::string shorter = std::to_string(below(chance, good.text.size()));
  const std::string length = below(chance, 2) == 0 ? longer : shorter;
  return kOk + ("Content-Length: " + length) + "\r\n\r\n" + good.text;
}

std::string odd_length(const GoodBody& good, Chance& chance) {
  constexpr std::array kLengths{"-1",
                                "18446744073709551616",
                                "99999999999999999999",
                                "1 2",
                                "0x7",
                                "9223372036854775807",
                                "17000000",
                                "1,2"};
  return kOk + ("Content-Length: " + one_of(chance, kLengths)) + "\r\n\r\n" +
         cut_body(good, chance);
}

std::string two_lengths(const GoodBody& good, Chance& chance) {
  const std::string size = std::to_string(good.text.size());
  const std::string other = std::to_string(good.text.size() + 1 + below(chance, 9));
  const std::string second = below(chance, 2) == 0 ? "Content-Length: " + other
                                                   : std::string("Transfer-Encoding: chunked");
  return kOk + ("Content-Length: " + size + "\r\n" + second) + "\r\n\r\n" + good.text;
}

std::string bad_chunks(const GoodBody& good, Chance& chance) {
  constexpr std::array kStarts{
      "zz\r\n",      "-5\r\n",    "ffffffffffffffffff\r\n", "\r\n", "5", ";x\r\n", "0x5\r\n",
      "1\r\nab\r\n", "0\r\n\r\n", "0\r\nX: y\r\n\r\n",      "\n\n"};
  std::string body = one_of(chance, kStarts);
  // The last of all, which would make what stands before it whole, never comes.
  if (body[0] != '0') body += "5\r\n" + good.text.substr(0, 5) + "\r\n";
  return std::string(kOk) + "Transfer-Encoding: chunked\r\n\r\n" + body;
}

std::string cut_chunks(const GoodBody& good, Chance& chance) {
  char size[20];
  std::snprintf(size, sizeof size, "%zx\r\n", good.text.size());
  return std::string(kOk) + "Transfer-Encoding: chunked\r\n\r\n" +
         cut(size + good.text + "\r\n", chance);
}

std::string cut_gzip(const GoodBody& good, Chance& chance) {
  // The last eight bytes are the check sum and the length.
  const std::string packed = gzipped(good.text);
  return sized(packed.substr(0, below(chance, packed.size() - 8)), kGzipHead);
}

std::string broken_gzip(const GoodBody& good, Chance& chance) {
  std::string packed = gzipped(good.text);
  // Behind the header, where bits may mean nothing, and not in the byte whose last bits fill it up.
  constexpr std::size_t kHeader = 10, kSumAndLength = 8;
  const std::size_t deflated = packed.size() - kHeader - kSumAndLength - 1;
  const std::size_t at = below(chance, 2) == 0 ? kHeader + below(chance, deflated)
                                               : packed.size() - 1 - below(chance, kSumAndLength);
  packed[at] = static_cast<char>(packed[at] ^ (1 << below(chance, 8)));
  return sized(packed, kGzipHead);
}

std::string plain_as_gzip(const GoodBody& good, Chance&) { return sized(good.text, kGzipHead); }

std::string gzip_bomb(const GoodBody&, Chance& chance) {
  static const std::string spaces = gzipped(std::string(40'000'000, ' '));
  static const std::string lists = gzipped(std::string(10'000'000, '['));
  return sized(below(chance, 2) == 0 ? spaces : lists, kGzipHead);
}

std::string other_encoding(const GoodBody& good, Chance& chance) {
  constexpr std::array kNames{"br", "deflate", "zstd", "compress", "gzip, gzip", "x", "gzip, br"};
  return sized(good.text, kOk + ("Content-Encoding: " + one_of(chance, kNames)) + "\r\n");
}

// ---- statuses that are no page

std::string redirect(const GoodBody& good, Chance& chance) {
  constexpr std::array kStatuses{"300 Choices", "301 Moved", "302 Found",
                                 "303 Other",   "307 There", "308 There"};
  constexpr std::array kPlaces{"/items",
                               "//127.0.0.1/items",
                               "http://127.0.0.1:1/x",
                               "file:///etc/passwd",
                               "gopher://x",
                               "",
                               "https://example.invalid/?token=x"};
  return sized(good.text, "HTTP/1.1 " + one_of(chance, kStatuses) +
                              "\r\nLocation: " + one_of(chance, kPlaces) + "\r\n");
}

std::string not_modified(const GoodBody&, Chance&) { return "HTTP/1.1 304 Not Modified\r\n\r\n"; }

std::string no_content(const GoodBody&, Chance& chance) {
  return "HTTP/1.1 " + one_of(chance, std::array{"204 None", "205 Reset"}) + "\r\n\r\n";
}

std::string part(const GoodBody& good, Chance&) {
  return sized(good.text, "HTTP/1.1 206 Part\r\nContent-Range: bytes 0-9/10\r\n");
}

std::string server_error(const GoodBody& good, Chance& chance) {
  constexpr std::array kStatuses{"400 No", "403 No", "405 No", "418 Tea", "422 No",
                                 "500 Oh", "502 Oh", "503 Oh", "599 Oh"};
  const std::string body = below(chance, 2) == 0 ? good.text : cut_body(good, chance);
  return sized(body, "HTTP/1.1 " + one_of(chance, kStatuses) + "\r\n");
}

// ---- bodies

std::string html(const GoodBody&, Chance& chance) {
  constexpr std::array kPages{
      "<!doctype html><title>502 Bad Gateway</title>", "<html><body>Sign in</body></html>",
      "<?xml version=\"1.0\"?><error/>", "\n\n<HTML>", "Service Unavailable"};
  constexpr std::array kTypes{"text/html",
                              "application/json",
                              "text/plain",
                              "image/png",
                              "",
                              "/;;=\"",
                              "application/json; charset=utf-16"};
  return sized(one_of(chance, kPages),
               "HTTP/1.1 200 OK\r\nContent-Type: " + one_of(chance, kTypes) + "\r\n");
}

std::string empty_body(const GoodBody&, Chance& chance) {
  return sized(one_of(chance, std::array{"", " ", "\r\n", " \t\r\n \n"}));
}

std::string other_json(const GoodBody&, Chance& chance) {
  return sized(
      one_of(chance, std::array{"null", "true", "0", "\"text\"", "[]", "{}", "[{}]", "[[]]", "-1e5",
                                "[null]", "{\"error\":\"oops\"}", "{\"Items\":[]}", "{\"\":[]}"}));
}

std::string other_type(const GoodBody& good, Chance& chance) {
  constexpr std::array kForLists{"{}",   "{\"a\":1}", "\"text\"",    "5",
                                 "true", "null",      "{\"id\":{}}", "1e5"};
  constexpr std::array kForObjects{"[]", "[{\"id\":\"a\"}]", "\"text\"",     "5", "true",
                                   "{}", "{\"id\":[]}",      "{\"id\":\"\"}"};
  const std::string value = good.is_list ? one_of(chance, kForLists) : one_of(chance, kForObjects);
  return sized("{\"" + good.member + "\":" + value + "}");
}

std::string cut_json(const GoodBody& good, Chance& chance) { return sized(cut_body(good, chance)); }

std::string put_into(const GoodBody& good, const std::string& what, Chance& chance) {
  std::string text = good.text;
  return sized(text.insert(below(chance, text.size()), what));
}

// None of these bytes may stand anywhere in JSON, be it in a text or between values.
std::string bad_bytes(const GoodBody& good, Chance& chance) {
  constexpr std::array kBytes{"\x01",     "\x1f",         "\xff",
                              "\xc0\xaf", "\xed\xa0\x80", "\xf5\x80\x80\x80",
                              "\xe2\x82", "\x80",         "\xc3"};
  return put_into(good, one_of(chance, kBytes), chance);
}

std::string nul_byte(const GoodBody& good, Chance& chance) {
  return put_into(good, std::string(1, '\0'), chance);
}

std::string byte_order_mark(const GoodBody& good, Chance& chance) {
  return sized(one_of(chance, std::array{"\xef\xbb\xbf", "\xff\xfe", "\xfe\xff"}) + good.text);
}

std::string more_behind(const GoodBody& good, Chance& chance) {
  return sized(good.text +
               one_of(chance, std::array{"{}", "]", "}", ",", "x", "null", "//", "\"", "\x01"}));
}

// A member before all others, so that everything behind it would still be read.
std::string with_member(const GoodBody& good, const std::string& value) {
  return sized("{\"x\":" + value + "," + good.text.substr(1));
}

std::string deep(const GoodBody& good, Chance& chance) {
  const std::size_t levels = 65 + below(chance, below(chance, 20) == 0 ? 500'000 : 2'000);
  const bool closed = below(chance, 2) == 0;
  return with_member(good, std::string(levels, '[') + "1" + std::string(closed ? levels : 0, ']'));
}

std::string odd_value(const GoodBody& good, Chance& chance) {
  constexpr std::array kValues{"1e999",     "-1e99999", "01",   "1.",      ".5",        "+1",
                               "0x10",      "1e",       "--1",  "NaN",     "Infinity",  "-Infinity",
                               "undefined", "True",     "'x'",  "\"\\x\"", "\"\\u12\"", "{a:1}",
                               "[1,]",      "[1 2]",    "/**/1"};
  return with_member(good, one_of(chance, kValues));
}

constexpr std::array<Kind, 36> kKinds{{
    {"cut status line", cut_status_line},
    {"odd status line", odd_status_line},
    {"no HTTP", no_http},
    {"no answer", no_answer},
    {"cut headers", cut_headers},
    {"odd header", odd_header},
    {"NUL in a header", nul_header},
    {"20,000 headers", many_headers},
    {"long header", long_header},
    {"flood of interim answers", interim_flood},
    {"wrong length", wrong_length},
    {"odd length", odd_length},
    {"two lengths", two_lengths},
    {"bad chunks", bad_chunks},
    {"cut chunks", cut_chunks},
    {"cut gzip", cut_gzip},
    {"broken gzip", broken_gzip},
    {"plain text as gzip", plain_as_gzip},
    {"gzip bomb", gzip_bomb},
    {"other encoding", other_encoding},
    {"redirect", redirect},
    {"304 to no condition", not_modified},
    {"204 and 205", no_content, true},
    {"206", part},
    {"error status", server_error},
    {"HTML", html},
    {"empty body", empty_body},
    {"other JSON", other_json},
    {"other type", other_type},
    {"cut JSON", cut_json},
    {"bytes that are not JSON", bad_bytes},
    {"NUL", nul_byte},
    {"byte order mark", byte_order_mark},
    {"more behind the body", more_behind},
    {"deep nesting", deep},
    {"odd value", odd_value},
}};

}  // namespace

std::span<const Kind> kinds() { return kKinds; }

std::string good_answer(const std::string& body) { return sized(body); }

}  // namespace triggerd::hostile
