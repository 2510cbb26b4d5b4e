#include "cli/cluster/status_poller.hpp"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <boost/asio/io_context.hpp>
#include <chrono>
#include <string>
#include <thread>

namespace raftkv::cli {
namespace {

using namespace std::chrono_literals;

// Says to everybody that it is node `id`.
class FakeAdmin {
  public:
    explicit FakeAdmin(std::uint32_t id) : listener_(::socket(AF_INET, SOCK_STREAM, 0)) {
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        socklen_t size = sizeof address;
        EXPECT_EQ(::bind(listener_, reinterpret_cast<sockaddr*>(&address), size), 0);
        EXPECT_EQ(::listen(listener_, 8), 0);
        ::getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size);
        port = ntohs(address.sin_port);
        std::string body =
            R"({"id":)" + std::to_string(id) + R"(,"role":"follower","term":4,"leader":null})";
        answer_ =
            "HTTP/1.1 200 OK\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
        thread_ = std::thread([this] { serve(); });
    }
    ~FakeAdmin() {
        ::shutdown(listener_, SHUT_RDWR);
        thread_.join();
        ::close(listener_);
    }

    std::uint16_t port = 0;

  private:
    void serve() {
        for (int client = -1; (client = ::accept(listener_, nullptr, nullptr)) >= 0;) {
            char request[4096];
            if (::recv(client, request, sizeof request, 0) > 0) {
                ::send(client, answer_.data(), answer_.size(), MSG_NOSIGNAL);
            }
            ::close(client);
        }
    }

    int listener_;
    std::string answer_;
    std::thread thread_;
};

ServerConfig server(std::uint32_t id, std::uint16_t admin_port) {
    ServerConfig server;
    server.id = NodeId(id);
    server.admin_host = "127.0.0.1";
    server.admin_port = admin_port;
    return server;
}

TEST(StatusPoller, AsksEveryNodeAgainAndAgain) {
    FakeAdmin first(0);
    FakeAdmin second(1);
    std::uint16_t silent_port = 0;
    { silent_port = FakeAdmin(2).port; }  // nobody is there any more
    FakeAdmin stranger(77);

    boost::asio::io_context context;
    std::vector<int> answers(4);
    std::vector<int> silences(4);
    StatusPoller poller(context, [&](NodeId asked, std::optional<NodeStatus> status) {
        EXPECT_TRUE(!status || status->id == asked);
        ++(status ? answers : silences)[asked.value()];
    });
    const std::uint16_t ports[] = {first.port, second.port, silent_port, stranger.port};
    for (std::uint32_t id = 0; id < 4; ++id) poller.add(server(id, ports[id]));
    auto deadline = std::chrono::steady_clock::now() + 20s;
    auto enough = [&] {
        return answers[0] >= 2 && answers[1] >= 2 && silences[2] >= 2 && silences[3] >= 2;
    };
    while (!enough() && std::chrono::steady_clock::now() < deadline) {
        context.run_for(10ms);
        context.restart();
    }
    EXPECT_TRUE(enough());
    EXPECT_EQ(silences[0] + silences[1], 0);
    EXPECT_EQ(answers[2], 0);
    EXPECT_EQ(answers[3], 0) << "another cluster's node is not ours";
}

TEST(StatusPoller, EndsWithoutBeingHeard) {
    FakeAdmin admin(0);
    boost::asio::io_context context;
    StatusPoller poller(context, [](NodeId, const std::optional<NodeStatus>&) { FAIL(); });
    poller.add(server(0, admin.port));
}

}  // namespace
}  // namespace raftkv::cli
