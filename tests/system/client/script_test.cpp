#include <gtest/gtest.h>

#include "tests/system/client/fake_cluster.hpp"
#include "tests/system/client/program.hpp"

namespace raftkv::test {
namespace {

class Script : public testing::Test {
  protected:
    ProgramResult pipe(std::string_view input, const Arguments& arguments = {}) {
        return run(cluster_.folder(), arguments, input);
    }

    FakeCluster cluster_;
};

TEST_F(Script, ALineIsACommandAndItsResultALine) {
    const ProgramResult result = pipe(
        "set a \"one two\"\n"
        "\n"
        "# a comment\n"
        "get a\r\n"
        "getm a\n"
        "cas a 2 'x\\y'\n"
        "get a\n"
        "delete a");
    EXPECT_EQ(result.exit, 0) << result.err;
    EXPECT_EQ(result.out, "2\none two\n2 0 one two\n3\nx\\y\ndeleted\n");
}

TEST_F(Script, ComesFromADashOrAFileAsWell) {
    EXPECT_EQ(pipe("set a 1\nget a\n", {"-"}).out, "2\n1\n");
    cluster_.folder().write("commands", "get a\nset b \\x41\\n\nget b\n");
    EXPECT_EQ(pipe("", {"--file", "commands"}).out, "1\n3\nA\n\n");
    EXPECT_EQ(pipe("get a\n", {"--file", "-"}).out, "1\n");
}

TEST_F(Script, GoesOnAfterARefusalAndEndsWithTheFirstOne) {
    const ProgramResult result = pipe("get nobody\nget\nset a 1\nget a\n");
    EXPECT_EQ(result.exit, 1) << "of the first failure";
    EXPECT_EQ(result.out, "2\n1\n");
    EXPECT_NE(result.err.find("line 1: get nobody: there is no such key"), std::string::npos);
    EXPECT_NE(result.err.find("line 2: get needs a key"), std::string::npos) << result.err;
    EXPECT_EQ(pipe("get\nget nobody\n").exit, 64);
}

TEST_F(Script, StopsWhenTheClusterIsOutOfReach) {
    Folder folder;
    folder.write("config.json", config_text({dead_port()}, {dead_port()}));
    const ProgramResult result = run(folder, {"--timeout", "0.1"}, "\nset a 1\nset b 1\nset c 1\n");
    EXPECT_EQ(result.exit, 69);
    EXPECT_NE(result.err.find("stopped at line 2"), std::string::npos) << result.err;
    EXPECT_EQ(result.err.find("set b"), std::string::npos);
}

TEST_F(Script, StopsWhenAnOutcomeIsUnknown) {
    const FakeNode node(answering([](const std::string& command) {
        return command.starts_with("get") ? "ERR_NOT_FOUND\r\n" : "ERR_INTERNAL\r\n";
    }));
    Folder folder;
    folder.write("config.json", config_text({node.port()}, {dead_port()}));
    const ProgramResult result = run(folder, {}, "get a\nset a 1\nget a\n");
    EXPECT_EQ(result.exit, 1);
    EXPECT_NE(result.err.find("stopped at line 2"), std::string::npos) << result.err;
}

TEST_F(Script, QuitEndsIt) {
    EXPECT_EQ(pipe("set a 1\nquit\nget nobody\n").exit, 0);
}

TEST_F(Script, SpeaksJson) {
    const ProgramResult result = pipe("set a 1\nfoo\nget nobody\n", {"--json"});
    EXPECT_EQ(result.exit, 64);
    EXPECT_EQ(result.err, "");
    EXPECT_TRUE(result.out.starts_with(R"({"ok":true,"command":"set","key":"a","version":2,)"));
    EXPECT_NE(result.out.find("\n{\"ok\":false,\"error\":\"usage\",\"message\":\"line 2: "),
              std::string::npos)
        << result.out;
    EXPECT_NE(result.out.find("\"line\":3"), std::string::npos) << result.out;
}

TEST_F(Script, TheDefaultExptimeComesFromTheOption) {
    const FakeNode node([&](FakeSession& session) {
        while (const auto command = session.next()) {
            session.say(command->starts_with("get") ? "ERR_NOT_FOUND\r\n" : "OK 2\r\n");
        }
    });
    Folder folder;
    folder.write("config.json", config_text({node.port()}, {dead_port()}));
    const ProgramResult result = run(folder, {"--exptime", "77", "--raw", "0"}, "set a 1\n");
    EXPECT_NE(result.out.find(R"(-> "set a 77 1\r\n1\r\n")"), std::string::npos) << result.out;
}

TEST_F(Script, AValueFromStdinIsNotForScripts) {
    const ProgramResult result = pipe("set -x key\ncas -x key 2\nget -x\n");
    EXPECT_EQ(result.exit, 64);
    EXPECT_NE(result.err.find("line 1: set -x takes the value from stdin"), std::string::npos)
        << result.err;
    EXPECT_NE(result.err.find("line 2: cas -x takes"), std::string::npos) << result.err;
    EXPECT_NE(result.err.find("line 3: get -x: there is no such key"), std::string::npos);
}

TEST_F(Script, RefusesWhatItCannotRead) {
    EXPECT_EQ(pipe("", {"--file", "missing"}).exit, 64);
    EXPECT_EQ(pipe("", {"--file", "."}).exit, 74);
    EXPECT_EQ(pipe("", {"--file", "missing", "get", "k"}).exit, 64);
    const ProgramResult endless = pipe("set a " + std::string(9 << 20, 'x'));
    EXPECT_EQ(endless.exit, 64);
    EXPECT_NE(endless.err.find("a line of more than"), std::string::npos) << endless.err;
}

}  // namespace
}  // namespace raftkv::test
