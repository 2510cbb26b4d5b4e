#include <gtest/gtest.h>

#include <csignal>
#include <fstream>
#include <future>
#include <utility>

#include "tests/system/client/fake_cluster.hpp"
#include "tests/system/client/program.hpp"

namespace raftkv::test {
namespace {

constexpr std::string_view prompt = "node 1 (leader)> ";
constexpr std::string_view ctrl_c = "\x03";
constexpr std::string_view ctrl_d = "\x04";
constexpr std::string_view up = "\x1b[A";
constexpr std::string_view to_begin = "\x01";  // Ctrl-A
constexpr std::string_view to_end = "\x05";    // Ctrl-E

class Shell : public testing::Test {
  protected:
    FakeCluster cluster_;
};

TEST_F(Shell, CarriesOutCommandsAndShowsTheirTime) {
    Terminal terminal(cluster_.folder(), {});
    terminal.expect("3 nodes of config.json");
    terminal.expect(prompt);
    terminal.type("set arun \"my name is arun\" 60\n");
    terminal.expect("OK, version 2  ");
    terminal.expect("s\r\n");  // ms, or s on a slow day
    terminal.expect(prompt);
    terminal.type("get arun\n");
    terminal.expect("\"my name is arun\"  ");
    terminal.type("getm arun\n");
    terminal.expect("version 2, exptime 0 (never expires)");
    terminal.type("cas arun 2 'new'\n");
    terminal.expect("OK, version 3");
    terminal.type("delete arun\n");
    terminal.expect("deleted");
    terminal.expect(prompt);
    terminal.type("quit\n");
    EXPECT_EQ(terminal.exit(), 0);
}

TEST_F(Shell, SaysWhatErrorsMean) {
    Terminal terminal(cluster_.folder(), {});
    terminal.expect(prompt);
    terminal.type("get nobody\n");
    terminal.expect("ERR_NOT_FOUND  there is no such key");
    terminal.type("set arun \"open\n");
    terminal.expect("column 10: the quote that opens here is not closed");
    terminal.type("frobnicate\n");
    terminal.expect("there is no command \"frobnicate\"; help lists them");
    terminal.type("gte k\n");
    terminal.expect("there is no command \"gte\"; did you mean get?; help lists them");
    terminal.expect(prompt);
    terminal.type(ctrl_d);
    EXPECT_EQ(terminal.exit(), 0);
}

// The editor moves the cursor about while it completes, so these look at what comes of it.
TEST_F(Shell, TabCompletesCommandsAndNodes) {
    Terminal terminal(cluster_.folder(), {});
    terminal.expect(prompt);
    terminal.type("sta\tl\t\n");
    terminal.expect("id  address");
    terminal.expect(" 1  127.0.0.1:");
    EXPECT_EQ(terminal.expect(prompt).find("no answer"), std::string::npos)
        << "only the leader was asked for";
}

TEST_F(Shell, TabListsWhatThereIsToChooseFrom) {
    Terminal terminal(cluster_.folder(), {});
    terminal.expect(prompt);
    terminal.type("ge\t\t");
    terminal.expect("\r\nget  getm  \r\n");
    terminal.expect(prompt);
    terminal.type("m nobody\n");
    terminal.expect("there is no such key");
}

TEST_F(Shell, TabCompletesKeysThatWereUsed) {
    Terminal terminal(cluster_.folder(), {});
    terminal.expect(prompt);
    terminal.type("set the-long-key short\n");
    terminal.expect("OK, version 2");
    terminal.expect(prompt);
    terminal.type("get the\t\n");
    terminal.expect("\"short\"");
}

TEST_F(Shell, RemembersWhatWasTypedAcrossRuns) {
    {
        Terminal terminal(cluster_.folder(), {});
        terminal.expect(prompt);
        terminal.type("get first\n");
        terminal.expect("no such key");
        terminal.expect(prompt);
        terminal.type(" set secret 1\n");
        terminal.expect("OK, version 2");
        terminal.expect(prompt);
        terminal.type(ctrl_d);
        EXPECT_EQ(terminal.exit(), 0);
    }
    std::ifstream file(cluster_.folder().path() / ".local/state/raftkv/history");
    std::string line;
    ASSERT_TRUE(std::getline(file, line));
    EXPECT_EQ(line, "get first");
    EXPECT_FALSE(std::getline(file, line)) << "a line that begins with a blank is not kept";

    Terminal again(cluster_.folder(), {});
    again.expect(prompt);
    again.type(up);
    again.expect("get first");
    again.type("\n");
    again.expect("no such key");
}

TEST_F(Shell, CtrlCGivesUpTheLineAndNotTheShell) {
    Terminal terminal(cluster_.folder(), {});
    terminal.expect(prompt);
    terminal.type("delete everything");
    terminal.expect("everything");
    terminal.type(ctrl_c);
    terminal.expect("^C");
    terminal.expect(prompt);
    terminal.type("get nobody\n");
    terminal.expect("no such key");
    terminal.expect(prompt);
    terminal.type(ctrl_c);
    terminal.expect("^C");
    terminal.expect(prompt);
    terminal.type(ctrl_d);
    EXPECT_EQ(terminal.exit(), 0);
}

TEST_F(Shell, GoesOnInAWindowOfAnySize) {
    Terminal terminal(cluster_.folder(), {});
    terminal.expect(prompt);
    const std::string long_key(240, 'k');
    const std::pair<unsigned short, unsigned short> sizes[] = {
        {80, 5}, {16, 24}, {80, 2}, {1, 1}, {200, 60}, {2, 2}, {7, 3}, {500, 1}, {100, 24}};
    for (const auto& [columns, rows] : sizes) {
        terminal.type("get " + long_key);
        terminal.expect("k");
        terminal.resize(columns, rows);
        terminal.type("x");
        terminal.resize(rows, columns);
        terminal.type(ctrl_c);  // a new prompt: all of that was taken
        terminal.expect("^C");
    }
    terminal.resize(100, 24);
    terminal.type("get nobody\n");
    terminal.expect("no such key");
    terminal.type("quit\n");
    EXPECT_EQ(terminal.exit(), 0);
    EXPECT_TRUE(terminal.is_in_order());
}

// At a Ctrl-C the system throws away the keys that were not read yet. Drawing a long line anew
// gives it time for that, between the shell's hearing of a key and reading it.
TEST_F(Shell, CtrlCRightAfterAKeyGivesTheLineUp) {
    Terminal terminal(cluster_.folder(), {});
    terminal.expect(prompt);
    const std::string long_key(240, 'k');
    constexpr int rounds = 30;
    for (int round = 0; round < rounds && !HasFailure(); ++round) {
        terminal.type(long_key);
        terminal.expect(long_key.substr(0, 50));
        terminal.resize(99, 24);
        terminal.type("x");
        terminal.resize(100, 24);
        terminal.type(ctrl_c);
        terminal.expect("^C");
        terminal.expect(prompt);
    }
}

TEST_F(Shell, ALineLongerThanTheWindowIsEditedAtBothEnds) {
    Terminal terminal(cluster_.folder(), {});
    terminal.expect(prompt);
    const std::string begin(100 * 24, 'b');
    const std::string end(300, 'e');
    terminal.type("set k " + begin);
    terminal.type(to_begin);
    terminal.type(to_end);
    terminal.type(end);
    terminal.type("\n");
    terminal.expect("OK, version 2");
    terminal.expect(prompt);
    terminal.type("quit\n");
    EXPECT_EQ(terminal.exit(), 0);
    EXPECT_NE(cluster_.store().answer("get k").find(begin + end), std::string::npos);
}

TEST_F(Shell, LeavesTheTerminalInOrderWhateverEndsIt) {
    for (const int signal : {SIGTERM, SIGHUP, SIGQUIT}) {
        Terminal terminal(cluster_.folder(), {});
        terminal.expect(prompt);
        terminal.type("get k");
        terminal.expect("k");
        EXPECT_FALSE(terminal.is_in_order()) << "while a line is edited";
        terminal.send(signal);
        EXPECT_EQ(terminal.exit(), 128 + signal);
        EXPECT_TRUE(terminal.is_in_order()) << signal;
    }
}

TEST_F(Shell, TabQuotesWhatNeedsIt) {
    Terminal terminal(cluster_.folder(), {});
    terminal.expect(prompt);
    terminal.type("set it\\'s 1\n");
    terminal.expect("OK, version 2");
    terminal.expect(prompt);
    terminal.type("get i\t\n");
    terminal.expect("\"1\"");
}

TEST_F(Shell, AValueFromStdinIsNotForHere) {
    Terminal terminal(cluster_.folder(), {});
    terminal.expect(prompt);
    terminal.type("set -x key\n");
    terminal.expect("set -x takes the value from stdin");
    terminal.type("get -x\n");
    terminal.expect("there is no such key");
}

TEST_F(Shell, CtrlDThatIsTypedBeforeThePromptLeaves) {
    std::promise<void> asked;
    std::promise<void> typed;
    const FakeNode node([&](FakeSession& session) {
        session.next();
        asked.set_value();
        typed.get_future().wait();
        session.say("ERR_NOT_FOUND\r\n");
        session.stay_silent();
    });
    Folder folder;
    folder.write("config.json", config_text({node.port()}, {dead_port()}));
    Terminal terminal(folder, {});
    terminal.expect("no node> ");
    terminal.type("get k\n");
    asked.get_future().wait();
    terminal.type(ctrl_d);
    typed.set_value();
    EXPECT_EQ(terminal.exit(), 0);
}

TEST_F(Shell, CtrlCEndsACommandThatWaits) {
    std::promise<void> asked;
    const FakeNode node([&](FakeSession& session) {
        session.next();
        asked.set_value();
        session.stay_silent();
    });
    Folder folder;
    folder.write("config.json", config_text({node.port()}, {dead_port()}));
    Terminal terminal(folder, {"--timeout", "600"});
    terminal.expect("no node> ");
    terminal.type("get k\n");
    asked.get_future().wait();
    terminal.type(ctrl_c);
    terminal.expect("get k: interrupted; nothing was done");
    terminal.expect("> ");
    terminal.type("quit\n");
    EXPECT_EQ(terminal.exit(), 0);
}

TEST_F(Shell, ThePromptFollowsTheLeader) {
    Terminal terminal(cluster_.folder(), {"--node", "0"});
    terminal.expect("node 0 (follower)> ");
    terminal.type("get nobody\n");
    terminal.expect("no such key");
    terminal.expect(prompt);
}

TEST_F(Shell, ThePromptSaysWhenNobodyIsThere) {
    Folder folder;
    const auto ports = dead_ports(4);
    folder.write("config.json", config_text({ports[0], ports[1]}, {ports[2], ports[3]}));
    Terminal terminal(folder, {"--timeout", "0.2"});
    terminal.expect("no node> ");
    terminal.type("set k v\n");
    terminal.expect("no leader answered within 0.2 s, nothing was done");
    terminal.expect("no node> ");
}

TEST_F(Shell, ValuesCannotTakeOverTheTerminal) {
    Terminal terminal(cluster_.folder(), {});
    terminal.expect(prompt);
    terminal.type("set k \"\\x1b[2JJ\xc3\xbcrgen\\n\"\n");
    terminal.expect("OK, version 2");
    terminal.expect(prompt);
    terminal.type("get k\n");
    const std::string shown = terminal.expect("s\r\n");
    EXPECT_NE(shown.find("\"\\x1b[2JJ\xc3\xbcrgen\\n\""), std::string::npos) << shown;
}

TEST_F(Shell, ColorsAreForTerminalsThatWantThem) {
    Terminal colorful(cluster_.folder(), {}, true);
    colorful.expect("\x1b[32mnode 1 (leader)>\x1b[0m ");
    colorful.type("get nobody\n");
    colorful.expect("\x1b[31mERR_NOT_FOUND\x1b[0m");
    Terminal plain(cluster_.folder(), {}, false);
    plain.expect(prompt);
    plain.type("get nobody\n");
    EXPECT_EQ(plain.expect("ERR_NOT_FOUND").find("\x1b[31m"), std::string::npos);
}

TEST_F(Shell, HelpListsAndExplains) {
    Terminal terminal(cluster_.folder(), {});
    terminal.expect(prompt);
    terminal.type("help\n");
    terminal.expect("cas <key> <version> <value> [exptime]");
    terminal.expect(prompt);
    terminal.type("help cas\n");
    terminal.expect("Compare and swap");
}

TEST_F(Shell, RawShowsTheBytes) {
    Terminal terminal(cluster_.folder(), {"--raw", "0"});
    terminal.expect("node 0 (raw)> ");
    terminal.type("get k\n");
    terminal.expect("-> \"get k\\r\\n\"  7 bytes");
    terminal.expect("<- \"REDIRECT 1\\r\\n\"  12 bytes");
}

TEST_F(Shell, AOneLinerOnATerminalEndsItsLine) {
    cluster_.store().answer("set k value");
    Terminal terminal(cluster_.folder(), {"get", "k"});
    terminal.expect("value\r\n");
    EXPECT_EQ(terminal.exit(), 0);
}

}  // namespace
}  // namespace raftkv::test
