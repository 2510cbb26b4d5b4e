#include "cli/cluster/members_table.hpp"

#include <gtest/gtest.h>

#include <cstdint>
#include <string>

namespace raftkv::cli {
namespace {

MemberInfo member(std::uint32_t id, MemberKind kind, bool connected) {
    MemberInfo info;
    info.where.id = NodeId(id);
    info.where.host = "localhost";
    info.kind = kind;
    info.connected = connected;
    return info;
}

// Node 0 leads, and node 2 is to take its place.
MembersView replacement() {
    MembersView view;
    view.leader = view.answered_by = NodeId(0);
    view.committed = true;
    view.members = {member(0, MemberKind::voter, true), member(1, MemberKind::voter, true),
                    member(2, MemberKind::voter, true)};
    view.members[2].replaces = NodeId(0);
    return view;
}

bool says(const MembersView& view, const std::string& text) {
    return members_table(view, {}).find(text) != std::string::npos;
}

TEST(MembersTable, SaysWhyAReplacementWaitsAndHowToGiveItUp) {
    MembersView view = replacement();
    EXPECT_TRUE(says(view, "node 2 takes the place of node 0: node 0 is about to be removed"));
    view.members[1].connected = false;
    EXPECT_TRUE(says(view,
                     "node 2 takes the place of node 0: without node 0 no majority of the voters "
                     "would answer: start 1 again, or remove it (\"raftkv cluster remove 2\" gives "
                     "it up)"));
    view.leader = NodeId(1);
    EXPECT_FALSE(says(view, "gives it up")) << "only the leader knows";
}

TEST(MembersTable, SaysWhyOneThatJoinsWaits) {
    MembersView view = replacement();
    view.members[2].replaces.reset();
    EXPECT_FALSE(says(view, "gives it up"));
    view.members[2].kind = MemberKind::joining;
    view.members[2].lag = 7;
    EXPECT_TRUE(says(view, "node 2 joins: it is 7 entries behind"));
    view.members[2].connected = false;
    EXPECT_TRUE(says(view, "node 2 joins: it does not answer the leader"));
    view.members[2].refused = "node 2 has another data folder";
    EXPECT_TRUE(says(view, "node 2 joins: it is refused: node 2 has another data folder"));
}

}  // namespace
}  // namespace raftkv::cli
