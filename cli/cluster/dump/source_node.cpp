#include "cli/cluster/dump/source_node.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "cli/admin/admin_client.hpp"
#include "cli/admin/known_members.hpp"
#include "cli/admin/member_ids.hpp"
#include "cli/admin/members.hpp"
#include "cli/socket/socket.hpp"

namespace raftkv::cli::dump {

namespace {

using std::chrono::steady_clock;

constexpr std::chrono::milliseconds status_timeout{500};
constexpr std::chrono::milliseconds between_asks{50};
constexpr const char* how_to_take_what_one_has = "--help says how to take what one node has";
// Followers learn a moment later than the leader what is committed.
constexpr std::chrono::milliseconds for_a_follower{500};

struct Answer {
    ServerConfig server;
    NodeStatus status;
};

// `silent` becomes why the others cannot be asked.
std::vector<Answer> ask_all(const ClusterConfig& config, std::string& silent) {
    std::vector<Answer> answers;
    silent.clear();
    for (NodeAnswer& answer : ask_nodes(config, status_timeout)) {
        if (answer.status)
            answers.push_back({std::move(answer.where), std::move(*answer.status)});
        else
            silent += "\n  " + answer.reason;
    }
    return answers;
}

// The leader of the highest term, when a majority is with it.
const Answer* find_leader(const std::vector<Answer>& answers, const ClusterConfig& config) {
    const auto voters = std::count_if(config.servers.begin(), config.servers.end(),
                                      [](const ServerConfig& server) { return server.votes; });
    const auto answering = std::count_if(answers.begin(), answers.end(),
                                         [](const Answer& answer) { return answer.server.votes; });
    if (2 * answering <= voters) return nullptr;
    const Answer* leader = nullptr;
    for (const Answer& answer : answers) {
        if (answer.status.role != NodeRole::leader) continue;
        if (leader == nullptr || answer.status.term > leader->status.term) leader = &answer;
    }
    return leader;
}

const Answer* find_caught_up(const std::vector<Answer>& answers, LogIndex commit) {
    const Answer* found = nullptr;
    for (const Answer& answer : answers) {
        if (answer.status.applied < commit) continue;
        if (found == nullptr || answer.status.role == NodeRole::follower) found = &answer;
    }
    return found;
}

}  // namespace

Result<ServerConfig> choose_source(const ClusterConfig& config, std::chrono::milliseconds patience,
                                   int cancel_fd) {
    const auto start = steady_clock::now();
    const auto deadline = start + patience;
    std::optional<LogIndex> commit;
    bool any = false;
    std::string silent;
    while (true) {
        const std::vector<Answer> answers = ask_all(config, silent);
        any = any || !answers.empty();
        if (!commit) {
            const Answer* leader = find_leader(answers, config);
            if (leader != nullptr) commit = leader->status.commit;
        }
        const Answer* found = commit ? find_caught_up(answers, *commit) : nullptr;
        const bool rather_another =
            found != nullptr && found->status.role == NodeRole::leader && answers.size() > 1 &&
            steady_clock::now() < std::min(start + for_a_follower, deadline);
        if (found != nullptr && !rather_another) return found->server;
        if (steady_clock::now() >= deadline) break;
        if (wait_until(-1, 0, steady_clock::now() + between_asks, cancel_fd) ==
            WaitResult::cancelled)
            return Error{ErrorKind::interrupted, "interrupted"};
    }
    return Error{ErrorKind::unavailable,
                 fmt::format("{} within {:.3g} s{}{}{}",
                             commit ? "no node has applied everything" : "no leader was found",
                             static_cast<double>(patience.count()) / 1000, any ? "; " : "\n  ",
                             any ? how_to_take_what_one_has : when_all_are_replaced, silent)};
}

Result<ServerConfig> find_source(const ClusterConfig& config, NodeId id) {
    for (const ServerConfig& server : config.servers) {
        if (server.id == id) return server;
    }
    return Error{ErrorKind::usage, fmt::format("there is no node {}; the members are {}",
                                               id.value(), ids_of(config.servers))};
}

}  // namespace raftkv::cli::dump
