#include "node/kv/command.hpp"

#include <gtest/gtest.h>

#include <random>

#include "tests/unit/kv/commands.hpp"

namespace raftkv::kv {
namespace {

void expect_round_trip(const Command& command) {
    const std::string bytes = encoded(command);
    const std::optional<Command> back = decode(bytes);
    ASSERT_TRUE(back.has_value());
    EXPECT_EQ(back->op, command.op);
    EXPECT_EQ(back->stamp, command.stamp);
    EXPECT_EQ(back->exptime_s, command.exptime_s);
    EXPECT_EQ(back->version, command.version);
    EXPECT_EQ(back->key, command.key);
    EXPECT_EQ(back->value, command.value);
    EXPECT_EQ(encoded(*back), bytes);
}

TEST(Command, ComesBackAsItWasEncoded) {
    const std::string key(250, 'k');
    const std::string value(1u << 20, '\0');
    expect_round_trip({CommandOp::set, max_stamp, 315360000, 0, key, value});
    expect_round_trip({CommandOp::set, ClusterMs(0), 0, 0, "k", "v"});
    expect_round_trip({CommandOp::cas, ClusterMs(5), 1, 18446744073709551615u, "k", "\r\n"});
    expect_round_trip({CommandOp::del, ClusterMs(5), 0, 0, "k", ""});
    expect_round_trip({CommandOp::tick, ClusterMs(5), 0, 0, "", ""});
}

TEST(Command, HasTheDocumentedBytes) {
    EXPECT_EQ(set(0x0102, "key", "value", 7),
              std::string("\x01\x02\x01\0\0\0\0\0\0\x07\0\0\0\x03keyvalue", 22));
    EXPECT_EQ(cas(1, "k", 0x0a0b, "v", 7),
              std::string("\x02\x01\0\0\0\0\0\0\0\x07\0\0\0\x0b\x0a\0\0\0\0\0\0\x01kv", 24));
    EXPECT_EQ(del(1, "k"), std::string("\x03\x01\0\0\0\0\0\0\0\x01k", 11));
    EXPECT_EQ(tick(1), std::string("\x04\x01\0\0\0\0\0\0\0", 9));
}

TEST(Command, IsRefusedWhenCutBeforeItsValue) {
    for (const std::string& bytes :
         {set(1, "key", ""), cas(1, "key", 2, ""), del(1, "key"), tick(1)}) {
        for (std::size_t size = 0; size < bytes.size(); ++size) {
            EXPECT_FALSE(decode(std::string_view(bytes).substr(0, size)).has_value());
        }
        EXPECT_TRUE(decode(bytes).has_value());
    }
}

TEST(Command, IsRefusedWhenItIsNone) {
    const auto with_byte = [](std::string bytes, std::size_t at, char c) {
        bytes[at] = c;
        return bytes;
    };
    for (const std::string& bytes : {
             std::string(),
             with_byte(tick(1), 0, 0),
             with_byte(tick(1), 0, 5),
             with_byte(tick(1), 0, '\xff'),
             with_byte(tick(1), 8, '\x80'),            // a negative stamp
             with_byte(tick(1), 8, '\x7f'),            // past max_stamp
             with_byte(set(1, "k", "v"), 13, 0),       // no key
             with_byte(set(1, "k", "v"), 13, '\xfb'),  // a key of 251
             tick(1) + "x",
             del(1, "k") + "x",
         }) {
        EXPECT_FALSE(decode(bytes).has_value());
    }
    const std::string long_key = with_byte(set(1, "k", std::string(300, 'v')), 13, '\xfb');
    EXPECT_FALSE(decode(long_key).has_value()) << "a key of 251 bytes, all of them there";
    const std::string long_value = set(1, "k", std::string(max_value_bytes, 'v'));
    EXPECT_TRUE(decode(long_value).has_value());
    EXPECT_FALSE(decode(long_value + "v").has_value());
}

TEST(Command, SurvivesRandomBytes) {
    std::mt19937_64 random(1);
    for (int round = 0; round < 50'000; ++round) {
        std::string bytes(random() % 64, '\0');
        for (char& c : bytes) c = static_cast<char>(random());
        if (!bytes.empty()) bytes[0] = static_cast<char>(random() % 6);
        if (bytes.size() > 8) bytes[8] = static_cast<char>(random() % 2);
        const std::optional<Command> command = decode(bytes);
        if (command) {
            ASSERT_EQ(encoded(*command), bytes);
        }
    }
}

TEST(CommandDeathTest, IsNotEncodedWithWhatCouldNotBeDecoded) {
    EXPECT_DEATH(set(1, "", "v"), "invariant broken");
    EXPECT_DEATH(set(1, std::string(251, 'k'), "v"), "invariant broken");
    EXPECT_DEATH(set(-1, "k", "v"), "invariant broken");
    EXPECT_DEATH(tick(max_stamp.value() + 1), "invariant broken");
}

}  // namespace
}  // namespace raftkv::kv
