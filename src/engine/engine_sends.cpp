// Sends of the engine: prepared inside the transaction, started after its commit, taken in a later
// one.
#include "engine/engine_parts.h"
#include "triggerd/log.h"

namespace triggerd {

void Engine::Parts::take_sends(TurnTime time) {
  if (ended.empty()) return;
  database.begin();
  // They stay until the commit: what is rolled back must be taken again.
  for (const auto& [send, end] : ended) {
    const auto outcome = dispatcher.take(database, send, end, time.wall);
    if (outcome) meter.attempt(send.trigger, *outcome);
  }
  taken = ended.size();
  runs_changed = true;
}

void Engine::Parts::prepare_sends(TurnTime time) {
  if (!options.dispatch || draining) {
    runs_changed = false;
    runs_due.reset();
    return;
  }
  if (!runs_changed && (!runs_due || *runs_due > time.wall)) return;
  database.begin();
  prepared = dispatcher.prepare(database, gates, time.wall, time.steady);
  runs_due = dispatcher.next_due(database, time.wall);
  runs_changed = false;
}

void Engine::Parts::start_sends() {
  const TurnTime time = now();
  for (Send& send : prepared) {
    if (auto* request = std::get_if<HttpRequest>(&send.what)) {
      const auto gate = gates.find(send.account);
      if (gate != gates.end()) {
        gate->second.started(Claim::action, time.wall, time.steady, send.limit_group);
      }
      const HttpTicket ticket = seams.http.start(std::move(*request));
      if (const std::int64_t token = token_of(send.account)) send_tokens.emplace(ticket, token);
      http_sends.emplace(ticket, std::move(send));
    } else if (auto* program = std::get_if<SpawnRequest>(&send.what)) {
      const SpawnTicket ticket = seams.spawner.start(std::move(*program));
      spawn_sends.emplace(ticket, std::move(send));
    } else if (auto* file = std::get_if<FileSend>(&send.what)) {
      SendEnd end = write_file(*file);
      ended.emplace_back(std::move(send), std::move(end));
    } else if (auto* missing = std::get_if<NotReady>(&send.what)) {
      SendEnd end;
      end.end = SendClass::auth;
      end.reason = std::move(missing->reason);
      ended.emplace_back(std::move(send), std::move(end));
    } else if (auto* line = std::get_if<LogSend>(&send.what)) {
      log(LogLevel::info, kActionFact,
          {{"trigger", line->trigger}, {"record", line->key}, {"message", line->message}});
      SendEnd end;
      end.end = SendClass::succeeded;
      end.answer = "{}";
      ended.emplace_back(std::move(send), std::move(end));
    }
  }
  prepared.clear();
}

bool Engine::Parts::take_http_send(HttpFinished& finished) {
  const auto found = http_sends.find(finished.ticket);
  if (found == http_sends.end()) return false;
  Send send = std::move(found->second);
  http_sends.erase(found);
  const TurnTime time = now();
  const auto gate = gates.find(send.account);
  if (gate != gates.end()) gate->second.finished(finished.reply, time.wall, time.steady);
  SendEnd end = dispatcher.read_answer(send, finished.reply);
  const auto token = send_tokens.extract(finished.ticket);
  if (!token.empty()) judge_refusal(send, token.mapped(), end);
  ended.emplace_back(std::move(send), std::move(end));
  return true;
}

}  // namespace triggerd
