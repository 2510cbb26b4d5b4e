#include <gtest/gtest.h>

#include <regex>

#include "tests/system/client/fake_cluster.hpp"
#include "tests/system/client/program.hpp"

namespace raftkv::test {
namespace {

class Raw : public testing::Test {
  protected:
    // What is printed, with times and ports left out.
    std::string shown(const Arguments& arguments, std::string_view input, int exit) {
        const ProgramResult result = run(cluster_.folder(), arguments, input);
        EXPECT_EQ(result.exit, exit) << result.err;
        const std::string timeless =
            std::regex_replace(result.out, std::regex("[0-9.]+ (ms|s)\n"), "T\n");
        return std::regex_replace(timeless, std::regex("127.0.0.1:[0-9]+"), "HOST:PORT");
    }

    FakeCluster cluster_;
};

TEST_F(Raw, ShowsTheBytesOfBothDirections) {
    EXPECT_EQ(shown({"--raw", "1", "set", "arun", "my\nname", "10"}, "", 0),
              "   # connected to node 1 (HOST:PORT)\n"
              "-> \"set arun 10 7\\r\\nmy\\nname\\r\\n\"  24 bytes\n"
              "<- \"OK 2\\r\\n\"  6 bytes, T\n");
}

TEST_F(Raw, FollowsNoRedirectButSaysWhatItMeans) {
    EXPECT_EQ(shown({"--raw", "0", "get", "k"}, "", 1),
              "   # connected to node 0 (HOST:PORT)\n"
              "-> \"get k\\r\\n\"  7 bytes\n"
              "<- \"REDIRECT 1\\r\\n\"  12 bytes, T\n"
              "   # not done; node 1 is the leader\n");
}

TEST_F(Raw, SendsBytesThatAreNoCommand) {
    EXPECT_EQ(shown({"--raw", "1"}, "send \"nonsense\\r\\n\"\n", 0),
              "   # connected to node 1 (HOST:PORT)\n"
              "-> \"nonsense\\r\\n\"  10 bytes\n"
              "<- \"ERR_CMD_ERR\\r\\n\"  13 bytes, T\n");
}

TEST_F(Raw, HalfACommandHasNoAnswer) {
    EXPECT_EQ(shown({"--raw", "1", "send", "get k"}, "", 0),
              "   # connected to node 1 (HOST:PORT)\n"
              "-> \"get k\"  5 bytes\n"
              "   # no answer (yet)\n");
}

TEST_F(Raw, ANodeThatIsDownIsExit69) {
    const ProgramResult result = run(cluster_.folder(), {"--raw", "2", "get", "k"});
    EXPECT_EQ(result.exit, 69);
    EXPECT_NE(result.err.find("Connection refused"), std::string::npos) << result.err;
}

TEST_F(Raw, ShowsGarbageAndSaysSo) {
    const FakeNode node(answering([](const std::string&) { return "\x1b[31mwhat?\r\n"; }));
    const ProgramResult result =
        run(cluster_.folder(), {"--raw", "127.0.0.1:" + std::to_string(node.port()), "get", "k"});
    EXPECT_EQ(result.exit, 1);
    EXPECT_NE(result.out.find("<- \"\\x1b[31mwhat?\\r\\n\""), std::string::npos) << result.out;
    EXPECT_NE(result.out.find("this is no reply of the protocol"), std::string::npos);
}

TEST_F(Raw, ConnectsAgainAfterTheNodeHungUp) {
    const FakeNode node([](FakeSession& session) {
        if (session.next()) session.say("ERR_NOT_FOUND\r\n");
    });
    const std::string address = "127.0.0.1:" + std::to_string(node.port());
    const ProgramResult result =
        run(cluster_.folder(), {"--raw", address}, "send \"get k\\r\\n\"\nget k\n");
    EXPECT_EQ(result.exit, 1) << result.out;
    EXPECT_NE(result.out.find("the node closed the connection"), std::string::npos) << result.out;
    EXPECT_EQ(node.connections(), 2);
}

TEST_F(Raw, SilenceEndsAtTheTimeout) {
    const FakeNode node([](FakeSession& session) { session.stay_silent(); });
    const std::string address = "127.0.0.1:" + std::to_string(node.port());
    const ProgramResult result =
        run(cluster_.folder(), {"--timeout", "0.2", "--raw", address, "get", "k"});
    EXPECT_EQ(result.exit, 69);
    EXPECT_NE(result.err.find("no answer in time"), std::string::npos) << result.err;
}

}  // namespace
}  // namespace raftkv::test
