#include "cli/test/chaos/load.hpp"

#include <fmt/format.h>
#include <poll.h>

#include "cli/test/scenarios/workload.hpp"

namespace raftkv::chaos {
namespace {

constexpr int between_turns_ms = 4;
constexpr std::int64_t filling_bytes = 64 * 1024;

// True when the stop came.
bool stopped_within(const test::Cancellation& stop, int ms) {
    pollfd watched{stop.descriptor(), POLLIN, 0};
    return poll(&watched, 1, ms) == 1;
}

}  // namespace

test::Work Load::work() {
    return
        [this](test::RecordingClient& client, std::uint32_t number) { return run(client, number); };
}

Result<void> Load::run(test::RecordingClient& client, std::uint32_t number) {
    test::Workload workload(client, number, seed_ + number, nodes_);
    while (!stopped_within(stop_, between_turns_ms)) {
        if (claim_filling()) {
            const auto filled =
                client.set(fmt::format("filling.{}", number), 0, std::size_t{filling_bytes});
            if (!filled) return filled.error();
        } else if (auto turn = workload.turn(); !turn) {
            return turn;
        }
        ++turns_;
    }
    return {};
}

bool Load::claim_filling() {
    return to_fill_ > 0 && to_fill_.fetch_sub(filling_bytes) > 0;
}

}  // namespace raftkv::chaos
