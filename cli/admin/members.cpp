#include "cli/admin/members.hpp"

#include <fmt/format.h>
#include <poll.h>

#include <algorithm>
#include <charconv>
#include <exception>
#include <nlohmann/json.hpp>
#include <stdexcept>
#include <tuple>

#include "cli/admin/admin_client.hpp"
#include "common/check.hpp"

namespace raftkv::cli {

namespace {

using nlohmann::json;
using std::chrono::milliseconds;
using std::chrono::steady_clock;

constexpr int bad_request = 400;
constexpr int ask_another = 421;
constexpr int wait_first = 423;
constexpr int unavailable = 503;

constexpr milliseconds one_answers_within{500};
// A change that no majority takes is given up by the node after 10 s.
constexpr milliseconds change_answers_within{15'000};
constexpr milliseconds leader_within{10'000};
// Leaders make changes of their own: a folder becomes known, a learner has caught up.
constexpr milliseconds other_change_within{3000};
constexpr int pause_ms = 50;
// However long the list that somebody sends: more than a cluster can have.
constexpr std::size_t most_members = 64;

std::uint64_t count(const json& value, std::uint64_t most = UINT64_MAX) {
    if (!value.is_number_unsigned() || value.get<std::uint64_t>() > most)
        throw std::invalid_argument("expected a count, found " + value.dump());
    return value.get<std::uint64_t>();
}

NodeId node_id(const json& value) {
    return NodeId(static_cast<std::uint32_t>(count(value, UINT32_MAX)));
}

std::optional<NodeId> node_if_any(const json& object, const char* key) {
    const auto found = object.find(key);
    if (found == object.end() || found->is_null()) return std::nullopt;
    return node_id(*found);
}

std::uint16_t port_in(const json& object, const char* key) {
    const auto found = object.find(key);
    return found == object.end() ? 0 : static_cast<std::uint16_t>(count(*found, UINT16_MAX));
}

MemberKind kind_in(const json& value) {
    const auto text = value.get<std::string>();
    for (const MemberKind kind : {MemberKind::voter, MemberKind::learner, MemberKind::joining}) {
        if (name_of(kind) == text) return kind;
    }
    throw std::invalid_argument("unknown kind " + value.dump());
}

MemberInfo parse_member(const json& object) {
    MemberInfo member;
    member.where.id = node_id(object.at("id"));
    member.kind = kind_in(object.at("kind"));
    member.where.host = object.value("host", std::string());
    member.where.client_port = port_in(object, "client_port");
    member.where.log_port = port_in(object, "log_port");
    member.where.admin_port = port_in(object, "admin_port");
    member.where.admin_host = object.value("admin_host", std::string("localhost"));
    if (const auto folder = object.find("folder"); folder != object.end() && !folder->is_null())
        member.folder = folder->get<std::string>();
    member.replaces = node_if_any(object, "replaces");
    member.connected = object.value("connected", false);
    if (const auto lag = object.find("lag"); lag != object.end() && !lag->is_null())
        member.lag = count(*lag);
    return member;
}

std::uint64_t hex_in(const json& value) {
    const auto text = value.get<std::string>();
    std::uint64_t number = 0;
    const char* end = text.data() + text.size();
    const auto [stop, error] = std::from_chars(text.data(), end, number, 16);
    if (error != std::errc() || stop != end)
        throw std::invalid_argument("expected hexadecimal digits, found " + value.dump());
    return number;
}

// Whom to ask, each once.
struct Search {
    std::vector<ServerConfig> open;

    void add(const ServerConfig& server) {
        const bool known = std::any_of(open.begin(), open.end(), [&](const ServerConfig& other) {
            return other.admin_host == server.admin_host && other.admin_port == server.admin_port;
        });
        if (!known && !server.host.empty() && open.size() < most_members) open.push_back(server);
    }
};

std::string reason_in(const HttpReply& reply) {
    std::string text = reply.body;
    while (!text.empty() && text.back() == '\n') text.pop_back();
    return text.empty() ? fmt::format("HTTP code {}", reply.code) : text;
}

ErrorKind kind_of(int code) {
    if (code == bad_request) return ErrorKind::usage;
    return code == unavailable || code == ask_another ? ErrorKind::unavailable : ErrorKind::failed;
}

}  // namespace

std::string_view name_of(MemberKind kind) {
    switch (kind) {
        case MemberKind::voter:
            return "voter";
        case MemberKind::learner:
            return "learner";
        case MemberKind::joining:
            return "joining";
    }
    RAFTKV_CHECK(false);
}

const MemberInfo* MembersView::find(NodeId id) const {
    const auto found = std::find_if(members.begin(), members.end(), [id](const MemberInfo& member) {
        return member.where.id == id;
    });
    return found == members.end() ? nullptr : &*found;
}

Result<MembersView> parse_members(std::string_view text) {
    try {
        const json object = json::parse(text);
        MembersView view;
        view.cluster_id = hex_in(object.at("cluster_id"));
        view.answered_by = node_id(object.at("answered_by"));
        view.leader = node_if_any(object, "leader");
        view.term = Term(count(object.at("term")));
        view.index = LogIndex(count(object.at("index")));
        view.committed = object.at("committed").get<bool>();
        for (const json& member : object.at("members")) {
            if (view.members.size() >= most_members)
                throw std::invalid_argument("too many members");
            view.members.push_back(parse_member(member));
        }
        return view;
    } catch (const std::exception& error) {
        return Error{ErrorKind::failed, fmt::format("not a list of members: {}", error.what())};
    }
}

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

Result<MembersView> find_members(const std::vector<ServerConfig>& servers) {
    Search search;
    for (const ServerConfig& server : servers) search.add(server);
    std::optional<MembersView> best;
    std::string trouble;
    for (std::size_t next = 0; next < search.open.size(); ++next) {
        const ServerConfig server = search.open[next];
        auto view = fetch_members(server.admin_host, server.admin_port, one_answers_within);
        if (!view) {
            trouble += "\n  " + view.error().message;
            continue;
        }
        for (const MemberInfo& member : view->members) search.add(member.where);
        const auto rank = [](const MembersView& known) {
            return std::tuple(known.is_of_leader() ? known.term : Term(), known.index);
        };
        if (!best || rank(*best) < rank(*view)) best = std::move(*view);
    }
    if (best) return std::move(*best);
    return Error{ErrorKind::unavailable, "no node answers at its admin port:" + trouble};
}

Result<void> change_members(const std::vector<ServerConfig>& servers, const std::string& order) {
    const auto begun = steady_clock::now();
    const auto deadline = begun + leader_within;
    Error last{ErrorKind::unavailable,
               "no node leads at the moment: \"raftkv cluster status\" shows which answer"};
    while (steady_clock::now() < deadline) {
        auto view = find_members(servers);
        if (!view) return view.error();
        const MemberInfo* leader = view->is_of_leader() ? view->find(view->answered_by) : nullptr;
        if (leader != nullptr) {
            auto reply = http_post(leader->where.admin_host, leader->where.admin_port,
                                   "/members/" + order, change_answers_within);
            if (!reply) return reply.error();
            if (reply->code == 200) return {};
            last = Error{kind_of(reply->code), reason_in(*reply)};
            const bool waits =
                reply->code == wait_first && steady_clock::now() - begun < other_change_within;
            if (last.kind != ErrorKind::unavailable && !waits) return last;
        }
        ::poll(nullptr, 0, pause_ms);
    }
    return last;
}

}  // namespace raftkv::cli
