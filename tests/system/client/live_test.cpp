#include <gtest/gtest.h>

#include <map>
#include <memory>

#include "tests/system/client/fake_cluster.hpp"
#include "tests/system/client/program.hpp"

namespace raftkv::test {
namespace {

// Three real nodes.
class Live : public testing::Test {
  protected:
    Live() {
        const auto ports = dead_ports(9);
        folder_.write("config.json",
                      config_text({ports[0], ports[1], ports[2]}, {ports[3], ports[4], ports[5]},
                                  {ports[6], ports[7], ports[8]}));
        for (int id = 0; id < 3; ++id) start(id);
    }

    void start(int id) { nodes_[id] = std::make_unique<NodeProcess>(folder_, id); }
    void kill(int id) { nodes_[id]->kill(); }
    ProgramResult client(const Arguments& arguments) { return run(folder_, arguments); }

    // The node that answers as the leader.
    int leader() {
        const std::string line = client({"--json", "get", "no-such-key"}).out;
        const std::size_t at = line.find("\"node\":");
        EXPECT_NE(at, std::string::npos) << line;
        return at == std::string::npos ? 0 : line[at + 7] - '0';
    }

    Folder folder_;
    std::map<int, std::unique_ptr<NodeProcess>> nodes_;
};

TEST_F(Live, FindsTheLeaderWhereverItStarts) {
    EXPECT_EQ(client({"set", "k", "my name is arun", "600"}).exit, 0)
        << "it waits for the election";
    for (const char* id : {"0", "1", "2"}) {
        EXPECT_EQ(client({"--node", id, "get", "k"}).out, "my name is arun");
    }
    EXPECT_TRUE(client({"getm", "k"}).out.ends_with(" 600\nmy name is arun"));
    EXPECT_EQ(client({"status"}).exit, 0);
}

TEST_F(Live, AKilledLeaderLosesNothingAndDelaysOnly) {
    ASSERT_EQ(client({"set", "k", "before"}).exit, 0);
    for (int round = 0; round < 3; ++round) {
        const int old = leader();
        kill(old);
        EXPECT_EQ(client({"get", "k"}).out, "before");
        const std::string key = "after" + std::to_string(round);
        EXPECT_EQ(client({"set", key, "value"}).exit, 0);
        start(old);
    }
}

TEST_F(Live, WithoutAMajorityNothingIsDoneAndThatIsSaid) {
    ASSERT_EQ(client({"set", "k", "v"}).exit, 0);
    kill(0);
    kill(1);
    const ProgramResult set = client({"--timeout", "1", "set", "new", "v"});
    EXPECT_EQ(set.exit, 69) << set.err;
    EXPECT_NE(set.err.find("nothing was done"), std::string::npos) << set.err;
    start(0);
    EXPECT_EQ(client({"get", "new"}).exit, 1) << "it was not done";
    EXPECT_EQ(client({"get", "k"}).out, "v");
}

TEST_F(Live, TheShellFollowsAKilledLeader) {
    ASSERT_EQ(client({"set", "k", "v"}).exit, 0);
    const int old = leader();
    Terminal terminal(folder_, {});
    terminal.expect("node " + std::to_string(old) + " (leader)> ");
    terminal.type("set before 1\n");
    terminal.expect("OK, version ");
    terminal.expect("(leader)> ");
    kill(old);
    terminal.type("set after 1\n");
    terminal.expect("OK, version ");
    const std::string prompt = terminal.expect("(leader)> ");
    EXPECT_EQ(prompt.find("node " + std::to_string(old)), std::string::npos) << prompt;
    terminal.type("get before\n");
    terminal.expect("\"1\"");
}

TEST_F(Live, RawShowsTheDialogueOfTheProtocol) {
    ASSERT_EQ(client({"set", "k", "v"}).exit, 0);
    const int old = leader();
    const std::string follower = std::to_string((old + 1) % 3);
    const ProgramResult result = client({"--raw", follower, "get", "k"});
    EXPECT_EQ(result.exit, 1);
    EXPECT_NE(result.out.find("<- \"REDIRECT " + std::to_string(old) + "\\r\\n\"  12 bytes"),
              std::string::npos)
        << result.out;
}

}  // namespace
}  // namespace raftkv::test
