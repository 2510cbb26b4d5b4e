#include "cli/cluster/port_check.hpp"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include "cli/cluster/preflight.hpp"

namespace raftkv::cli {
namespace {

// A port that somebody listens on.
class Listener {
  public:
    Listener() : descriptor_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        socklen_t size = sizeof address;
        EXPECT_EQ(::bind(descriptor_, reinterpret_cast<sockaddr*>(&address), size), 0);
        EXPECT_EQ(::listen(descriptor_, 1), 0);
        ::getsockname(descriptor_, reinterpret_cast<sockaddr*>(&address), &size);
        port = ntohs(address.sin_port);
    }
    Listener(const Listener&) = delete;
    Listener& operator=(const Listener&) = delete;
    ~Listener() { close(); }
    void close() {
        if (descriptor_ >= 0) ::close(descriptor_);
        descriptor_ = -1;
    }

    std::uint16_t port = 0;

  private:
    int descriptor_;
};

ServerConfig free_server() {
    Listener a;
    Listener b;
    Listener c;
    ServerConfig server;
    server.id = NodeId(4);
    server.host = "localhost";
    server.client_port = a.port;
    server.log_port = b.port;
    server.admin_port = c.port;
    return server;
}

TEST(PortCheck, FreePortsAreFree) {
    auto free = check_ports(free_server());
    EXPECT_TRUE(free.ok()) << free.error().message;
}

TEST(PortCheck, NamesThePortItsUseAndTheProcessThatHoldsIt) {
    Listener taken;
    struct Case {
        std::uint16_t ServerConfig::*port;
        const char* what;
    };
    for (Case port :
         {Case{&ServerConfig::client_port, "client"}, Case{&ServerConfig::log_port, "log"},
          Case{&ServerConfig::admin_port, "admin"}}) {
        ServerConfig server = free_server();
        server.*(port.port) = taken.port;
        auto refused = check_ports(server);
        ASSERT_FALSE(refused.ok()) << port.what;
        EXPECT_EQ(refused.error().kind, ErrorKind::usage);
        const std::string& message = refused.error().message;
        for (const std::string& part :
             {std::string("node 4"), std::string(port.what), std::to_string(taken.port),
              "pid " + std::to_string(::getpid())}) {
            EXPECT_NE(message.find(part), std::string::npos) << message;
        }
    }
}

TEST(PortCheck, AllNodesAreLookedAt) {
    Listener taken;
    ClusterConfig config;
    config.servers = {free_server(), free_server()};
    config.servers[1].id = NodeId(5);
    config.servers[1].log_port = taken.port;
    EXPECT_TRUE(check_all_ports(config, {NodeId(4)}).ok());
    auto refused = check_all_ports(config, {NodeId(4), NodeId(5)});
    ASSERT_FALSE(refused.ok());
    EXPECT_NE(refused.error().message.find("node 5"), std::string::npos);
}

TEST(PortHolders, NobodyHoldsAFreePort) {
    Listener freed;
    EXPECT_FALSE(port_holders(freed.port).empty());
    freed.close();
    EXPECT_TRUE(port_holders(freed.port).empty());
}

TEST(ListeningInodes, ReadsTheKernelsTable) {
    // Port 0x2328 is 9000; 0A is listening, 01 an open connection.
    constexpr std::string_view table =
        "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  "
        "timeout "
        "inode\n"
        "   0: 0100007F:2328 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        "
        "0 "
        "4711 1 0000000000000000 100 0 0 10 0\n"
        "   1: 0100007F:2328 0100007F:9999 01 00000000:00000000 00:00000000 00000000     0        "
        "0 "
        "4712 1 0000000000000000 100 0 0 10 0\n"
        "   2: 00000000000000000000000001000000:2328 00000000000000000000000000000000:0000 0A "
        "00000000:00000000 00:00000000 00000000     0        0 4713 1\n"
        "garbage\n"
        "   3: 0100007F:XXXX 00000000:0000 0A 0 0 0 0 0 0 4714\n";
    EXPECT_EQ(listening_inodes(table, 9000), (std::vector<std::uint64_t>{4711, 4713}));
    EXPECT_TRUE(listening_inodes(table, 9001).empty());
    EXPECT_TRUE(listening_inodes("", 9000).empty());
}

TEST(IsThisMachine, ByItsAddresses) {
    EXPECT_TRUE(is_this_machine("localhost"));
    EXPECT_TRUE(is_this_machine("127.0.0.1"));
    EXPECT_FALSE(is_this_machine("192.0.2.1")) << "an address for documentation";
    EXPECT_FALSE(is_this_machine("no such name"));
}

TEST(NodesHere, RefusesAConfigurationOfOtherMachines) {
    ClusterConfig config;
    config.servers = {free_server()};
    ASSERT_TRUE(nodes_here(config).ok());
    config.servers[0].host = "192.0.2.1";
    auto refused = nodes_here(config);
    ASSERT_FALSE(refused.ok());
    EXPECT_EQ(refused.error().kind, ErrorKind::usage);
}

}  // namespace
}  // namespace raftkv::cli
