#pragma once

#include <cstddef>

namespace raftkv::server {

// Raises the soft limit of open files to the hard one, and gives it.
std::size_t raise_descriptor_limit();

// Who may have how many descriptors. Clients get what is left: whatever they do, there are some for
// the log, for the other nodes and for operators.
struct DescriptorShares {
    std::size_t clients = 0;
    std::size_t admin = 0;
    std::size_t strangers = 0;  // on the LogPort, that have not said who they are
};

constexpr std::size_t min_descriptors = 128;

// Of `limit`, which is at least min_descriptors.
DescriptorShares share_descriptors(std::size_t limit);

}  // namespace raftkv::server
