#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "common/strong_types.hpp"
#include "node/raft/claim.hpp"

// How a connection between nodes begins: the one that made it says who it is, and the other one
// either listens to what follows or says why it does not, and closes.

namespace raftkv::wire {

constexpr std::size_t max_host_bytes = 255;
constexpr std::size_t max_hello_body_bytes = 42 + max_host_bytes + 33;

// The first frame on a connection: who calls whom, and for which cluster.
struct Hello {
    std::uint64_t cluster_id = 0;  // 0: the sender belongs to none yet
    NodeId from;
    NodeId to;
    std::uint64_t folder = 0;     // of the sender's data
    LogIndex members_index = {};  // of the newest membership that the sender knows
    std::string host = {};        // where the sender listens; empty: as the configuration says
    std::uint16_t log_port = 0;
    std::uint64_t guard = 0;     // "ClusterId" of the sender's configuration; 0: none
    std::uint64_t founding = 0;  // see raft::Claim
    Term founding_term = {};
    // What the sender's cluster knows of the receiver. Of meaning where it belongs to one.
    bool is_member = false;
    std::uint64_t known_folder = 0;  // 0: none yet

    raft::Claim claim() const { return {cluster_id, founding, founding_term}; }
    bool operator==(const Hello&) const = default;
};

// The only frame that goes back on a connection, and the last one.
struct Refusal {
    enum class Reason : std::uint8_t {
        other_cluster = 1,
        removed,       // the sender's folder is that of a member that was removed
        other_folder,  // the sender has another folder than the member with its id is known to have
        not_a_member,
    };

    Reason reason = Reason::not_a_member;
    LogIndex members_index;  // of the membership that says so
    std::uint64_t cluster =
        0;  // that the one who refuses belongs to; 0: none yet, or it did not say

    bool operator==(const Refusal&) const = default;
};

// Both append one frame.
void encode_hello(const Hello& hello, std::string& out);
void encode_refusal(const Refusal& refusal, std::string& out);

// The body of a first frame. Nothing unless it is what encoding makes.
std::optional<Hello> read_hello(std::string_view body);

// The largest size of the one frame that a refusal is.
extern const std::size_t refusal_bytes;
// `input` is all that came back. Nothing unless that is a refusal from its first byte to its last.
std::optional<Refusal> read_refusal(std::string_view input);

}  // namespace raftkv::wire
