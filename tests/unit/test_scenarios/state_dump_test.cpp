#include "cli/test/verdict/state_dump.hpp"

#include <gtest/gtest.h>

#include "cli/test/verdict/verdict.hpp"
#include "common/checksum.hpp"
#include "tests/unit/test_scenarios/history_builder.hpp"

namespace raftkv::test {
namespace {

const char* const two_keys =
    R"({"applied":7,"clock_ms":1000,"keys":2,"state_hash":"00000000000000ab"}
{"key":"a","version":3,"exptime":0,"deadline_ms":null,"numbytes":3,"value_hash":"00000000000000ff"}
{"key":"b","version":4,"exptime":9,"deadline_ms":9500,"numbytes":5,"value_hash":"ffffffffffffffff"}
)";

StateDump dump(std::uint32_t node, const char* text) {
    auto state = parse_state(NodeId(node), text);
    EXPECT_TRUE(state.ok()) << state.error().message;
    return std::move(state).value();
}

TEST(StateDump, IsReadFromJsonLines) {
    const StateDump state = dump(1, two_keys);
    EXPECT_EQ(state.applied, LogIndex(7));
    ASSERT_EQ(state.keys.size(), 2u);
    EXPECT_EQ(state.keys.at("a").version, 3u);
    EXPECT_EQ(state.keys.at("a").deadline_ms, std::nullopt);
    EXPECT_EQ(state.keys.at("a").fingerprint, 0xffu);
    EXPECT_EQ(state.keys.at("b").exptime_s, 9u);
    EXPECT_EQ(state.keys.at("b").deadline_ms, 9500);
}

TEST(StateDump, RefusesWhatIsNoState) {
    for (const char* text :
         {"", "not json", "{}", R"({"applied":7,"keys":1,"state_hash":"ab"})",
          "{\"applied\":7,\"keys\":1,\"state_hash\":\"ab\"}\n{\"key\":\"a\"}\n",
          "{\"applied\":7,\"keys\":1,\"state_hash\":\"ab\"}\n{\"key\":\"a\",\"version\":1,"
          "\"exptime\":0,\"deadline_ms\":null,\"numbytes\":1,\"value_hash\":\"xyz\"}\n"}) {
        EXPECT_FALSE(parse_state(NodeId(0), text).ok()) << text;
    }
}

TEST(StateDump, EqualStatesHaveNoDifferences) {
    EXPECT_TRUE(differences(dump(1, two_keys), dump(2, two_keys), 10).empty());
}

TEST(StateDump, NamesTheKeyThatDiffersAndBothNodes) {
    StateDump other = dump(2, two_keys);
    other.keys.at("a").version = 5;
    const auto found = differences(dump(1, two_keys), other, 10);
    ASSERT_EQ(found.size(), 1u);
    EXPECT_EQ(
        found[0],
        "key a: node 1 has version 3, exptime 0, deadline never, 3 bytes with hash "
        "00000000000000ff, node 2 has version 5, exptime 0, deadline never, 3 bytes with hash "
        "00000000000000ff");
}

TEST(StateDump, NamesAKeyThatOneLacksEitherWay) {
    StateDump other = dump(2, two_keys);
    other.keys.erase("b");
    EXPECT_EQ(differences(dump(1, two_keys), other, 10).size(), 1u);
    EXPECT_EQ(differences(other, dump(1, two_keys), 10).size(), 1u);
}

TEST(StateDump, DiffersWhenOnlyTheAppliedIndexOrTheHashDoes) {
    StateDump behind = dump(2, two_keys);
    behind.applied = LogIndex(6);
    EXPECT_EQ(differences(dump(1, two_keys), behind, 10).size(), 1u);
    StateDump hash = dump(2, two_keys);
    hash.state_hash = "00000000000000ac";
    EXPECT_EQ(differences(dump(1, two_keys), hash, 10).size(), 1u);
}

TEST(StateDump, SaysNoMoreThanItIsAskedTo) {
    StateDump other = dump(2, two_keys);
    other.keys.clear();
    EXPECT_EQ(differences(dump(1, two_keys), other, 1).size(), 1u);
}

TEST(StateDump, IsJudgedLikeAReadOfEveryKey) {
    HistoryBuilder h;
    h.set("a", "one").ok(3);
    h.set("lost", "two").ok(4);
    StateDump state;
    state.keys["a"] = {.version = 3, .numbytes = 3, .fingerprint = checksum("one")};
    state.keys["b"] = {.version = 5, .numbytes = 3, .fingerprint = checksum("xxx")};
    const Instant later = h.history.back().end + std::chrono::milliseconds(1);
    const History reads = as_reads(state, h.history, later, later);
    History all = h.history;
    all.insert(all.end(), reads.begin(), reads.end());
    std::string kinds;
    for (const Anomaly& anomaly : judge(all, Limits{})) {
        kinds += std::string(name_of(anomaly.kind)) + "; ";
    }
    EXPECT_EQ(kinds, "a value nobody wrote; an acknowledged write is lost; ");
}

}  // namespace
}  // namespace raftkv::test
