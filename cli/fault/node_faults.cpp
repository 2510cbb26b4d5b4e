#include "cli/fault/node_faults.hpp"

#include <fmt/format.h>

#include <charconv>
#include <string>

#include "cli/fault/control_connection.hpp"

namespace raftkv::cli {
namespace {

// One of each kind and direction for each of the servers that there can be, with room to spare.
constexpr std::size_t most_faults = 1000;

Error odd_answer(NodeId node) {
    return Error{ErrorKind::failed, fmt::format("node {} does not say which faults it has in a "
                                                "way that this program understands",
                                                node.value())};
}

}  // namespace

Result<void> apply_fault(const ClusterConfig& config, NodeId node, const FaultSpec& fault) {
    return apply_faults(config, node, std::span(&fault, 1));
}

Result<void> apply_faults(const ClusterConfig& config, NodeId node,
                          std::span<const FaultSpec> faults) {
    auto connection = ControlConnection::open(config, node);
    if (!connection) return connection.error();
    for (const FaultSpec& fault : faults) {
        if (auto answer = connection->ask("fault " + to_text(fault)); !answer)
            return answer.error();
    }
    return {};
}

Result<void> clear_faults(const ClusterConfig& config, NodeId node) {
    auto connection = ControlConnection::open(config, node);
    if (!connection) return connection.error();
    auto answer = connection->ask("clear");
    if (!answer) return answer.error();
    return {};
}

Result<std::vector<FaultSpec>> list_faults(const ClusterConfig& config, NodeId node) {
    auto connection = ControlConnection::open(config, node);
    if (!connection) return connection.error();
    auto answer = connection->ask("list");
    if (!answer) return answer.error();
    std::size_t count = 0;
    const char* end = answer->data() + answer->size();
    auto [rest, error] = std::from_chars(answer->data(), end, count);
    if (error != std::errc() || rest != end || count > most_faults) return odd_answer(node);
    std::vector<FaultSpec> faults;
    while (faults.size() < count) {
        auto line = connection->next_line();
        if (!line) return line.error();
        auto fault = parse_fault_text(*line);
        if (!fault) return odd_answer(node);
        faults.push_back(*fault);
    }
    return faults;
}

}  // namespace raftkv::cli
