#pragma once

#include <cstdint>
#include <string_view>

namespace raftkv::raft {

enum class Role : std::uint8_t { follower, pre_candidate, candidate, leader };

constexpr std::string_view name_of(Role role) {
    switch (role) {
        case Role::follower:
            return "follower";
        case Role::pre_candidate:
            return "pre-candidate";
        case Role::candidate:
            return "candidate";
        case Role::leader:
            return "leader";
    }
    return "?";
}

}  // namespace raftkv::raft
