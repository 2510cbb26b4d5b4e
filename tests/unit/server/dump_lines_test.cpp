#include "node/server/admin/dump_lines.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <map>
#include <nlohmann/json.hpp>
#include <sstream>
#include <string>
#include <vector>

#include "common/checksum.hpp"
#include "node/kv/command.hpp"

namespace raftkv::server {
namespace {

using nlohmann::json;
using Outcome = DumpLines::Outcome;

class DumpLinesTest : public testing::Test {
  protected:
    void apply(const kv::Command& command) {
        std::string bytes;
        kv::encode(command, bytes);
        store_.apply(store_.last_applied() + 1, bytes);
    }
    void set(std::string_view key, std::string_view value, std::uint32_t exptime_s = 0) {
        apply({kv::CommandOp::set, ClusterMs(1000), exptime_s, 0, key, value});
    }
    void del(std::string_view key) { apply({kv::CommandOp::del, ClusterMs(1000), 0, 0, key, {}}); }

    // What is left, and how it ends.
    Outcome read(DumpLines& dump, std::vector<json>& objects) {
        std::string text;
        Outcome outcome = Outcome::more;
        while (outcome == Outcome::more) outcome = dump.next(text);
        std::istringstream lines(text);
        for (std::string line; std::getline(lines, line);) objects.push_back(json::parse(line));
        return outcome;
    }

    kv::Store store_;
};

TEST_F(DumpLinesTest, an_empty_store_is_two_lines) {
    DumpLines dump(store_, DumpForm::values, store_.clock());
    std::vector<json> lines;
    EXPECT_EQ(read(dump, lines), Outcome::end);
    ASSERT_EQ(lines.size(), 2u);
    EXPECT_EQ(lines[0], (json{{"dump", 1}, {"applied", 0}, {"clock_ms", 0}, {"keys_at_most", 0}}));
    EXPECT_EQ(lines[1]["keys"], 0);
}

TEST_F(DumpLinesTest, every_key_is_a_line_with_all_there_is_to_know) {
    set("plain", "my name is arun");
    set("with\"quote\\", "a \"line\"\nand \xc3\xbc");
    set("bytes", std::string("\xff\0\xfe", 3));
    set("ends", "v", 60);
    apply({kv::CommandOp::tick, ClusterMs(1001), 0, 0, {}, {}});
    DumpLines dump(store_, DumpForm::values, store_.clock());
    set("later", "v");
    std::vector<json> lines;
    EXPECT_EQ(read(dump, lines), Outcome::end);
    ASSERT_EQ(lines.size(), 6u);
    EXPECT_EQ(lines.front()["applied"], 5);
    EXPECT_EQ(lines.front()["clock_ms"], 1001);
    EXPECT_EQ(lines.back()["keys"], 4);
    std::map<std::string, json> items;
    for (std::size_t i = 1; i < 5; ++i) items[lines[i]["key"]] = lines[i];
    EXPECT_EQ(
        items["plain"],
        (json{{"key", "plain"}, {"value", "my name is arun"}, {"version", 1}, {"exptime", 0}}));
    EXPECT_EQ(items["with\"quote\\"]["value"], "a \"line\"\nand \xc3\xbc");
    EXPECT_EQ(items["bytes"]["value_base64"], "/wD+");
    EXPECT_FALSE(items["bytes"].contains("value"));
    EXPECT_EQ(items["ends"]["exptime"], 60);
    EXPECT_EQ(items["ends"]["remaining"], 60) << "59.999 s are left, and no key shall live less";
}

TEST_F(DumpLinesTest, the_state_has_hashes_in_place_of_values_and_says_first_how_many) {
    set("plain", "value");
    set("with\"quote\\", "v", 60);
    const std::uint64_t hash = store_.state_hash();
    DumpLines dump(store_, DumpForm::hashes, store_.clock());
    set("later", "v");
    std::vector<json> lines;
    EXPECT_EQ(read(dump, lines), Outcome::end);
    ASSERT_EQ(lines.size(), 3u);
    EXPECT_EQ(lines[0], (json{{"applied", 2},
                              {"clock_ms", lines[0]["clock_ms"]},
                              {"keys", 2},
                              {"state_hash", fmt::format("{:016x}", hash)}}));
    std::map<std::string, json> items;
    for (std::size_t i = 1; i < 3; ++i) items[lines[i]["key"]] = lines[i];
    EXPECT_EQ(items["plain"]["numbytes"], 5);
    EXPECT_TRUE(items["plain"]["deadline_ms"].is_null());
    EXPECT_EQ(items["plain"]["value_hash"], fmt::format("{:016x}", checksum("value")));
    EXPECT_EQ(items["with\"quote\\"]["exptime"], 60);
    EXPECT_GE(items["with\"quote\\"]["deadline_ms"], 60'000);
    EXPECT_FALSE(items["plain"].contains("value"));
}

TEST_F(DumpLinesTest, what_is_left_counts_from_now_and_not_from_the_last_stamp) {
    set("k", "v", 60);
    set("over", "v", 5);
    DumpLines dump(store_, DumpForm::values, ClusterMs(13'000));
    std::vector<json> lines;
    EXPECT_EQ(read(dump, lines), Outcome::end);
    ASSERT_EQ(lines.size(), 3u);
    EXPECT_EQ(lines[0]["clock_ms"], 13'000);
    EXPECT_EQ(lines[1]["remaining"], 48);
    EXPECT_EQ(lines[2]["keys"], 1) << "nobody reads a key whose end has come";
}

TEST_F(DumpLinesTest, a_dump_shows_the_moment_at_which_it_began) {
    for (int i = 0; i < 500; ++i) set("k" + std::to_string(i), std::string(1000, 'v'));
    const std::uint64_t hash = store_.state_hash();
    DumpLines dump(store_, DumpForm::values, store_.clock());
    std::vector<json> lines;
    std::string first;
    EXPECT_EQ(dump.next(first), Outcome::more);
    for (int i = 0; i < 500; ++i) del("k" + std::to_string(i));
    EXPECT_EQ(read(dump, lines), Outcome::end);
    EXPECT_EQ(lines.back()["keys"], 500);
    EXPECT_EQ(lines.back()["state_hash"], fmt::format("{:016x}", hash));
}

TEST_F(DumpLinesTest, it_is_cut_when_it_would_hold_too_much_memory) {
    for (int i = 0; i < 8000; ++i) set("k" + std::to_string(i), std::string(1000, 'v'));
    DumpLines dump(store_, DumpForm::values, store_.clock());
    for (int i = 0; i < 8000; ++i) del("k" + std::to_string(i));
    std::vector<json> lines;
    EXPECT_EQ(read(dump, lines), Outcome::cut);
    EXPECT_EQ(lines.back(), (json{{"error", "too much was overwritten while the keys were read"}}));
}

TEST_F(DumpLinesTest, it_is_cut_when_the_store_is_replaced) {
    set("k", "v");
    DumpLines dump(store_, DumpForm::values, store_.clock());
    store_ = kv::Store();
    std::vector<json> lines;
    EXPECT_EQ(read(dump, lines), Outcome::cut);
    ASSERT_EQ(lines.size(), 1u);
    EXPECT_TRUE(lines[0].contains("error"));
}

}  // namespace
}  // namespace raftkv::server
