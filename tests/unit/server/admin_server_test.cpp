#include "node/server/admin/admin_server.hpp"

#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "cli/test/simulation/memory_disk.hpp"
#include "node/storage/snapshot_writer.hpp"
#include "tests/unit/server/loopback.hpp"
#include "tests/unit/server/wait.hpp"

// GET and POST /snapshot over real sockets, from files of a disk in memory.

namespace raftkv::server {
namespace {

class NoReport final : public ReportSource {
  public:
    NodeReport report() const override { return {}; }
    const kv::Store& store() const override { return store_; }
    ClusterMs cluster_time() const override { return store_.clock(); }
    std::vector<std::string> host_names() const override { return {"db-1", "2.example"}; }

  private:
    kv::Store store_;
};

class FakeOrders final : public AdminOrders {
  public:
    void order(std::string_view target, AdminReply reply) override {
        if (target != "/later") return reply({404, "text/plain", "no such order\n"});
        later = std::move(reply);
        ++taken;
    }

    AdminReply later;
    std::atomic<int> taken = 0;
};

class FakeSnapshots final : public SnapshotSource {
  public:
    Result<LogIndex> order_snapshot() override {
        ++orders;
        std::lock_guard lock(mutex_);
        return refusal_ ? Result<LogIndex>(*refusal_) : LogIndex(7);
    }
    Result<std::unique_ptr<storage::SnapshotReader>> open_snapshot() override {
        ++opened;
        std::lock_guard lock(mutex_);
        if (refusal_) return *refusal_;
        return storage::SnapshotReader::open(disk, LogIndex(7));
    }
    std::string take(std::size_t chunks) {
        const storage::SnapshotMeta meta{1, {LogIndex(7), Term(2)}, "members"};
        auto writer = storage::SnapshotWriter::create(disk, meta);
        for (std::size_t i = 0; i < chunks; ++i)
            EXPECT_TRUE((*writer)->add(std::string(1 << 20, static_cast<char>('a' + i % 26))));
        EXPECT_TRUE((*writer)->finish());
        return disk.contents(storage::snapshot_name(LogIndex(7)));
    }

    void refuse(std::optional<Error> why) {
        std::lock_guard lock(mutex_);
        refusal_ = std::move(why);
    }

    storage::MemoryDisk disk;
    std::atomic<int> orders = 0, opened = 0;

  private:
    std::mutex mutex_;
    std::optional<Error> refusal_;
};

constexpr std::size_t more_than_sockets_take = 24;  // MiB

// A connection, with a small buffer, so that little is on its way.
class Asker {
  public:
    explicit Asker(std::uint16_t port) : fd_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
        const int small = 64 << 10;
        ::setsockopt(fd_, SOL_SOCKET, SO_RCVBUF, &small, sizeof small);
        const timeval patience{10, 0};
        ::setsockopt(fd_, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
        EXPECT_TRUE(connect_socket(fd_, "127.0.0.1", port));
    }
    Asker(const Asker&) = delete;
    Asker& operator=(const Asker&) = delete;
    ~Asker() { close(); }
    void close() {
        if (fd_ >= 0) ::close(std::exchange(fd_, -1));
    }

    void say(std::string_view bytes) { ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL); }
    void finish() { ::shutdown(fd_, SHUT_WR); }
    std::string hear(std::size_t most) {
        std::string heard(most, '\0');
        const ssize_t count = ::recv(fd_, heard.data(), heard.size(), 0);
        heard.resize(count > 0 ? static_cast<std::size_t>(count) : 0);
        return heard;
    }
    std::string hear_all() {
        std::string all;
        for (std::string some; !(some = hear(1 << 20)).empty();) all += some;
        return all;
    }

  private:
    int fd_;
};

constexpr std::string_view get_request = "GET /snapshot HTTP/1.1\r\nHost: localhost\r\n\r\n";
constexpr std::string_view post_request =
    "POST /snapshot HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";

// No body, with all that can be around none.
constexpr std::string_view chunked_request =
    "POST /snapshot HTTP/1.1\r\nHost: db-1\r\nConnection: close\r\nTransfer-Encoding: "
    "chunked\r\n\r\n"
    "0;x\r\nA: b\r\n\r\n";

class AdminServerTest : public testing::Test {
  protected:
    explicit AdminServerTest(const AdminPatience& patience = {}) {
        auto server =
            AdminServer::open(io_, "127.0.0.1", port_, report_, orders_, snapshots_, patience);
        EXPECT_TRUE(server.ok()) << server.error().message;
        server_ = std::move(*server);
        EXPECT_TRUE(server_->start());
        thread_ = std::thread([this] { io_.run(); });
    }
    ~AdminServerTest() override {
        io_.stop();
        thread_.join();
    }

    std::string ask(std::string_view request) {
        Asker asker(port_);
        asker.say(request);
        return asker.hear_all();
    }
    static bool has_code(const std::string& answer, int code) {
        return answer.starts_with("HTTP/1.1 " + std::to_string(code) + " ");
    }
    static std::string body(const std::string& answer) {
        const std::size_t head = answer.find("\r\n\r\n");
        return head == std::string::npos ? "" : answer.substr(head + 4);
    }
    // The place of somebody who went away is free soon.
    bool is_served() {
        return comes_true([&] { return has_code(ask(get_request), 200); });
    }

    NoReport report_;
    FakeOrders orders_;
    FakeSnapshots snapshots_;
    std::uint16_t port_ = free_port();
    boost::asio::io_context io_;
    std::unique_ptr<AdminServer> server_;
    std::thread thread_;
};

TEST_F(AdminServerTest, who_asks_nothing_makes_room_for_who_does) {
    std::vector<std::unique_ptr<Asker>> silent;
    for (int i = 0; i < 64; ++i) silent.push_back(std::make_unique<Asker>(port_));
    // One has asked, and waits for its next question; one waits for its answer.
    silent[0]->say("POST /snapshot HTTP/1.1\r\nHost: localhost\r\n\r\n");
    EXPECT_TRUE(has_code(silent[0]->hear(1000), 200));
    silent[1]->say("POST /later HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
    ASSERT_TRUE(comes_true([&] { return orders_.taken == 1; }));
    for (int i = 0; i < 70; ++i) EXPECT_TRUE(has_code(ask(post_request), 200)) << i;
    EXPECT_EQ(silent[2]->hear(100), "") << "it waited for longest";
    boost::asio::post(io_, [&] {
        std::exchange(orders_.later, nullptr)({200, "text/plain", "done\n"});
    });
    EXPECT_TRUE(has_code(silent[1]->hear_all(), 200)) << "it was not cut off";
}

TEST_F(AdminServerTest, where_all_wait_for_an_answer_one_more_is_told) {
    std::vector<std::unique_ptr<Asker>> busy;
    std::vector<AdminReply> replies;
    for (int i = 0; i < 64; ++i) {
        busy.push_back(std::make_unique<Asker>(port_));
        busy.back()->say("POST /later HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
        ASSERT_TRUE(comes_true([&] { return orders_.taken == i + 1; }));
        replies.push_back(std::exchange(orders_.later, nullptr));
    }
    Asker more(port_);
    const std::string answer = more.hear_all();
    EXPECT_TRUE(has_code(answer, 503)) << answer;
    EXPECT_EQ(body(answer), "too many are asking at once; try again\r\n");
    boost::asio::post(io_, [&] {
        for (AdminReply& reply : std::exchange(replies, {})) reply({200, "text/plain", "done\n"});
    });
    EXPECT_TRUE(has_code(busy.back()->hear_all(), 200));
}

TEST_F(AdminServerTest, a_snapshot_is_ordered_and_refused_with_the_reason) {
    const std::string taken = ask(post_request);
    EXPECT_TRUE(has_code(taken, 200)) << taken;
    EXPECT_EQ(body(taken), "{\"index\":7}\n");
    snapshots_.refuse(Error{ErrorKind::failed, "nothing is committed yet"});
    const std::string refused = ask(post_request);
    EXPECT_TRUE(has_code(refused, 409)) << refused;
    EXPECT_EQ(body(refused), "nothing is committed yet\n");
}

TEST_F(AdminServerTest, web_pages_order_no_snapshot) {
    const std::string answer =
        ask("POST /snapshot HTTP/1.1\r\nHost: localhost\r\nOrigin: http://page\r\n"
            "Connection: close\r\n\r\n");
    EXPECT_TRUE(has_code(answer, 403)) << answer;
    EXPECT_EQ(snapshots_.orders, 0);
}

TEST_F(AdminServerTest, a_snapshot_is_sent_byte_for_byte) {
    const std::string file = snapshots_.take(3);
    const std::string answer = ask(get_request);
    EXPECT_TRUE(has_code(answer, 200));
    EXPECT_NE(answer.find("Content-Length: " + std::to_string(file.size()) + "\r\n"),
              std::string::npos);
    EXPECT_EQ(body(answer), file);
}

TEST_F(AdminServerTest, where_there_is_none_or_a_damaged_one_the_reason_is_said) {
    snapshots_.refuse(Error{ErrorKind::failed, "there is no snapshot yet"});
    const std::string none = ask(get_request);
    EXPECT_TRUE(has_code(none, 404)) << none;
    EXPECT_EQ(body(none), "there is no snapshot yet\n");
    snapshots_.refuse(std::nullopt);
    snapshots_.take(1);
    snapshots_.disk.damage(storage::snapshot_name(LogIndex(7)), 3, "X");
    const std::string damaged = ask(get_request);
    EXPECT_TRUE(has_code(damaged, 500)) << damaged;
    EXPECT_NE(body(damaged).find("the header is damaged"), std::string::npos) << damaged;
}

TEST_F(AdminServerTest, one_is_sent_at_a_time_and_who_goes_away_makes_room) {
    snapshots_.take(more_than_sockets_take);
    Asker first(port_);
    first.say(get_request);
    ASSERT_TRUE(has_code(first.hear(13), 200));
    const std::string second = ask(get_request);
    EXPECT_TRUE(has_code(second, 503)) << second.substr(0, 100);
    EXPECT_EQ(body(second), "another one fetches a snapshot\n");
    EXPECT_EQ(snapshots_.opened, 1) << "which holds no file open";
    EXPECT_TRUE(has_code(ask(post_request), 200)) << "orders go on";
    first.close();
    EXPECT_TRUE(is_served());
}

TEST_F(AdminServerTest, one_that_is_replaced_meanwhile_is_sent_to_its_end) {
    const std::string file = snapshots_.take(more_than_sockets_take);
    Asker asker(port_);
    asker.say(get_request);
    std::string answer = asker.hear(100);
    ASSERT_TRUE(snapshots_.disk.remove(storage::snapshot_name(LogIndex(7))));
    answer += asker.hear_all();
    EXPECT_TRUE(body(answer) == file);
}

TEST_F(AdminServerTest, what_is_no_request_or_too_much_of_one_is_refused) {
    snapshots_.take(1);
    const std::string large =
        "POST /snapshot HTTP/1.1\r\nHost: localhost\r\nContent-Length: 10\r\n\r\n0123456789";
    EXPECT_TRUE(has_code(ask(large), 413));
    EXPECT_TRUE(has_code(ask("POST /snapshot HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: "
                             "chunked\r\n\r\nffffffff\r\n"),
                         413));
    EXPECT_TRUE(has_code(ask("GET /snapshot?" + std::string(20'000, 'x')), 413));
    EXPECT_TRUE(has_code(ask("\x80\x00\xff\r\n\r\n"), 400));
    EXPECT_TRUE(
        has_code(ask("GET /snapshot/ HTTP/1.1\r\nHost: db-1\r\nConnection: close\r\n\r\n"), 404));
    EXPECT_TRUE(
        has_code(ask("PUT /snapshot HTTP/1.1\r\nHost: db-1\r\nConnection: close\r\n\r\n"), 405));
    EXPECT_EQ(snapshots_.orders, 0);
    EXPECT_EQ(snapshots_.opened, 0);
    EXPECT_TRUE(is_served());
}

TEST_F(AdminServerTest, who_asks_by_a_name_that_is_not_known_here_is_refused) {
    const auto code = [&](const std::string& method, const std::string& host) {
        const std::string answer =
            ask(method + " /snapshot HTTP/1.1\r\nConnection: close\r\n" + host + "\r\n");
        return answer.substr(answer.find(' ') + 1, 3);
    };
    snapshots_.take(1);
    for (const std::string host : {"localhost", "LocalHost.", "127.0.0.1", "[::1]", "10.1.2.3",
                                   "db-1", "DB-1", "2.example"}) {
        EXPECT_EQ(code("GET", "Host: " + host + "\r\n"), "200") << host;
        EXPECT_EQ(code("POST", "host: " + host + ":9100\r\n"), "200") << host;
    }
    const int orders = snapshots_.orders, opened = snapshots_.opened;
    for (const std::string host :
         {"elsewhere.example", "localhost.elsewhere.example:9100", "127.0.0.1.elsewhere.example",
          "db-1.elsewhere.example", "elsewhere.example:localhost", "[elsewhere.example]", "db", ""})
        for (const std::string method : {"GET", "HEAD", "POST", "OPTIONS"})
            EXPECT_EQ(code(method, "Host: " + host + "\r\n"), "403") << method << " " << host;
    EXPECT_EQ(code("GET", ""), "400");
    EXPECT_EQ(code("POST", "Host: localhost\r\nHost: localhost\r\n"), "400");
    for (const std::string method : {"GET", "POST"})
        EXPECT_EQ(code(method, "Host: localhost\r\nOrigin: null\r\n"), "403");
    EXPECT_EQ(snapshots_.orders, orders);
    EXPECT_EQ(snapshots_.opened, opened);
    EXPECT_TRUE(has_code(ask("GET /snapshot HTTP/1.0\r\n\r\n"), 200));
}

TEST_F(AdminServerTest, head_is_get_without_a_body_and_options_say_what_there_is) {
    const std::string file = snapshots_.take(1);
    const auto head = [&](const std::string& target) {
        return ask("HEAD " + target + " HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
    };
    const std::string snapshot = head("/snapshot");
    EXPECT_TRUE(has_code(snapshot, 200));
    EXPECT_NE(snapshot.find("\r\nContent-Length: " + std::to_string(file.size()) + "\r\n"),
              std::string::npos);
    for (const std::string target : {"/snapshot", "/dump", "/status", "/healthz", "/nothing"})
        EXPECT_TRUE(head(target).ends_with("\r\n\r\n")) << target << ": " << head(target);
    EXPECT_EQ(head("/status").find("Content-Length: 0\r\n"), std::string::npos);
    // What follows on the same connection is understood, as there was no body.
    const std::string two =
        ask("HEAD /status HTTP/1.1\r\nHost: localhost\r\n\r\n"
            "OPTIONS * HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
    const std::size_t second = two.find("HTTP/1.1 204 No Content\r\n");
    ASSERT_NE(second, std::string::npos) << two;
    EXPECT_TRUE(two.substr(0, second).ends_with("\r\n\r\n"));
    EXPECT_NE(two.find("\r\nAllow: GET, HEAD, POST, OPTIONS\r\n", second), std::string::npos);
    EXPECT_EQ(two.find("Content-Length", second), std::string::npos);
}

TEST_F(AdminServerTest, a_request_that_is_cut_off_is_nothing) {
    snapshots_.take(1);
    for (const std::string_view request : {get_request, chunked_request}) {
        for (std::size_t size = 0; size < request.size(); ++size) {
            Asker asker(port_);
            asker.say(request.substr(0, size));
            asker.finish();
            EXPECT_FALSE(has_code(asker.hear_all(), 200)) << size;
        }
    }
    EXPECT_EQ(snapshots_.orders, 0);
    EXPECT_EQ(snapshots_.opened, 0);
    EXPECT_TRUE(is_served());
}

TEST_F(AdminServerTest, requests_of_one_connection_are_answered_in_order) {
    const std::string file = snapshots_.take(1);
    const std::string get = "GET /nothing HTTP/1.1\r\nHost: localhost\r\n\r\n";
    const std::string post =
        "POST /snapshot HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0\r\n\r\n";
    std::string requests, codes;
    for (int i = 0; i < 200; ++i) requests += get + post;  // more than it reads at once
    const std::string answers = ask(requests + std::string(get_request));
    for (std::size_t at = 0; (at = answers.find("HTTP/1.1 ", at)) != std::string::npos; ++at)
        codes += answers.substr(at + 9, 1);
    std::string expected;
    for (int i = 0; i < 200; ++i) expected += "42";
    EXPECT_EQ(codes, expected + "2");
    EXPECT_TRUE(answers.ends_with(file));
    EXPECT_EQ(snapshots_.orders, 200);
}

TEST_F(AdminServerTest, a_request_may_come_in_pieces) {
    for (const std::string_view request : {post_request, chunked_request}) {
        Asker asker(port_);
        for (const char& byte : request) asker.say({&byte, 1});
        const std::string answer = asker.hear_all();
        EXPECT_TRUE(has_code(answer, 200)) << answer;
    }
}

TEST_F(AdminServerTest, a_request_without_end_is_refused_and_not_kept) {
    const std::string endless(100'000, 'x');
    const std::string chunked =
        "POST /snapshot HTTP/1.1\r\nHost: db-1\r\nTransfer-Encoding: chunked\r\n\r\n";
    for (const std::string& request : {endless, "GET / HTTP/1.1\r\nA: " + endless,
                                       chunked + "0;" + endless, chunked + "0\r\nA: " + endless}) {
        Asker asker(port_);
        asker.say(request);
        EXPECT_TRUE(has_code(asker.hear(13), 413)) << request.substr(0, 100);
    }
    EXPECT_EQ(snapshots_.orders, 0);
}

class ImpatientAdminServer : public AdminServerTest {
  protected:
    ImpatientAdminServer()
        : AdminServerTest({std::chrono::milliseconds(300), std::chrono::milliseconds(300)}) {}
};

TEST_F(ImpatientAdminServer, who_does_not_read_is_cut_off_and_holds_no_file_any_more) {
    snapshots_.take(more_than_sockets_take);
    Asker slow(port_);
    slow.say(get_request);
    ASSERT_TRUE(has_code(slow.hear(13), 200));
    EXPECT_TRUE(has_code(ask(get_request), 503));
    EXPECT_TRUE(is_served()) << "and the slow one has not read another byte";
    const std::size_t sent = slow.hear_all().size();
    EXPECT_LT(sent, 16u << 20) << "what the sockets took, and a piece; the rest was never read";
}

TEST_F(ImpatientAdminServer, who_does_not_ask_is_cut_off) {
    Asker silent(port_);
    silent.say("GET /snap");
    EXPECT_EQ(silent.hear(100), "");
}

TEST_F(ImpatientAdminServer, who_asks_no_more_is_cut_off) {
    Asker silent(port_);
    silent.say("POST /snapshot HTTP/1.1\r\nHost: localhost\r\n\r\n");
    EXPECT_TRUE(silent.hear_all().ends_with("{\"index\":7}\n"));
}

TEST_F(ImpatientAdminServer, whoever_waits_for_an_order_is_not_cut_off) {
    Asker asker(port_);
    asker.say("POST /later HTTP/1.1\r\nHost: db-1\r\nConnection: close\r\n\r\n");
    ASSERT_TRUE(comes_true([&] { return orders_.taken == 1; }));
    Asker silent(port_);
    EXPECT_EQ(silent.hear(100), "") << "it lost its patience by now";
    // What is kept must not outlive the event loop.
    boost::asio::post(io_, [&] {
        std::exchange(orders_.later, nullptr)({200, "text/plain", "done\n"});
    });
    const std::string answer = asker.hear_all();
    EXPECT_TRUE(has_code(answer, 200)) << answer;
    EXPECT_EQ(body(answer), "done\n");
}

}  // namespace
}  // namespace raftkv::server
