#include <gtest/gtest.h>

#include "tests/system/cluster/on_terminal.hpp"

namespace raftkv::system_test {
namespace {

constexpr char ctrl_c = '\x03';
constexpr char ctrl_z = '\x1a';
constexpr std::string_view alternate_screen = "\x1b[?1049h";
constexpr std::string_view main_screen = "\x1b[?1049l";
constexpr std::string_view green_leader = "\x1b[32mleader";

TEST(LiveTableOnATerminal, ShowsTheClusterAndCtrlCStopsIt) {
    Bed bed(3);
    OnTerminal up(bed, {"cluster", "up"}, true);
    EXPECT_TRUE(up.shows(alternate_screen));
    EXPECT_TRUE(up.shows("NODE")) << up.seen();
    EXPECT_TRUE(up.shows(green_leader)) << up.seen();
    up.type(ctrl_z);  // must not suspend who looks after the nodes
    EXPECT_EQ(bed.cluster({"kill", "leader"}).exit, 0);
    EXPECT_TRUE(up.shows("stopped")) << up.seen();
    EXPECT_TRUE(up.shows(green_leader)) << "the next one: " << up.seen();
    up.type(ctrl_c);
    EXPECT_TRUE(up.shows(main_screen)) << up.seen();
    EXPECT_EQ(up.exit_code(), 0);
    EXPECT_NE(up.seen().find("the cluster has stopped"), std::string::npos)
        << "how it ended stays to be seen";
    EXPECT_EQ(bed.supervisor_pid(), 0);
}

TEST(LiveTableOnATerminal, FollowsTheSizeOfTheTerminal) {
    Bed bed(3);
    OnTerminal up(bed, {"cluster", "up"}, false);
    ASSERT_TRUE(up.shows("RESTARTS"));
    up.resize(10, 10);
    // Cut to the width: "NODE  ROLE" and no more. How wide the rest is depends on the term.
    EXPECT_TRUE(up.shows("ROLE\x1b[K")) << up.seen();
    up.resize(30, 120);
    EXPECT_TRUE(up.shows("RESTARTS\x1b[K")) << up.seen();
    up.type(ctrl_c);
    EXPECT_EQ(up.exit_code(), 0);
}

TEST(LiveTableOnATerminal, HasNoColorsWhereTheUserWantsNone) {
    Bed bed(1);
    OnTerminal up(bed, {"cluster", "up"}, false);
    ASSERT_TRUE(up.shows("leader 0"));
    EXPECT_EQ(up.seen().find("\x1b[3"), std::string::npos);
    up.type(ctrl_c);
    EXPECT_EQ(up.exit_code(), 0);
    EXPECT_EQ(up.seen().find("\x1b[3"), std::string::npos);
}

TEST(LiveTableOnATerminal, IsDrawnOverTheLastPictureAndNeverCleared) {
    Bed bed(1);
    bed.up();
    OnTerminal watch(bed, {"cluster", "status", "--watch"}, false);
    ASSERT_TRUE(watch.shows("leader 0"));
    // Pictures are drawn over the last, never on a cleared screen: that would flicker.
    ASSERT_TRUE(watch.shows("leader 0"));
    EXPECT_EQ(watch.seen().find("\x1b[2J"), std::string::npos);
    watch.type(ctrl_c);
    EXPECT_TRUE(watch.shows(main_screen));
    EXPECT_EQ(watch.exit_code(), 130);
    EXPECT_NE(bed.supervisor_pid(), 0) << "it only watched";
}

}  // namespace
}  // namespace raftkv::system_test
