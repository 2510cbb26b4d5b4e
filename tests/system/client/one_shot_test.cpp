#include <gtest/gtest.h>

#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <future>

#include "tests/system/client/fake_cluster.hpp"
#include "tests/system/client/program.hpp"

namespace raftkv::test {
namespace {

using namespace std::string_literals;

class OneShot : public testing::Test {
  protected:
    ProgramResult client(const Arguments& arguments, std::string_view input = "") {
        return run(cluster_.folder(), arguments, input);
    }
    void expect_refused(const ProgramResult& result, int exit, std::string_view reason) {
        EXPECT_EQ(result.exit, exit);
        EXPECT_EQ(result.out, "");
        EXPECT_TRUE(result.err.starts_with("raftkv client: ")) << result.err;
        EXPECT_NE(result.err.find(reason), std::string::npos) << result.err;
    }

    FakeCluster cluster_;
};

// One node, which leads as far as reads can tell.
struct LoneNode {
    explicit LoneNode(FakeNode::Script on_write)
        : node([on_write](FakeSession& session) {
              while (const auto command = session.next()) {
                  if (!command->starts_with("get")) return on_write(session);
                  session.say("ERR_NOT_FOUND\r\n");
              }
          }) {
        folder.write("config.json", config_text({node.port()}, {dead_port()}));
    }

    Folder folder;
    FakeNode node;
};

TEST_F(OneShot, GetPrintsTheValueAndNothingElse) {
    const ProgramResult set = client({"set", "arun", "my name is arun"});
    EXPECT_EQ(set.exit, 0) << set.err;
    EXPECT_EQ(set.out, "2\n") << "the version";
    const ProgramResult get = client({"get", "arun"});
    EXPECT_EQ(get.exit, 0);
    EXPECT_EQ(get.out, "my name is arun");
    EXPECT_EQ(get.err, "");
}

TEST_F(OneShot, GetmPrintsAVersionThatCasTakes) {
    client({"set", "k", "old"});
    EXPECT_EQ(client({"getm", "k"}).out, "2 0\nold");
    EXPECT_EQ(client({"cas", "k", "2", "new"}).out, "3\n");
    EXPECT_EQ(client({"get", "k"}).out, "new");
    expect_refused(client({"cas", "k", "2", "newer"}), 1, "the key's version is not 2");
}

TEST_F(OneShot, DeleteSaysNothing) {
    client({"set", "k", "v"});
    const ProgramResult result = client({"delete", "k"});
    EXPECT_EQ(result.exit, 0);
    EXPECT_EQ(result.out + result.err, "");
}

TEST_F(OneShot, WithoutStdoutNothingIsDone) {
    const ProgramResult result =
        run_with_closed({STDIN_FILENO, STDOUT_FILENO}, cluster_.folder(), {"set", "k", "v"});
    expect_refused(result, 74, "stdout is closed");
    expect_refused(client({"get", "k"}), 1, "there is no such key");
    EXPECT_EQ(run_with_closed({0, 1, 2}, cluster_.folder(), {"--json", "get", "k"}).exit, 74);
}

TEST_F(OneShot, WithoutStdinAndStderrItWorks) {
    const ProgramResult result =
        run_with_closed({STDIN_FILENO, STDERR_FILENO}, cluster_.folder(), {"set", "k", "v"});
    EXPECT_EQ(result.exit, 0);
    EXPECT_EQ(client({"get", "k"}).out, "v");
}

TEST_F(OneShot, WhatTheClusterRefusesIsExitOneWithTheReason) {
    expect_refused(client({"get", "nobody"}), 1,
                   "get nobody: there is no such key (ERR_NOT_FOUND)");
    expect_refused(client({"delete", "nobody"}), 1, "no such key");
    client({"set", "k", "v"});
    expect_refused(client({"set", "k", "v"}), 1, "set k: the key exists already");
}

TEST_F(OneShot, WrongUseIsExit64) {
    expect_refused(client({"frobnicate"}), 64, "there is no command \"frobnicate\"");
    expect_refused(client({"get"}), 64, "it is written: get <key>");
    expect_refused(client({"set", "k", "my", "name"}), 64, "needs quotes");
    expect_refused(client({"--frobnicate", "get", "k"}), 64, "there is no option --frobnicate");
    expect_refused(client({"--node", "9", "get", "k"}), 64, "there is no node 9");
    expect_refused(client({"--config", "none.json", "get", "k"}), 64, "none.json");
    expect_refused(client({"send", "x"}), 64, "only there with --raw");
    expect_refused(client({"set", "k", ""}), 64, "at least one byte");
    EXPECT_EQ(client({"--timeout", "never", "get", "k"}).exit, 64);
    EXPECT_EQ(client({"--timeout", "0", "get", "k"}).exit, 64);
    EXPECT_EQ(client({"--exptime", "-1", "get", "k"}).exit, 64);
    cluster_.folder().write("config.json", "{");
    expect_refused(client({"get", "k"}), 64, "config.json");
}

TEST_F(OneShot, NobodyThereIsExit69AndSaysThatNothingWasDone) {
    Folder folder;
    folder.write("config.json", config_text({dead_port()}, {dead_port()}));
    const ProgramResult result = run(folder, {"--timeout", "0.2", "set", "k", "v"});
    expect_refused(result, 69, "no leader answered within 0.2 s, nothing was done");
    EXPECT_NE(result.err.find("Connection refused"), std::string::npos);
    EXPECT_NE(result.err.find("raftkv cluster status"), std::string::npos) << "what to do next";
}

TEST_F(OneShot, AWriteWhoseOutcomeIsUnknownIsSaidToBe) {
    LoneNode node([](FakeSession& session) { session.say("ERR_INTERNAL\r\n"); });
    expect_refused(run(node.folder, {"set", "k", "v"}), 2, "the outcome is not known");
    LoneNode silent([](FakeSession& session) { session.stay_silent(); });
    expect_refused(run(silent.folder, {"--timeout", "0.2", "delete", "k"}), 2, "no answer in time");
}

TEST_F(OneShot, CtrlCIsExit130AndSaysWhatMayHaveHappened) {
    std::promise<void> written;
    LoneNode node([&](FakeSession& session) {
        written.set_value();
        session.stay_silent();
    });
    Terminal terminal(node.folder, {"set", "k", "v"});
    written.get_future().wait();
    terminal.type("\x03");
    terminal.expect("it may or may not have been done");
    EXPECT_EQ(terminal.exit(), 130);
}

TEST_F(OneShot, AnyBytesGoInFromStdinAndComeOutAgain) {
    std::string bytes;
    for (int i = 0; i < 100'000; ++i) bytes += static_cast<char>(i * 31 % 256);
    const ProgramResult set = client({"set", "-x", "picture", "60"}, bytes);
    EXPECT_EQ(set.exit, 0) << set.err;
    EXPECT_EQ(client({"get", "picture"}).out, bytes);
    EXPECT_EQ(client({"cas", "-x", "picture", "2"}, "line\r\nend\n").exit, 0);
    EXPECT_EQ(client({"get", "picture"}).out, "line\r\nend\n");
    expect_refused(client({"set", "-x", "nothing"}, ""), 64, "at least one byte");
}

TEST_F(OneShot, AValueMayBeginWithADash) {
    EXPECT_EQ(client({"set", "k", "-5"}).exit, 0);
    EXPECT_EQ(client({"set", "k2", "--json"}).exit, 0);
    EXPECT_EQ(client({"get", "k2"}).out, "--json");
}

TEST_F(OneShot, HexGoesBothWays) {
    EXPECT_EQ(client({"--hex", "set", "k", "00ff0a"}).exit, 0);
    EXPECT_EQ(client({"get", "k"}).out, "\0\xff\n"s);
    EXPECT_EQ(client({"--hex", "get", "k"}).out, "00ff0a\n");
    EXPECT_EQ(client({"--hex", "set", "-x", "k2"}, "4142\n").exit, 0);
    EXPECT_EQ(client({"get", "k2"}).out, "AB");
    expect_refused(client({"--hex", "set", "k", "xyz"}), 64, "hex digits");
}

TEST_F(OneShot, JsonIsALineOnStdoutAlsoWhenItFails) {
    client({"set", "k", "Jürgen"});
    const std::string got = client({"--json", "get", "k"}).out;
    EXPECT_TRUE(
        got.starts_with(R"({"ok":true,"command":"get","key":"k","value":"Jürgen","node":1,"ms":)"))
        << got;
    const ProgramResult missing = client({"--json", "get", "nobody"});
    EXPECT_EQ(missing.exit, 1);
    EXPECT_EQ(missing.err, "");
    EXPECT_NE(missing.out.find(R"("ok":false)"), std::string::npos) << missing.out;
    EXPECT_NE(missing.out.find(R"("error":"not_found")"), std::string::npos) << missing.out;
    client({"--hex", "set", "bytes", "ff00"});
    EXPECT_NE(client({"--json", "get", "bytes"}).out.find(R"("value_hex":"ff00")"),
              std::string::npos);
    const ProgramResult wrong = client({"--json", "get"});
    EXPECT_EQ(wrong.exit, 64);
    EXPECT_NE(wrong.out.find(R"("error":"usage")"), std::string::npos) << wrong.out;
}

TEST_F(OneShot, StatusShowsEveryNode) {
    const ProgramResult all = client({"status"});
    EXPECT_EQ(all.exit, 0) << all.err;
    for (const char* part : {"id  address", "follower", "leader", "no answer"}) {
        EXPECT_NE(all.out.find(part), std::string::npos) << all.out;
    }
    EXPECT_EQ(client({"status", "leader"}).exit, 0);
    EXPECT_EQ(client({"status", "2"}).exit, 69);
    expect_refused(client({"status", "9"}), 64, "there is no node \"9\"");
    EXPECT_NE(client({"--json", "status"}).out.find(R"("leader":1)"), std::string::npos);
}

TEST_F(OneShot, AnAddressIsEnough) {
    client({"set", "k", "v"});
    const Folder elsewhere;
    EXPECT_EQ(run(elsewhere, {"--node", cluster_.address(1), "get", "k"}).out, "v");
    const ProgramResult follower =
        run(elsewhere, {"--timeout", "0.2", "--node", cluster_.address(0), "get", "k"});
    EXPECT_EQ(follower.exit, 69);
    EXPECT_NE(follower.err.find("names node 1 as the leader, whose address is not known here"),
              std::string::npos)
        << follower.err;
}

TEST_F(OneShot, HelpNeedsNoCluster) {
    const Folder nowhere;
    const ProgramResult help = run(nowhere, {"help", "cas"});
    EXPECT_EQ(help.exit, 0);
    EXPECT_NE(help.out.find("cas <key> <version> <value> [exptime]"), std::string::npos);
    EXPECT_EQ(run(nowhere, {"--help"}).exit, 0);
    EXPECT_EQ(run(nowhere, {"help", "nonsense"}).exit, 64);
    const ProgramResult lost = run(nowhere, {"get", "k"});
    EXPECT_EQ(lost.exit, 64);
    EXPECT_NE(lost.err.find("--node host:port"), std::string::npos) << lost.err;
}

TEST_F(OneShot, OutputThatCannotBeWrittenIsExit74) {
    client({"set", "k", "v"});
    const std::string command = "cd " + cluster_.folder().path().string() + " && " + RAFTKV_BINARY +
                                " client get k > /dev/full 2> /dev/null";
    const int status = std::system(command.c_str());
    ASSERT_TRUE(WIFEXITED(status));
    EXPECT_EQ(WEXITSTATUS(status), 74);
}

}  // namespace
}  // namespace raftkv::test
