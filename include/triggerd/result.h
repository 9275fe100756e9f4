// Result<T, E>: a value or the reason why there is none, for failures that are part of daily life.
// Used everywhere; a broken world (disk, memory) is an exception, a broken program TRIGGERD_CHECK.
#pragma once

#include <tl/expected.hpp>

namespace triggerd {

template <typename T, typename E>
using Result = tl::expected<T, E>;

template <typename E>
using Failure = tl::unexpected<E>;

}  // namespace triggerd
