#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

#include "tests/system/node/dialogue.hpp"
#include "tests/system/node/nodes.hpp"

// The client protocol, spoken to a real node.

namespace raftkv::system_test {
namespace {

class Protocol : public testing::Test {
  protected:
    static void SetUpTestSuite() {
        nodes_ = new Nodes(1);
        nodes_->start(0);
        nodes_->leader();
    }
    static void TearDownTestSuite() {
        delete nodes_;
        nodes_ = nullptr;
    }

    Dialogue client() const { return Dialogue(nodes_->client_port(0)); }
    // A key that no other test uses.
    static std::string fresh() {
        static int used = 0;
        return "key" + std::to_string(++used);
    }

    static Nodes* nodes_;
};

Nodes* Protocol::nodes_ = nullptr;

// The version of an "OK <version>" line.
std::string version_of(const std::string& line) {
    EXPECT_TRUE(line.starts_with("OK ")) << line;
    return line.size() > 3 ? line.substr(3) : "";
}

TEST_F(Protocol, the_dialogue_of_its_description_holds) {
    Dialogue c = client();
    c.say("set arun 10 15\r\nmy name is arun\r\n");
    std::string first = version_of(c.line());
    EXPECT_EQ(c.ask("set arun 14 15\r\nmy name is babu\r\n", "ERR_VERSION\r\n"), "ERR_VERSION\r\n");
    EXPECT_EQ(c.ask("cas arun 0 1000 4\r\nwowo\r\n", "ERR_VERSION\r\n"), "ERR_VERSION\r\n");
    c.say("cas arun 0 " + first + " 4\r\nwowo\r\n");
    std::string second = version_of(c.line());
    EXPECT_EQ(std::stoull(second), std::stoull(first) + 3);
    std::string value = "VALUE " + second + " 0 4\r\nwowo\r\n";
    EXPECT_EQ(c.ask("getm arun\r\n\r\n", value), value);
    for (std::string bad : {"getm arun asn\r\n", "set k 10 a100\r\n", "djsbkv\r\n"}) {
        EXPECT_EQ(c.ask(bad, "ERR_CMD_ERR\r\n"), "ERR_CMD_ERR\r\n") << bad;
    }
    EXPECT_EQ(c.ask("delete babu\r\n", "ERR_NOT_FOUND\r\n"), "ERR_NOT_FOUND\r\n");
    EXPECT_EQ(c.ask("delete arun\r\n", "DELETED\r\n"), "DELETED\r\n");
    EXPECT_EQ(c.ask("get arun\r\n", "ERR_NOT_FOUND\r\n"), "ERR_NOT_FOUND\r\n");
}

TEST_F(Protocol, replies_are_the_same_however_the_bytes_arrive) {
    std::string key = fresh();
    std::string dialogue = "set " + key + " 0 6\r\na\r\nb\nc\r\nget " + key + "\nnonsense\r\n\r\n" +
                           "delete " + key + "\r\n";
    for (std::size_t piece : {std::size_t{1}, std::size_t{2}, std::size_t{7}, dialogue.size()}) {
        Dialogue c = client();
        for (std::size_t at = 0; at < dialogue.size(); at += piece) {
            ASSERT_TRUE(c.say(std::string_view(dialogue).substr(at, piece)));
        }
        version_of(c.line());
        std::string rest = "VALUE 6\r\na\r\nb\nc\r\nERR_CMD_ERR\r\nDELETED\r\n";
        EXPECT_EQ(c.hear(rest.size()), rest) << "in pieces of " << piece;
    }
}

TEST_F(Protocol, a_pipeline_is_answered_in_order_and_as_if_one_by_one) {
    std::string key = fresh(), requests, expected;
    for (int round = 0; round < 50; ++round) {
        requests += "set " + key + " 0 3\nabc\nget " + key + "\nget " + key + "\ndelete " + key +
                    "\nget " + key + "\n";
        expected += "VALUE 3\r\nabc\r\nVALUE 3\r\nabc\r\nDELETED\r\nERR_NOT_FOUND\r\n";
    }
    Dialogue c = client();
    ASSERT_TRUE(c.say(requests));
    c.finish_sending();
    // Every round syncs twice, and a busy disk may take its time for each.
    std::string heard = c.hear_all(std::chrono::seconds(60)), without_versions;
    for (std::size_t at = 0; at < heard.size();) {
        std::size_t end = heard.find("\r\n", at);
        ASSERT_NE(end, std::string::npos);
        if (heard.compare(at, 3, "OK ") != 0) without_versions += heard.substr(at, end + 2 - at);
        at = end + 2;
    }
    EXPECT_EQ(without_versions, expected);
}

TEST_F(Protocol, a_reply_leaves_in_one_write) {
    std::string key = fresh(), value(1000, 'v');
    Dialogue c = client();
    c.say("set " + key + " 0 1000\r\n" + value + "\r\n");
    version_of(c.line());
    for (int i = 0; i < 50; ++i) {
        c.say("get " + key + "\r\n");
        EXPECT_EQ(c.hear_once(), "VALUE 1000\r\n" + value + "\r\n");
    }
}

TEST_F(Protocol, a_client_that_has_said_all_hears_all) {
    std::string requests;
    for (int i = 0; i < 100; ++i) requests += "set " + fresh() + " 0 2\r\nhi\r\n";
    Dialogue c = client();
    c.say(requests + "get unfinished");
    c.finish_sending();
    std::string heard = c.hear_all();
    EXPECT_EQ(std::count(heard.begin(), heard.end(), '\n'), 100);
    EXPECT_TRUE(c.ended());
}

TEST_F(Protocol, the_largest_value_and_the_longest_key_are_taken_and_no_larger_one) {
    std::string key(250, 'k'), value(1u << 20, 'v');
    Dialogue c = client();
    c.say("set " + key + " 0 1048576\r\n" + value + "\r\n");
    version_of(c.line());
    std::string reply = "VALUE 1048576\r\n" + value + "\r\n";
    EXPECT_EQ(c.ask("get " + key + "\r\n", reply), reply);
    // Swallowed, so that the next command is understood.
    c.say("set " + fresh() + " 0 1048577\r\n" + value + "v\r\n");
    EXPECT_EQ(c.line(), "ERR_CMD_ERR");
    EXPECT_EQ(c.ask("set k" + key + " 0 1\r\nv\r\n", "ERR_CMD_ERR\r\n"), "ERR_CMD_ERR\r\n");
    EXPECT_EQ(c.ask("delete " + key + "\r\n", "DELETED\r\n"), "DELETED\r\n");
}

TEST_F(Protocol, many_large_values_in_a_pipeline_all_arrive) {
    std::string key = fresh(), value(1u << 20, 'v'), requests;
    Dialogue c = client();
    c.say("set " + key + " 0 1048576\r\n" + value + "\r\n");
    version_of(c.line());
    std::string reply = "VALUE 1048576\r\n" + value + "\r\n";
    for (int i = 0; i < 40; ++i) requests += "get " + key + "\r\n";
    c.say(requests);
    for (int i = 0; i < 40; ++i) ASSERT_EQ(c.hear(reply.size()), reply) << "reply " << i;
}

TEST_F(Protocol, a_key_ends_when_its_time_is_over) {
    std::string key = fresh();
    Dialogue c = client();
    c.say("set " + key + " 1 1\r\nv\r\n");
    version_of(c.line());
    EXPECT_EQ(c.ask("get " + key + "\r\n", "VALUE 1\r\nv\r\n"), "VALUE 1\r\nv\r\n");
    EXPECT_TRUE(comes_true([&] {
        c.say("get " + key + "\r\n");
        std::string line = c.line();
        if (line == "ERR_NOT_FOUND") return true;
        c.line();
        return false;
    }));
}

}  // namespace
}  // namespace raftkv::system_test
