#include "cli/test/history/history.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "common/checksum.hpp"

namespace raftkv::test {
namespace {

constexpr std::chrono::milliseconds shortest_gap{20};

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

std::chrono::nanoseconds time_without_progress(const History& history) {
    std::vector<Instant> acknowledged;
    for (const Operation& op : history) {
        if (op.puts() && op.outcome == Outcome::ok) acknowledged.push_back(op.end);
    }
    std::sort(acknowledged.begin(), acknowledged.end());
    std::chrono::nanoseconds sum{0};
    for (std::size_t i = 1; i < acknowledged.size(); ++i) {
        const auto gap = acknowledged[i] - acknowledged[i - 1];
        if (gap >= shortest_gap) sum += gap;
    }
    return sum;
}

}  // namespace raftkv::test
