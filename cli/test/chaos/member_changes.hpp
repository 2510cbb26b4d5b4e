#pragma once

#include <future>
#include <optional>
#include <string>
#include <vector>

#include "cli/test/chaos/schedule.hpp"
#include "cli/test/local_cluster.hpp"
#include "common/result.hpp"

namespace raftkv::chaos {

// Has the members of a cluster changed, one change at a time, and sees to their processes: who was
// added is started, who was removed ends by itself and loses its disk. Orders wait for their
// answers on a thread of their own; everything else is for the thread that the cluster belongs to.
class MemberChanges {
  public:
    // Waits at the end for the order that is under way.
    explicit MemberChanges(test::LocalCluster& cluster);

    const Roster& roster() const { return roster_; }
    bool under_way() const { return change_.has_value(); }

    // `nodes` are what choose_members() says. None may be under way.
    void begin(Kind kind, const std::vector<NodeId>& nodes);
    // Does what has become possible since.
    Result<void> look();
    // Of the change that is over: why it was not made, or not wholly; empty: it was.
    const std::string& problem() const { return problem_; }

    // When nothing else goes wrong any more: brings to its end what was begun, and starts who is
    // missing. What is still to come; empty: the members vote, and they and nobody else run.
    Result<std::string> settle();

  private:
    struct Change {
        Kind kind = Kind::add_member;
        std::optional<NodeId> old, fresh;
        bool in_the_log = false;
        // The order, then that the members are as it wants them.
        std::future<Result<void>> answer = {};
    };

    Result<void> see_who_ended();
    Result<void> start(NodeId fresh);
    void end(std::string problem);

    test::LocalCluster& cluster_;
    Roster roster_;
    std::string problem_;
    std::optional<Change> change_;
};

}  // namespace raftkv::chaos
