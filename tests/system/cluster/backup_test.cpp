#include <fmt/format.h>
#include <gtest/gtest.h>
#include <sys/wait.h>

#include <cstdio>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <string>

#include "tests/system/cluster/bed.hpp"

// The data of a cluster of real nodes in a file, and a new cluster of that; and what is left of one
// that has lost its majority.

namespace raftkv::system_test {
namespace {

using nlohmann::json;
namespace fs = std::filesystem;

void expect_refused(const Outcome& outcome, int exit, std::string_view words) {
    EXPECT_EQ(outcome.exit, exit) << outcome.said;
    EXPECT_TRUE(outcome.says(words)) << outcome.said;
}

// What its own cluster id is, as the folder says it.
std::string identity(const Bed& bed, const std::string& folder) {
    return Bed::read(bed.folder() / "data" / folder / "identity");
}

TEST(Backup, ComesBackAsANewCluster) {
    Bed bed(3);
    bed.up();
    ASSERT_EQ(bed.set("plain", "my name is arun"), std::nullopt);
    ASSERT_EQ(bed.set("large", std::string(1u << 20, 'x')), std::nullopt);
    const Outcome taken = bed.cluster({"backup", "--json", "all.backup"});
    ASSERT_EQ(taken.exit, 0) << taken.said;
    const json report = json::parse(taken.said);
    EXPECT_NE(report["node"], bed.leader()) << "a follower has less to do";
    EXPECT_EQ(report["bytes"], fs::file_size(bed.folder() / "all.backup"));
    EXPECT_FALSE(fs::exists(bed.folder() / "all.backup.part"));
    expect_refused(bed.cluster({"backup", "all.backup"}), 64, "--force");
    ASSERT_EQ(bed.set("later", "after the backup"), std::nullopt);
    // A member that the restored cluster does not have, noted in members.json.
    ASSERT_EQ(bed.cluster(with({"add", "3", "--learner"}, bed.address_of_new(3))).exit, 0);
    ASSERT_TRUE(comes_true([&] { return bed.status().nodes.size() == 4; }));

    expect_refused(bed.cluster({"restore", "all.backup"}), 1, "already runs");
    ASSERT_EQ(bed.cluster({"down"}).exit, 0);
    expect_refused(bed.cluster({"restore", "all.backup"}), 64, "is there already");
    const std::string old_identity = identity(bed, "node-0");
    for (const char* name : {"node-0", "node-1", "node-2"})
        fs::rename(bed.folder() / "data" / name,
                   bed.folder() / "data" / (std::string("old-") + name));
    const Outcome restored = bed.cluster({"restore", "--json", "all.backup"});
    ASSERT_EQ(restored.exit, 0) << restored.said;
    const std::string cluster = json::parse(restored.said)["cluster"];
    EXPECT_NE(identity(bed, "node-2").find("cluster " + cluster), std::string::npos);
    EXPECT_EQ(old_identity.find("cluster " + cluster), std::string::npos);
    bed.up();
    EXPECT_EQ(bed.status().nodes.size(), 3u) << "config.json says who the members are, again";
    EXPECT_EQ(bed.get("plain"), "my name is arun");
    EXPECT_EQ(bed.get("large"), std::string(1u << 20, 'x'));
    EXPECT_EQ(bed.get("later"), std::nullopt);
    ASSERT_EQ(bed.set("later", "and it goes on"), std::nullopt);
    EXPECT_EQ(bed.get("later"), "and it goes on");
}

TEST(Backup, OfADamagedFileNothingIsMade) {
    Bed bed(1);
    bed.up();
    ASSERT_EQ(bed.set("key", std::string(100'000, 'v')), std::nullopt);
    ASSERT_EQ(bed.cluster({"backup", "good"}).exit, 0);
    ASSERT_EQ(bed.cluster({"down"}).exit, 0);
    fs::rename(bed.folder() / "data" / "node-0", bed.folder() / "data" / "moved");
    const std::string good = Bed::read(bed.folder() / "good");
    std::string flipped = good;
    flipped[good.size() / 2] = static_cast<char>(flipped[good.size() / 2] ^ 1);
    std::ofstream(bed.folder() / "flipped", std::ios::binary) << flipped;
    std::ofstream(bed.folder() / "short", std::ios::binary) << good.substr(0, good.size() - 8);
    std::ofstream(bed.folder() / "other", std::ios::binary) << "no backup at all";
    for (const char* name : {"flipped", "short", "other"}) {
        expect_refused(bed.cluster({"restore", name}), 65, name);
        EXPECT_FALSE(fs::exists(bed.folder() / "data" / "node-0"));
        EXPECT_FALSE(fs::exists(bed.folder() / "data" / "node-0.restore"));
    }
    expect_refused(bed.cluster({"restore", "nowhere"}), 64, "nowhere");
    expect_refused(bed.cluster({"restore", "good", "--node", "7"}), 64, "no node 7");
    expect_refused(bed.cluster({"restore", "good", "--cluster-id", "xyz"}), 64, "16 hex digits");
    // As on several machines, one after another: who comes later takes the id of the first.
    const Outcome made = bed.cluster({"restore", "good", "--cluster-id", "00000000000000ab"});
    EXPECT_EQ(made.exit, 0) << made.said;
    EXPECT_NE(identity(bed, "node-0").find("cluster 00000000000000ab"), std::string::npos);
}

TEST(Backup, OfANodeWhoseDiskIsFullEndsWithTheReason) {
    Bed bed(1);
    bed.up();
    ASSERT_EQ(bed.set("key", "value"), std::nullopt);
    ASSERT_EQ(bed.cluster({"fault", "disk-full", "0"}).exit, 0);
    expect_refused(bed.cluster({"backup", "--timeout", "20", "out"}), 1,
                   "node 0 could not take a snapshot: ");
    ASSERT_EQ(bed.cluster({"fault", "heal"}).exit, 0);
    EXPECT_EQ(bed.cluster({"backup", "out"}).exit, 0);
}

// Files may have 25 KB, as on a disk that has no more.
Outcome backup_with_little_room(const Bed& bed, const std::string& words) {
    const std::string command =
        fmt::format("cd '{}' && ulimit -f 50 && exec {} cluster backup {} 2>&1",
                    bed.folder().string(), RAFTKV_BINARY, words);
    FILE* pipe = ::popen(command.c_str(), "r");
    std::string said;
    for (int c = 0; pipe && (c = std::fgetc(pipe)) != EOF;) said += static_cast<char>(c);
    const int status = pipe ? ::pclose(pipe) : -1;
    return {WIFEXITED(status) ? WEXITSTATUS(status) : -1, said};
}

TEST(Backup, AFullDiskIsSaidAndLeavesNoHalfFile) {
    Bed bed(1);
    bed.up();
    ASSERT_EQ(bed.set("key", std::string(100'000, 'v')), std::nullopt);
    const Outcome full = backup_with_little_room(bed, "out");
    expect_refused(full, 74, "File too large");
    EXPECT_TRUE(full.says("out.part")) << full.said;
    EXPECT_FALSE(fs::exists(fs::symlink_status(bed.folder() / "out")));
    EXPECT_FALSE(fs::exists(fs::symlink_status(bed.folder() / "out.part")));
    std::ofstream(bed.folder() / "out") << "an older one";
    expect_refused(backup_with_little_room(bed, "--force out"), 74, "File too large");
    EXPECT_EQ(Bed::read(bed.folder() / "out"), "an older one");
    expect_refused(bed.cluster({"backup", "no/such/out"}), 74, "no/such/out.part");
    EXPECT_EQ(bed.cluster({"backup", "--force", "out"}).exit, 0) << "and then there is space";
}

TEST(Backup, SaysThatNobodyLeads) {
    Bed bed(3);  // and none of its nodes runs
    expect_refused(bed.cluster({"backup", "--timeout", "0.5", "out"}), 69, "no leader was found");
    expect_refused(bed.cluster({"backup", "--from", "1", "--timeout", "0.5", "out"}), 69, "");
    expect_refused(bed.cluster({"backup", "--from", "7", "out"}), 64, "no node 7");
    EXPECT_FALSE(fs::exists(bed.folder() / "out"));
    EXPECT_FALSE(fs::exists(bed.folder() / "out.part"));
}

TEST(Recover, OneNodeGoesOnAloneAndTheOthersCannotComeBack) {
    Bed bed(3);
    bed.up();
    ASSERT_EQ(bed.set("key", "was answered"), std::nullopt);
    expect_refused(bed.cluster({"recover", "--from", "1", "--force", "--yes"}), 1, "already runs");
    ASSERT_EQ(bed.cluster({"down"}).exit, 0);
    expect_refused(bed.cluster({"recover", "--from", "1"}), 64, "--force");
    expect_refused(bed.cluster({"recover", "--from", "7", "--force", "--yes"}), 64, "node-7");
    expect_refused(bed.cluster({"recover", "--from", "1", "--force"}), 64, "--yes");
    const Outcome recovered = bed.cluster({"recover", "--from", "1", "--force", "--yes"});
    ASSERT_EQ(recovered.exit, 0) << recovered.said;
    EXPECT_TRUE(recovered.says("Whatever other nodes have beyond entry")) << recovered.said;
    EXPECT_TRUE(recovered.says("node-1.before-recovery-")) << recovered.said;
    EXPECT_FALSE(fs::exists(bed.folder() / "data" / "node-1.recovered"));

    // The other two, with empty folders, would be a majority of config.json, and have no data.
    for (const char* name : {"node-0", "node-2"})
        fs::rename(bed.folder() / "data" / name, bed.folder() / (std::string("lost-") + name));
    bed.up();
    ASSERT_EQ(bed.status().nodes.size(), 1u);
    ASSERT_TRUE(comes_true([&] { return bed.node(1).role == cli::NodeRole::leader; }))
        << Bed::read(bed.paths().log());
    EXPECT_EQ(bed.get("key"), "was answered");
    ASSERT_EQ(bed.set("later", "alone"), std::nullopt);
    EXPECT_EQ(bed.get("later"), "alone");

    // One of them comes back by hand, with what it had: it is left out.
    fs::rename(bed.folder() / "lost-node-0", bed.folder() / "data" / "node-0");
    cli::ChildSpec by_hand;
    by_hand.program = RAFTKV_BINARY;
    by_hand.arguments = {"node", "0", "--config", (bed.folder() / "config.json").string()};
    by_hand.output_file = bed.folder() / "by-hand.log";
    auto other = cli::ChildProcess::start(by_hand);
    ASSERT_TRUE(other.ok());
    const ServerConfig place = bed.config().servers[0];
    ASSERT_TRUE(comes_true([&] {
        auto status =
            cli::fetch_status(place.admin_host, place.admin_port, std::chrono::seconds(1));
        return status && status->role == cli::NodeRole::pre_candidate;
    })) << Bed::read(by_hand.output_file);
    EXPECT_EQ(bed.get("later"), "alone");
    EXPECT_EQ(bed.status().nodes.size(), 1u);
}

}  // namespace
}  // namespace raftkv::system_test
