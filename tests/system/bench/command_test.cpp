// `raftkv bench` as a person runs it: on real nodes, and where there are none.

#include <gtest/gtest.h>
#include <unistd.h>

#include <csignal>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>
#include <string>
#include <vector>

#include "tests/system/test_scenarios/test_run.hpp"
#include "tests/unit/client/fake_node.hpp"

namespace raftkv::test {
namespace {

TestRun bench(std::vector<std::string> arguments) {
    return TestRun(std::move(arguments), "", "bench");
}

std::string address_of(std::uint16_t port) {
    return "127.0.0.1:" + std::to_string(port);
}

TEST(Bench, MeasuresAClusterOfItsOwnAndLeavesNothing) {
    TestRun run = bench({"--seconds", "2", "--op", "mixed", "--keys", "500", "--json"});
    ASSERT_EQ(run.exit_code(), 0) << run.output();
    const auto json = nlohmann::json::parse(run.last_line());
    EXPECT_GT(json["operations"], 100);
    EXPECT_EQ(json["errors"], 0);
    EXPECT_NEAR(json["seconds"].get<double>(), 2, 0.01);
    EXPECT_GT(json["latency_us"]["p50"], 0);
    EXPECT_GE(json["latency_us"]["max"], json["latency_us"]["p99"]);
    ASSERT_EQ(json["nodes"].size(), 3u);
    int leaders = 0;
    for (const auto& node : json["nodes"]) {
        EXPECT_EQ(node["answered"], true);
        EXPECT_GT(node["cpu_cores"], 0);
        EXPECT_GT(node["memory_bytes"], 1 << 20);
        EXPECT_GT(node["syncs_per_second"], 0);
        EXPECT_GT(node["entries_per_sync"], 0);
        leaders += node["leads"] ? 1 : 0;
    }
    EXPECT_EQ(leaders, 1);
    EXPECT_GT(json["tool"]["cpu_cores"], 0);
    EXPECT_EQ(json["series"]["operations"].size(), 20u);
    EXPECT_TRUE(run.leftovers().empty());
    EXPECT_EQ(run.node_processes(), 0u);
}

TEST(Bench, KeepsARateAndWritesAPage) {
    const auto page = std::filesystem::temp_directory_path() /
                      ("raftkv-bench-" + std::to_string(::getpid()) + ".html");
    TestRun run = bench({"--seconds", "2", "--rate", "500", "--report", page.string()});
    ASSERT_EQ(run.exit_code(), 0) << run.output();
    for (const char* part : {"500 a second", "p99.9", "leader", "this tool", "report: "}) {
        EXPECT_NE(run.output().find(part), std::string::npos) << part << " in " << run.output();
    }
    std::ifstream in(page);
    std::stringstream text;
    text << in.rdbuf();
    std::filesystem::remove(page);
    const std::string mark = R"(<script type="application/json" id="report">)";
    const std::size_t from = text.str().find(mark) + mark.size();
    const std::size_t to = text.str().find("</script>", from);
    const auto json = nlohmann::json::parse(text.str().substr(from, to - from));
    EXPECT_EQ(json["operations"], 1'000);
    EXPECT_EQ(json["unsent"], 0);
}

TEST(Bench, SaysWhatIsBrokenOffAndEndsWith130) {
    TestRun run = bench({"--seconds", "600", "--json"});
    ASSERT_TRUE(run.says(" of 600 s: ")) << run.output();
    run.signal(SIGINT);
    EXPECT_EQ(run.exit_code(), 130) << run.output();
    const auto json = nlohmann::json::parse(run.last_line());
    EXPECT_EQ(json["interrupted"], true);
    EXPECT_GT(json["operations"], 0);
    EXPECT_TRUE(run.leftovers().empty());
    EXPECT_TRUE(run.nodes_end());
}

TEST(Bench, SaysThatANodeOfItsOwnDied) {
    TestRun run = bench({"--seconds", "11"});
    ASSERT_TRUE(run.says(" of 11 s: ")) << run.output();
    const auto nodes = run.node_pids();
    ASSERT_EQ(nodes.size(), 3u);
    ASSERT_EQ(::kill(nodes.front(), SIGKILL), 0);
    EXPECT_EQ(run.exit_code(), 1) << run.output();
    EXPECT_NE(run.output().find("ended by itself with signal 9"), std::string::npos)
        << run.output();
    EXPECT_TRUE(run.leftovers().empty());
}

TEST(Bench, SaysThatNobodyAnswers) {
    TestRun run = bench({"--nodes", address_of(dead_port())});
    EXPECT_EQ(run.exit_code(), 69) << run.output();
    EXPECT_NE(run.output().find("no leader answered"), std::string::npos) << run.output();
}

TEST(Bench, SaysThatAPortTalksRubbish) {
    FakeNode node([](FakeSession& session) {
        session.say("SSH-2.0-OpenSSH_9.2\r\n");
        session.stay_silent();
    });
    TestRun run = bench({"--nodes", address_of(node.port())});
    EXPECT_EQ(run.exit_code(), 69) << run.output();
    EXPECT_NE(run.output().find("SSH-2.0"), std::string::npos) << run.output();
}

TEST(Bench, EndsWith1WhenOperationsFail) {
    FakeNode node(answering([](const std::string& command) {
        return command.starts_with("get") ? "ERR_NOT_FOUND\r\n" : "ERR_INTERNAL\r\n";
    }));
    TestRun run = bench({"--nodes", address_of(node.port()), "--seconds", "0.2"});
    EXPECT_EQ(run.exit_code(), 1) << run.output();
    EXPECT_NE(run.output().find("(unknown outcome: "), std::string::npos) << run.output();
    EXPECT_NE(run.output().find("its admin port does not answer"), std::string::npos);
    EXPECT_NE(run.output().find("are left in the cluster"), std::string::npos) << run.output();
}

class BadArguments : public testing::TestWithParam<std::vector<std::string>> {};

TEST_P(BadArguments, AreRefusedWith64) {
    TestRun run = bench(GetParam());
    EXPECT_EQ(run.exit_code(), 64) << run.output();
    EXPECT_NE(run.output().find("--"), std::string::npos) << run.output();
}

INSTANTIATE_TEST_SUITE_P(
    Bench, BadArguments,
    testing::Values(std::vector<std::string>{"--op", "scan"},
                    std::vector<std::string>{"--clients", "0"},
                    std::vector<std::string>{"--rate", "0"},
                    std::vector<std::string>{"--keys", "0", "--op", "get"},
                    std::vector<std::string>{"--distribution", "zipf"},
                    std::vector<std::string>{"--nodes", "localhost"},
                    std::vector<std::string>{"--nodes", "localhost:9000", "--start", "3"},
                    std::vector<std::string>{"--folder", "/no/such/folder"},
                    std::vector<std::string>{"--seconds", "3", "compare"},
                    std::vector<std::string>{"compare", "--against", "oracle"}));

TEST(Bench, SaysBeforeTheRunThatAPageCannotBeWritten) {
    TestRun run = bench({"--report", "/no/such/folder/out.html"});
    EXPECT_EQ(run.exit_code(), 74) << run.output();
    EXPECT_NE(run.output().find("cannot write /no/such/folder/out.html"), std::string::npos);
}

}  // namespace
}  // namespace raftkv::test
