#include "cli/test/history/history.hpp"

#include <fmt/format.h>

#include "common/checksum.hpp"

namespace raftkv::test {
namespace {

double seconds(std::chrono::steady_clock::duration duration) {
    return std::chrono::duration<double>(duration).count();
}

}  // namespace

std::uint64_t fingerprint_of(std::string_view value) {
    return checksum(value);
}

std::string describe(const Operation& operation, Instant epoch) {
    const std::string who =
        operation.client == observer
            ? "the state at the end"
            : fmt::format("client {}'s {}", operation.client, protocol::name_of(operation.op));
    return fmt::format("{} of key {} ({:.3f} s to {:.3f} s)", who, operation.key,
                       seconds(operation.start - epoch), seconds(operation.end - epoch));
}

}  // namespace raftkv::test
