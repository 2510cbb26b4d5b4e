#include "cli/test/recording_client.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <thread>

#include "cli/test/client_crew.hpp"
#include "tests/unit/test_scenarios/canned_node.hpp"

namespace raftkv::test {
namespace {

using std::chrono::milliseconds;

ClusterConfig cluster_of(std::vector<std::uint16_t> ports) {
    ClusterConfig config;
    for (std::uint32_t id = 0; id < ports.size(); ++id) {
        config.servers.push_back({NodeId(id), "127.0.0.1", ports[id]});
    }
    return config;
}

// Before its first write a client asks for the key, to find the leader.
const std::string leads = "ERR_NOT_FOUND\r\n";

RecordingClient::Setup patient(milliseconds timeout) {
    RecordingClient::Setup setup;
    setup.timeout = timeout;
    return setup;
}

class Recording : public testing::Test {
  protected:
    // Does `work` with a client of a node that gives these replies.
    template <class F>
    auto with(std::vector<std::string> replies, F work) {
        CannedNode node(std::move(replies));
        config = cluster_of({node.port()});
        client.emplace(config, patient(milliseconds(5000)));
        return work(*client);
    }

    ClusterConfig config;
    std::optional<RecordingClient> client;
};

TEST_F(Recording, NotesWhatAWriteWasGiven) {
    auto done = with({leads, "OK 7\r\n"}, [](auto& c) { return c.set("k", 3, 20); });
    ASSERT_TRUE(done.ok()) << done.error().message;
    EXPECT_EQ(done->outcome, Outcome::ok);
    EXPECT_EQ(done->version, 7u);
    EXPECT_EQ(done->exptime_s, 3u);
    EXPECT_LE(done->start, done->end);
    ASSERT_EQ(client->history().size(), 1u);
    EXPECT_EQ(client->history()[0].fingerprint, done->fingerprint);
}

TEST_F(Recording, NotesWhatAReadReturned) {
    auto done = with({"VALUE 7 3 5\r\nhello\r\n"}, [](auto& c) { return c.getm("k"); });
    ASSERT_TRUE(done.ok()) << done.error().message;
    EXPECT_EQ(done->outcome, Outcome::ok);
    EXPECT_EQ(done->version, 7u);
    EXPECT_EQ(done->exptime_s, 3u);
    EXPECT_EQ(done->fingerprint, fingerprint_of("hello"));
}

TEST_F(Recording, TellsRefusalsApart) {
    auto conflict = with({leads, "ERR_VERSION\r\n"}, [](auto& c) { return c.set("k", 0, 20); });
    EXPECT_EQ(conflict->outcome, Outcome::conflict);
    auto absent = with({leads, "ERR_NOT_FOUND\r\n"}, [](auto& c) { return c.del("k"); });
    EXPECT_EQ(absent->outcome, Outcome::absent);
}

TEST_F(Recording, CallsAWriteUnknownWhenTheNodeCannotTell) {
    auto done = with({leads, "ERR_INTERNAL\r\n"}, [](auto& c) { return c.set("k", 0, 20); });
    ASSERT_TRUE(done.ok()) << done.error().message;
    EXPECT_EQ(done->outcome, Outcome::unknown);
}

TEST_F(Recording, CallsAReadThatIsRedirectedNotDone) {
    auto done = with({"REDIRECT 4\r\n"}, [](auto& c) { return c.getm_at(NodeId(0), "k"); });
    ASSERT_TRUE(done.ok()) << done.error().message;
    EXPECT_EQ(done->outcome, Outcome::not_done);
}

TEST_F(Recording, CallsAReadNotDoneWhenTheNodeCannotBeReached) {
    std::uint16_t closed_port = 0;
    {
        CannedNode node({});
        closed_port = node.port();
    }
    config = cluster_of({closed_port});
    RecordingClient lonely(config, patient(milliseconds(200)));
    EXPECT_EQ(lonely.getm_at(NodeId(0), "k")->outcome, Outcome::not_done);
    EXPECT_EQ(lonely.set("k", 0, 20)->outcome, Outcome::not_done);
}

TEST_F(Recording, RefusesRepliesThatTheCommandCannotHave) {
    for (const char* reply : {"ERR_CMD_ERR\r\n", "OK 0\r\n"}) {
        const auto done = with({leads, reply}, [](auto& c) { return c.set("k", 0, 20); });
        ASSERT_FALSE(done.ok()) << reply;
        EXPECT_EQ(done.error().kind, ErrorKind::failed);
        EXPECT_NE(done.error().message.find("node 0 answered a well-formed set of key k"),
                  std::string::npos)
            << done.error().message;
    }
    const auto read = with({"HELLO\r\n"}, [](auto& c) { return c.getm_at(NodeId(0), "k"); });
    ASSERT_FALSE(read.ok());
    EXPECT_EQ(read.error().kind, ErrorKind::failed);
}

TEST_F(Recording, WritesValuesThatAreAllDifferent) {
    CannedNode node({leads, "OK 2\r\n", "OK 3\r\n"});
    config = cluster_of({node.port()});
    RecordingClient writer(config, patient(milliseconds(5000)));
    const auto first = writer.set("a", 0, 1);
    const auto second = writer.set("b", 0, 1);
    ASSERT_TRUE(first.ok() && second.ok());
    EXPECT_NE(first->fingerprint, second->fingerprint);
}

TEST_F(Recording, NeverAsksTheNodeToBeAvoided) {
    CannedNode avoided({leads, "OK 2\r\n"});
    CannedNode other({leads, "OK 3\r\n"});
    config = cluster_of({avoided.port(), other.port()});
    RecordingClient::Setup setup = patient(milliseconds(5000));
    setup.avoid = NodeId(0);
    RecordingClient writer(config, setup);
    const auto done = writer.set("k", 0, 20);
    ASSERT_TRUE(done.ok());
    EXPECT_EQ(done->version, 3u);
    EXPECT_EQ(writer.answered_by(), NodeId(1));
}

TEST(Crew, RunsItsClientsAtTheSameTimeAndKeepsAllHistories) {
    CannedNode node({"VALUE 1\r\na\r\n", "VALUE 1\r\nb\r\n"});
    const ClusterConfig config = cluster_of({node.port()});
    ClientCrew crew(config);
    std::atomic<int> arrived{0};
    crew.start({patient(milliseconds(5000)), patient(milliseconds(5000))},
               [&](RecordingClient& client, std::uint32_t number) -> Result<void> {
                   ++arrived;
                   while (arrived < 2) std::this_thread::yield();  // one alone would hang here
                   if (number == 0) return {};
                   auto read = client.get("k");
                   return read ? Result<void>{} : Result<void>{read.error()};
               });
    const auto worked = crew.join();
    EXPECT_TRUE(worked.ok()) << worked.error().message;
    EXPECT_TRUE(crew.done());
    EXPECT_EQ(crew.take_history().size(), 1u);
}

TEST(Crew, BreaksOffAllWhenOneFails) {
    CannedNode silent({});
    const ClusterConfig config = cluster_of({silent.port()});
    ClientCrew crew(config);
    crew.start({patient(std::chrono::minutes(10)), patient(std::chrono::minutes(10))},
               [](RecordingClient& client, std::uint32_t number) -> Result<void> {
                   if (number == 0) return Error{ErrorKind::failed, "the first one's reason"};
                   auto read = client.get("k");
                   return read ? Result<void>{} : Result<void>{read.error()};
               });
    const auto worked = crew.join();
    ASSERT_FALSE(worked.ok());
    EXPECT_EQ(worked.error().message, "the first one's reason");
}

TEST(Crew, CanBeCancelledWhileItsClientsWait) {
    CannedNode silent({});
    const ClusterConfig config = cluster_of({silent.port()});
    ClientCrew crew(config);
    crew.start({patient(std::chrono::minutes(10))},
               [](RecordingClient& client, std::uint32_t) -> Result<void> {
                   auto read = client.get("k");
                   return read ? Result<void>{} : Result<void>{read.error()};
               });
    crew.cancel();
    const auto worked = crew.join();
    ASSERT_FALSE(worked.ok());
    EXPECT_EQ(worked.error().kind, ErrorKind::interrupted);
}

}  // namespace
}  // namespace raftkv::test
