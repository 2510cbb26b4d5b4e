#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "common/result.hpp"

namespace raftkv::cli {

// Takes a piece of a body. An error ends the exchange, and is what that gives back.
using TakePiece = std::function<Result<void>(std::string_view)>;

// GET http://host:port<target>, whose body may be of any length. Blocking, never throws. An Error
// of kind unavailable when the node is not found within `silence`, not there, says nothing for
// `silence`, or breaks off in the middle; of kind failed, with what the node said, for an answer
// other than 200.
Result<void> http_get_stream(const std::string& host, std::uint16_t port, const std::string& target,
                             std::chrono::milliseconds silence, const TakePiece& take);

}  // namespace raftkv::cli
