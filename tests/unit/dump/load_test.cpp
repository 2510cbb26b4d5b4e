#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/eventfd.h>
#include <sys/stat.h>

#include <atomic>
#include <fstream>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "cli/cluster/dump/load_all.hpp"
#include "cli/cluster/dump/load_items.hpp"
#include "cli/test/work_folder.hpp"
#include "tests/unit/client/fake_node.hpp"

// Loads into a cluster of two nodes that do what they are told: node 0 redirects to node 1.

namespace raftkv::cli::dump {
namespace {

using test::FakeNode;
using test::FakeSession;

class LoadTest : public testing::Test {
  protected:
    // What becomes of a command on its way to the store. "": the connection breaks instead.
    using Answer = std::function<std::string(const std::string&)>;

    void lead(Answer answer) {
        leader_ = std::make_unique<FakeNode>([this, answer](FakeSession& session) {
            while (const auto command = session.next()) {
                transcript_.add(*command);
                const std::string reply = answer(*command);
                if (reply.empty()) return session.reset();
                session.say(reply);
            }
        });
        add_server(0, follower_.port());
        add_server(1, leader_->port());
    }
    void lead() {
        lead([this](const std::string& command) { return store_.answer(command); });
    }
    void add_server(std::uint32_t id, std::uint16_t port) {
        ServerConfig server;
        server.id = NodeId(id);
        server.host = "127.0.0.1";
        server.client_port = port;
        config_.servers.push_back(server);
    }

    static std::vector<LoadedItem> items(std::size_t count) {
        std::vector<LoadedItem> items;
        for (std::size_t i = 0; i < count; ++i) {
            items.push_back({{"k" + std::to_string(i), "v" + std::to_string(i), 0}, i + 1});
        }
        return items;
    }
    Result<LoadCounts> load(std::size_t count, IfThere if_there) {
        Pipeline pipeline(config_, patience, -1);
        return load_items(pipeline, items(count), if_there);
    }
    bool holds(const std::string& key, const std::string& value) {
        return store_.answer("get " + key + " ").find("\r\n" + value + "\r\n") != std::string::npos;
    }

    Result<void> load_file(const std::string& lines, Existing existing) {
        const auto name = folder_.path() / "dump";
        std::ofstream(name) << lines;
        LoadOptions options;
        options.existing = existing;
        options.patience = patience;
        return load_all(config_, name, options, report_);
    }

    static constexpr std::chrono::milliseconds patience{2000};
    test::WorkFolder folder_ = std::move(test::WorkFolder::create()).value();
    test::FakeStore store_;
    test::Transcript transcript_;
    FakeNode follower_{test::answering([](const std::string&) { return "REDIRECT 1\r\n"; })};
    std::unique_ptr<FakeNode> leader_;
    ClusterConfig config_;
    LoadReport report_;
};

TEST_F(LoadTest, FollowsTheRedirectAndSetsEverything) {
    lead();
    auto counts = load(500, IfThere::keep);
    ASSERT_TRUE(counts.ok()) << counts.error().message;
    EXPECT_EQ(counts->set, 500u);
    EXPECT_TRUE(holds("k0", "v0") && holds("k499", "v499"));
    EXPECT_EQ(transcript_.lines().size(), 501u) << "each once, after a read that shows who leads";
}

TEST_F(LoadTest, ANodeThatSaysNothingHoldsNobodyUp) {
    FakeNode paused{[](FakeSession& session) { session.stay_silent(); }};
    add_server(2, paused.port());
    lead();
    constexpr std::chrono::seconds all_patience{600};
    Pipeline pipeline(config_, all_patience, -1);
    auto counts = load_items(pipeline, items(5), IfThere::keep);
    ASSERT_TRUE(counts.ok()) << counts.error().message;
    EXPECT_EQ(counts->set, 5u);
}

TEST_F(LoadTest, KeepsOrOverwritesWhatIsThere) {
    lead();
    store_.answer("set k1 old");
    store_.answer("set k3 old");
    auto kept = load(5, IfThere::keep);
    ASSERT_TRUE(kept.ok()) << kept.error().message;
    EXPECT_EQ(kept->set, 3u);
    EXPECT_EQ(kept->kept, 2u);
    EXPECT_TRUE(holds("k1", "old") && holds("k2", "v2"));
    auto overwritten = load(6, IfThere::overwrite);
    ASSERT_TRUE(overwritten.ok()) << overwritten.error().message;
    EXPECT_EQ(overwritten->set, 1u);
    EXPECT_EQ(overwritten->overwritten, 5u);
    EXPECT_TRUE(holds("k1", "v1") && holds("k3", "v3") && holds("k5", "v5"));
}

TEST_F(LoadTest, OverwritesMoreThanCanBeReadAtOnce) {
    lead();
    for (int i = 0; i < 300; ++i) store_.answer("set k" + std::to_string(i) + " old");
    auto counts = load(300, IfThere::overwrite);
    ASSERT_TRUE(counts.ok()) << counts.error().message;
    EXPECT_EQ(counts->overwritten, 300u);
    EXPECT_TRUE(holds("k299", "v299"));
}

TEST_F(LoadTest, OverwritesAKeyThatOthersChangeMeanwhile) {
    std::atomic<int> races{3};
    lead([&](const std::string& command) {
        if (command.starts_with("cas k0") && races-- > 0) return std::string("ERR_VERSION\r\n");
        return store_.answer(command);
    });
    store_.answer("set k0 old");
    auto counts = load(1, IfThere::overwrite);
    ASSERT_TRUE(counts.ok()) << counts.error().message;
    EXPECT_EQ(counts->overwritten, 1u);
    races = 1000;
    auto given_up = load(1, IfThere::overwrite);
    ASSERT_FALSE(given_up.ok());
    EXPECT_EQ(given_up.error().kind, ErrorKind::failed);
    EXPECT_EQ(given_up.error().message, "line 1, key k0: others change it all the time");
}

TEST_F(LoadTest, LooksUpWhatBecameOfAWriteWhoseAnswerWasLost) {
    std::atomic<bool> broken{false};
    lead([&](const std::string& command) {
        const std::string reply = store_.answer(command);
        return command == "set k2 v2" && !broken.exchange(true) ? "" : reply;
    });
    auto counts = load(5, IfThere::keep);
    ASSERT_TRUE(counts.ok()) << counts.error().message;
    EXPECT_EQ(counts->set, 5u) << "k2 is there with the value that was to be set";
    EXPECT_EQ(counts->kept, 0u);
    EXPECT_EQ(transcript_.count("getm k2"), 1);
}

TEST_F(LoadTest, SetsAgainWhatWasLostOnItsWay) {
    std::atomic<bool> broken{false};
    lead([&](const std::string& command) {
        return command == "set k2 v2" && !broken.exchange(true) ? "" : store_.answer(command);
    });
    auto counts = load(5, IfThere::keep);
    ASSERT_TRUE(counts.ok()) << counts.error().message;
    EXPECT_EQ(counts->set, 5u);
    EXPECT_EQ(transcript_.count("set k2 v2"), 2);
}

TEST_F(LoadTest, TellsTheValueOfSomebodyElseFromItsOwnAfterALostAnswer) {
    std::atomic<bool> broken{false};
    lead([&](const std::string& command) {
        if (command == "set k2 v2" && !broken.exchange(true)) {
            store_.answer("set k2 theirs");
            return std::string();
        }
        return store_.answer(command);
    });
    auto counts = load(5, IfThere::keep);
    ASSERT_TRUE(counts.ok()) << counts.error().message;
    EXPECT_EQ(counts->set, 4u);
    EXPECT_EQ(counts->kept, 1u);
    EXPECT_TRUE(holds("k2", "theirs"));
}

TEST_F(LoadTest, NamesTheLineThatTheClusterRefuses) {
    lead([&](const std::string& command) {
        return command == "set k3 v3" ? "ERR_CMD_ERR\r\n" : store_.answer(command);
    });
    auto counts = load(5, IfThere::keep);
    ASSERT_FALSE(counts.ok());
    EXPECT_EQ(counts.error().kind, ErrorKind::failed);
    EXPECT_TRUE(counts.error().message.starts_with("line 4, key k3: ")) << counts.error().message;
}

TEST_F(LoadTest, GivesUpWhenNobodyLeads) {
    lead([](const std::string&) { return "ERR_INTERNAL\r\n"; });
    auto counts = load(5, IfThere::keep);
    ASSERT_FALSE(counts.ok());
    EXPECT_EQ(counts.error().kind, ErrorKind::unavailable);
    Pipeline pipeline(config_, patience, -1);
    EXPECT_EQ(count_there(pipeline, items(1)).error().kind, ErrorKind::unavailable);
}

TEST_F(LoadTest, GivesUpWhenNobodyIsThere) {
    for (std::uint32_t id = 0; id < 2; ++id) add_server(id, test::dead_port());
    Pipeline pipeline(config_, std::chrono::milliseconds(200), -1);
    auto counts = load_items(pipeline, items(5), IfThere::keep);
    ASSERT_FALSE(counts.ok());
    EXPECT_EQ(counts.error().kind, ErrorKind::unavailable);
}

TEST_F(LoadTest, EndsWhenItIsInterrupted) {
    lead([](const std::string&) { return "REDIRECT 0\r\n"; });
    const Descriptor cancelled(::eventfd(1, EFD_CLOEXEC));
    Pipeline pipeline(config_, patience, cancelled.get());
    auto counts = load_items(pipeline, items(5), IfThere::keep);
    ASSERT_FALSE(counts.ok());
    EXPECT_EQ(counts.error().kind, ErrorKind::interrupted);
}

constexpr const char* three_lines =
    "{\"key\":\"k0\",\"value\":\"v0\"}\n\n"
    "{\"key\":\"k1\",\"value_base64\":\"djE=\"}\r\n"
    "{\"key\":\"k2\",\"value\":\"v2\"}";  // and no line end

TEST_F(LoadTest, LoadsAFile) {
    lead();
    auto loaded = load_file(three_lines, Existing::refuse);
    ASSERT_TRUE(loaded.ok()) << loaded.error().message;
    EXPECT_EQ(report_.items, 3u);
    EXPECT_EQ(report_.counts.set, 3u);
    EXPECT_TRUE(holds("k0", "v0") && holds("k1", "v1") && holds("k2", "v2"));
}

TEST_F(LoadTest, LoadsNothingWhenKeysAreThereAlready) {
    lead();
    store_.answer("set k1 old");
    auto refused = load_file(three_lines, Existing::refuse);
    ASSERT_FALSE(refused.ok());
    EXPECT_EQ(refused.error().kind, ErrorKind::failed);
    EXPECT_TRUE(refused.error().message.starts_with("1 of 3 keys are there already"))
        << refused.error().message;
    EXPECT_EQ(store_.answer("get k0 "), "ERR_NOT_FOUND\r\n");
    EXPECT_TRUE(load_file(three_lines, Existing::skip).ok());
    EXPECT_EQ(report_.counts.kept, 1u);
    EXPECT_TRUE(load_file(three_lines, Existing::overwrite).ok());
    EXPECT_EQ(report_.counts.overwritten, 3u);
}

TEST_F(LoadTest, SetsNothingWhenALineIsWrong) {
    lead();
    auto refused = load_file(std::string(three_lines) + "\n{\"key\":\"k3\"}\n", Existing::skip);
    ASSERT_FALSE(refused.ok());
    EXPECT_EQ(refused.error().kind, ErrorKind::usage);
    EXPECT_EQ(refused.error().message,
              (folder_.path() / "dump").string() +
                  ", line 5: it needs either \"value\" or \"value_base64\"");
    config_.max_value_bytes = 1;
    refused = load_file(three_lines, Existing::skip);
    ASSERT_FALSE(refused.ok());
    EXPECT_EQ(refused.error().message, "line 1: the value has 2 bytes, and this cluster takes 1");
    EXPECT_TRUE(transcript_.lines().empty());
}

TEST_F(LoadTest, SaysWhatItKnowsToBeSetWhenItFails) {
    lead([&](const std::string& command) {
        return command == "set k2 v2" ? "ERR_CMD_ERR\r\n" : store_.answer(command);
    });
    auto failed = load_file(three_lines, Existing::skip);
    ASSERT_FALSE(failed.ok());
    EXPECT_NE(failed.error().message.find("0 of 3 keys are known to be set"), std::string::npos)
        << failed.error().message;
}

TEST_F(LoadTest, RefusesFilesThatAreNotThereOrCantBeReadTwice) {
    lead();
    LoadOptions options;
    EXPECT_EQ(load_all(config_, folder_.path() / "none", options, report_).error().kind,
              ErrorKind::io);
    EXPECT_EQ(load_all(config_, folder_.path(), options, report_).error().kind, ErrorKind::io);
    const auto pipe = folder_.path() / "pipe";
    ASSERT_EQ(::mkfifo(pipe.c_str(), 0600), 0);
    const Descriptor writer(::open(pipe.c_str(), O_RDWR | O_CLOEXEC));
    auto refused = load_all(config_, pipe, options, report_);
    ASSERT_FALSE(refused.ok());
    EXPECT_EQ(refused.error().kind, ErrorKind::usage);
}

}  // namespace
}  // namespace raftkv::cli::dump
