#include "node/raft/progress.hpp"

#include <algorithm>

#include "common/check.hpp"

namespace raftkv::raft {

void Progress::start_probing(LogIndex next) {
    RAFTKV_CHECK(next > match_index);
    mode = Mode::probe;
    next_index = next;
    probe_sent = false;
    inflight.clear();
    inflight_bytes = 0;
}

void Progress::start_replicating() {
    mode = Mode::replicate;
    next_index = match_index + 1;
    probe_sent = false;
    inflight.clear();
    inflight_bytes = 0;
}

void Progress::start_snapshot(const SnapshotInfo& snapshot) {
    start_probing(match_index + 1);
    mode = Mode::snapshot;
    sending = SnapshotSending();
    sending.snapshot = snapshot;
}

void Progress::sent(LogIndex last, std::size_t bytes) {
    RAFTKV_CHECK(last >= next_index);
    next_index = last + 1;
    inflight.push_back({last, bytes});
    inflight_bytes += bytes;
}

bool Progress::acknowledged(LogIndex match) {
    while (!inflight.empty() && inflight.front().last_index <= match) {
        inflight_bytes -= inflight.front().bytes;
        inflight.pop_front();
    }
    if (match <= match_index) return false;
    match_index = match;
    next_index = std::max(next_index, match + 1);
    return true;
}

}  // namespace raftkv::raft
