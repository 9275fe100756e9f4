// The program: command words -> cli/, and the outermost catch.
#include <exception>
#include <iostream>

#include "cli/command_line.h"
#include "os/fatal_signals.h"
#include "triggerd/store/database.h"

int main(int argc, char** argv) {
  triggerd::die_quietly_of_signals();
  try {
    return triggerd::run_command_line(argc, argv);
  } catch (const triggerd::StoreFailure& failure) {
    std::cerr << "triggerd: the state cannot be used: " << failure.what() << '\n';
    return triggerd::kExitState;
  } catch (const std::exception& failure) {
    std::cerr << "triggerd: " << failure.what() << '\n';
    return triggerd::kExitFailed;
  }
}
