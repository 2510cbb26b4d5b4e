#pragma once

#include <optional>
#include <string_view>

namespace raftkv::standin {

// What is wrong with this cluster.
enum class Mode {
    sound,               // nothing: passes every scenario
    forgets,             // loses acknowledged writes when a node is started again
    stale_reads,         // any node answers reads, from a copy that is some time old
    two_leaders,         // two nodes say that they lead in one term
    replicas_differ,     // node 0 holds another value of one key
    duplicate_versions,  // gives a version to two writes
    applies_refused,     // a refused set takes effect all the same
    no_quorum,           // elects and serves with however few nodes
    keeps_expired,       // keys outlive their time
    never_elects_again,  // a lost leader is not replaced
    dies,                // a node ends by itself
};

// By its name, as the environment variable STANDIN_MODE has it: "stale_reads".
std::optional<Mode> parse_mode(std::string_view name);

}  // namespace raftkv::standin
