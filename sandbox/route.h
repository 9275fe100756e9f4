// The table of operations: what each is called, where it lives, what it asks for and which function
// answers it. One file per category (routes_*.cpp) adds its lines; adding an operation is adding
// one line and one function. Read by the server for matching and checking; holds no state.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "answer.h"

namespace triggerd::sandbox {

class Visit;

enum class TokenLevel { location, company, either };
// `digits` is a number that the API declares as a string;
enum class ParamType { text, digits, number, boolean, list, object, any };

struct Param {
  std::string name;
  ParamType type = ParamType::text;
  bool required = false;
  std::optional<double> lowest = {};
  std::optional<double> highest = {};
  std::vector<std::string> allowed = {};
  bool comma_separated = false;     // each part must be allowed
  std::vector<Param> members = {};  // of an object, or of each object in a list; empty: any

  Param must() const;
  Param from(double least) const;
  Param upto(double most) const;  // of a text its characters, of a list its items
  Param one_of(std::vector<std::string> values) const;
  Param some_of(std::vector<std::string> values) const;
  Param of(std::vector<Param> inner) const;
};

Param text(std::string name);
Param digits(std::string name);
Param number(std::string name);
Param boolean(std::string name);
Param list(std::string name);
Param object(std::string name);

// How the next page is asked for; the paging faults need to know.
enum class Paging { none, offset, start_after, search_after, last_id };
enum class Shape { list, object, date_map, blob };

// Where the records stand in an answer, for the truth log and for faults in records.
struct RecordsAt {
  Shape shape = Shape::object;
  std::string pointer = {};      // JSON pointer to the list or the object
  std::string id_member = "id";  // without one, the last path or first query parameter names it
};

inline constexpr std::string_view kGeneral = "2021-07-28";
inline constexpr std::string_view kCalendar = "2021-04-15";

struct Route {
  std::string operation;
  std::string method;
  std::string path;  // {name} marks a parameter; a trailing slash counts
  std::string_view version = kGeneral;
  TokenLevel level = TokenLevel::location;
  std::string scope = {};
  std::vector<Param> query = {};
  std::vector<Param> body = {};
  bool body_is_list = false;  // of objects with these members
  bool needs_body = false;    // also where no member is required
  Paging paging = Paging::none;
  RecordsAt records = {};
  bool conditional = false;  // answers carry an ETag and honour If-None-Match
  Answer (*answer)(Visit& visit) = nullptr;
};

struct Matched {
  const Route* route = nullptr;
  std::map<std::string, std::string> path;
  std::string last_path_value;
};

class RouteTable {
 public:
  RouteTable();  // all categories of HighLevel
  explicit RouteTable(std::vector<Route> routes) : routes_(std::move(routes)) {}
  const std::vector<Route>& all() const { return routes_; }
  // Literal segments win over parameters, as in the real router: /contacts/search/duplicate is
  // never a contact called "search".
  std::optional<Matched> match(std::string_view method, std::string_view path) const;

 private:
  std::vector<Route> routes_;
};

std::vector<Route> contact_routes();
std::vector<Route> contact_write_routes();
std::vector<Route> contact_link_routes();
std::vector<Route> contact_list_routes();
std::vector<Route> calendar_routes();
std::vector<Route> calendar_write_routes();
std::vector<Route> calendar_setting_routes();
std::vector<Route> event_routes();
std::vector<Route> event_write_routes();
std::vector<Route> opportunity_routes();
std::vector<Route> opportunity_write_routes();
std::vector<Route> user_routes();
std::vector<Route> user_write_routes();
std::vector<Route> conversation_routes();
std::vector<Route> message_routes();
std::vector<Route> message_write_routes();
std::vector<Route> account_routes();
std::vector<Route> business_routes();
std::vector<Route> association_routes();
std::vector<Route> association_write_routes();
std::vector<Route> blog_routes();

// What is wrong with the parameters of a request, in the words of the API; empty when nothing is.
std::vector<std::string> parameter_problems(const Visit& visit);

}  // namespace triggerd::sandbox
