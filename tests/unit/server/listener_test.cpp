#include "node/server/listener.hpp"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <boost/asio/io_context.hpp>
#include <string>
#include <vector>

#include "node/server/descriptor_limit.hpp"
#include "tests/unit/sanitized.hpp"
#include "tests/unit/server/loopback.hpp"
#include "tests/unit/server/wait.hpp"

namespace raftkv::server {
namespace {

class ListenerTest : public testing::Test {
  protected:
    ~ListenerTest() override {
        for (int fd : accepted_) ::close(fd);
    }

    std::unique_ptr<Listener> open(const std::string& host, std::uint16_t port) {
        auto listener = Listener::open(io_, host, port, "ClientPort",
                                       [this](int fd) { accepted_.push_back(fd); });
        EXPECT_TRUE(listener.ok()) << listener.error().message;
        EXPECT_TRUE((*listener)->start().ok());
        return std::move(listener).value();
    }
    bool accepts(std::size_t count) {
        return comes_true([&] {
            io_.poll();
            return accepted_.size() == count;
        });
    }

    boost::asio::io_context io_;
    std::vector<int> accepted_;
    std::uint16_t port_ = free_port();
};

TEST_F(ListenerTest, listens_on_every_address_of_the_host) {
    auto listener = open("localhost", port_);
    int four = connect_to("127.0.0.1", port_);
    ASSERT_GE(four, 0);
    EXPECT_TRUE(accepts(1));
    ::close(four);
}

TEST_F(ListenerTest, a_port_in_use_is_named_with_its_holder) {
    auto first = open("127.0.0.1", port_);
    auto second = Listener::open(io_, "127.0.0.1", port_, "ClientPort", [](int) {});
    ASSERT_FALSE(second.ok());
    const std::string& message = second.error().message;
    EXPECT_EQ(second.error().kind, ErrorKind::usage);
    EXPECT_NE(message.find("ClientPort " + std::to_string(port_)), std::string::npos) << message;
    EXPECT_NE(message.find("pid " + std::to_string(::getpid())), std::string::npos) << message;
    EXPECT_NE(message.find("(server_test)"), std::string::npos) << message;
}

TEST_F(ListenerTest, a_host_that_does_not_resolve_yet_is_no_error_and_one_that_is_elsewhere_is) {
    auto unknown = open("no-such-host.invalid", port_);
    EXPECT_LT(connect_to("127.0.0.1", port_), 0);
    unknown->stop();
    auto elsewhere = Listener::open(io_, "192.0.2.1", port_, "LogPort", [](int) {});
    ASSERT_FALSE(elsewhere.ok());
    EXPECT_EQ(elsewhere.error().kind, ErrorKind::usage);
}

TEST_F(ListenerTest, nobody_can_connect_after_stop) {
    auto listener = open("127.0.0.1", port_);
    listener->stop();
    EXPECT_LT(connect_to("127.0.0.1", port_), 0);
}

TEST_F(ListenerTest, without_descriptors_connections_are_turned_away_and_later_taken) {
    if (under_address_sanitizer) {
        GTEST_SKIP() << "the sanitizer needs descriptors itself, and takes their lack for an error";
    }
    auto listener = open("127.0.0.1", port_);
    int client = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    rlimit before{};
    ::getrlimit(RLIMIT_NOFILE, &before);
    int next = ::dup(client);
    ::close(next);
    rlimit tight = before;
    tight.rlim_cur = static_cast<rlim_t>(next);
    ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &tight), 0);
    ASSERT_TRUE(connect_socket(client, "127.0.0.1", port_));
    char byte = 0;
    bool turned_away = comes_true([&] {
        io_.poll();
        return ::recv(client, &byte, 1, MSG_DONTWAIT) == 0;
    });
    ::setrlimit(RLIMIT_NOFILE, &before);
    EXPECT_TRUE(turned_away);
    EXPECT_TRUE(accepted_.empty());
    int later = connect_to("127.0.0.1", port_);
    EXPECT_TRUE(accepts(1));
    ::close(client);
    ::close(later);
}

TEST(DescriptorLimit, leaves_some_to_everybody) {
    for (const std::size_t limit :
         {min_descriptors, std::size_t{256}, std::size_t{1024}, std::size_t{1} << 20}) {
        const DescriptorShares shares = share_descriptors(limit);
        EXPECT_GE(shares.clients, limit / 2) << limit;
        EXPECT_GE(shares.admin, 8u) << limit;
        EXPECT_LE(shares.admin, 64u) << limit;
        EXPECT_LE(shares.clients + shares.admin + shares.strangers + 48, limit) << limit;
    }
}

TEST(DescriptorLimit, is_raised_to_what_is_allowed) {
    rlimit before{};
    ::getrlimit(RLIMIT_NOFILE, &before);
    rlimit low = before;
    low.rlim_cur = 64;
    ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &low), 0);
    EXPECT_EQ(raise_descriptor_limit(), before.rlim_max);
    ::setrlimit(RLIMIT_NOFILE, &before);
}

}  // namespace
}  // namespace raftkv::server
