#include <gtest/gtest.h>
#include <signal.h>

#include <chrono>
#include <filesystem>
#include <string>

#include "cli/admin/admin_client.hpp"
#include "common/cluster_record.hpp"
#include "tests/system/node/dialogue.hpp"
#include "tests/system/node/nodes.hpp"

// How a cluster begins, and when it does not begin a second time.

namespace raftkv::system_test {
namespace {

namespace fs = std::filesystem;
using std::chrono::milliseconds;

int healthz(const Nodes& nodes, std::uint32_t id) {
    auto reply = cli::http_get("127.0.0.1", nodes.admin_port(id), "/healthz", milliseconds(2000));
    return reply ? reply->code : 0;
}

void stop_all(Nodes& nodes, std::uint32_t count) {
    for (std::uint32_t id = 0; id < count; ++id) nodes.signal(id, SIGTERM);
    for (std::uint32_t id = 0; id < count; ++id) EXPECT_EQ(nodes.exit_code(id), 0);
}

// As when two disks are not mounted after all machines were off.
TEST(Bootstrap, empty_folders_where_a_cluster_was_wait_for_it) {
    Nodes nodes(3);
    nodes.start_all();
    Dialogue(nodes.client_port(nodes.leader())).ask("set a 0 1\r\nv\r\n", "OK 1\r\n");
    const std::uint64_t cluster = nodes.status(0)->cluster;
    EXPECT_NE(cluster, 0u);
    stop_all(nodes, 3);
    for (std::uint32_t id : {0U, 1U})
        fs::rename(nodes.data(id), nodes.folder() / std::to_string(id));
    nodes.start(0);
    nodes.start(1);
    for (std::uint32_t id : {0U, 1U}) {
        EXPECT_TRUE(comes_true([&] {
            const auto status = nodes.status(id);
            return status && status->waits.find("bootstrapped here before") != std::string::npos;
        })) << nodes.log(id);
        EXPECT_EQ(healthz(nodes, id), 503);
    }
    nodes.start(2);
    EXPECT_TRUE(comes_true([&] {
        const auto status = nodes.status(0);
        return status && status->waits.find("cluster remove 0") != std::string::npos &&
               status->waits.find("knows node 0 by another one") != std::string::npos;
    })) << nodes.log(0);
    for (std::uint32_t id : {0U, 1U}) {
        EXPECT_EQ(nodes.status(id)->cluster, 0u);
        nodes.kill(id);
        fs::remove_all(nodes.data(id));
        fs::rename(nodes.folder() / std::to_string(id), nodes.data(id));
        nodes.start(id);
    }
    const std::uint32_t leader = nodes.leader();
    EXPECT_EQ(nodes.status(leader)->cluster, cluster);
    Dialogue(nodes.client_port(leader)).ask("get a\r\n", "VALUE 0 1 1\r\nv\r\n");
}

TEST(Bootstrap, may_be_left_to_an_order) {
    Nodes nodes(3, R"("Bootstrap": "explicit")");
    nodes.start_all();
    for (std::uint32_t id = 0; id < 3; ++id)
        EXPECT_TRUE(comes_true([&] {
            const auto status = nodes.status(id);
            return status && status->waits.find("cluster bootstrap") != std::string::npos;
        })) << nodes.log(id);
    for (std::uint32_t id = 0; id < 3; ++id) {
        const auto told =
            cli::http_post("127.0.0.1", nodes.admin_port(id), "/bootstrap", milliseconds(2000));
        ASSERT_TRUE(told.ok());
        EXPECT_EQ(told->code, 200) << told->body;
    }
    nodes.leader();
    EXPECT_TRUE(comes_true([&] {
        const auto again =
            cli::http_post("127.0.0.1", nodes.admin_port(0), "/bootstrap", milliseconds(2000));
        return again.ok() && again->code == 409;
    })) << "it is done";
    stop_all(nodes, 3);
    nodes.start_all();
    nodes.leader();
}

// Their logs have entries of equal indexes, and the terms may be equal, too.
TEST(Bootstrap, two_clusters_do_not_mix) {
    Nodes nodes(3);
    nodes.start_all();
    nodes.leader();
    // Until it knows that its first entry stays, it may still come to belong to another one.
    EXPECT_TRUE(comes_true([&] { return nodes.status(2)->cluster != 0; }));
    stop_all(nodes, 3);
    fs::rename(nodes.data(2), nodes.folder() / "2");
    fs::remove_all(nodes.data(0));
    fs::remove_all(nodes.data(1));
    fs::remove(cluster_record_file(nodes.folder() / "data"));
    nodes.start(0);
    nodes.start(1);
    Dialogue(nodes.client_port(nodes.leader())).ask("set b 0 1\r\nv\r\n", "OK 1\r\n");
    fs::rename(nodes.folder() / "2", nodes.data(2));
    nodes.start(2);
    EXPECT_TRUE(comes_true([&] {
        return nodes.log(2).find("they never exchange data") != std::string::npos;
    })) << nodes.log(2);
    EXPECT_EQ(healthz(nodes, 2), 503);
    const auto one = nodes.status(0), other = nodes.status(2);
    ASSERT_TRUE(one && other);
    EXPECT_NE(one->cluster, other->cluster);
    EXPECT_EQ(other->keys, 0u);
}

}  // namespace
}  // namespace raftkv::system_test
