#include "node/replica/state_marks.hpp"

#include <algorithm>

#include "node/raft/quorum.hpp"

namespace raftkv::replica {
namespace {

constexpr std::size_t most = 64;

template <class Mark>
void add(std::deque<Mark>& marks, const Mark& mark) {
    marks.push_back(mark);
    if (marks.size() > most) marks.pop_front();
}

}  // namespace

void StateMarks::reached(const raft::StateMark& mark) {
    add(reached_, mark);
    for (const Heard& heard : heard_)
        if (heard.mark.index == mark.index) compare(mark, heard);
    std::erase_if(heard_, [&](const Heard& heard) { return heard.mark.index <= mark.index; });
}

void StateMarks::heard(NodeId peer, const raft::StateMark& mark) {
    const auto same =
        std::find_if(reached_.begin(), reached_.end(),
                     [&](const raft::StateMark& ours) { return ours.index == mark.index; });
    if (same != reached_.end()) return compare(*same, {peer, mark});
    if (!reached_.empty() && mark.index < reached_.back().index) return;  // too long ago
    const bool known = std::any_of(heard_.begin(), heard_.end(), [&](const Heard& heard) {
        return heard.peer == peer && heard.mark == mark;
    });
    if (!known) add(heard_, {peer, mark});
}

void StateMarks::forget(NodeId peer) {
    agree_.erase(peer);
    std::erase_if(heard_, [&](const Heard& heard) { return heard.peer == peer; });
}

void StateMarks::compare(const raft::StateMark& ours, const Heard& heard) {
    agree_[heard.peer] = ours.hash == heard.mark.hash;
    if (ours.hash != heard.mark.hash && !divergence_)
        divergence_ = Divergence{ours.index, heard.peer, ours.hash, heard.mark.hash};
    // Somebody may have said something that the peer did not.
    const bool made_good = ours.hash == heard.mark.hash && divergence_ &&
                           divergence_->peer == heard.peer && ours.index >= divergence_->index;
    if (made_good) divergence_.reset();
}

StateMarks::Verdict StateMarks::verdict(std::size_t servers) const {
    Verdict verdict;
    for (const auto& [peer, agrees] : agree_)
        if (!agrees) verdict.differ.push_back(peer);
    const std::size_t agree = 1 + agree_.size() - verdict.differ.size();
    verdict.we_are_odd = verdict.differ.size() >= raft::majority(servers);
    if (agree < raft::majority(servers)) verdict.differ.clear();
    return verdict;
}

}  // namespace raftkv::replica
