#include <gtest/gtest.h>

#include <csignal>
#include <filesystem>
#include <future>
#include <nlohmann/json.hpp>
#include <string>

#include "cli/admin/admin_client.hpp"
#include "cli/admin/members.hpp"
#include "tests/system/cluster/bed.hpp"

// Members that come and go while everything else goes on.

namespace raftkv::system_test {
namespace {

using cli::MemberKind;
using cli::MembersView;

// Where the next of the bed's free ports are.
Words address_of_new(const Bed& bed, std::uint32_t id) {
    return {"--host",        "127.0.0.1",
            "--client-port", std::to_string(bed.spare_port(id, 0)),
            "--log-port",    std::to_string(bed.spare_port(id, 1)),
            "--admin-port",  std::to_string(bed.spare_port(id, 2))};
}

Words with(Words words, const Words& more) {
    words.insert(words.end(), more.begin(), more.end());
    return words;
}

Outcome add(Bed& bed, std::uint32_t id, const Words& more = {}) {
    return bed.cluster(with(with({"add", std::to_string(id)}, address_of_new(bed, id)), more));
}

MembersView members(const Bed& bed) {
    auto view = cli::find_members(bed.config().servers);
    return view ? std::move(*view) : MembersView{};
}

std::string ids(const MembersView& view) {
    std::string text;
    for (const cli::MemberInfo& member : view.members)
        text += std::to_string(member.where.id.value()) + " ";
    return text;
}

TEST(Members, ANewNodeIsStartedCatchesUpAndVotes) {
    Bed bed(3);
    bed.up();
    ASSERT_EQ(bed.set("a", "1"), std::nullopt);
    const Outcome added = add(bed, 3);
    ASSERT_EQ(added.exit, 0) << added.said;
    EXPECT_TRUE(added.says("node 3 votes")) << added.said;
    EXPECT_EQ(ids(members(bed)), "0 1 2 3 ");
    bed.expect_node(
        3, [](const cli::NodeView& node) { return node.keys == 1; }, "caught up");
    const Outcome list = bed.cluster({"members"});
    EXPECT_TRUE(list.says("voter")) << list.said;
    const Outcome as_json = bed.cluster({"members", "--json"});
    EXPECT_EQ(nlohmann::json::parse(as_json.said).at("members").size(), 4u);
    const Outcome again = add(bed, 3);
    EXPECT_EQ(again.exit, 1);
    EXPECT_TRUE(again.says("has a member with this id already")) << again.said;
}

TEST(Members, ANewNodeJoinsThoughWhomItAsksIsCutOff) {
    Bed bed(3);
    bed.up();
    // The supervisor has it ask the first one.
    if (bed.leader() == 0) {
        ASSERT_EQ(bed.cluster({"transfer", "1"}).exit, 0);
    }
    ASSERT_EQ(bed.cluster({"fault", "isolate", "0"}).exit, 0);
    const Outcome added = add(bed, 3);
    EXPECT_EQ(added.exit, 0) << added.said << Bed::read(bed.paths().node_log(NodeId(3)));
    EXPECT_EQ(members(bed).find(NodeId(3))->kind, MemberKind::voter);
}

TEST(Members, AllAreReplacedOneByOneAndTheDataStays) {
    Bed bed(3);
    bed.up();
    ASSERT_EQ(bed.set("a", "1"), std::nullopt);
    for (std::uint32_t old = 0; old < 3; ++old) {
        const std::uint32_t fresh = old + 3;
        const Outcome replaced =
            bed.cluster(with({"replace", std::to_string(old), std::to_string(fresh), "--json"},
                             address_of_new(bed, fresh)));
        ASSERT_EQ(replaced.exit, 0) << replaced.said;
        EXPECT_TRUE(replaced.says("\"kind\":\"voter\",\"replaces\":" + std::to_string(old)))
            << replaced.said;
        EXPECT_TRUE(comes_true([&] {
            return bed.status().nodes.size() == 3 &&
                   find_node(bed.status(), NodeId(old)) == nullptr;
        })) << "node "
            << old << " stays\n"
            << Bed::read(bed.paths().log());
    }
    const Outcome list = bed.cluster({"status", "--json"});
    EXPECT_TRUE(list.says("\"id\":5")) << list.said;
    // Nobody of config.json is left: the supervisor remembers who is.
    ASSERT_EQ(bed.cluster({"down"}).exit, 0);
    bed.up();
    const cli::ClusterView view = bed.status();
    EXPECT_EQ(view.nodes.size(), 3u);
    EXPECT_NE(find_node(view, NodeId(4)), nullptr);
    auto status = cli::fetch_status("localhost", bed.spare_port(4, 2), std::chrono::seconds(5));
    ASSERT_TRUE(status.ok()) << status.error().message;
    EXPECT_EQ(status->keys, 1u);
}

// It knows none of them, and lets in nobody that it does not know.
TEST(Members, OneThatWasAwayWhileAllOthersWereReplacedFindsThoseWhoCame) {
    Bed bed(3);
    bed.up();
    ASSERT_EQ(bed.set("a", "1"), std::nullopt);
    ASSERT_EQ(bed.cluster({"stop", "1"}).exit, 0);
    for (const auto& [old, fresh] : {std::pair{0u, 3u}, std::pair{2u, 4u}}) {
        const Outcome replaced = bed.cluster(with(
            {"replace", std::to_string(old), std::to_string(fresh)}, address_of_new(bed, fresh)));
        ASSERT_EQ(replaced.exit, 0) << replaced.said;
    }
    const auto has_found_them = [](const cli::NodeView& node) { return node.keys == 1; };
    ASSERT_EQ(bed.cluster({"start", "1"}).exit, 0);
    bed.expect_node(1, has_found_them, "has caught up");
}

// Started with all the others, it has nobody to ask at first.
TEST(Members, OneThatWasAwayFindsThoseWhoCameThoughAllBeginAtOnce) {
    Bed bed(3);
    bed.up();
    ASSERT_EQ(bed.cluster({"stop", "1"}).exit, 0);
    for (const auto& [old, fresh] : {std::pair{0u, 3u}, std::pair{2u, 4u}}) {
        const Outcome replaced = bed.cluster(with(
            {"replace", std::to_string(old), std::to_string(fresh)}, address_of_new(bed, fresh)));
        ASSERT_EQ(replaced.exit, 0) << replaced.said;
    }
    ASSERT_EQ(bed.cluster({"down"}).exit, 0);
    bed.up();
    bed.expect_node(
        1, [](const cli::NodeView& node) { return node.state == cli::NodeState::running; },
        "is no more cut off");
    EXPECT_TRUE(comes_true(
        [&] { return bed.cluster({"status"}).said.find("cut off") == std::string::npos; }));
}

TEST(Members, ALeaderThatIsRemovedHandsOverEndsAndIsRefusedLater) {
    Bed bed(4);
    bed.up();
    const std::uint32_t leader = bed.leader();
    const Outcome removed = bed.cluster({"remove", std::to_string(leader), "--json"});
    ASSERT_EQ(removed.exit, 0) << removed.said;
    EXPECT_EQ(removed.said, "{\"removed\":" + std::to_string(leader) + "}\n");
    EXPECT_TRUE(comes_true([&] { return bed.status().nodes.size() == 3; }));
    const std::string log = Bed::read(bed.paths().node_log(NodeId(leader)));
    EXPECT_NE(log.find("this node was removed from the cluster"), std::string::npos) << log;
    ASSERT_EQ(bed.set("b", "2"), std::nullopt) << "a client that knows the old members only";

    cli::ChildSpec spec;
    spec.program = RAFTKV_BINARY;
    spec.arguments = {"node", std::to_string(leader), "--config",
                      (bed.folder() / "config.json").string()};
    spec.output_file = bed.folder() / "refused.log";
    auto again = cli::ChildProcess::start(spec);
    ASSERT_TRUE(again.ok());
    ASSERT_TRUE(comes_true([&] { return again->poll().has_value(); }));
    EXPECT_EQ(again->poll()->code, 64);
    EXPECT_NE(Bed::read(spec.output_file).find("was removed from the cluster, and this is still"),
              std::string::npos)
        << Bed::read(spec.output_file);
}

TEST(Members, AFolderThatWasWipedIsNotTakenForTheOneThatTheClusterKnows) {
    Bed bed(3);
    bed.up();
    ASSERT_EQ(bed.set("a", "1"), std::nullopt);
    const std::uint32_t victim = (bed.leader() + 1) % 3;
    // The folders of all are known once the leader has written them down.
    ASSERT_TRUE(comes_true([&] {
        const MembersView view = members(bed);
        const cli::MemberInfo* member = view.find(NodeId(victim));
        return member != nullptr && member->folder.has_value() && view.committed;
    }));
    ASSERT_EQ(bed.cluster({"kill", std::to_string(victim)}).exit, 0);
    std::filesystem::remove_all(bed.config().node_path(NodeId(victim)));
    (void)bed.cluster({"start", std::to_string(victim)});
    bed.expect_node(
        victim,
        [](const cli::NodeView& node) { return node.note.find("knows node") != std::string::npos; },
        "waits, and says why");
    EXPECT_EQ(bed.get("a"), "1") << "the others go on";
    // It goes on as what it is, once it is added again.
    ASSERT_EQ(bed.cluster({"remove", std::to_string(victim)}).exit, 0);
    const ServerConfig where = *bed.config().find(NodeId(victim));
    const Outcome added = bed.cluster({"add", std::to_string(victim), "--host", where.host,
                                       "--client-port", std::to_string(where.client_port),
                                       "--log-port", std::to_string(where.log_port), "--admin-port",
                                       std::to_string(where.admin_port)});
    EXPECT_EQ(added.exit, 0) << added.said;
    bed.expect_node(
        victim, [](const cli::NodeView& node) { return node.keys == 1; }, "caught up");
}

TEST(Members, ChangesThatMakeNoSenseAreRefusedWithTheReason) {
    Bed bed(3);
    bed.up();
    const auto refused = [&](const Words& words, int exit, const char* why) {
        const Outcome outcome = bed.cluster(words);
        EXPECT_EQ(outcome.exit, exit) << outcome.said;
        EXPECT_TRUE(outcome.says(why)) << outcome.said;
    };
    refused({"remove", "9"}, 64, "no member with this id");
    refused({"promote", "1"}, 1, "votes already");
    refused(with({"add", "7"}, {"--host", "a/b", "--client-port", "1", "--log-port", "2"}), 64,
            "host=");
    refused({"add", "7"}, 64, "--host");
    const std::uint32_t leader = bed.leader();
    ASSERT_EQ(bed.cluster({"kill", std::to_string((leader + 1) % 3)}).exit, 0);
    // The other two are the majority of three, but one of two would be none.
    refused({"remove", std::to_string((leader + 2) % 3)}, 1, "no majority");
    const Outcome learner = add(bed, 5, {"--learner", "--json"});
    EXPECT_EQ(learner.exit, 0) << learner.said;
    EXPECT_TRUE(learner.says(R"({"node":5,"kind":"learner"})")) << learner.said;
    const MembersView view = members(bed);
    ASSERT_NE(view.find(NodeId(5)), nullptr);
    EXPECT_EQ(view.find(NodeId(5))->kind, MemberKind::learner);
    const Outcome promoted = bed.cluster({"promote", "5", "--json"});
    ASSERT_EQ(promoted.exit, 0) << promoted.said;
    EXPECT_EQ(promoted.said, "{\"node\":5,\"kind\":\"voter\"}\n");
    EXPECT_EQ(members(bed).find(NodeId(5))->kind, MemberKind::voter);
}

TEST(Members, ALeaderThatDiesInAChangeLeavesItToTheNextOne) {
    Bed bed(3);
    bed.up();
    const Outcome begun = add(bed, 3, {"--no-wait"});
    ASSERT_EQ(begun.exit, 0) << begun.said;
    ASSERT_EQ(bed.cluster({"kill", "leader"}).exit, 0);
    EXPECT_TRUE(comes_true([&] {
        const MembersView view = members(bed);
        const cli::MemberInfo* fresh = view.find(NodeId(3));
        return view.is_of_leader() && fresh != nullptr && fresh->kind == MemberKind::voter;
    })) << Bed::read(bed.paths().log());
    EXPECT_EQ(bed.set("a", "1"), std::nullopt);
}

// Kills whoever leads at each step of two changes, and brings it back when another one leads.
class LeaderThatDies : public testing::Test {
  protected:
    void SetUp() override {
        bed.up();
        ASSERT_EQ(bed.set("a", "1"), std::nullopt);
    }

    bool confirms(std::uint32_t id, std::optional<MemberKind> kind) const {
        return members(bed).confirms(NodeId(id), kind);
    }
    void become(std::uint32_t id, std::optional<MemberKind> kind, const char* when) {
        EXPECT_TRUE(comes_true([&] { return confirms(id, kind); }))
            << "a leader that died when " << when << "\n"
            << Bed::read(bed.paths().log());
    }
    std::uint32_t kill_leader() {
        const std::uint32_t leader = bed.leader();
        EXPECT_EQ(bed.cluster({"kill", std::to_string(leader)}).exit, 0);
        return leader;
    }
    void bring_back(std::uint32_t id) {
        EXPECT_TRUE(comes_true([&] { return members(bed).is_of_leader(); }));
        EXPECT_EQ(bed.set("b", "2"), std::nullopt);
        EXPECT_EQ(bed.cluster({"start", std::to_string(id)}).exit, 0);
    }
    void learn() {
        ASSERT_EQ(add(bed, 3, {"--learner"}).exit, 0);
        EXPECT_TRUE(comes_true([&] {
            const MembersView view = members(bed);
            const cli::MemberInfo* learner = view.find(NodeId(3));
            return learner != nullptr && learner->connected && learner->lag == 0u;
        }));
    }
    void promote() {
        EXPECT_TRUE(comes_true([&] { return bed.cluster({"promote", "3"}).exit == 0; }));
    }

    Bed bed{3};
};

TEST_F(LeaderThatDies, OnceALearnerIsAddedLeavesALearner) {
    ASSERT_EQ(add(bed, 3, {"--learner", "--no-wait"}).exit, 0);
    const std::uint32_t dead = kill_leader();
    become(3, MemberKind::learner, "a learner was added");
    bring_back(dead);
}

TEST_F(LeaderThatDies, OnceALearnerHasCaughtUpLeavesOneThatCanBePromoted) {
    learn();
    const std::uint32_t dead = kill_leader();
    promote();
    become(3, MemberKind::voter, "a learner had caught up");
    bring_back(dead);
}

TEST_F(LeaderThatDies, OnceALearnerIsPromotedLeavesAVoter) {
    learn();
    promote();
    const std::uint32_t dead = kill_leader();
    become(3, MemberKind::voter, "a learner was promoted");
    bring_back(dead);
    // Three of the four do without this one.
    EXPECT_TRUE(comes_true([&] { return bed.leader() != dead; }));
}

// What only the dead one knew has not happened, for itself neither when it is back.
TEST_F(LeaderThatDies, WithARemovalThatNobodyElseHasHeardOfRemovesNobody) {
    const std::uint32_t leader = bed.leader();
    const std::uint32_t victim = (leader + 1) % 3;
    ASSERT_EQ(bed.cluster({"fault", "delay", "60s", std::to_string(leader)}).exit, 0);
    const ServerConfig admin = *bed.config().find(NodeId(leader));
    auto order = std::async(std::launch::async, [&] {
        return cli::http_post(admin.admin_host, admin.admin_port,
                              "/members/remove?id=" + std::to_string(victim),
                              std::chrono::seconds(15));
    });
    ASSERT_TRUE(comes_true([&] {
        const auto own =
            cli::fetch_members(admin.admin_host, admin.admin_port, std::chrono::seconds(1));
        return own && own->find(NodeId(victim)) == nullptr && !own->committed;
    })) << "the removal is not in the leader's log";
    ASSERT_EQ(bed.cluster({"kill", std::to_string(leader)}).exit, 0);
    EXPECT_FALSE(order.get().ok());
    become(victim, MemberKind::voter, "only it knew of a removal");
    bring_back(leader);
    bed.expect_node(
        leader, [](const cli::NodeView& node) { return node.role == cli::NodeRole::follower; },
        "back");
    become(victim, MemberKind::voter, "only it knew of a removal");
    // Once the one that is back answers its leader: the two that are left are a majority of two.
    Outcome removed;
    EXPECT_TRUE(comes_true([&] {
        removed = bed.cluster({"remove", std::to_string(victim)});
        return removed.exit == 0;
    })) << removed.said;
    become(victim, std::nullopt, "only it knew of a removal");
}

TEST_F(LeaderThatDies, OnceARemovalIsCommittedLeavesItToTheNextOneToTell) {
    learn();
    promote();
    const std::uint32_t leader = bed.leader();
    const std::uint32_t victim = leader == 3 ? 0 : 3;
    // Else it hears of it from the one that is to die.
    ASSERT_EQ(bed.cluster({"pause", std::to_string(victim)}).exit, 0);
    ASSERT_EQ(bed.cluster({"remove", std::to_string(victim)}).exit, 0);
    ASSERT_EQ(bed.cluster({"kill", std::to_string(leader)}).exit, 0);
    become(victim, std::nullopt, "a removal was committed");
    (void)bed.cluster({"resume", std::to_string(victim)});
    EXPECT_TRUE(comes_true([&] {
        return Bed::read(bed.paths().node_log(NodeId(victim)))
                   .find("this node was removed from the cluster") != std::string::npos;
    })) << Bed::read(bed.paths().node_log(NodeId(victim)));
    bring_back(leader);
}

// "add" that is given the ports of a member by mistake.
TEST(Members, ANewNodeWithThePortsOfAMemberIsRefusedAtOnce) {
    Bed bed(3);
    bed.up();
    const ServerConfig taken = *bed.config().find(NodeId(1));
    const auto place = [&](std::uint16_t client, std::uint16_t log) {
        return Words{"--host",        taken.host,
                     "--client-port", std::to_string(client),
                     "--log-port",    std::to_string(log),
                     "--admin-port",  std::to_string(bed.spare_port(3, 2))};
    };
    for (const Words& where : {place(taken.client_port, bed.spare_port(3, 1)),
                               place(bed.spare_port(3, 0), taken.log_port)}) {
        for (const Words& verb : {Words{"add", "3"}, Words{"replace", "2", "3"}}) {
            const Outcome refused = bed.cluster(with(verb, where), std::chrono::seconds(10));
            EXPECT_EQ(refused.exit, 1) << refused.said;
            EXPECT_TRUE(refused.says("member node 1")) << refused.said;
        }
    }
    EXPECT_EQ(ids(members(bed)), "0 1 2 ");
}

TEST(Members, ANodeThatWasStoppedAndRemovedComesBackWithAnEmptyFolder) {
    Bed bed(4);
    bed.up();
    ASSERT_EQ(bed.cluster({"stop", "3"}).exit, 0);
    ASSERT_EQ(bed.cluster({"remove", "3"}).exit, 0);
    std::filesystem::remove_all(bed.config().node_path(NodeId(3)));
    const ServerConfig place = *bed.config().find(NodeId(3));
    const Outcome added = bed.cluster({"add", "3", "--host", place.host, "--client-port",
                                       std::to_string(place.client_port), "--log-port",
                                       std::to_string(place.log_port), "--admin-port",
                                       std::to_string(place.admin_port), "--timeout", "20"});
    EXPECT_EQ(added.exit, 0) << added.said << Bed::read(bed.paths().log());
}

TEST(Members, WhyANewNodeIsNotLetInIsToldByTheCommandThatAddsIt) {
    Bed bed(4);
    bed.up();
    ASSERT_EQ(bed.cluster({"remove", "3"}).exit, 0);
    ASSERT_TRUE(comes_true([&] { return find_node(bed.status(), NodeId(3)) == nullptr; }));
    // Its old folder is still there.
    const Outcome added = add(bed, 3, {"--timeout", "20"});
    EXPECT_EQ(added.exit, 1) << added.said;
    EXPECT_TRUE(added.says("was removed from the cluster")) << added.said;
}

TEST(Members, AMemberMovesToOtherPortsAndTheOthersFollow) {
    Bed bed(3);
    bed.up();
    ASSERT_EQ(bed.set("a", "1"), std::nullopt);
    for (const std::uint32_t id : {(bed.leader() + 1) % 3, bed.leader()}) {
        Words words = with({"move", std::to_string(id)}, address_of_new(bed, id));
        const Outcome moved = bed.cluster(words);
        ASSERT_EQ(moved.exit, 0) << moved.said << Bed::read(bed.paths().log());
        const auto status =
            cli::fetch_status("127.0.0.1", bed.spare_port(id, 2), std::chrono::seconds(5));
        ASSERT_TRUE(status.ok()) << status.error().message;
        EXPECT_EQ(status->id, NodeId(id));
        EXPECT_EQ(bed.cluster(words).exit, 64) << "it is there already";
    }
    EXPECT_EQ(bed.get("a"), "1");
    ASSERT_EQ(bed.cluster({"down"}).exit, 0);
    bed.up();
    EXPECT_EQ(bed.get("a"), "1");
    EXPECT_EQ(bed.cluster({"move", "9", "--log-port", "1"}).exit, 64);
}

// A majority is needed to take a move into the log, and cannot run at the old ports.
TEST(Members, MovesThatAreMadeWhileAllAreDownCountFromTheNextStartOn) {
    Bed bed(3);
    bed.up();
    ASSERT_EQ(bed.set("a", "1"), std::nullopt);
    ASSERT_EQ(bed.cluster({"down"}).exit, 0);
    for (const std::uint32_t id : {0U, 1U, 2U}) {
        const Outcome moved =
            bed.cluster(with({"move", std::to_string(id)}, address_of_new(bed, id)));
        ASSERT_EQ(moved.exit, 0) << moved.said;
        EXPECT_TRUE(moved.says(".moved")) << moved.said;
    }
    bed.up();
    EXPECT_TRUE(bed.client({"get", "a"}).says("1"));
    EXPECT_TRUE(comes_true([&] {
        std::error_code ignored;
        int left = 0;
        for (const auto& entry : std::filesystem::directory_iterator(bed.paths().data, ignored))
            if (entry.path().extension() == ".moved") ++left;
        return left == 0;
    })) << Bed::read(bed.paths().log());
    ASSERT_EQ(bed.cluster({"down"}).exit, 0);
    bed.up();
    EXPECT_TRUE(bed.client({"get", "a"}).says("1"));
}

}  // namespace
}  // namespace raftkv::system_test
