#include <gtest/gtest.h>

#include <cstdint>
#include <string>
#include <vector>

#include "tests/system/node/dialogue.hpp"
#include "tests/system/node/nodes.hpp"

// Everybody at once.

namespace raftkv::system_test {
namespace {

constexpr int crowd = 200;

std::string write_of(int client, const std::string& when) {
    return "set " + when + std::to_string(client) + " 0 5\r\nvalue\r\n";
}

// All connect before anybody speaks, and all speak before anybody is answered.
std::vector<Dialogue> rush(const std::vector<std::uint16_t>& ports, const std::string& when) {
    std::vector<Dialogue> clients;
    for (int i = 0; i < crowd; ++i) clients.emplace_back(ports[i % ports.size()]);
    for (int i = 0; i < crowd; ++i) EXPECT_TRUE(clients[i].say(write_of(i, when)));
    return clients;
}

TEST(Herd, of_clients_that_lost_their_leader_is_served_by_the_next) {
    Nodes nodes(3);
    nodes.start_all();
    const std::uint32_t old_leader = nodes.leader();
    std::vector<Dialogue> settled = rush({nodes.client_port(old_leader)}, "before");
    for (Dialogue& client : settled) ASSERT_TRUE(client.line().starts_with("OK "));

    nodes.kill(old_leader);
    for (Dialogue& client : settled) ASSERT_TRUE(client.ended());
    // Nobody waits until there is another leader, and half of them guess wrong.
    std::vector<std::uint16_t> ports;
    for (std::uint32_t id = 0; id < 3; ++id) {
        if (id != old_leader) ports.push_back(nodes.client_port(id));
    }
    std::vector<Dialogue> moved = rush(ports, "after");
    const std::uint32_t leader = nodes.leader();
    const auto before = nodes.status(leader);
    ASSERT_TRUE(before);

    int served = 0;
    for (int i = 0; i < crowd; ++i) {
        std::string reply = moved[i].line();
        if (reply == "REDIRECT " + std::to_string(leader)) {
            Dialogue redirected(nodes.client_port(leader));
            ASSERT_TRUE(redirected.say(write_of(i, "after")));
            reply = redirected.line();
        }
        served += reply.starts_with("OK ") ? 1 : 0;
    }
    EXPECT_EQ(served, crowd);
    const auto after = nodes.status(nodes.leader());
    ASSERT_TRUE(after);
    EXPECT_EQ(after->term, before->term) << "the crowd cost the new leader its place";
}

}  // namespace
}  // namespace raftkv::system_test
