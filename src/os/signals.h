// Signals: TERM, INT, HUP and CHLD as a readable descriptor in the loop's one wait, so that no code
// runs inside a signal handler. Made once, on the main thread, before any other thread starts. Also
// ignores SIGPIPE (a closed receiver) and SIGXFSZ (a full file), which would end the process.
#pragma once

#include "os/descriptor.h"

namespace triggerd {

struct SignalsSeen {
  int stop = 0;  // TERM and INT, counted: the second one means at once
  bool reload = false;
  bool child_ended = false;
};

class Signals {
 public:
  Signals();

  int descriptor() const { return signals_.get(); }
  // What came since the last call; never waits.
  SignalsSeen take();

 private:
  Descriptor signals_;
};

}  // namespace triggerd
