#include "tests/benchmark/find_leader.hpp"

#include <chrono>

#include "cli/client/connection.hpp"

namespace raftkv::benchmark {

Result<ServerConfig> find_leader(const ClusterConfig& config) {
    cli::ClusterClient client(config, std::chrono::seconds(10));
    protocol::Request probe;  // a read of a key that need not be there
    probe.key = "benchmark-probe";
    Result<cli::OwnedReply> reply = client.call(probe);
    if (!reply) {
        return reply.error();
    }
    const ServerConfig* leader = config.find(reply->answered_by);
    if (leader == nullptr) {
        return Error{ErrorKind::failed, "a server answered that is not in the configuration"};
    }
    return *leader;
}

}  // namespace raftkv::benchmark
