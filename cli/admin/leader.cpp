#include "cli/admin/leader.hpp"

#include <fmt/format.h>

#include <optional>
#include <string>

#include "cli/admin/known_members.hpp"

namespace raftkv::cli {

Error no_leader(const std::vector<NodeAnswer>& answers) {
    const auto leader = leader_among(answers);
    std::string text =
        leader ? fmt::format("node {} leads, and does not say so itself here", leader->id.value())
               : "no node leads at the moment: look at \"raftkv cluster status\", or name a node";
    for (const NodeAnswer& answer : answers) {
        const bool of_interest = !leader || answer.where.id == leader->id;
        if (answer.silence == Silence::unknown && of_interest) text += "\n  " + answer.reason;
    }
    return {ErrorKind::unavailable, text};
}

Result<ServerConfig> find_leader(const ClusterConfig& config) {
    constexpr std::chrono::milliseconds answers_within{500};
    const auto answers = ask_nodes(config, answers_within);
    const auto leader = leader_among(answers);
    if (leader && leader->answer != nullptr) return leader->answer->where;
    return no_leader(answers);
}

Result<NodeId> current_leader(const ClusterConfig& config) {
    auto leader = find_leader(config);
    if (!leader) return leader.error();
    return leader->id;
}

}  // namespace raftkv::cli
