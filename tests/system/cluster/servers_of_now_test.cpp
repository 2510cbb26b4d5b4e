#include <fmt/format.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "tests/system/cluster/bed.hpp"
#include "tests/system/cluster/on_terminal.hpp"

// Commands that know config.json, of clusters whose members are others by now.

namespace raftkv::system_test {
namespace {

using nlohmann::json;
namespace fs = std::filesystem;

TEST(ServersOfNow, AddedOnesAreShownAndLearnersAsSuch) {
    Bed bed(3);
    bed.up();
    ASSERT_EQ(bed.set("a", "1"), std::nullopt);
    const Outcome added = bed.cluster(with({"add", "3", "--learner"}, bed.address_of_new(3)));
    ASSERT_EQ(added.exit, 0) << added.said;
    for (const Outcome& status : {bed.client({"status"}), bed.elsewhere({"client", "status"})}) {
        EXPECT_EQ(status.exit, 0);
        EXPECT_TRUE(status.says("127.0.0.1:" + std::to_string(bed.spare_port(3, 0)) + "  learner"))
            << status.said;
    }
    const Outcome as_json = bed.elsewhere({"client", "--json", "status"});
    const json nodes = json::parse(as_json.said)["nodes"];
    ASSERT_EQ(nodes.size(), 4u) << as_json.said;
    EXPECT_EQ(nodes[0]["votes"], true);
    EXPECT_EQ(nodes[3]["id"], 3);
    EXPECT_EQ(nodes[3]["votes"], false);
    EXPECT_TRUE(comes_true([&] { return !bed.node(3).votes; })) << "the supervisor heard of it";
    EXPECT_TRUE(comes_true([&] { return bed.cluster({"status"}).says("learner"); }))
        << "and of the node itself";
    const Outcome one = bed.elsewhere({"client", "status", "3"});
    EXPECT_EQ(one.exit, 0) << one.said;
    EXPECT_TRUE(one.says("learner")) << one.said;
    // With the three that vote and one that does not, one of the three can be missed.
    const Outcome restarted = bed.cluster({"restart", "all"});
    EXPECT_EQ(restarted.exit, 0) << restarted.said;
}

TEST(ServersOfNow, AClientFollowsToANodeThatWasAdded) {
    Bed bed(3);
    bed.up();
    ASSERT_EQ(bed.set("a", "1"), std::nullopt);
    const Outcome added = bed.cluster(with({"add", "3"}, bed.address_of_new(3)));
    ASSERT_EQ(added.exit, 0) << added.said;
    const Outcome moved = bed.elsewhere({"cluster", "transfer", "3"});
    ASSERT_EQ(moved.exit, 0) << moved.said;
    const Outcome got = bed.elsewhere({"client", "--json", "get", "a"});
    ASSERT_EQ(got.exit, 0) << got.said;
    EXPECT_EQ(json::parse(got.said)["value"], "1");
    EXPECT_EQ(json::parse(got.said)["node"], 3);
    const Outcome by_id = bed.elsewhere({"client", "--node", "3", "set", "b", "2"});
    EXPECT_EQ(by_id.exit, 0) << by_id.said;
    const Outcome by_address = bed.elsewhere(
        {"client", "--node", "127.0.0.1:" + std::to_string(bed.spare_port(3, 0)), "get", "b"});
    EXPECT_EQ(by_address.exit, 0) << by_address.said;
}

TEST(ServersOfNow, TheShellShowsALeaderThatWasAddedWhileItWasOpen) {
    Bed bed(3);
    bed.up();
    OnTerminal shell(RAFTKV_BINARY, bed, {"client"}, false);
    ASSERT_TRUE(shell.shows("(leader)> ")) << shell.seen();
    const Outcome added = bed.cluster(with({"add", "3"}, bed.address_of_new(3)));
    ASSERT_EQ(added.exit, 0) << added.said;
    ASSERT_EQ(bed.cluster({"transfer", "3"}).exit, 0);
    shell.type("\n");
    EXPECT_TRUE(shell.shows("node 3 (leader)> ")) << shell.seen();
    ASSERT_EQ(bed.cluster({"remove", "0"}).exit, 0);
    shell.type("set a 1\n");
    EXPECT_TRUE(shell.shows("OK, version")) << shell.seen();
    EXPECT_TRUE(shell.shows("node 3 (leader)> ")) << shell.seen();
}

TEST(ServersOfNow, AllMayBeOthersThanThoseOfTheFile) {
    Bed bed(3);
    bed.up();
    ASSERT_EQ(bed.set("a", "1"), std::nullopt);
    bed.replace_all(3);
    const Outcome got = bed.client({"get", "a"});
    EXPECT_EQ(got.exit, 0) << got.said;
    EXPECT_EQ(bed.client({"--node", "4", "set", "b", "2"}).exit, 0);
    const Outcome status = bed.client({"--json", "status"});
    EXPECT_EQ(json::parse(status.said)["nodes"].size(), 3u) << status.said;
    EXPECT_EQ(bed.cluster({"transfer"}).exit, 0);
    EXPECT_EQ(bed.cluster({"members"}).exit, 0);
    EXPECT_EQ(bed.cluster({"dump", "keys.jsonl"}).exit, 0);
    EXPECT_EQ(bed.cluster({"load", "--skip", "keys.jsonl"}).exit, 0);
    const Outcome backup = bed.cluster({"backup", "--json", "all.backup"});
    ASSERT_EQ(backup.exit, 0) << backup.said;
    EXPECT_GE(json::parse(backup.said)["node"], 3);
    EXPECT_EQ(bed.cluster({"logs", "5"}).exit, 0);
    const Outcome healed = bed.cluster({"fault", "isolate", "leader", "--for", "10ms"});
    EXPECT_EQ(healed.exit, 0) << healed.said;

    // Where the supervisor's file is not, nobody can know; so that is said, and what to do.
    const Outcome lost = bed.elsewhere({"client", "--timeout", "1", "get", "a"});
    EXPECT_EQ(lost.exit, 69) << lost.said;
    EXPECT_TRUE(lost.says("replaced since: name one of its nodes with --node host:port"))
        << lost.said;
    const Outcome no_members = bed.elsewhere({"cluster", "members"});
    EXPECT_EQ(no_members.exit, 69) << no_members.said;
    EXPECT_TRUE(no_members.says("replaced since: give a file")) << no_members.said;
    const Outcome no_dump = bed.elsewhere({"cluster", "dump", "--timeout", "0.5", "nothing"});
    EXPECT_EQ(no_dump.exit, 69) << no_dump.said;
    EXPECT_TRUE(no_dump.says("replaced since: give a file")) << no_dump.said;
}

// What the supervisor kept is lost, and config.json lists nobody who is left.
void come_back_without(const std::vector<std::string>& files, bool lose_one_folder) {
    Bed bed(3);
    bed.up();
    ASSERT_EQ(bed.set("a", "1"), std::nullopt);
    bed.replace_all(3);
    const auto cluster_of = [&] {
        return json::parse(bed.cluster({"members", "--json"}).said)["cluster_id"];
    };
    const json cluster = cluster_of();
    ASSERT_EQ(bed.cluster({"down"}).exit, 0);
    for (const std::string& file : files) ASSERT_TRUE(fs::remove(bed.paths().data / file)) << file;
    if (lose_one_folder) fs::remove_all(bed.paths().data / "node-4");
    const Outcome up = bed.cluster({"up", "--detach", "--wait"});
    ASSERT_EQ(up.exit, 0) << up.said << Bed::read(bed.paths().log());
    EXPECT_EQ(cluster_of(), cluster) << "no other cluster was made";
    const Outcome got = bed.client({"get", "a"});
    EXPECT_EQ(got.exit, 0) << got.said;
    EXPECT_TRUE(got.says("1")) << got.said;
    EXPECT_EQ(bed.client({"set", "b", "2"}).exit, 0);
    EXPECT_TRUE(comes_true([&] { return bed.status().nodes.size() == 3; }));
    EXPECT_TRUE(comes_true([&] { return fs::exists(bed.paths().data / "members.json"); }));
    EXPECT_NE(Bed::read(bed.paths().log()).find("its members are 3, 4, 5"), std::string::npos);
    if (!lose_one_folder) return;
    EXPECT_TRUE(comes_true([&] { return bed.cluster({"members"}).says("cluster remove 4"); }))
        << bed.cluster({"members"}).said;
}

TEST(ServersOfNow, WithoutTheFileTheFoldersSayWhoIsLeft) {
    come_back_without({"members.json"}, false);
}

TEST(ServersOfNow, WithoutTheFileAndTheRecordOfTheClusterToo) {
    come_back_without({"members.json", "bootstrapped"}, false);
}

TEST(ServersOfNow, WithoutTheFileAndOneFolderAMajorityServes) {
    come_back_without({"members.json", "bootstrapped"}, true);
}

// Those of config.json have nothing, and the members nothing here: nobody takes that for a
// beginning.
TEST(ServersOfNow, WithoutTheFileAndAMajorityOfTheFoldersNobodyBeginsAnew) {
    Bed bed(3);
    bed.up();
    ASSERT_EQ(bed.set("a", "1"), std::nullopt);
    bed.replace_all(3);
    const json cluster = json::parse(bed.cluster({"members", "--json"}).said)["cluster_id"];
    ASSERT_EQ(bed.cluster({"down"}).exit, 0);
    fs::remove(bed.paths().data / "members.json");
    fs::remove(bed.paths().data / "bootstrapped");
    for (int id : {0, 1, 2, 4, 5}) fs::remove_all(bed.paths().data / fmt::format("node-{}", id));
    EXPECT_EQ(bed.cluster({"up", "--detach", "--wait", "--timeout", "3"}).exit, 69);
    // Node 3 is there, and of the cluster that it was of.
    EXPECT_TRUE(comes_true([&] {
        const std::string record = Bed::read(bed.paths().data / "bootstrapped");
        return record.find(cluster.get<std::string>()) != std::string::npos;
    })) << cluster;
    for (int id : {0, 1}) EXPECT_FALSE(fs::exists(bed.paths().data / fmt::format("node-{}", id)));
    EXPECT_FALSE(bed.status().leader);
}

TEST(ServersOfNow, OneThatIsNamedLeadsToAllOthers) {
    Bed bed(3);
    bed.up();
    ASSERT_EQ(bed.set("a", "1"), std::nullopt);
    bed.replace_all(3);
    const std::uint16_t port = bed.spare_port(4, 0);
    std::ofstream(bed.folder() / "one.json")
        << R"({"Path": "none", "Servers": [{"Id": 4, "Hostname": "127.0.0.1", "ClientPort": )"
        << port << R"(, "LogPort": )" << bed.spare_port(4, 1) << R"(, "AdminPort": )"
        << bed.spare_port(4, 2) << "}]}";
    const Outcome members = bed.cluster({"members", "--json", "--config", "one.json"});
    EXPECT_EQ(json::parse(members.said)["members"].size(), 3u) << members.said;
    EXPECT_EQ(bed.client({"--config", "one.json", "get", "a"}).exit, 0);
    EXPECT_EQ(bed.cluster({"transfer", "5", "--config", "one.json"}).exit, 0);
    EXPECT_EQ(bed.client({"--config", "one.json", "get", "a"}).exit, 0) << "it follows to node 5";
}

TEST(ServersOfNow, AWipedClusterIsForgottenWithItsMembers) {
    Bed bed(3);
    bed.up();
    ASSERT_EQ(bed.cluster(with({"add", "3"}, bed.address_of_new(3))).exit, 0);
    EXPECT_TRUE(comes_true([&] { return bed.status().nodes.size() == 4; }));
    const Outcome down = bed.cluster({"down", "--wipe"});
    ASSERT_EQ(down.exit, 0) << down.said;
    EXPECT_FALSE(fs::exists(bed.paths().data)) << "node 3 has left nothing either";
    bed.up();
    EXPECT_EQ(bed.status().nodes.size(), 3u);
}

}  // namespace
}  // namespace raftkv::system_test
