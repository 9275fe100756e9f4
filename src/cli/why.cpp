// why: every verdict on one record of a trigger, as a story.
#include <algorithm>
#include <iostream>

#include "cli/command_line.h"
#include "cli/outcome.h"
#include "cli/state_place.h"
#include "cli/table_text.h"
#include "triggerd/json_text.h"
#include "triggerd/store/listings.h"

namespace triggerd {

namespace {

using nlohmann::json;

std::string cell(const json& row, const char* name) { return cell_value(row, name); }

std::string listed_fields(const json& fields) {
  std::string text;
  for (const json& field : fields) text += (text.empty() ? "" : ", ") + plain_text(field);
  return text;
}

// What a verdict means to somebody who has not read the schema.
std::string verdict_text(const json& verdict) {
  const std::string word = cell(verdict, "verdict");
  if (word == "kind off") return "passed over: `detect` does not name this kind";
  if (word == "no transition") return "passed over: the `transition` did not happen";
  if (word == "filtered") return "filtered: `when` said no";
  if (word == "filter error") return "held: `when` failed";
  if (word == "echo") return "echo: a step of ours wrote it";
  return word;
}

std::string step_text(const json& step) {
  const std::string state = cell(step, "state");
  const std::string outcome = cell(step, "outcome");
  const std::int64_t attempts = step.value("attempts", std::int64_t{0});
  std::string text = state;
  if (outcome == "confirmed") text = "confirmed by the app";
  if (attempts > 0) {
    text += (state == "succeeded" ? " at attempt " : ", attempt ") + std::to_string(attempts);
  }
  if (!cell(step, "error").empty()) text += ": " + cell(step, "error");
  if (!cell(step, "unsure_since").empty()) text += " (not known whether it was carried out)";
  return text;
}

void print_event(const json& event) {
  std::cout << "      " << cell(event, "event_id") << ", " << cell(event, "state");
  if (!cell(event, "reason").empty()) std::cout << " (" << cell(event, "reason") << ")";
  if (!cell(event, "next_try").empty()) std::cout << ", goes on at " << cell(event, "next_try");
  std::cout << '\n';
  for (const json& step : event["steps"]) {
    const std::string each = step["each"].is_null() ? "" : " " + compact_json(step["each"]);
    std::cout << "      " << cell(step, "step") << each << ": " << step_text(step) << '\n';
  }
}

void print_verdict(const json& verdict) {
  const json event = verdict.value("event", json(nullptr));
  std::cout << "  " << cell(verdict, "at") << "  " << cell(verdict, "kind") << " ("
            << cell(verdict, "n") << ")";
  const std::string fields = event.is_object() ? listed_fields(event["changed"]) : "";
  if (!fields.empty()) std::cout << " " << fields;
  std::cout << ": " << verdict_text(verdict);
  if (!cell(verdict, "reason").empty()) std::cout << "; " << cell(verdict, "reason");
  std::cout << '\n';
  if (event.is_object()) print_event(event);
}

void print_stream(const json& stream) {
  std::cout << "account " << cell(stream, "account");
  if (stream["item"].is_object() && !stream["item"].empty()) {
    std::cout << " " << compact_json(stream["item"]);
  }
  std::cout << '\n';
  const json& known = stream["known"];
  const json& verdicts = stream["verdicts"];
  if (known.is_object()) {
    const bool silent = verdicts.empty() || verdicts.front().value("kind", "") != "new";
    std::cout << "  " << cell(known, "first_seen") << "  first met"
              << (silent && verdicts.empty() ? ": taken as known, silently" : "") << '\n';
  }
  for (const json& verdict : verdicts) print_verdict(verdict);
  if (!known.is_object()) {
    std::cout << "  it is not known now\n";
  } else if (!cell(known, "gone").empty()) {
    std::cout << "  gone since " << cell(known, "gone") << '\n';
  } else {
    std::cout << "  now: ";
    if (known.value("missing_sweeps", 0) > 0) {
      std::cout << "missing in the last " << known["missing_sweeps"] << " sweeps; ";
    }
    const std::string updated = cell(known, "updated_at");
    const std::string last =
        verdicts.empty() ? cell(known, "first_seen") : cell(verdicts.back(), "at");
    std::cout << (verdicts.empty() ? "no change since that counts"
                                   : "no change since the last one that counts");
    if (!updated.empty()) {
      std::cout << "; the app last changed it at " << updated;
      if (updated > last) std::cout << ", in fields that are not watched";
    }
    std::cout << '\n';
  }
}

}  // namespace

int command_why(const CommandOptions& options) {
  int failed = kExitOk;
  const std::optional<StatePlace> place = find_state(options, failed);
  if (!place) return failed;
  std::optional<Database> database = read_state(options, *place, failed);
  if (!database) return failed;
  const std::vector<std::string> known = known_triggers(&*database, *place, true);
  if (std::find(known.begin(), known.end(), options.trigger) == known.end()) {
    return fail_unknown(options, "trigger", options.trigger, known);
  }
  const json record = describe_record(*database, options.trigger, options.id);
  if (record["streams"].empty()) {
    return fail(options, kExitFailed,
                "`" + options.trigger + "` has never met a record `" + options.id + "`");
  }
  if (options.json) {
    std::cout << record.dump(2, ' ', false, json::error_handler_t::replace) << '\n';
    return kExitOk;
  }
  for (const json& stream : record["streams"]) print_stream(stream);
  return kExitOk;
}

}  // namespace triggerd
