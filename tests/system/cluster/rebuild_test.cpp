#include <fmt/format.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "cli/admin/admin_client.hpp"
#include "node/kv/command.hpp"
#include "node/kv/store.hpp"
#include "node/storage/posix_disk.hpp"
#include "node/storage/snapshot_reader.hpp"
#include "node/storage/snapshot_writer.hpp"
#include "tests/system/cluster/bed.hpp"

namespace raftkv::system_test {
namespace {

using nlohmann::json;
namespace fs = std::filesystem;
using std::chrono::seconds;

std::optional<cli::NodeStatus> status_of(const Bed& bed, std::uint32_t id) {
    const ServerConfig server = bed.config().servers[id];
    auto status = cli::fetch_status(server.admin_host, server.admin_port, seconds(5));
    if (!status) return std::nullopt;
    return *status;
}

int health_of(const Bed& bed, std::uint32_t id) {
    const ServerConfig server = bed.config().servers[id];
    auto reply = cli::http_get(server.admin_host, server.admin_port, "/healthz", seconds(5));
    return reply ? reply->code : 0;
}

// What a node has applied, and what came of it.
std::string state_of(const Bed& bed, std::uint32_t id) {
    const ServerConfig server = bed.config().servers[id];
    const auto status = cli::fetch_status(server.admin_host, server.admin_port, seconds(5));
    if (!status) return status.error().message;
    return fmt::format("{} after entry {}", status->state_hash, status->applied.value());
}

// Enough entries for the nodes to compare their states: they do after every 256th.
void write_keys(Bed& bed, const std::string& prefix) {
    {
        std::ofstream file(bed.folder() / "keys.jsonl");
        for (int key = 0; key < 600; ++key)
            file << fmt::format(R"({{"key":"{}-{}","value":"the value"}})", prefix, key) << "\n";
    }
    const Outcome loaded = bed.cluster({"load", "keys.jsonl"});
    ASSERT_EQ(loaded.exit, 0) << loaded.said;
}

// The file of the newest snapshot of a node, once it is of `at_least`.
fs::path take_snapshot(const Bed& bed, std::uint32_t id) {
    const ServerConfig server = bed.config().servers[id];
    auto reply = cli::http_post(server.admin_host, server.admin_port, "/snapshot", seconds(5));
    EXPECT_TRUE(reply && reply->code == 200);
    const LogIndex wanted(json::parse(reply->body)["index"].get<std::uint64_t>());
    std::optional<cli::NodeStatus> status;
    EXPECT_TRUE(comes_true([&] {
        status = status_of(bed, id);
        return status && status->snapshot.index >= wanted;
    }));
    return bed.config().node_path(NodeId(id)) / storage::snapshot_name(status->snapshot.index);
}

// A good snapshot in the place of this one, of a state that nobody else has.
void forge(const fs::path& file, const fs::path& scratch) {
    auto folder = storage::open_posix_disk_to_look(file.parent_path().string());
    ASSERT_TRUE(folder.ok()) << folder.error().message;
    auto reader = storage::SnapshotReader::open(**folder, file.filename().string());
    ASSERT_TRUE(reader.ok());
    kv::Command command;
    command.op = kv::CommandOp::set;
    command.key = "forged";
    command.value = "x";
    std::string bytes;
    kv::encode(command, bytes);
    kv::Store state;
    state.apply(LogIndex(1), bytes);

    auto disk = storage::open_posix_disk(scratch.string());
    ASSERT_TRUE(disk.ok());
    auto writer = storage::SnapshotWriter::create(**disk, (*reader)->meta());
    ASSERT_TRUE(writer.ok());
    state.begin_snapshot();
    for (bool more = true; more;) {
        std::string chunk;
        more = state.read_snapshot(chunk);
        if (chunk.empty()) continue;
        ASSERT_TRUE((*writer)->add(chunk).ok());
    }
    ASSERT_TRUE((*writer)->finish().ok());
    fs::rename(scratch / file.filename(), file);
}

TEST(Rebuild, ANodeThatDiffersGetsTheStateOfTheLeader) {
    Bed bed(3);
    bed.up();
    write_keys(bed, "a");
    const std::uint32_t victim = (bed.leader() + 1) % 3;
    const std::string name = std::to_string(victim);
    const fs::path snapshot = take_snapshot(bed, victim);
    ASSERT_EQ(bed.cluster({"stop", name}).exit, 0);
    forge(snapshot, bed.folder() / "scratch");
    ASSERT_EQ(bed.cluster({"start", name}).exit, 0);
    write_keys(bed, "b");
    ASSERT_TRUE(comes_true([&] { return health_of(bed, victim) == 503; }));
    EXPECT_TRUE(comes_true([&] {
        const std::string log = Bed::read(bed.paths().node_log(NodeId(victim)));
        return log.find("the odd one out") != std::string::npos;
    }));
    EXPECT_TRUE(comes_true([&] { return bed.cluster({"status"}).says("differs"); }));
    // A restart makes the state anew of what is in the folder, where the fault is.
    ASSERT_EQ(bed.cluster({"restart", name}).exit, 0);
    write_keys(bed, "c");
    ASSERT_TRUE(comes_true([&] { return health_of(bed, victim) == 503; }));

    const Outcome rebuilt = bed.cluster({"rebuild", name, "--json"});
    ASSERT_EQ(rebuilt.exit, 0) << rebuilt.said;
    const json report = json::parse(rebuilt.said);
    EXPECT_EQ(report["node"], victim);
    EXPECT_EQ(report["from"], bed.leader());
    EXPECT_GT(report["index"], 1800);
    EXPECT_FALSE(fs::exists(bed.config().node_path(NodeId(victim)) / "rebuild"));
    write_keys(bed, "d");
    const std::uint32_t leader = bed.leader();
    std::string here, there;
    EXPECT_TRUE(comes_true([&] {
        here = state_of(bed, victim);
        there = state_of(bed, leader);
        return here == there;
    })) << here
        << " is not " << there;
    EXPECT_EQ(health_of(bed, victim), 200);
}

TEST(Rebuild, ANodeWhoseSnapshotIsDamagedOrGone) {
    Bed bed(3);
    bed.up();
    write_keys(bed, "a");
    for (const bool removed : {false, true}) {
        const std::uint32_t victim = (bed.leader() + 1) % 3;
        const std::string name = std::to_string(victim);
        const fs::path snapshot = take_snapshot(bed, victim);
        ASSERT_EQ(bed.cluster({"stop", name}).exit, 0);
        if (removed)
            fs::remove(snapshot);
        else
            std::fstream(snapshot, std::ios::in | std::ios::out).seekp(2000) << "XXXX";
        (void)bed.cluster({"start", name});
        EXPECT_TRUE(comes_true([&] { return bed.cluster({"status"}).says("given up"); }));
        EXPECT_TRUE(bed.cluster({"status"}).says(removed ? "is missing" : "is damaged"));
        const Outcome rebuilt = bed.cluster({"rebuild", name});
        ASSERT_EQ(rebuilt.exit, 0) << rebuilt.said;
        write_keys(bed, removed ? "c" : "b");
        const std::uint32_t leader = bed.leader();
        EXPECT_TRUE(comes_true([&] { return state_of(bed, victim) == state_of(bed, leader); }));
        EXPECT_EQ(health_of(bed, victim), 200);
    }
}

TEST(Rebuild, AlsoOfAHealthyLeaderAndOfOneThatNobodySupervises) {
    Bed bed(3);
    bed.up();
    ASSERT_EQ(bed.set("key", "value"), std::nullopt);
    const std::uint32_t leader = bed.leader();
    const Outcome rebuilt = bed.cluster({"rebuild", std::to_string(leader)});
    ASSERT_EQ(rebuilt.exit, 0) << rebuilt.said;
    EXPECT_TRUE(rebuilt.says("goes on from the state of node")) << rebuilt.said;
    EXPECT_NE(bed.leader(), leader) << "it handed over";
    const std::uint32_t other = (bed.leader() + 1) % 3;
    ASSERT_EQ(bed.cluster({"stop", std::to_string(other)}).exit, 0);
    const Outcome stopped = bed.cluster({"rebuild", std::to_string(other)});
    ASSERT_EQ(stopped.exit, 0) << stopped.said;
    EXPECT_TRUE(stopped.says("start it: raftkv node")) << stopped.said;
    ASSERT_EQ(bed.cluster({"start", std::to_string(other)}).exit, 0);
    EXPECT_EQ(bed.get("key"), "value");
}

TEST(Rebuild, RefusesWhatCanNotBe) {
    Bed bed(3);
    bed.up();
    ASSERT_EQ(bed.set("key", "value"), std::nullopt);
    const auto refused = [&](const Words& words, int exit, const char* why) {
        const Outcome outcome = bed.cluster(with({"rebuild"}, words));
        EXPECT_EQ(outcome.exit, exit) << outcome.said;
        EXPECT_TRUE(outcome.says(why)) << outcome.said;
    };
    refused({"9"}, 64, "has no node 9");
    refused({"1", "--from", "1"}, 64, "from itself");
    refused({"1", "--from", "9"}, 64, "no node 9");
    const Outcome elsewhere = bed.elsewhere({"cluster", "rebuild", "1"});
    EXPECT_EQ(elsewhere.exit, 64) << elsewhere.said;
    EXPECT_TRUE(elsewhere.says("run this where node 1 is")) << elsewhere.said;
    const std::uint32_t leader = bed.leader();
    ASSERT_EQ(bed.cluster({"kill", std::to_string((leader + 1) % 3)}).exit, 0);
    refused({std::to_string((leader + 2) % 3)}, 69, "only 1 of 3 that vote would be left");
    EXPECT_EQ(bed.get("key"), "value") << "it still runs";
    ASSERT_EQ(bed.cluster({"down"}).exit, 0);
    refused({"1"}, 69, "no node leads");
}

}  // namespace
}  // namespace raftkv::system_test
