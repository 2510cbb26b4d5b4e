#include "cli/test/trace/trace.hpp"

#include "common/check.hpp"

namespace raftkv::trace {

std::string_view name_of(Role role) {
    switch (role) {
        case Role::follower:
            return "follower";
        case Role::pre_candidate:
            return "pre-candidate";
        case Role::candidate:
            return "candidate";
        case Role::leader:
            return "leader";
        case Role::down:
            return "down";
        case Role::paused:
            return "paused";
    }
    RAFTKV_CHECK(false);
}

std::string_view name_of(MessageKind kind) {
    switch (kind) {
        case MessageKind::append:
            return "append";
        case MessageKind::append_reply:
            return "append reply";
        case MessageKind::heartbeat:
            return "heartbeat";
        case MessageKind::heartbeat_reply:
            return "heartbeat reply";
        case MessageKind::vote:
            return "vote";
        case MessageKind::vote_reply:
            return "vote reply";
        case MessageKind::pre_vote:
            return "pre-vote";
        case MessageKind::pre_vote_reply:
            return "pre-vote reply";
        case MessageKind::timeout_now:
            return "timeout now";
        case MessageKind::snapshot:
            return "snapshot";
        case MessageKind::snapshot_reply:
            return "snapshot reply";
        case MessageKind::other:
            return "other";
    }
    RAFTKV_CHECK(false);
}

std::string_view name_of(Lost lost) {
    switch (lost) {
        case Lost::dropped:
            return "dropped";
        case Lost::cut:
            return "cut";
        case Lost::corrupt:
            return "corrupt";
        case Lost::receiver_down:
            return "receiver down";
    }
    RAFTKV_CHECK(false);
}

}  // namespace raftkv::trace
