#include <fmt/format.h>
#include <gtest/gtest.h>
#include <signal.h>

#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "cli/cluster/child_process.hpp"
#include "tests/system/node/dialogue.hpp"
#include "tests/system/node/nodes.hpp"

// A node whose standard descriptors are closed, and one that has hardly any.

namespace raftkv::system_test {
namespace {

class Descriptors : public testing::Test {
  protected:
    // Runs node 0 with what the shell has done to its descriptors before.
    cli::ChildProcess start(const std::string& redirections) { return shell(redirections, "0"); }

    int verify() {
        auto child = shell("", "verify " + nodes_.data(0).string());
        auto end = child.wait_for(std::chrono::seconds(20));
        return end && !end->signalled ? end->code : -1;
    }

    void end(cli::ChildProcess& node) {
        node.signal(SIGTERM);
        const auto ended = node.wait_for(std::chrono::seconds(20));
        EXPECT_TRUE(ended && !ended->signalled && ended->code == 0);
    }

    cli::ChildProcess shell(const std::string& before, const std::string& arguments) {
        cli::ChildSpec spec;
        spec.program = "/bin/sh";
        spec.arguments = {
            "-c", fmt::format("{}; exec {} node {} --config {}", before, RAFTKV_BINARY, arguments,
                              nodes_.config_file().string())};
        if (before.empty()) {
            spec.arguments = {"-c", fmt::format("exec {} node {}", RAFTKV_BINARY, arguments)};
        }
        spec.output_file = nodes_.folder() / "output.txt";
        auto child = cli::ChildProcess::start(spec);
        EXPECT_TRUE(child.ok());
        return std::move(*child);
    }

    std::string output() const {
        std::ifstream in(nodes_.folder() / "output.txt");
        return {std::istreambuf_iterator<char>(in), {}};
    }

    bool leads() {
        return comes_true([&] { return nodes_.status(0) && nodes_.status(0)->leader; });
    }

    Nodes nodes_{1};
};

TEST_F(Descriptors, that_are_closed_do_not_become_the_log) {
    int written = 0;
    for (const std::string closed : {"exec 2>&-", "exec 1>&-", "exec 0<&-", "exec 0<&- 1>&-",
                                     "exec 0<&- 2>&-", "exec 1>&- 2>&-", "exec 0<&- 1>&- 2>&-"}) {
        SCOPED_TRACE(closed);
        auto node = start(closed);
        ASSERT_TRUE(leads());
        Dialogue client(nodes_.client_port(0));
        for (int key = 0; key < written; ++key) {
            EXPECT_EQ(client.ask(fmt::format("get k{}\r\n", key), "VALUE 1\r\nv\r\n"),
                      "VALUE 1\r\nv\r\n");
        }
        client.say(fmt::format("set k{} 0 1\r\nv\r\n", written++));
        EXPECT_TRUE(client.line().starts_with("OK "));
        end(node);
        ASSERT_EQ(verify(), 0) << "the folder is damaged";
    }
}

TEST_F(Descriptors, that_are_far_too_few_are_an_error_with_advice) {
    for (const int limit : {12, 20, 100}) {
        auto node = start(fmt::format("ulimit -n {}", limit));
        const auto ended = node.wait_for(std::chrono::seconds(20));
        ASSERT_TRUE(ended);
        EXPECT_FALSE(ended->signalled);
        EXPECT_EQ(ended->code, 64) << limit;
        const std::string said = output();
        EXPECT_NE(said.find(fmt::format("may open {} files here (ulimit -n)", limit)),
                  std::string::npos)
            << said;
        EXPECT_NE(said.find("LimitNOFILE"), std::string::npos) << said;
    }
}

// Whatever clients and strangers do, there are some for the log, and for whoever asks how it is.
TEST_F(Descriptors, that_clients_take_are_not_missed_elsewhere) {
    auto node = start("ulimit -n 160");
    ASSERT_TRUE(leads());
    const Term term = nodes_.status(0)->term;
    EXPECT_NE(output().find("takes 80 client connections, and not 10000"), std::string::npos)
        << output();
    std::vector<Dialogue> clients, others;
    for (int i = 0; i < 80; ++i) clients.emplace_back(nodes_.client_port(0));
    EXPECT_TRUE(comes_true([&] { return nodes_.status(0)->client_connections == 80; }));
    for (int i = 0; i < 5; ++i) {
        Dialogue one_too_many(nodes_.client_port(0));
        EXPECT_EQ(one_too_many.line(), "ERR_INTERNAL");
        EXPECT_TRUE(one_too_many.ended());
    }
    for (int i = 0; i < 60; ++i) others.emplace_back(nodes_.log_port(0));
    for (int i = 0; i < 60; ++i) others.emplace_back(nodes_.admin_port(0));
    for (int i = 0; i < 200; ++i) {
        clients[0].say(fmt::format("set k{} 0 20000\r\n{}\r\n", i, std::string(20'000, 'v')));
        ASSERT_TRUE(clients[0].line().starts_with("OK ")) << "the log found a descriptor";
    }
    const auto metrics =
        cli::http_get("127.0.0.1", nodes_.admin_port(0), "/metrics", std::chrono::seconds(5));
    ASSERT_TRUE(metrics);
    EXPECT_NE(metrics->body.find("raftkv_client_connections_turned_away_total 5"),
              std::string::npos)
        << metrics->body;
    EXPECT_NE(output().find("turned a client away"), std::string::npos) << output();
    EXPECT_EQ(nodes_.status(0)->term, term) << "it never lost the leadership";
    end(node);
}

}  // namespace
}  // namespace raftkv::system_test
