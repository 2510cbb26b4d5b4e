#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <fstream>
#include <nlohmann/json.hpp>
#include <string>
#include <thread>

#include "cli/admin/admin_client.hpp"
#include "cli/client/connection.hpp"
#include "tests/system/cluster/bed.hpp"

// Planned changes of leader, as people ask for them.

namespace raftkv::system_test {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

// An election that nobody planned would take that long, and nobody could overlook it.
constexpr int timeout_min_ms = 1500;

void make_timeouts_long(const Bed& bed) {
    const std::string text = Bed::read(bed.folder() / "config.json");
    std::ofstream(bed.folder() / "config.json")
        << R"({"ElectionTimeoutMinMs": )" << timeout_min_ms << R"(, "ElectionTimeoutMaxMs": 2500, )"
        << text.substr(1);
}

// Writes without a pause until it is stopped.
class Writer {
  public:
    explicit Writer(const ClusterConfig& config)
        : client_(config, milliseconds(10'000)), thread_([this] { write(); }) {}
    ~Writer() { stop(); }

    void stop() {
        stop_ = true;
        if (thread_.joinable()) thread_.join();
    }
    bool has_written() const { return written_ > 0; }

    std::atomic<int> written_{0};
    int failed_ = 0;
    milliseconds longest_{0};

  private:
    void write() {
        for (int i = 0; !stop_; ++i) {
            const std::string key = "k" + std::to_string(i);
            const auto from = steady_clock::now();
            auto reply = client_.call({protocol::Op::set, key, "v", 0, 0});
            const auto took = steady_clock::now() - from;
            longest_ = std::max(longest_, std::chrono::duration_cast<milliseconds>(took));
            if (reply && reply->kind == protocol::ReplyKind::ok)
                ++written_;
            else
                ++failed_;
        }
    }

    cli::ClusterClient client_;
    std::atomic<bool> stop_{false};
    std::thread thread_;
};

TEST(Transfer, ARollingRestartHasNoElectionTimeoutInItAndFailsNoWrite) {
    Bed bed(3);
    make_timeouts_long(bed);
    bed.up();
    const std::uint32_t leader = bed.leader();
    const Term before = bed.node(leader).term;
    Writer writer(bed.config());
    ASSERT_TRUE(comes_true([&] { return writer.has_written(); }));
    const Outcome restart = bed.cluster({"restart", "all"});
    EXPECT_EQ(restart.exit, 0) << restart.said;
    writer.stop();
    EXPECT_EQ(writer.failed_, 0) << "of " << writer.written_;
    EXPECT_LT(writer.longest_, milliseconds(timeout_min_ms / 3));
    EXPECT_EQ(bed.node(bed.leader()).term, before + 1) << "one election, and that was planned";
    const std::string log = Bed::read(bed.paths().node_log(NodeId(leader)));
    EXPECT_NE(log.find("hands over to node"), std::string::npos) << log;
    std::printf("longest write during the restart of all: %d ms, of %d\n",
                static_cast<int>(writer.longest_.count()), writer.written_.load());
}

TEST(Transfer, GoesToWhoeverIsNamedOrToAnybodyAndSaysSo) {
    Bed bed(3);
    bed.up();
    const std::uint32_t first = bed.leader();
    const std::uint32_t second = (first + 1) % 3;
    const Outcome named = bed.cluster({"transfer", std::to_string(second)});
    EXPECT_EQ(named.exit, 0) << named.said;
    EXPECT_TRUE(named.says("node " + std::to_string(first) + " handed over to node " +
                           std::to_string(second) + ", which leads in term "))
        << named.said;
    bed.expect_node(
        second, [](const cli::NodeView& node) { return node.role == cli::NodeRole::leader; },
        "the leader");
    const Outcome anybody = bed.cluster({"transfer", "--json"});
    EXPECT_EQ(anybody.exit, 0) << anybody.said;
    const auto report = nlohmann::json::parse(anybody.said);
    EXPECT_EQ(report["from"], second);
    EXPECT_NE(report["to"], second);
    EXPECT_GE(report["ms"], 0);
    bed.expect_node(
        report["to"], [](const cli::NodeView& node) { return node.role == cli::NodeRole::leader; },
        "the leader");
}

TEST(Transfer, IsRefusedWithTheReason) {
    Bed bed(3);
    const Outcome nobody = bed.cluster({"transfer"});
    EXPECT_EQ(nobody.exit, 69) << nobody.said;
    EXPECT_TRUE(nobody.says("no node leads at the moment")) << nobody.said;
    bed.up();
    const std::string leader = std::to_string(bed.leader());
    const std::string other = std::to_string((bed.leader() + 1) % 3);

    for (const char* word : {"3", "x", "-1", "1 2"}) {
        EXPECT_EQ(bed.cluster({"transfer", word}).exit, 64) << word;
    }
    const Outcome itself = bed.cluster({"transfer", leader});
    EXPECT_EQ(itself.exit, 1);
    EXPECT_TRUE(itself.says("node " + leader + " leads already")) << itself.said;
    EXPECT_EQ(bed.cluster({"stop", other}).exit, 0);
    const Outcome away = bed.cluster({"transfer", other});
    EXPECT_EQ(away.exit, 1);
    EXPECT_TRUE(away.says("node " + other + " does not answer")) << away.said;
    EXPECT_EQ(std::to_string(bed.leader()), leader) << "nothing has happened";
}

TEST(Transfer, IsOrderedOverTheAdminPort) {
    Bed bed(3);
    bed.up();
    const std::uint32_t leader = bed.leader();
    const std::uint32_t other = (leader + 1) % 3;
    const ClusterConfig config = bed.config();
    const auto post = [&](std::uint32_t to, const std::string& target) {
        auto reply = cli::http_post("localhost", config.find(NodeId(to))->admin_port, target,
                                    milliseconds(10'000));
        EXPECT_TRUE(reply.ok()) << reply.error().message;
        return reply.ok() ? *reply : cli::HttpReply{};
    };
    const cli::HttpReply misdirected = post(other, "/transfer");
    EXPECT_EQ(misdirected.code, 421);
    EXPECT_NE(misdirected.body.find("ask node " + std::to_string(leader)), std::string::npos);
    EXPECT_EQ(post(leader, "/transfer?to=zz").code, 400);
    EXPECT_EQ(post(leader, "/transfer?to=77").code, 400);
    EXPECT_EQ(post(leader, "/nothing").code, 404);
    const cli::HttpReply moved = post(leader, "/transfer?to=" + std::to_string(other));
    EXPECT_EQ(moved.code, 200) << moved.body;
    EXPECT_EQ(nlohmann::json::parse(moved.body)["to"], other);
}

}  // namespace
}  // namespace raftkv::system_test
