#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/config.hpp"
#include "common/result.hpp"
#include "common/strong_types.hpp"

// Who belongs to a cluster, asked at admin ports. Blocking, never throws.

namespace raftkv::cli {

enum class MemberKind { voter, learner, joining };
// As /members spells it.
std::string_view name_of(MemberKind kind);

struct MemberInfo {
    ServerConfig where;  // its host is empty when nobody knows it
    MemberKind kind = MemberKind::voter;
    std::optional<std::string> folder;
    std::optional<NodeId> replaces;
    bool in_log = false;     // the log says where it is; else config.json of the node that answered
    bool connected = false;  // with the node that answered
    std::optional<std::string> refused;  // why that node does not let it in
    std::optional<std::uint64_t> lag;    // only the leader knows
};

// What GET /members says.
struct MembersView {
    std::uint64_t cluster_id = 0;
    NodeId answered_by;
    std::optional<NodeId> leader;
    Term term;
    LogIndex index;  // of the entry that says so
    bool committed = false;
    std::vector<MemberInfo> members;

    const MemberInfo* find(NodeId id) const;
    bool is_of_leader() const { return leader == answered_by; }
    // The leader says so, and it is committed: the node is such a member; nothing: it is none.
    bool confirms(NodeId id, std::optional<MemberKind> kind) const;
};

// However long the list that somebody sends: more than a cluster can have.
inline constexpr std::size_t most_members = 64;

// The body of /members, parsed: untrusted bytes.
Result<MembersView> parse_members(std::string_view text);
// What parse_members() takes.
std::string members_json(const MembersView& view);
Result<MembersView> fetch_members(const std::string& host, std::uint16_t port,
                                  std::chrono::milliseconds timeout);
// The same of this node: an Error of kind unavailable when another one answers there.
Result<MembersView> fetch_members_of(const ServerConfig& server, std::chrono::milliseconds timeout);

// For errors that say that nobody answers.
inline constexpr const char* when_all_are_replaced =
    "If the cluster runs, all of its servers that are known here were replaced since: give a file "
    "like config.json that names one of its members of now (--config)";

// Asks `servers`, all at once, then whom they name: the view of the leader; or, without one, the
// newest of any node. An answer counts only if the node that was meant gives it, and of `cluster`,
// if that is given (not 0): somebody else may listen there. Else, of several clusters that answer,
// the one that the first of `servers` belongs to counts, and one without a cluster where there is
// no other. An Error of kind unavailable when nobody answers.
Result<MembersView> find_members(const std::vector<ServerConfig>& servers,
                                 std::uint64_t cluster = 0);

// Where a node listens, as orders to add it say: "id=3&host=...". What is 0 or empty is left out.
std::string address_in_order(const ServerConfig& server);

// Tells the leader to change the members: `order` is what follows /members/, as "remove?id=3".
// Waits until the change is committed; asks the next leader by itself when leadership moves.
// `cluster` is as for find_members(). Errors: of kind usage for what makes no sense, failed for
// what is refused, unavailable without a leader.
Result<void> change_members(const std::vector<ServerConfig>& servers, const std::string& order,
                            std::uint64_t cluster = 0);

}  // namespace raftkv::cli
