#include "node/server/problems.hpp"

#include <fmt/format.h>

namespace raftkv::server {
namespace {

using Kind = raft::Contradiction::Kind;

Problem describe(NodeId id, const raft::Contradiction& found) {
    if (found.kind == Kind::lost_tail)
        return {
            "lost_tail",
            fmt::format("the log of this node ends with entry {}, and it has acknowledged "
                        "entries up to {}, says node {}, the leader: its disk was put back to "
                        "an older state, or lost what was durable. It takes no entries. "
                        "\"raftkv cluster remove {}\" and then \"raftkv cluster add\" bring it "
                        "back with an empty folder, from the others",
                        found.last.value(), found.index.value(), found.leader.value(), id.value())};
    return {
        "contradiction",
        fmt::format(
            "the log of node {}, the leader, contradicts what is committed here: entry {} is "
            "of term {} there, and of term {} here, where the log ends with entry {}. A disk "
            "was put back to an older state, and what was acknowledged is gone there. This "
            "node keeps its entries and takes none. To go on with them: end all nodes, and "
            "\"raftkv cluster recover --from {}\" on this machine. To do without them: "
            "\"raftkv cluster remove {}\", and then \"raftkv cluster add\" with an empty folder",
            found.leader.value(), found.index.value(), found.theirs.value(), found.ours.value(),
            found.last.value(), id.value(), id.value())};
}

}  // namespace

std::vector<Problem> problems_of(NodeId id, const replica::Standing& standing) {
    std::vector<Problem> problems;
    if (standing.distrusted)
        problems.push_back(
            {"diverged",
             "the state of this node is the odd one out: it does not lead or answer any more. "
             "Restart it, and it makes its state anew from its snapshot and log"});
    if (standing.contradiction) problems.push_back(describe(id, *standing.contradiction));
    if (standing.unreadable_snapshot)
        problems.push_back(
            {"unreadable_snapshot",
             fmt::format("the file of the snapshot after entry {} is missing or damaged; another "
                         "snapshot is being taken. If this node ends before that is done, "
                         "\"raftkv cluster rebuild {}\" makes its folder anew from the others",
                         standing.unreadable_snapshot->value(), id.value())});
    return problems;
}

}  // namespace raftkv::server
