#include "cli/test/chaos/stand.hpp"

namespace raftkv::chaos {
namespace {

// A node that is asked by name may wait for a leader for longer than there is patience for.
constexpr Millis node_timeout{100};

}  // namespace

std::vector<test::RecordingClient::Setup> Stand::next_clients(std::uint32_t count, Millis timeout) {
    std::vector<test::RecordingClient::Setup> setups;
    for (std::uint32_t i = 0; i < count; ++i) {
        test::RecordingClient::Setup setup;
        setup.id = clients_made++;
        setup.seed = settings.seed;
        setup.timeout = timeout;
        setup.node_timeout = node_timeout;
        setups.push_back(setup);
    }
    return setups;
}

void Stand::collect(const History& more) {
    history.insert(history.end(), more.begin(), more.end());
}

}  // namespace raftkv::chaos
