#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <string>
#include <vector>

#include "tests/system/node/dialogue.hpp"
#include "tests/system/node/nodes.hpp"

// What some clients ask for costs the others no leader.

namespace raftkv::system_test {
namespace {

using std::chrono::seconds;

class Readers : public testing::Test {
  protected:
    void SetUp() override {
        nodes_.start_all();
        leader_ = nodes_.leader();
        term_ = status().term;
    }
    void TearDown() override {
        EXPECT_EQ(status().term, term_) << "leadership moved";
        EXPECT_EQ(nodes_.leader(), leader_);
    }

    cli::NodeStatus status() {
        const auto status = nodes_.status(leader_);
        EXPECT_TRUE(status.has_value());
        return status.value_or(cli::NodeStatus());
    }
    void write_some(const std::string& name, int count) {
        Dialogue client(nodes_.client_port(leader_));
        for (int i = 0; i < count; ++i) {
            ASSERT_TRUE(client.say("set " + name + std::to_string(i) + " 0 1\r\nv\r\n"));
            ASSERT_TRUE(client.line().starts_with("OK ")) << name << i;
        }
    }

    Nodes nodes_{3};
    std::uint32_t leader_ = 0;
    Term term_;
};

TEST_F(Readers, that_ask_for_much_and_take_nothing_hold_nobody_up) {
    constexpr std::size_t large = 1 << 20;
    Dialogue first(nodes_.client_port(leader_));
    first.say("set large 0 " + std::to_string(large) + "\r\n" + std::string(large, 'v') + "\r\n");
    ASSERT_TRUE(first.line().starts_with("OK "));
    std::string ten;
    for (int i = 0; i < 10; ++i) ten += "get large\r\n";
    for (int round = 0; round < 2; ++round) {
        std::vector<Dialogue> deaf;
        for (int i = 0; i < 100; ++i) {
            deaf.emplace_back(nodes_.client_port(leader_));
            EXPECT_TRUE(deaf.back().say(ten));
        }
        write_some("beside" + std::to_string(round), 100);
    }
}

TEST_F(Readers, whose_keys_all_end_at_once_hold_nobody_up) {
    constexpr int keys = 100'000, at_a_time = 1000;
    Dialogue client(nodes_.client_port(leader_));
    const auto end = std::chrono::steady_clock::now() + seconds(20);
    for (int first = 0; first < keys; first += at_a_time) {
        const auto left = std::chrono::round<seconds>(end - std::chrono::steady_clock::now());
        std::string sets;
        for (int i = first; i < first + at_a_time; ++i)
            sets += "set e" + std::to_string(i) + " " +
                    std::to_string(std::max<std::int64_t>(1, left.count())) + " 1\r\nv\r\n";
        ASSERT_TRUE(client.say(sets));
        std::string replies;
        while (std::count(replies.begin(), replies.end(), '\n') < at_a_time) {
            const std::string more = client.hear_once();
            ASSERT_FALSE(more.empty());
            replies += more;
        }
        ASSERT_EQ(replies.find("ERR"), std::string::npos);
    }
    int written = 0;
    const auto all_gone = [&] {
        write_some("beside" + std::to_string(written++) + "-", 10);
        return status().keys == static_cast<std::uint64_t>(written) * 10;
    };
    EXPECT_TRUE(comes_true(all_gone, seconds(60)));
    Dialogue reader(nodes_.client_port(leader_));
    EXPECT_EQ(reader.ask("get e7\r\n", "ERR_NOT_FOUND\r\n"), "ERR_NOT_FOUND\r\n");
}

TEST_F(Readers, of_what_they_just_wrote_need_not_wait_for_it) {
    constexpr int pairs = 2000;
    std::string commands, expected;
    Dialogue client(nodes_.client_port(leader_));
    for (int i = 0; i < pairs; ++i) {
        const std::string key = "k" + std::to_string(i);
        commands += "get " + key + "\r\nset " + key + " 0 1\r\nv\r\nget " + key + "\r\n";
    }
    ASSERT_TRUE(client.say(commands));
    for (int i = 0; i < pairs; ++i) {
        ASSERT_EQ(client.line(), "ERR_NOT_FOUND") << i;
        ASSERT_TRUE(client.line().starts_with("OK ")) << i;
        ASSERT_EQ(client.line(), "VALUE 1") << i;
        ASSERT_EQ(client.line(), "v") << i;
    }
}

}  // namespace
}  // namespace raftkv::system_test
