// The figures of this process that every exporter has, as lines of a Prometheus page: memory,
// descriptors, threads, processor time, start. Read from /proc at each call; what cannot be read is
// left out. Used by metrics_server. Any thread.
#pragma once

#include <string>

namespace triggerd {

std::string process_figures();

}  // namespace triggerd
