// Sends of the engine: prepared inside the transaction, started after its commit, taken in a later
// one.
#include <algorithm>

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

std::vector<HttpTicket> Engine::Parts::writes_shown_by(const HttpFinished& poll) const {
  std::vector<HttpTicket> writes;
  const Stream* stream = http_sends.empty() ? nullptr : poller.asking(poll.ticket);
  if (stream == nullptr || poll.reply.status < 200 || poll.reply.status >= 300) return writes;
  const std::string& read = stream->parts->trigger->operation->full_name;
  for (const auto& [ticket, send] : http_sends) {
    if (send.asks) continue;
    const Operation* write = config->catalog->operation(send.action);
    if (write == nullptr || !write->write || !write->write->record) continue;
    const std::vector<std::string>& of = write->write->record->of;
    const Account* account = config->account(send.account);
    if (account != nullptr && std::find(of.begin(), of.end(), read) != of.end() &&
        account_identity(*account) == account_identity(*stream->account)) {
      writes.push_back(ticket);
    }
  }
  return writes;
}

// Sends first: a page of the same turn may show what they wrote. One that arrives while a write is
// on its way waits for the writes that were on their way then, and for no later ones.
void Engine::Parts::hold_early(std::vector<HttpFinished>& finished,
                               std::vector<HttpFinished>& polls) {
  std::vector<HttpFinished> arrived;
  for (HttpFinished& one : finished) {
    if (!take_http_send(one)) arrived.push_back(std::move(one));
  }
  for (EarlyAnswer& one : std::exchange(early, {})) {
    std::erase_if(one.writes, [this](HttpTicket write) { return !http_sends.contains(write); });
    if (one.writes.empty()) {
      polls.push_back(std::move(one.poll));
    } else {
      early.push_back(std::move(one));
    }
  }
  for (HttpFinished& one : arrived) {
    std::vector<HttpTicket> writes = writes_shown_by(one);
    if (writes.empty()) {
      polls.push_back(std::move(one));
    } else {
      early.push_back({std::move(one), std::move(writes)});
    }
  }
}

}  // namespace triggerd
