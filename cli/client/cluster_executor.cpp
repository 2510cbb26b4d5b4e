#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "cli/client/connection.hpp"
#include "cli/client/executor.hpp"
#include "cli/client/node_report.hpp"
#include "cli/client/status_command.hpp"

namespace raftkv::cli::client {

namespace {

using std::chrono::duration_cast;
using std::chrono::microseconds;
using std::chrono::milliseconds;
using std::chrono::steady_clock;

constexpr milliseconds prompt_patience{500};

class ClusterExecutor : public Executor {
  public:
    ClusterExecutor(const Target& target, const ExecutorOptions& options, Printer& printer)
        : target_(target), known_(target), options_(options), printer_(printer) {}

    ExitCode execute(const Statement& statement) override {
        if (statement.verb == Verb::status) {
            doubtful_ = true;
            return show_status(target_, statement.topic, options_.timeout, printer_);
        }
        if (!statement.is_request()) {
            return printer_.error({ErrorKind::usage, "send is only there with --raw"});
        }
        const auto start = steady_clock::now();
        Result<OwnedReply> result = client().call(statement.request());
        const Outcome outcome{std::move(result),
                              duration_cast<microseconds>(steady_clock::now() - start)};
        doubtful_ = !outcome.result || outcome.result->kind == protocol::ReplyKind::internal;
        if (!doubtful_) leading_ = outcome.result->answered_by;
        return printer_.outcome(statement, outcome);
    }

    Prompt prompt() override {
        if (doubtful_) look();
        doubtful_ = false;
        return leading_ ? Prompt{name_of_node(*leading_), "leader"} : fallback_;
    }

    void doubt() override { doubtful_ = true; }

  private:
    ClusterClient& client() {
        if (!client_) {
            ClientOptions options{options_.timeout, leading_, options_.cancel_fd, target_.advice()};
            if (target_.start_at) options.start_at = target_.nodes[*target_.start_at].id;
            client_.emplace(target_.endpoints(), options);
        }
        return *client_;
    }

    std::string name_of_node(NodeId id) const {
        for (const Endpoint& node : target_.endpoints()) {
            if (node.id == id) return node.name();
        }
        return fmt::format("node {}", id.value());
    }

    // Finds the leader. Where the user asked for a node and no command has been carried out yet,
    // shows that one: it is where the first command will go.
    void look() {
        auto reports = ask_known();
        const bool chosen = !client_ && target_.start_at;
        if (!chosen && names_a_stranger(reports)) {
            known_ = with_members_of_now(known_);
            reports = ask_known();
        }
        const NodeReport* leader = find_leader(reports);
        const NodeReport* shown = leader;
        if (chosen) shown = &reports[*target_.start_at];
        for (std::size_t i = 0; shown == nullptr && i < reports.size(); ++i) {
            if (reports[i].status) shown = &reports[i];
        }
        leading_.reset();
        if (shown == nullptr) {
            fallback_ = {"no node", ""};
        } else if (!shown->status) {
            fallback_ = {name_of_node(shown->node.id), "no answer"};
        } else {
            if (shown == leader) leading_ = shown->node.id;
            fallback_ = {name_of_node(shown->node.id), std::string(name_of(shown->status->role))};
        }
    }

    std::vector<NodeReport> ask_known() const {
        return ask_nodes(known_.nodes, std::min(prompt_patience, options_.timeout), known_.cluster);
    }

    // Somebody follows a leader that was added to the cluster since.
    bool names_a_stranger(const std::vector<NodeReport>& reports) const {
        return std::any_of(reports.begin(), reports.end(), [&](const NodeReport& report) {
            return report.status && report.status->leader && !knows(*report.status->leader);
        });
    }

    bool knows(NodeId id) const {
        return std::any_of(known_.nodes.begin(), known_.nodes.end(),
                           [&](const ServerConfig& node) { return node.id == id; });
    }

    const Target target_;
    Target known_;  // as it was heard of since; the client below finds others by itself
    const ExecutorOptions options_;
    Printer& printer_;
    std::optional<ClusterClient> client_;  // made when it is first needed: it starts at the leader
    std::optional<NodeId> leading_;
    Prompt fallback_;
    bool doubtful_ = true;
};

}  // namespace

std::unique_ptr<Executor> make_cluster_executor(const Target& target,
                                                const ExecutorOptions& options, Printer& printer) {
    return std::make_unique<ClusterExecutor>(target, options, printer);
}

}  // namespace raftkv::cli::client
