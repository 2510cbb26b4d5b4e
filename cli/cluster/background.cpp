#include "cli/cluster/background.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <fstream>
#include <optional>
#include <string>
#include <system_error>
#include <vector>

#include "cli/admin/known_members.hpp"
#include "cli/client/connection.hpp"
#include "cli/cluster/child_process.hpp"
#include "cli/cluster/cluster_paths.hpp"
#include "cli/cluster/cluster_view.hpp"
#include "cli/cluster/control_client.hpp"
#include "cli/cluster/fleet.hpp"
#include "cli/cluster/preflight.hpp"

namespace raftkv::cli {

namespace {

using Clock = std::chrono::steady_clock;
using std::chrono::milliseconds;

constexpr milliseconds supervisor_answers_within{2000};

// The supervisor's log grows by what a supervisor says while it starts.
class Output {
  public:
    explicit Output(std::filesystem::path log) : log_(std::move(log)) {
        std::error_code missing;
        auto size = std::filesystem::file_size(log_, missing);
        start_ = missing ? 0 : size;
    }

    void show() const {
        constexpr std::size_t most = 64 << 10;
        std::ifstream in(log_, std::ios::binary);
        in.seekg(static_cast<std::streamoff>(start_));
        std::string text(most, '\0');
        in.read(text.data(), static_cast<std::streamsize>(text.size()));
        text.resize(static_cast<std::size_t>(in.gcount()));
        fmt::print(stderr, "{}", text);
    }

  private:
    std::filesystem::path log_;
    std::uintmax_t start_ = 0;
};

// "node 0 follower, node 1 restarting (exit code 74, again in 0.4 s)"
std::string describe_nodes(const ClusterView& view) {
    std::vector<std::string> parts;
    for (const NodeView& node : view.nodes) {
        std::string_view how = node.role ? name_of(*node.role) : name_of(node.state);
        std::string note = node.note.empty() ? "" : fmt::format(" ({})", node.note);
        parts.push_back(fmt::format("node {} {}{}", node.id.value(), how, note));
    }
    return fmt::format("{}", fmt::join(parts, ", "));
}

// A read of a key that need not be there is answered only by a leader that has a quorum.
bool quorum_reads(ClusterClient& client) {
    protocol::Request request;
    request.op = protocol::Op::get;
    request.key = "raftkv-ready";
    auto reply = client.call(request);
    return reply && (reply->kind == protocol::ReplyKind::value ||
                     reply->kind == protocol::ReplyKind::not_found);
}

class Start {
  public:
    Start(const ClusterConfig& config, ChildProcess supervisor, milliseconds timeout)
        : config_(config),
          paths_{config.data_path},
          supervisor_(std::move(supervisor)),
          started_(Clock::now()),
          timeout_(timeout) {}

    // Nothing when the supervisor has ended.
    std::optional<Result<void>> until_in_charge() {
        constexpr milliseconds pace{20};
        while (!supervisor_.wait_for(pace)) {
            // The socket of an earlier one may still lie there; its pid tells them apart.
            auto view = fetch_view(paths_.socket(), supervisor_answers_within);
            if (view && view->supervisor_pid == supervisor_.pid()) return Result<void>();
            if (Clock::now() - started_ > timeout_) {
                return Result<void>(
                    Error{ErrorKind::unavailable,
                          fmt::format("the supervisor (pid {}) did not answer within {}; its log "
                                      "is {}",
                                      supervisor_.pid(), short_duration(timeout_.count()),
                                      paths_.log().string())});
            }
        }
        return std::nullopt;
    }

    std::optional<Result<void>> until_ready() {
        constexpr milliseconds one_try{1000};
        constexpr milliseconds pace{20};
        while (!supervisor_.wait_for(pace)) {
            // The supervisor notes who belongs to the cluster as soon as it hears.
            ClusterClient client(with_known_servers(config_), one_try);
            if (quorum_reads(client)) {
                until_leader_is_shown();
                return Result<void>();
            }
            auto view = fetch_view(paths_.socket(), supervisor_answers_within);
            std::string nodes = view ? describe_nodes(*view) : view.error().message;
            if (Clock::now() - started_ > timeout_) return Result<void>(not_ready(nodes));
            tell(nodes);
        }
        return std::nullopt;
    }

    ExitCode exit_code_of_supervisor() {
        auto end = supervisor_.poll();
        bool known = end && !end->signalled && end->code != 0;
        return known ? static_cast<ExitCode>(end->code) : ExitCode::failed;
    }

    int pid() const { return supervisor_.pid(); }

  private:
    // The supervisor asks the nodes now and then. "cluster status" right after this is to know what
    // clients do; that it does not is no reason to fail.
    void until_leader_is_shown() {
        constexpr milliseconds patience{1000};
        constexpr milliseconds pace{20};
        const auto served = Clock::now();
        do {
            const auto view = fetch_view(paths_.socket(), supervisor_answers_within);
            if (view && view->leader) return;
        } while (!supervisor_.wait_for(pace) && Clock::now() - served < patience);
    }

    Error not_ready(const std::string& nodes) const {
        return Error{ErrorKind::unavailable,
                     fmt::format("no quorum answered a read within {}: {}. The supervisor (pid {}) "
                                 "goes on trying; \"raftkv cluster down\" ends it",
                                 short_duration(timeout_.count()), nodes, pid())};
    }

    void tell(const std::string& nodes) {
        if (nodes == told_) return;
        fmt::print(stderr, "waiting for a quorum: {}\n", nodes);
        told_ = nodes;
    }

    const ClusterConfig& config_;
    ClusterPaths paths_;
    ChildProcess supervisor_;
    Clock::time_point started_;
    milliseconds timeout_;
    std::string told_;
};

Result<ChildProcess> spawn(const ClusterPaths& paths, const std::filesystem::path& config_file) {
    ChildSpec spec;
    spec.program = this_program();
    spec.arguments = {"cluster", "up", "--config", config_file.string()};
    spec.output_file = paths.log();
    spec.dies_with_owner = false;
    return ChildProcess::start(spec);
}

}  // namespace

Result<ExitCode> start_in_background(const ClusterConfig& config,
                                     const std::filesystem::path& config_file, bool wait,
                                     milliseconds timeout) {
    ClusterPaths paths{config.data_path};
    // Finds out early what can be; let go at once, it is the supervisor's to hold.
    if (auto lock = lock_as_supervisor(paths); !lock) return lock.error();
    Output output(paths.log());
    auto supervisor = spawn(paths, config_file);
    if (!supervisor) return supervisor.error();
    Start start(config, std::move(*supervisor), timeout);
    auto result = start.until_in_charge();
    if (wait && result && *result) result = start.until_ready();
    if (!result) {
        output.show();
        return start.exit_code_of_supervisor();
    }
    if (!*result) return result->error();
    fmt::print(
        "the cluster {} (supervisor pid {}); \"raftkv cluster status\" shows it, \"raftkv "
        "cluster down\" ends it\n",
        wait ? "is ready" : "starts in the background", start.pid());
    return ExitCode::done;
}

}  // namespace raftkv::cli
