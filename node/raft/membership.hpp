#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "common/strong_types.hpp"

// Who belongs to a cluster (thesis 4). The first membership is given; each later one is the payload
// of an entry of kind `members`, and is in force on a server from the moment that the entry is in
// its log, committed or not.

namespace raftkv::raft {

// At most so many belong to a cluster at a time, learners included.
constexpr std::size_t max_members = 64;
// Of removed folders; past it the oldest is forgotten.
constexpr std::size_t max_retired_folders = 256;

// Where a member listens.
struct MemberAddress {
    std::string host;
    std::uint16_t client_port = 0;
    std::uint16_t log_port = 0;
    std::uint16_t admin_port = 0;
    std::string admin_host;

    bool operator==(const MemberAddress&) const = default;
};

struct Member {
    enum class Kind : std::uint8_t {
        voter = 1,    // votes, and counts for a majority
        learner = 2,  // gets the log, and does neither (thesis 4.2.1)
        joining = 3,  // a learner that becomes a voter by itself once it has caught up
    };

    NodeId id;
    Kind kind = Kind::voter;
    // The data folder that this member is known to have; 0: not known yet. Another one under the
    // same id is another server: it may lack what this one has promised.
    std::uint64_t folder = 0;
    // Nothing: as in the configuration, which lists the first members.
    std::optional<MemberAddress> address = {};
    // Set while this member takes that one's place: once it votes, that one is removed.
    std::optional<NodeId> replaces = {};

    bool votes() const { return kind == Kind::voter; }
    bool operator==(const Member&) const = default;
};

std::string_view name_of(Member::Kind kind);

// Whose data folder it is.
struct MemberFolder {
    NodeId id;
    std::uint64_t folder = 0;

    bool operator==(const MemberFolder&) const = default;
};

struct Membership {
    std::vector<Member> members;  // ascending ids
    // Folders of members that were removed: they must not come back. The oldest first.
    std::vector<MemberFolder> retired;
    // The identity of the cluster: a random number that the one who bootstrapped it put into the
    // first entry of the log. 0 before that, and in what was written before clusters had one.
    std::uint64_t cluster = 0;

    const Member* find(NodeId id) const;
    bool has_voter(NodeId id) const;
    std::size_t voters() const;
    bool is_retired(NodeId id, std::uint64_t folder) const;
    // Whether the server with this id and data folder is a member: a server that was removed and
    // added again has another folder than it had. One that is not written down yet counts.
    bool has(NodeId id, std::uint64_t folder) const;

    bool operator==(const Membership&) const = default;
};

// A membership, and the entry that brought it; index 0: the first one.
struct MembershipAt {
    LogIndex index;
    Membership members;
};

// All of them voters of unknown folders, at the addresses of the configuration.
Membership first_membership(std::span<const NodeId> servers);

// The payload of an entry of kind `members`, and what a snapshot says of them. Decoding takes any
// bytes whatsoever, and gives nothing unless they are what encoding makes: ids ascend, there is a
// voter, counts are within their bounds.
std::string encode(const Membership& membership);
std::optional<Membership> decode_membership(std::string_view bytes);

}  // namespace raftkv::raft
