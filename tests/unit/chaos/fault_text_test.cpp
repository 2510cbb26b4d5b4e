#include "cli/test/chaos/fault_text.hpp"

#include <gtest/gtest.h>

#include <set>

namespace raftkv::chaos {
namespace {

ClusterConfig five_nodes() {
    ClusterConfig config;
    for (std::uint32_t id = 0; id < 5; ++id) {
        ServerConfig server;
        server.id = NodeId(id);
        config.servers.push_back(server);
    }
    return config;
}

PlannedFault planned(Kind kind, std::int64_t amount = 0) {
    PlannedFault fault;
    fault.kind = kind;
    fault.lasts = Millis(700);
    fault.amount = amount;
    return fault;
}

const std::vector<NodeId> two = {NodeId(2)};
const std::vector<NodeId> everybody = {NodeId(0), NodeId(1), NodeId(2), NodeId(3), NodeId(4)};

TEST(FaultText, SaysWhatIsDoneToWhom) {
    EXPECT_EQ(describe(planned(Kind::kill), {NodeId(2), NodeId(4)}, NodeId(2)),
              "kill node 2 (leader), node 4");
    EXPECT_EQ(describe(planned(Kind::delay, 40), everybody, NodeId(2)),
              "all messages take 40 ms longer");
    EXPECT_EQ(describe(planned(Kind::drop, 250), everybody, NodeId(2)),
              "2.5 % of all messages vanish");
    EXPECT_EQ(describe(planned(Kind::clock_jump, -1'500), two, std::nullopt),
              "the clock of node 2 is wrong by -1500 ms");
    EXPECT_EQ(describe(planned(Kind::clock_drift, -300), two, std::nullopt),
              "the clocks of node 2 are 3 % too slow");
    EXPECT_EQ(describe(planned(Kind::replace_member), {NodeId(2), NodeId(6)}, NodeId(2)),
              "node 6 takes the place of node 2 (leader)");
}

TEST(FaultText, SaysSomethingElseOfEachKind) {
    std::set<std::string> texts;
    for (const KindTraits& kind : all_kinds()) {
        texts.insert(describe(planned(kind.kind, 5), two, std::nullopt));
    }
    EXPECT_EQ(texts.size(), all_kinds().size() - 1);  // pause and pause_most differ in the number
}

// "1: cut from 2 for 700ms" for each word to a node.
std::set<std::string> words_of(const PlannedFault& fault, const std::vector<NodeId>& nodes) {
    std::set<std::string> words;
    for (const cli::NodeFault& each : node_faults_of(fault, nodes, five_nodes())) {
        words.insert(std::to_string(each.node.value()) + ": " + to_text(each.fault));
    }
    return words;
}

TEST(NodeFaults, OfADeafNodeAreOneWay) {
    const auto words = words_of(planned(Kind::deafen), two);
    EXPECT_TRUE(words.count("2: cut from 0 for 700ms"));
    EXPECT_TRUE(words.count("0: cut to 2 for 700ms"));
    EXPECT_FALSE(words.count("2: cut to 0 for 700ms"));
    EXPECT_EQ(words.size(), 8u);
}

TEST(NodeFaults, OfAMuteNodeAreTheOtherWay) {
    const auto words = words_of(planned(Kind::mute), two);
    EXPECT_TRUE(words.count("2: cut to 0 for 700ms"));
    EXPECT_TRUE(words.count("0: cut from 2 for 700ms"));
    EXPECT_FALSE(words.count("2: cut from 0 for 700ms"));
}

TEST(NodeFaults, OfASplitLeaveEachSideWhole) {
    const auto words = words_of(planned(Kind::split), {NodeId(2), NodeId(4)});
    EXPECT_TRUE(words.count("2: cut to 0 for 700ms"));
    EXPECT_TRUE(words.count("4: cut from 3 for 700ms"));
    EXPECT_FALSE(words.count("2: cut to 4 for 700ms"));
    EXPECT_FALSE(words.count("0: cut to 1 for 700ms"));
}

TEST(NodeFaults, OfABridgeLeaveItsOwnLinks) {
    for (const std::string& word : words_of(planned(Kind::bridge), two)) {
        EXPECT_NE(word[0], '2') << word;
        EXPECT_EQ(word.find(" 2 "), std::string::npos) << word;
    }
}

TEST(NodeFaults, OfAShatteredClusterCutAllLinks) {
    EXPECT_EQ(words_of(planned(Kind::shatter), everybody).size(), 5u * 4u * 2u);
}

TEST(NodeFaults, AreOfTheNodesThatAreMeant) {
    using Words = std::set<std::string>;
    EXPECT_EQ(words_of(planned(Kind::fill_disk), two), Words{"2: disk-full for 700ms"});
    EXPECT_EQ(words_of(planned(Kind::stall_disk), two), Words{"2: stall-disk for 700ms"});
    EXPECT_EQ(words_of(planned(Kind::slow_disk, 30), two), Words{"2: slow-disk 30ms for 700ms"});
    EXPECT_EQ(words_of(planned(Kind::clock_jump, 900), two), Words{"2: clock +900ms for 700ms"});
    EXPECT_EQ(words_of(planned(Kind::clock_drift, -50), two),
              Words{"2: clock-rate -0.5% for 700ms"});
    EXPECT_EQ(words_of(planned(Kind::delay, 20), everybody).size(), 5u);
    EXPECT_EQ(words_of(planned(Kind::drop, 100), everybody).size(), 5u);
}

TEST(NodeFaults, AreNoneForWhatSignalsDo) {
    for (Kind kind :
         {Kind::kill, Kind::kill_all, Kind::pause, Kind::pause_most, Kind::transfer,
          Kind::add_member, Kind::add_learner, Kind::remove_member, Kind::replace_member}) {
        EXPECT_TRUE(node_faults_of(planned(kind), two, five_nodes()).empty());
    }
}

}  // namespace
}  // namespace raftkv::chaos
