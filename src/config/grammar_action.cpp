// The `with` of the built-in actions, and the grammar of what this version does not do yet.
#include "config/grammar_parts.h"

namespace triggerd {

Rules oauth_rules() {
  return {
      {.name = "client_id",
       .type = KeyType::text,
       .about = "Client id of the app",
       .required = true},
      {.name = "client_secret",
       .type = KeyType::text,
       .about = "Client secret of the app",
       .required = true},
      {.name = "redirect_uri",
       .type = KeyType::text,
       .about = "Redirect URI of the app, as it is registered there; without one `triggerd auth "
                "login` listens on a port of this machine"},
      {.name = "scopes",
       .type = KeyType::texts,
       .about = "Scopes to ask for when you sign in with `triggerd auth login`"},
  };
}

Rules agency_rules() {
  return {
      {.name = "agency",
       .type = KeyType::text,
       .about = "The account whose app lists the others; it signs in by OAuth",
       .required = true},
  };
}

Rules follow_rules() {
  Rules rules = agency_rules();
  const Rules more = {
      {.name = "every",
       .type = KeyType::duration,
       .about = "How often the list is read (default 15m)",
       .minimum = 60 * kSecond,
       .maximum = kDay},
      {.name = "labels",
       .type = KeyType::open_map,
       .about = "Labels of the accounts that are found; `name` is what the app calls them"},
  };
  rules.insert(rules.end(), more.begin(), more.end());
  return rules;
}

Rules reconcile_rules() {
  return {
      {.name = "left",
       .type = KeyType::section,
       .about = "One list",
       .required = true,
       .section = SectionKind::reconcile_side},
      {.name = "right",
       .type = KeyType::section,
       .about = "The other list",
       .required = true,
       .section = SectionKind::reconcile_side},
      {.name = "match",
       .type = KeyType::choices,
       .about = "What makes two records one",
       .required = true,
       .choices = {"link", "email", "phone"}},
      {.name = "at",
       .type = KeyType::text,
       .about = "Time of day, UTC: \"03:15\"",
       .required = true},
      {.name = "do",
       .type = KeyType::section,
       .about = "Steps by outcome",
       .required = true,
       .section = SectionKind::reconcile_do},
  };
}

Rules reconcile_side_rules() {
  return {
      {.name = "poll", .type = KeyType::text, .about = "The read operation", .required = true},
      {.name = "account", .type = KeyType::text, .about = "Its account", .required = true},
      {.name = "params", .type = KeyType::open_map, .about = "Its parameters"},
  };
}

Rules reconcile_do_rules() {
  Rules rules;
  for (const char* outcome : {"only_left", "only_right", "different"}) {
    rules.push_back({.name = outcome,
                     .type = KeyType::section_list,
                     .about = "Steps",
                     .section = SectionKind::step});
  }
  return rules;
}

Rules webhook_rules() {
  return {
      {.name = "url",
       .type = KeyType::text,
       .about = "https URL; expressions only behind host and port",
       .required = true},
      {.name = "method",
       .type = KeyType::choice,
       .about = "Default POST",
       .choices = {"POST", "PUT", "PATCH", "DELETE", "GET"}},
      {.name = "headers", .type = KeyType::open_map, .about = "Further headers"},
      {.name = "body",
       .type = KeyType::any,
       .about = "JSON with expressions (default: the whole event)"},
      {.name = "secret",
       .type = KeyType::text,
       .about = "Signs the request as Standard Webhooks do: \"${env:NAME}\""},
  };
}

Rules exec_rules() {
  return {
      {.name = "command",
       .type = KeyType::texts,
       .about = "[absolute path, argument, ...]; no shell, no expressions",
       .required = true},
      {.name = "env", .type = KeyType::open_map, .about = "Environment of the program"},
      {.name = "input",
       .type = KeyType::any,
       .about = "JSON for its standard input (default: the whole event)"},
  };
}

Rules file_rules() {
  return {
      {.name = "path",
       .type = KeyType::text,
       .about = "The file; expressions only in its last component",
       .required = true},
      {.name = "mode",
       .type = KeyType::choice,
       .about = "append (default): one JSON line per event; per_event: one file per event",
       .choices = {"append", "per_event"}},
      {.name = "line", .type = KeyType::any, .about = "What is written (default: the whole event)"},
  };
}

Rules log_rules() {
  return {{.name = "message",
           .type = KeyType::text,
           .about = "The text, with expressions",
           .required = true}};
}

}  // namespace triggerd
