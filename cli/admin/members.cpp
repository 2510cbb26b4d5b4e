#include "cli/admin/members.hpp"

#include <fmt/format.h>
#include <poll.h>

#include <algorithm>
#include <future>
#include <tuple>
#include <utility>

#include "cli/admin/admin_client.hpp"
#include "cli/admin/node_answers.hpp"
#include "cli/admin/order_reply.hpp"

namespace raftkv::cli {

namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

constexpr milliseconds one_answers_within{500};
// A change that no majority takes is given up by the node after 10 s.
constexpr milliseconds change_answers_within{15'000};
constexpr milliseconds leader_within{10'000};
// Leaders make changes of their own: a folder becomes known, a learner has caught up.
constexpr milliseconds other_change_within{3000};
constexpr int pause_ms = 50;

// Everybody who is known, asked once each.
class Search {
  public:
    Search(const std::vector<ServerConfig>& servers, std::uint64_t cluster) : cluster_(cluster) {
        for (const ServerConfig& server : servers) add(server);
    }

    void run() {
        while (asked_ < open_.size()) ask_those_that_are_new();
    }

    Result<MembersView> outcome() && {
        if (best_) return std::move(*best_);
        return Error{ErrorKind::unavailable,
                     fmt::format("no node answers at its admin port:{}\n  {}", trouble_,
                                 when_all_are_replaced)};
    }

  private:
    void add(const ServerConfig& server) {
        const bool known = std::any_of(open_.begin(), open_.end(), [&](const ServerConfig& other) {
            const bool same = other.id == server.id || other.id == any_node;
            return same && other.admin_host == server.admin_host &&
                   other.admin_port == server.admin_port;
        });
        if (!known && !server.host.empty() && open_.size() < most_members) open_.push_back(server);
    }

    // At the same time: one that is silent holds nobody up.
    void ask_those_that_are_new() {
        std::vector<std::future<Result<MembersView>>> answers;
        for (; asked_ < open_.size(); ++asked_) {
            answers.push_back(std::async(std::launch::async, [server = open_[asked_]] {
                return fetch_members_of(server, one_answers_within);
            }));
        }
        for (auto& answer : answers) take(answer.get());
    }

    // Empty: it is of the cluster that is meant.
    std::string objection_to(const MembersView& view) const {
        if (cluster_ == 0 || view.cluster_id == 0 || view.cluster_id == cluster_) return "";
        return fmt::format("node {} belongs to cluster {:016x}, and here is cluster {:016x}",
                           view.answered_by.value(), view.cluster_id, cluster_);
    }

    void take(Result<MembersView> view) {
        const std::string objection = view ? objection_to(*view) : view.error().message;
        if (!objection.empty()) {
            trouble_ += "\n  " + objection;
            return;
        }
        if (best_ && best_->cluster_id == 0 && view->cluster_id != 0) best_.reset();
        if (best_ && best_->cluster_id != view->cluster_id) return;
        for (const MemberInfo& member : view->members) add(member.where);
        const auto rank = [](const MembersView& known) {
            return std::tuple(known.is_of_leader() ? known.term : Term(), known.index);
        };
        if (!best_ || rank(*best_) < rank(*view)) best_ = std::move(*view);
    }

    const std::uint64_t cluster_;  // that is meant; 0: any
    std::vector<ServerConfig> open_;
    std::size_t asked_ = 0;  // so many of open_, from the first
    std::optional<MembersView> best_;
    std::string trouble_;
};

// Somebody knows who leads, and that one does not answer.
std::optional<Error> why_leader_is_not_asked(const MembersView& view) {
    const MemberInfo* leader = view.leader ? view.find(*view.leader) : nullptr;
    if (leader == nullptr || leader->where.host.empty()) return std::nullopt;
    const auto asked = fetch_members_of(leader->where, one_answers_within);
    if (asked) return std::nullopt;
    return Error{ErrorKind::unavailable,
                 fmt::format("node {} leads, and {}", view.leader->value(), asked.error().message)};
}

}  // namespace

Result<MembersView> fetch_members(const std::string& host, std::uint16_t port,
                                  milliseconds timeout) {
    constexpr std::size_t largest = 1 << 20;
    auto reply = http_get(host, port, "/members", timeout, largest);
    if (!reply) return reply.error();
    const auto failed = [&](const std::string& reason) {
        return Error{ErrorKind::failed,
                     fmt::format("asking http://{}:{}/members: {}", host, port, reason)};
    };
    if (reply->code != 200) return failed(fmt::format("HTTP code {}", reply->code));
    auto view = parse_members(reply->body);
    if (!view) return failed(view.error().message);
    return view;
}

Result<MembersView> fetch_members_of(const ServerConfig& server, milliseconds timeout) {
    auto view = fetch_members(server.admin_host, server.admin_port, timeout);
    if (!view) return not_asked(server, view.error());
    if (server.id != any_node && view->answered_by != server.id)
        return answered_by_another(server, view->answered_by);
    return view;
}

Result<MembersView> find_members(const std::vector<ServerConfig>& servers, std::uint64_t cluster) {
    Search search(servers, cluster);
    search.run();
    return std::move(search).outcome();
}

std::string address_in_order(const ServerConfig& server) {
    std::string text = fmt::format("id={}&host={}&client_port={}&log_port={}", server.id.value(),
                                   server.host, server.client_port, server.log_port);
    if (server.admin_port != 0) text += fmt::format("&admin_port={}", server.admin_port);
    if (!server.admin_host.empty()) text += "&admin_host=" + server.admin_host;
    return text;
}

Result<void> change_members(const std::vector<ServerConfig>& servers, const std::string& order,
                            std::uint64_t cluster) {
    const auto begun = steady_clock::now();
    const auto deadline = begun + leader_within;
    Error last{ErrorKind::unavailable,
               "no node leads at the moment: \"raftkv cluster status\" shows which answer"};
    while (steady_clock::now() < deadline) {
        auto view = find_members(servers, cluster);
        if (!view) return view.error();
        const MemberInfo* leader = view->is_of_leader() ? view->find(view->answered_by) : nullptr;
        if (leader != nullptr) {
            auto reply = http_post(leader->where.admin_host, leader->where.admin_port,
                                   "/members/" + order, change_answers_within);
            if (!reply) return reply.error();
            if (reply->code == 200) return {};
            last = Error{kind_of_refusal(reply->code), reason_in(*reply)};
            const bool waits =
                reply->code == wait_first && steady_clock::now() - begun < other_change_within;
            if (last.kind != ErrorKind::unavailable && !waits) return last;
        } else if (auto why = why_leader_is_not_asked(*view)) {
            last = std::move(*why);
            if (steady_clock::now() - begun > other_change_within) return last;
        }
        ::poll(nullptr, 0, pause_ms);
    }
    return last;
}

}  // namespace raftkv::cli
