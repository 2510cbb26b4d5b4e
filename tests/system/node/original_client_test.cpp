#include <gtest/gtest.h>

#include <chrono>
#include <string>
#include <thread>

#include "tests/system/node/dialogue.hpp"
#include "tests/system/node/nodes.hpp"

// The acceptance test of the original server, as its own clients run it: they know ports 9000 + id,
// wait by the clock, read one line, and follow REDIRECT by themselves.

namespace raftkv::system_test {
namespace {

using std::chrono::milliseconds;

// What the original's client does: asks one server, and goes where it is sent.
std::string ask_following_redirects(const Nodes& nodes, std::uint32_t id,
                                    const std::string& command, bool& redirected) {
    for (int hop = 0; hop < 5; ++hop) {
        Dialogue server(nodes.client_port(id));
        server.say(command);
        const std::string line = server.line();
        if (!line.starts_with("REDIRECT ")) return line;
        redirected = true;
        id = static_cast<std::uint32_t>(std::stoul(line.substr(9)));
    }
    return "redirected too often";
}

TEST(OriginalClient, finds_its_key_after_the_leader_died_and_a_fourth_server_came) {
    Nodes nodes(5);
    for (std::uint32_t id = 0; id < 3; ++id) nodes.start(id);
    const std::uint32_t leader = nodes.leader();
    bool redirected = false;
    const std::string set = "set arun 0 15\r\nmy name is arun\r\n";
    EXPECT_TRUE(ask_following_redirects(nodes, 0, set, redirected).starts_with("OK "));
    EXPECT_EQ(ask_following_redirects(nodes, 1, "get arun\r\n", redirected), "VALUE 15");

    // The times are part of the contract, so they are waited out and not waited for.
    nodes.kill(leader);
    std::this_thread::sleep_for(milliseconds(500));
    nodes.start(leader);
    std::this_thread::sleep_for(milliseconds(500));
    nodes.start(3);
    std::this_thread::sleep_for(milliseconds(2000));

    redirected = false;
    EXPECT_EQ(ask_following_redirects(nodes, 3, "get arun\r\n", redirected), "VALUE 15");
    EXPECT_TRUE(redirected) << "the fourth server has just come and cannot lead";
}

}  // namespace
}  // namespace raftkv::system_test
