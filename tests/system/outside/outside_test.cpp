#include <gtest/gtest.h>

#include <fstream>
#include <string>

#include "cli/admin/members.hpp"
#include "tests/system/outside/machines.hpp"
#include "tests/system/outside/private_world.hpp"

// Faults that no switch of the node makes: packets that a firewall drops, a file system without
// room. For root; skipped, with the reason, where the machine does not allow it.

namespace raftkv::system_test {
namespace {

using cli::NodeRole;

class Outside : public testing::Test {
  protected:
    void SetUp() override {
        if (auto entered = PrivateWorld::enter(); !entered) GTEST_SKIP() << entered.error().message;
    }

    static void drop(NodeId at, const std::vector<NodeId>& from) {
        std::string addresses;
        for (NodeId id : from)
            addresses += (addresses.empty() ? "" : ",") + PrivateWorld::address(id.value());
        auto dropped = PrivateWorld::drop_from(at.value(), addresses);
        ASSERT_TRUE(dropped.ok()) << dropped.error().message;
    }
    static void drop_nothing(const std::vector<NodeId>& at) {
        for (NodeId id : at) ASSERT_TRUE(PrivateWorld::drop_nothing(id.value()).ok());
    }
};

TEST_F(Outside, a_leader_whose_network_is_cut_is_replaced_and_comes_back) {
    Machines machines(3);
    NodeId old = machines.leader_of(machines.all());
    machines.set_one();
    for (NodeId other : machines.others(old)) drop(other, {old});
    drop(old, machines.others(old));
    NodeId next = machines.leader_of(machines.others(old));
    EXPECT_NE(next, old);
    machines.set_one();
    EXPECT_TRUE(comes_true([&] {
        auto seen = machines.status(old);
        return seen && seen->role != NodeRole::leader;
    }));
    drop_nothing(machines.all());
    EXPECT_EQ(machines.leader_of(machines.all()), next);
    machines.expect_level();
    machines.expect_nothing_lost();
}

// Between two followers there is no traffic that would show that one is gone.
TEST_F(Outside, who_is_cut_off_is_soon_called_connected_by_nobody) {
    Machines machines(3);
    const NodeId leader = machines.leader_of(machines.all());
    const NodeId cut = machines.others(leader).front();
    const NodeId other = machines.others(leader).back();
    const auto connected = [&](NodeId asked, NodeId about) {
        const ServerConfig& where = *machines.config().find(asked);
        const auto view =
            cli::fetch_members(where.admin_host, where.admin_port, std::chrono::milliseconds(1000));
        const cli::MemberInfo* member = view ? view->find(about) : nullptr;
        return member != nullptr && member->connected;
    };
    EXPECT_TRUE(comes_true([&] { return connected(other, cut) && connected(leader, cut); }));
    drop(cut, {leader, other});
    for (NodeId id : {leader, other}) drop(id, {cut});
    const auto soon = std::chrono::seconds(2);
    EXPECT_TRUE(comes_true([&] { return !connected(leader, cut); }, soon));
    EXPECT_TRUE(comes_true([&] { return !connected(other, cut); }, soon));
    EXPECT_TRUE(
        comes_true([&] { return !connected(cut, other) && !connected(cut, leader); }, soon));
    drop_nothing(machines.all());
    EXPECT_TRUE(comes_true([&] { return connected(other, cut) && connected(cut, other); }));
}

TEST_F(Outside, packets_that_get_through_one_way_alone_stop_nobody) {
    Machines machines(3);
    NodeId leader = machines.leader_of(machines.all());
    // The follower hears the leader no more, not even that its own packets arrive.
    NodeId deaf = machines.others(leader).front();
    drop(deaf, {leader});
    EXPECT_TRUE(comes_true([&] {
        auto seen = machines.status(deaf);
        return seen && !seen->leader;
    }));
    for (int count = 0; count < 20; ++count) machines.set_one();
    drop_nothing(machines.all());
    machines.expect_level();
    machines.expect_nothing_lost();
}

TEST_F(Outside, a_file_system_without_room_costs_the_leadership_and_nothing_else) {
    Machines machines(3, 96u << 20);
    NodeId full = machines.leader_of(machines.all());
    machines.set_one();
    auto ballast = machines.config().node_path(full) / "ballast";
    std::ofstream(ballast) << std::string(96u << 20, 'x');
    std::string large(500'000, 'x');
    EXPECT_TRUE(comes_true([&] {
        machines.set_one(large);
        auto seen = machines.status(full);
        return seen && seen->role != NodeRole::leader && !seen->log_has_room;
    }));
    for (int count = 0; count < 20; ++count) machines.set_one();
    // Filled, freed, started again: what it had is there.
    std::filesystem::remove(ballast);
    machines.kill(full);
    machines.start(full);
    machines.expect_level();
    EXPECT_TRUE(machines.status(full)->log_has_room);
    machines.expect_nothing_lost();
}

}  // namespace
}  // namespace raftkv::system_test
