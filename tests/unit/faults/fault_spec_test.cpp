#include "common/faults/fault_spec.hpp"

#include <gtest/gtest.h>

#include <random>
#include <string>
#include <vector>

#include "common/faults/fault_amount.hpp"

namespace raftkv {
namespace {

FaultSpec parsed(const std::string& text) {
    auto fault = parse_fault_text(text);
    EXPECT_TRUE(fault.ok()) << text << ": " << (fault.ok() ? "" : fault.error().message);
    return fault.ok() ? *fault : FaultSpec{};
}

TEST(FaultSpec, says_what_it_was_told) {
    FaultSpec cut = parsed("cut from 3");
    EXPECT_EQ(cut.kind, FaultKind::cut);
    EXPECT_EQ(cut.direction, FaultDirection::from);
    EXPECT_EQ(cut.peer, NodeId(3));
    EXPECT_EQ(cut.lasts_ms, std::nullopt);
    FaultSpec delay = parsed("delay 1.5s to all for 2m");
    EXPECT_EQ(delay.amount, 1500);
    EXPECT_EQ(delay.direction, FaultDirection::to);
    EXPECT_EQ(delay.peer, std::nullopt);
    EXPECT_EQ(delay.lasts_ms, 120'000);
    EXPECT_EQ(parsed("drop 0.25% to 1").amount, 25);
    EXPECT_EQ(parsed("clock -30s").amount, -30'000);
    EXPECT_EQ(parsed("clock 1h").amount, 3'600'000);
    EXPECT_EQ(parsed("clock -262800h").amount, -262'800 * std::int64_t{3'600'000});  // 30 years
    EXPECT_EQ(parsed("clock-rate +5%").amount, 500);
}

TEST(FaultSpec, every_text_means_the_same_again) {
    for (std::string text :
         {"cut to 0", "cut from all for 10s", "delay 80ms to 2", "delay 1h from all for 1ms",
          "drop 5% to all", "drop 0.05% from 4294967295", "drop 100% to 1", "disk-full",
          "disk-full for 90s", "slow-disk 50ms", "stall-disk for 2m", "fail-disk", "clock +30s",
          "clock -500ms", "clock-rate +5%", "clock-rate -0.5% for 1500ms"}) {
        EXPECT_EQ(to_text(parsed(text)), text);
    }
}

TEST(FaultSpec, refuses_what_it_does_not_understand_and_says_what_it_expected) {
    struct Case {
        std::string text, says;
    };
    for (const Case& each : std::vector<Case>{
             {"", "\"\" is no fault"},
             {"explode", "\"explode\" is no fault"},
             {"cut", "\"to\" or \"from\""},
             {"cut 2", "\"to\" or \"from\""},
             {"cut to", "a node's id"},
             {"cut to -1", "a node's id"},
             {"cut to 4294967296", "a node's id"},
             {"cut to 2 3", "\"3\" was not expected"},
             {"cut to 2 for", "a time like"},
             {"cut to 2 for 0s", "from 1ms to a year"},
             {"cut to 2 for 9000h", "from 1ms to a year"},
             {"cut to 2 for 1s more", "\"more\" was not expected"},
             {"delay to 2", "a time like"},
             {"delay 80 to 2", "a time like"},
             {"delay 80MS to 2", "a time like"},
             {"delay +80ms to 2", "a time like"},
             {"delay 0ms to 2", "of nothing"},
             {"delay 0.5ms to 2", "of nothing"},
             {"delay 2h to 2", "1h at most"},
             {"delay 99999999999999999999s to 2", "a time like"},
             {"drop 5 to 2", "a percentage like"},
             {"drop % to 2", "a percentage like"},
             {"drop 1.234% to 2", "a percentage like"},
             {"drop 1.% to 2", "a percentage like"},
             {"drop 1.-5% to 2", "a percentage like"},
             {"drop 101% to 2", "100% at most"},
             {"drop -5% to 2", "a percentage like"},
             {"disk-full 3", "\"3\" was not expected"},
             {"slow-disk", "a time like"},
             {"clock", "a time like"},
             {"clock +-3s", "a time like"},
             {"clock 0s", "of nothing"},
             {"clock-rate 5", "a percentage like"},
             {"clock-rate -51%", "50% at most"},
         }) {
        auto fault = parse_fault_text(each.text);
        ASSERT_FALSE(fault.ok()) << each.text;
        EXPECT_EQ(fault.error().kind, ErrorKind::usage) << each.text;
        EXPECT_NE(fault.error().message.find(each.says), std::string::npos)
            << each.text << ": " << fault.error().message;
    }
}

TEST(FaultSpec, shows_hostile_words_short_and_printable) {
    std::string hostile = "\x1b[2J" + std::string(10'000, 'x') + '\0' + "\xff\xfe";
    auto fault = parse_fault_text(hostile);
    ASSERT_FALSE(fault.ok());
    EXPECT_LT(fault.error().message.size(), 300u);
    for (char c : fault.error().message) EXPECT_TRUE(c >= ' ' && c <= '~');
}

TEST(FaultSpec, any_bytes_are_answered) {
    std::mt19937 random(7);
    const std::string words[] = {"cut",  "delay", "drop", "disk-full",  "clock", "clock-rate",
                                 "to",   "from",  "all",  "for",        "5%",    "-5%",
                                 "80ms", "+1h",   "0",    "99999999999"};
    for (int round = 0; round < 20'000; ++round) {
        std::string text;
        for (std::uint32_t count = random() % 8; count > 0; --count)
            text += words[random() % std::size(words)] + " ";
        if (!text.empty() && round % 2 == 0)
            text[random() % text.size()] = static_cast<char>(random() % 256);
        auto fault = parse_fault_text(text);
        if (fault.ok()) {
            EXPECT_EQ(*fault, parsed(to_text(*fault))) << text;
        }
    }
}

TEST(FaultSpec, one_place_is_one_direction_of_one_link) {
    EXPECT_TRUE(same_place(parsed("delay 5ms to 1"), parsed("delay 9ms to 1 for 3s")));
    EXPECT_FALSE(same_place(parsed("delay 5ms to 1"), parsed("delay 5ms from 1")));
    EXPECT_FALSE(same_place(parsed("delay 5ms to 1"), parsed("delay 5ms to 2")));
    EXPECT_FALSE(same_place(parsed("delay 5ms to 1"), parsed("delay 5ms to all")));
    EXPECT_FALSE(same_place(parsed("cut to 1"), parsed("delay 5ms to 1")));
    EXPECT_TRUE(same_place(parsed("clock +1s"), parsed("clock -1s")));
}

TEST(FaultSummary, puts_the_links_of_a_node_together) {
    EXPECT_EQ(summary_of({}), "");
    EXPECT_EQ(summary_of({parsed("cut to 0"), parsed("cut from 0"), parsed("cut from 1"),
                          parsed("cut to 1")}),
              "cut 0,1");
    EXPECT_EQ(summary_of({parsed("cut to 0"), parsed("cut from 1")}), "cut to 0 from 1");
    EXPECT_EQ(summary_of({parsed("delay 80ms to all for 6001ms"), parsed("disk-full")}),
              "delay 80ms to all (7s); disk-full");
}

TEST(FaultTime, is_written_as_short_as_it_can_be) {
    EXPECT_EQ(fault_time_text(0), "0ms");
    EXPECT_EQ(fault_time_text(1500), "1500ms");
    EXPECT_EQ(fault_time_text(90'000), "90s");
    EXPECT_EQ(fault_time_text(-120'000), "-2m");
}

}  // namespace
}  // namespace raftkv
