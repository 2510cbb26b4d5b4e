#include "cli/test/checker/version_order.hpp"

#include <algorithm>
#include <cstdint>
#include <vector>

namespace raftkv::test {
namespace {

using protocol::Op;

// Beside each put: the one with the next version, or nobody.
std::vector<std::uint32_t> successors_of(const std::vector<KeyOperation>& operations,
                                         const std::vector<std::uint32_t>& by_version) {
    std::vector<std::uint32_t> successors(operations.size(), nobody);
    for (std::size_t i = 1; i < by_version.size(); ++i) {
        successors[by_version[i - 1]] = by_version[i];
    }
    return successors;
}

// A cas that was done although the version it was made for had been replaced.
bool has_cas_too_late(const std::vector<KeyOperation>& operations,
                      const std::vector<std::uint32_t>& by_version) {
    for (std::size_t i = 1; i < by_version.size(); ++i) {
        const Operation& op = operations[by_version[i]].op();
        if (op.op == Op::cas && op.expected < operations[by_version[i - 1]].version) return true;
    }
    return false;
}

}  // namespace

std::vector<std::uint32_t> puts_by_version(const std::vector<KeyOperation>& operations) {
    std::vector<std::uint32_t> puts;
    for (std::uint32_t i = 0; i < operations.size(); ++i) {
        if (operations[i].version != 0) puts.push_back(i);
    }
    std::sort(puts.begin(), puts.end(), [&](std::uint32_t a, std::uint32_t b) {
        return operations[a].version < operations[b].version;
    });
    return puts;
}

bool narrow_by_versions(KeyPart& key) {
    const std::vector<std::uint32_t> by_version = puts_by_version(key.operations);
    if (has_cas_too_late(key.operations, by_version)) return false;
    const std::vector<std::uint32_t> successors = successors_of(key.operations, by_version);
    for (KeyOperation& read : key.operations) {
        if (read.writer == nobody) continue;
        const Instant from = std::max(read.from, key.operations[read.writer].from);
        const std::uint32_t next = successors[read.writer];
        const Instant until =
            next == nobody ? read.until : std::min(read.until, key.operations[next].until);
        if (until < from) return false;
        read.from = from;
        read.until = until;
    }
    return true;
}

}  // namespace raftkv::test
