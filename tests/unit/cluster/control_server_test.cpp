#include "cli/cluster/control_server.hpp"

#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <chrono>
#include <cstring>
#include <future>
#include <thread>

#include "cli/cluster/control_client.hpp"
#include "tests/unit/cluster/temp_folder.hpp"

namespace raftkv::cli {
namespace {

using namespace std::chrono_literals;

// A server on a thread of its own, which says "done" to everything, and ends with "down".
class Server {
  public:
    explicit Server(const std::filesystem::path& socket) {
        auto listening = ControlServer::listen(
            context_, socket,
            [this](const std::shared_ptr<ControlSession>& client, const ControlRequest& request) {
                client->send(ControlReply{ControlReply::Kind::progress, "working"});
                client->send(ControlReply{ControlReply::Kind::done, "yes"});
                if (request.verb == ControlVerb::down)
                    client->when_sent([this] { context_.stop(); });
            });
        EXPECT_TRUE(listening.ok()) << (listening.ok() ? "" : listening.error().message);
        server_ = std::move(*listening);
        thread_ = std::thread([this] { context_.run(); });
    }
    ~Server() {
        boost::asio::post(context_, [this] {
            server_.reset();
            context_.stop();
        });
        thread_.join();
    }

  private:
    boost::asio::io_context context_;
    boost::asio::executor_work_guard<boost::asio::io_context::executor_type> work_{
        context_.get_executor()};
    std::unique_ptr<ControlServer> server_;
    std::thread thread_;
};

int raw_connect(const std::filesystem::path& socket) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::memcpy(address.sun_path, socket.c_str(), socket.string().size() + 1);
    int descriptor = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    timeval patience{5, 0};
    ::setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    EXPECT_EQ(::connect(descriptor, reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
    return descriptor;
}

// All that the server says until it closes.
std::string read_to_end(int descriptor) {
    std::string all;
    char buffer[4096];
    for (ssize_t count = 0; (count = ::recv(descriptor, buffer, sizeof buffer, 0)) > 0;) {
        all.append(buffer, static_cast<std::size_t>(count));
    }
    ::close(descriptor);
    return all;
}

void expect_served(const std::filesystem::path& socket) {
    auto client = ControlClient::connect(socket);
    ASSERT_TRUE(client.ok()) << client.error().message;
    for (int request = 0; request < 2; ++request) {
        ASSERT_TRUE(client->send(ControlRequest{}).ok());
        auto progress = client->next(5s);
        ASSERT_TRUE(progress.ok()) << progress.error().message;
        EXPECT_EQ(progress->text, "working");
        auto last = client->next(5s);
        ASSERT_TRUE(last.ok()) << last.error().message;
        EXPECT_EQ(last->text, "yes");
    }
}

TEST(ControlServer, AnswersRequestAfterRequestOnOneConnection) {
    TempFolder folder;
    Server server(folder / "s");
    expect_served(folder / "s");
}

TEST(ControlServer, SaysItsLastWordsBeforeItEnds) {
    TempFolder folder;
    for (int round = 0; round < 20; ++round) {
        Server server(folder / "s");
        const auto last =
            order(folder / "s", {.verb = ControlVerb::down}, 5s, [](const std::string&) {});
        ASSERT_TRUE(last.ok()) << last.error().message;
        EXPECT_EQ(*last, "yes");
    }
}

TEST(ControlServer, OnlyItsUserMayConnect) {
    TempFolder folder;
    Server server(folder / "s");
    struct stat info {};
    ASSERT_EQ(::stat((folder / "s").c_str(), &info), 0);
    EXPECT_EQ(info.st_mode & 0777, 0600u);
}

void expect_refused(const Error& error, const std::filesystem::path& folder) {
    EXPECT_EQ(error.kind, ErrorKind::usage);
    EXPECT_NE(error.message.find("chmod go-w " + folder.string()), std::string::npos)
        << error.message;
}

TEST(ControlServer, InAFolderThatOthersMayWriteToIsRefusedByBothEnds) {
    TempFolder folder;
    const auto set_mode = [&](mode_t mode) { ASSERT_EQ(::chmod(folder.path().c_str(), mode), 0); };
    set_mode(0777);
    boost::asio::io_context context;
    const auto listening = ControlServer::listen(context, folder / "s", {});
    ASSERT_FALSE(listening.ok());
    expect_refused(listening.error(), folder.path());
    EXPECT_FALSE(std::filesystem::exists(folder / "s"));
    set_mode(0700);
    Server server(folder / "s");
    set_mode(0720);
    const auto client = ControlClient::connect(folder / "s");
    ASSERT_FALSE(client.ok());
    expect_refused(client.error(), folder.path());
    set_mode(0700);
    expect_served(folder / "s");
}

TEST(ControlServer, WorksWhereThePathIsTooLongForASocket) {
    TempFolder folder;
    std::filesystem::path deep = folder.path() / std::string(120, 'd') / std::string(120, 'e');
    std::filesystem::create_directories(deep);
    Server server(deep / "supervisor.sock");
    EXPECT_TRUE(std::filesystem::is_socket(deep / "supervisor.sock"));
    expect_served(deep / "supervisor.sock");
}

TEST(ControlServer, ReplacesTheSocketOfADeadSupervisor) {
    TempFolder folder;
    int dead = ::socket(AF_UNIX, SOCK_STREAM, 0);
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::filesystem::path file = folder / "s";
    std::memcpy(address.sun_path, file.c_str(), file.string().size() + 1);
    ASSERT_EQ(::bind(dead, reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
    ::close(dead);
    auto refused = ControlClient::connect(file);
    ASSERT_FALSE(refused.ok());
    EXPECT_EQ(refused.error().kind, ErrorKind::unavailable);
    Server server(file);
    expect_served(file);
}

TEST(ControlServer, RemovesItsSocketAtTheEnd) {
    TempFolder folder;
    { Server server(folder / "s"); }
    EXPECT_FALSE(std::filesystem::exists(folder / "s"));
    EXPECT_FALSE(ControlClient::connect(folder / "s").ok());
}

TEST(ControlServer, GarbageGetsAReasonAndTheEnd) {
    TempFolder folder;
    Server server(folder / "s");
    std::string open_brackets(4000, '[');
    open_brackets.push_back('\n');
    for (const std::string& garbage :
         {std::string("hello\n"), std::string("\0\0\0\n", 4), std::string("\n"),
          std::string("{\"command\":\"kill\"}\n"), open_brackets}) {
        int descriptor = raw_connect(folder / "s");
        ASSERT_EQ(::send(descriptor, garbage.data(), garbage.size(), 0),
                  static_cast<ssize_t>(garbage.size()));
        std::string answer = read_to_end(descriptor);
        EXPECT_NE(answer.find(R"({"failed":{"kind":"usage")"), std::string::npos) << answer;
    }
    expect_served(folder / "s");
}

TEST(ControlServer, ALineWithoutEndIsCutOff) {
    TempFolder folder;
    Server server(folder / "s");
    int descriptor = raw_connect(folder / "s");
    std::string endless(64 << 10, 'x');
    ::send(descriptor, endless.data(), endless.size(), MSG_NOSIGNAL);
    EXPECT_EQ(read_to_end(descriptor), "");
    expect_served(folder / "s");
}

TEST(ControlServer, ManySilentClientsDoNotExhaustIt) {
    TempFolder folder;
    Server server(folder / "s");
    constexpr std::size_t many = 200;
    std::vector<int> silent(many);
    for (int& client : silent) client = raw_connect(folder / "s");
    // Those over the limit are closed: wait for the last one's end.
    EXPECT_EQ(read_to_end(silent.back()), "");
    silent.pop_back();
    for (int descriptor : silent) ::close(descriptor);
    // The places become free again when the server has seen the others go.
    auto deadline = std::chrono::steady_clock::now() + 5s;
    bool served = false;
    while (!served && std::chrono::steady_clock::now() < deadline) {
        auto client = ControlClient::connect(folder / "s");
        served = client && client->send(ControlRequest{}).ok() && client->next(1s).ok();
    }
    EXPECT_TRUE(served);
}

TEST(ControlClient, SaysWhenNoSupervisorRuns) {
    TempFolder folder;
    auto client = ControlClient::connect(folder / "none");
    ASSERT_FALSE(client.ok());
    EXPECT_EQ(client.error().kind, ErrorKind::unavailable);
    EXPECT_NE(client.error().message.find("raftkv cluster up"), std::string::npos);
}

TEST(ControlClient, DoesNotWaitForEver) {
    TempFolder folder;
    Server server(folder / "s");
    auto client = ControlClient::connect(folder / "s");
    ASSERT_TRUE(client.ok());
    auto nothing = client->next(20ms);
    ASSERT_FALSE(nothing.ok());
    EXPECT_EQ(nothing.error().kind, ErrorKind::unavailable);
}

}  // namespace
}  // namespace raftkv::cli
