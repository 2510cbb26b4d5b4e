#include <gtest/gtest.h>

#include <random>
#include <string>

#include "cli/admin/admin_client.hpp"

namespace raftkv::cli {
namespace {

constexpr std::string_view full = R"({"id":2,"role":"leader","term":3,"leader":2,"commit":10,
 "applied":9,"first_index":6,"last_index":12,"durable_index":11,
 "peers":[{"id":0,"connected":true,"match":10,"lag":2},{"id":1,"connected":false,"match":0,"lag":12}],
 "log_bytes":16777216,"log_cache_bytes":5,"log_has_room":false,
 "snapshot":{"index":5,"bytes":400,"log_bytes_since":30,"taking":9,"incoming":null,"kept_bytes":20,
 "sent":2,"installed":1},"keys":1,"store_bytes":100,
 "state_hash":"0123456789abcdef","read_mode":"lease","distrusted":true,"state_clock_ms":-7,"uptime_ms":5,"pid":77,"memory_bytes":8,"cpu_us":6,
 "client_connections":4,"pending":{"writes":1,"reads":2,"held":3,"bytes":4},
 "counters":{"set":1,"get":2,"getm":3,"cas":4,"delete":5,"redirected":6,"refused":7,
 "elections_started":8,"elections_won":9,"read_rounds":10,"fsyncs":11},
 "fsync_us":{"count":11,"mean":1.5,"p50":1,"p99":9,"max":12},
 "faults":["cut to 1 for 8431ms","disk-full"]})";

TEST(NodeStatus, EveryField) {
    auto status = parse_status(full);
    ASSERT_TRUE(status.ok()) << status.error().message;
    EXPECT_EQ(status->id, NodeId(2));
    EXPECT_EQ(status->role, NodeRole::leader);
    EXPECT_EQ(status->term, Term(3));
    EXPECT_EQ(status->leader, NodeId(2));
    EXPECT_EQ(status->commit, LogIndex(10));
    EXPECT_EQ(status->applied, LogIndex(9));
    EXPECT_EQ(status->first_index, LogIndex(6));
    EXPECT_EQ(status->last_index, LogIndex(12));
    EXPECT_EQ(status->durable_index, LogIndex(11));
    ASSERT_EQ(status->peers.size(), 2u);
    EXPECT_TRUE(status->peers[0].connected);
    EXPECT_EQ(status->peers[0].match, LogIndex(10));
    EXPECT_EQ(status->peers[1].lag, 12u);
    EXPECT_FALSE(status->log_has_room);
    EXPECT_EQ(status->snapshot.index, LogIndex(5));
    EXPECT_EQ(status->snapshot.bytes, 400u);
    EXPECT_EQ(status->snapshot.log_bytes_since, 30u);
    EXPECT_EQ(status->snapshot.taking, LogIndex(9));
    EXPECT_EQ(status->snapshot.incoming, std::nullopt);
    EXPECT_EQ(status->snapshot.kept_bytes, 20u);
    EXPECT_EQ(status->snapshot.sent, 2u);
    EXPECT_EQ(status->snapshot.installed, 1u);
    EXPECT_EQ(status->state_hash, "0123456789abcdef");
    EXPECT_EQ(status->read_mode, "lease");
    EXPECT_TRUE(status->distrusted);
    EXPECT_EQ(status->state_clock, ClusterMs(-7));
    EXPECT_EQ(status->pid, 77);
    EXPECT_EQ(status->cpu_us, 6u);
    EXPECT_EQ(status->pending.held, 3u);
    EXPECT_EQ(status->counters.remove, 5u);
    EXPECT_EQ(status->counters.elections_won, 9u);
    EXPECT_EQ(status->fsync_us.mean, 1.5);
    EXPECT_EQ(status->fsync_us.max, 12);
    ASSERT_EQ(status->faults.size(), 2u);
    EXPECT_EQ(to_text(status->faults[0]), "cut to 1 for 8431ms");
}

TEST(NodeStatus, MayLeaveOutAllButIdRoleAndTerm) {
    auto status = parse_status(R"({"id":0,"role":"pre-candidate","term":1,"leader":null})");
    ASSERT_TRUE(status.ok()) << status.error().message;
    EXPECT_EQ(status->role, NodeRole::pre_candidate);
    EXPECT_EQ(status->leader, std::nullopt);
    EXPECT_TRUE(status->peers.empty());
    for (const char* text :
         {R"({"role":"leader","term":1})", R"({"id":0,"term":1})", R"({"id":0,"role":"leader"})"}) {
        EXPECT_FALSE(parse_status(text).ok()) << text;
    }
}

TEST(NodeStatus, EveryRefusal) {
    const char* texts[] = {
        "",
        "null",
        "[]",
        "<html>",
        R"({"id":-1,"role":"leader","term":1})",
        R"({"id":4294967296,"role":"leader","term":1})",
        R"({"id":"0","role":"leader","term":1})",
        R"({"id":0,"role":"king","term":1})",
        R"({"id":0,"role":"leader","term":1.5})",
        R"({"id":0,"role":"leader","term":1,"commit":-3})",
        R"({"id":0,"role":"leader","term":1,"peers":[7]})",
        R"({"id":0,"role":"leader","term":1,"counters":[]})",
        R"({"id":0,"role":"leader","term":1,"snapshot":{"taking":-1}})",
        R"({"id":0,"role":"leader","term":1,"leader":"me"})",
        R"({"id":0,"role":"leader","term":1,"faults":["explode"]})",
        R"({"id":0,"role":"leader","term":1,"faults":[7]})",
    };
    for (const char* text : texts) {
        auto status = parse_status(text);
        ASSERT_FALSE(status.ok()) << text;
        EXPECT_EQ(status.error().kind, ErrorKind::failed);
    }
}

TEST(NodeStatus, NoBytesDoMoreThanFail) {
    std::mt19937 random(3);
    for (int round = 0; round < 5'000; ++round) {
        std::string text(full);
        for (int change = 0; change < 3; ++change) {
            text[random() % text.size()] = static_cast<char>(random() % 256);
        }
        (void)parse_status(text).ok();
        (void)parse_status(text.substr(0, random() % text.size())).ok();
    }
    (void)parse_status(std::string(100'000, '[')).ok();
}

}  // namespace
}  // namespace raftkv::cli
