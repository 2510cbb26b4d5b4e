#pragma once

#include <cstdint>

namespace raftkv::raft {

// What became of the wish to hand leadership over.
enum class TransferStart : std::uint8_t {
    begun,
    not_leading,
    leads_already,
    no_such_server,
    no_voter,
    not_connected,
    too_far_behind,
    under_way,
    nobody_connected,
};

}  // namespace raftkv::raft
