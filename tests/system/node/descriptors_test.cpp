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

}  // namespace
}  // namespace raftkv::system_test
