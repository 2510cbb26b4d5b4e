#include "node/server/faults/fault_control.hpp"

#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <cstring>
#include <filesystem>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include "common/faults/control_socket.hpp"
#include "common/socket_path.hpp"
#include "tests/unit/faults/hand_clock.hpp"
#include "tests/unit/server/wait.hpp"

namespace raftkv::server {
namespace {

struct Nothing final : replica::NetworkPort, PeerEvents {
    void send(NodeId, const raft::Message&) override {}
    void on_message(NodeId, raft::Message) override {}
    void on_peer_connected(NodeId) override {}
    void on_peer_disconnected(NodeId) override {}
    void on_peer_folder(NodeId, std::uint64_t) override {}
    void on_refused(NodeId, const wire::Refusal&) override {}
};

// One connection to the socket.
class Client {
  public:
    explicit Client(const std::filesystem::path& file)
        : fd_(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
        SocketPath path(file);
        sockaddr_un address{};
        address.sun_family = AF_UNIX;
        std::strncpy(address.sun_path, path.text().c_str(), sizeof address.sun_path - 1);
        timeval patience{10, 0};
        ::setsockopt(fd_, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
        ::setsockopt(fd_, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
        connected_ = ::connect(fd_, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0;
    }
    Client(const Client&) = delete;
    ~Client() { ::close(fd_); }

    bool connected() const { return connected_; }
    void say(std::string_view bytes) {
        while (!bytes.empty()) {
            ssize_t count = ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
            if (count <= 0) return;  // it had enough of this client
            bytes.remove_prefix(static_cast<std::size_t>(count));
        }
    }
    // Without its end; "" when the connection ends first.
    std::string line() {
        std::string line;
        char c = 0;
        while (::recv(fd_, &c, 1, 0) == 1) {
            if (c == '\n') return line;
            line += c;
        }
        return "";
    }
    std::string ask(std::string_view line_said) {
        say(std::string(line_said) + "\n");
        return line();
    }

  private:
    int fd_;
    bool connected_ = false;
};

class FaultControlTest : public testing::Test {
  protected:
    FaultControlTest() {
        std::string name = std::filesystem::temp_directory_path() / "raftkv-faults-XXXXXX";
        EXPECT_NE(::mkdtemp(name.data()), nullptr);
        folder_ = name;
        config_.servers.resize(2);
        config_.servers[0].id = NodeId(0);
        config_.servers[1].id = NodeId(1);
        faults_ = std::make_unique<Faults>(std::make_unique<HandClock>(), config_, NodeId(0), 1);
        faults_->around(static_cast<replica::NetworkPort&>(nothing_));
        faults_->around(static_cast<PeerEvents&>(nothing_));
    }
    ~FaultControlTest() override {
        stop();
        std::filesystem::remove_all(folder_);
    }

    void start() {
        auto opened = FaultControl::open(io_, folder_, *faults_);
        ASSERT_TRUE(opened.ok()) << opened.error().message;
        control_ = std::move(opened).value();
        loop_ = std::thread([this] { io_.run(); });
    }
    void stop() {
        io_.stop();
        if (loop_.joinable()) loop_.join();
        control_.reset();
    }
    // A place is free as soon as the loop has seen the end of the client before.
    bool answers_somebody() const {
        return comes_true([this] { return Client(file()).ask("list") == "ok 0"; });
    }
    std::filesystem::path file() const { return folder_ / fault_socket_name; }

    std::filesystem::path folder_;
    ClusterConfig config_;
    Nothing nothing_;
    std::unique_ptr<Faults> faults_;
    boost::asio::io_context io_;
    std::unique_ptr<FaultControl> control_;
    std::thread loop_;
};

TEST_F(FaultControlTest, its_socket_is_for_its_user_alone_and_goes_with_it) {
    mode_t before = ::umask(0);
    start();
    ::umask(before);
    struct stat status {};
    ASSERT_EQ(::stat(file().c_str(), &status), 0);
    EXPECT_TRUE(S_ISSOCK(status.st_mode));
    EXPECT_EQ(status.st_mode & 0777, 0600u);
    stop();
    EXPECT_FALSE(std::filesystem::exists(file()));
}

TEST_F(FaultControlTest, takes_the_place_of_a_socket_that_was_left_behind) {
    start();
    std::filesystem::rename(file(), folder_ / "left");
    stop();
    io_.restart();
    std::filesystem::rename(folder_ / "left", file());
    EXPECT_FALSE(Client(file()).connected());
    start();
    EXPECT_EQ(Client(file()).ask("list"), "ok 0");
}

TEST_F(FaultControlTest, says_why_it_cannot_open) {
    auto opened = FaultControl::open(io_, folder_ / "missing", *faults_);
    ASSERT_FALSE(opened.ok());
    EXPECT_EQ(opened.error().kind, ErrorKind::io);
    EXPECT_NE(opened.error().message.find("missing/faults.sock"), std::string::npos);
}

TEST_F(FaultControlTest, works_in_a_folder_that_lies_deep) {
    for (int level = 0; level < 5; ++level) folder_ /= std::string(30, 'd');
    std::filesystem::create_directories(folder_);
    start();
    EXPECT_EQ(Client(file()).ask("list"), "ok 0");
    for (int level = 0; level < 5; ++level) folder_ = folder_.parent_path();
    EXPECT_TRUE(std::filesystem::exists(folder_));
}

TEST_F(FaultControlTest, answers_several_clients_in_turn_and_all_of_a_pipeline) {
    start();
    Client one(file()), other(file());
    EXPECT_EQ(one.ask("fault cut to 1"), "ok");
    EXPECT_EQ(other.ask("list"), "ok 1");
    EXPECT_EQ(other.line(), "cut to 1");
    other.say("clear\nlist\nnonsense\nlist\n");
    EXPECT_EQ(other.line(), "ok");
    EXPECT_EQ(other.line(), "ok 0");
    EXPECT_TRUE(other.line().starts_with("error "));
    EXPECT_EQ(other.line(), "ok 0");
    EXPECT_EQ(one.ask("list"), "ok 0");
}

TEST_F(FaultControlTest, a_line_without_end_ends_the_connection) {
    start();
    Client client(file());
    client.say(std::string(longest_fault_line + 1, 'x'));
    EXPECT_EQ(client.line(), "error the line has no end");
    EXPECT_EQ(client.line(), "");
    EXPECT_EQ(Client(file()).ask("list"), "ok 0");
}

TEST_F(FaultControlTest, the_longest_line_is_answered) {
    start();
    Client client(file());
    std::string answer = client.ask(std::string(longest_fault_line - 1, 'x'));
    EXPECT_TRUE(answer.starts_with("error expected")) << answer;
    EXPECT_EQ(client.ask("list"), "ok 0");
}

TEST_F(FaultControlTest, more_clients_than_there_are_places_for_are_sent_away) {
    start();
    std::vector<std::unique_ptr<Client>> clients;
    for (int count = 0; count < 16; ++count) {
        clients.push_back(std::make_unique<Client>(file()));
        ASSERT_EQ(clients.back()->ask("list"), "ok 0") << count;
    }
    EXPECT_EQ(Client(file()).ask("list"), "");
    clients.pop_back();
    EXPECT_TRUE(answers_somebody());
}

TEST_F(FaultControlTest, hostile_bytes_get_errors_and_harm_nobody) {
    start();
    std::mt19937 random(3);
    for (int round = 0; round < 200; ++round) {
        std::string bytes(random() % 3000, '\0');
        for (char& c : bytes) c = static_cast<char>(random() % 256);
        Client client(file());
        client.say(bytes);
        std::string answer = round % 2 == 0 ? client.ask("") : "";
        EXPECT_FALSE(answer.starts_with("ok")) << answer;
    }
    EXPECT_TRUE(answers_somebody());
}

}  // namespace
}  // namespace raftkv::server
