#include "cli/admin/known_members.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <cstdlib>
#include <fstream>
#include <string>
#include <system_error>

#include "common/cluster_record.hpp"
#include "common/server_moves.hpp"
#include "tests/unit/admin/one_answer.hpp"

namespace raftkv::cli {
namespace {

MemberInfo member(std::uint32_t id, std::uint16_t admin_port, MemberKind kind = MemberKind::voter) {
    MemberInfo made;
    made.where.id = NodeId(id);
    made.where.host = "127.0.0.1";
    made.where.client_port = static_cast<std::uint16_t>(9000 + id);
    made.where.admin_host = "127.0.0.1";
    made.where.admin_port = admin_port;
    made.kind = kind;
    return made;
}

MembersView view_of(std::vector<MemberInfo> members, std::uint64_t cluster_id = 7,
                    std::uint64_t index = 5) {
    MembersView view;
    view.cluster_id = cluster_id;
    view.answered_by = members.front().where.id;
    view.term = Term(2);
    view.index = LogIndex(index);
    view.committed = true;
    view.members = std::move(members);
    return view;
}

std::string http(const MembersView& view) {
    const std::string body = members_json(view);
    return fmt::format("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n{}", body.size(), body);
}

std::string ids(const ClusterConfig& config) {
    std::string text;
    for (const ServerConfig& server : config.servers) text += fmt::format("{} ", server.id.value());
    return text;
}

// config.json has nodes 0 and 1, and nobody is there.
class KnownMembers : public testing::Test {
  protected:
    KnownMembers() {
        std::string pattern = testing::TempDir() + "raftkv-members-XXXXXX";
        config_.data_path = ::mkdtemp(pattern.data());
        for (const std::uint32_t id : {0U, 1U}) {
            config_.servers.push_back(member(id, unused_port()).where);
            config_.servers.back().priority = 10 + id;
        }
    }
    ~KnownMembers() override {
        std::error_code ignored;
        std::filesystem::remove_all(config_.data_path, ignored);
    }

    static std::uint16_t unused_port() { return OneAnswer("").port; }
    void note(const MembersView& view) {
        const auto saved = save_known_members(config_.data_path, view);
        ASSERT_TRUE(saved.ok()) << saved.error().message;
    }

    ClusterConfig config_;
};

TEST_F(KnownMembers, TheFileHoldsAllThatANodeSaid) {
    MembersView view = view_of({member(3, 1), member(4, 2, MemberKind::learner)});
    view.leader = NodeId(4);
    view.members[0].folder = "00000000000000ab";
    view.members[0].replaces = NodeId(1);
    view.members[1].lag = 9;
    note(view);
    const auto known = load_known_members(config_.data_path);
    ASSERT_TRUE(known.has_value());
    EXPECT_EQ(members_json(*known), members_json(view));
}

TEST_F(KnownMembers, AFileThatMakesNoSenseIsAsGoodAsNone) {
    for (const char* text : {"", "{}", "[1, 2", "\xff\xfe"}) {
        std::ofstream(members_file(config_.data_path)) << text;
        EXPECT_FALSE(load_known_members(config_.data_path).has_value()) << text;
        EXPECT_EQ(ids(with_known_servers(config_)), "0 1 ");
    }
}

TEST_F(KnownMembers, TheyTakeThePlacesOfTheServersOfTheConfiguration) {
    MemberInfo nowhere = member(5, 1);
    nowhere.where.host.clear();
    note(view_of({member(1, 1), member(2, 2, MemberKind::joining),
                  member(3, 3, MemberKind::learner), nowhere}));
    const ClusterConfig now = with_known_servers(config_);
    EXPECT_EQ(ids(now), "1 2 3 ") << "not 5: nobody knows where that is";
    EXPECT_EQ(now.servers[0].priority, 11u) << "that is for config.json to say";
    EXPECT_TRUE(now.servers[0].votes);
    EXPECT_FALSE(now.servers[1].votes);
    EXPECT_FALSE(now.servers[2].votes);
    EXPECT_EQ(ids(with_all_servers(config_)), "1 2 3 0 ");
}

TEST_F(KnownMembers, ForgottenOnesAreGoneAndThatMayBeSaidTwice) {
    note(view_of({member(3, 1)}));
    EXPECT_TRUE(forget_known_members(config_.data_path).ok());
    EXPECT_TRUE(forget_known_members(config_.data_path).ok());
    EXPECT_EQ(ids(with_known_servers(config_)), "0 1 ");
}

TEST_F(KnownMembers, WhoeverAnswersKnowsBetterThanTheFile) {
    MemberInfo third = member(3, 0);
    OneAnswer node(http(view_of({member(3, 1), member(4, 2)})));
    third.where.admin_port = node.port;
    note(view_of({third}));
    EXPECT_EQ(ids(with_servers_of_now(config_)), "3 4 ") << "nobody of config.json is left";
}

TEST_F(KnownMembers, WithoutAnAnswerTheFileIsWhatIsKnown) {
    EXPECT_EQ(ids(with_servers_of_now(config_)), "0 1 ");
    note(view_of({member(3, unused_port())}));
    EXPECT_EQ(ids(with_servers_of_now(config_)), "3 ");
}

// As after a restore on another machine: the file is of the cluster that was there before.
TEST_F(KnownMembers, OfTwoClustersTheOneOfTheConfigurationCounts) {
    OneAnswer old(http(view_of({member(3, 1)}, 7, 100)));
    OneAnswer fresh(http(view_of({member(1, 1), member(0, 2), member(2, 3)}, 8, 1)));
    config_.servers[1].admin_port = fresh.port;
    MemberInfo third = member(3, old.port);
    note(view_of({third}));
    EXPECT_EQ(ids(with_servers_of_now(config_)), "1 0 2 ");
}

TEST_F(KnownMembers, WhatAnotherNodeSaysAtThePlaceOfTheOneThatIsMeantDoesNotCount) {
    OneAnswer node(http(view_of({member(1, 1), member(2, 2)})));
    config_.servers[0].admin_port = node.port;
    const auto view = find_members(config_.servers);
    ASSERT_FALSE(view.ok());
    EXPECT_NE(view.error().message.find(
                  fmt::format("node 0 cannot be asked: node 1 answers at 127.0.0.1:{}", node.port)),
              std::string::npos)
        << view.error().message;
}

// The port may be that of another cluster by now, and its nodes have ids like ours.
TEST_F(KnownMembers, WhoeverElseAnswersDoesNotCount) {
    ASSERT_TRUE(write_cluster_record(config_.data_path, 7).ok());
    OneAnswer stranger(http(view_of({member(0, 1), member(8, 2)}, 9)));
    OneAnswer neighbour(http(view_of({member(5, 1), member(6, 2)}, 7)));
    config_.servers[0].admin_port = stranger.port;
    config_.servers[1].admin_port = neighbour.port;
    EXPECT_EQ(ids(with_servers_of_now(config_)), "0 1 ");
}

// As "cp -a" makes it: it says of whom it speaks, and where that is.
TEST_F(KnownMembers, AFileThatWasCopiedOrIsOfAnotherClusterDoesNotCount) {
    note(view_of({member(3, 1)}));
    EXPECT_EQ(ids(with_known_servers(config_)), "3 ");
    ASSERT_TRUE(write_cluster_record(config_.data_path, 8).ok());
    EXPECT_EQ(ids(with_known_servers(config_)), "0 1 ") << "another cluster was made here since";
    ASSERT_TRUE(write_cluster_record(config_.data_path, 7).ok());
    EXPECT_EQ(ids(with_known_servers(config_)), "3 ");
    const std::filesystem::path copy = config_.data_path / "copy";
    std::filesystem::create_directory(copy);
    std::filesystem::copy_file(members_file(config_.data_path), members_file(copy));
    config_.data_path = copy;
    EXPECT_EQ(ids(with_known_servers(config_)), "0 1 ");
    config_.data_path = copy.parent_path();
}

TEST_F(KnownMembers, APortThatChangedInTheConfigurationIsNotHidden) {
    MemberInfo added = member(1, 77);
    added.in_log = true;
    note(view_of({member(0, 76), added}));
    const ClusterConfig now = with_known_servers(config_);
    EXPECT_EQ(now.servers[0].admin_port, config_.servers[0].admin_port);
    EXPECT_EQ(now.servers[1].admin_port, 77) << "that is for the log to say";
}

TEST_F(KnownMembers, WhereOneMovedToIsTheOwnersAloneToRead) {
    config_.servers[0].log_port = 9200;
    ServerMove move{config_.servers[0], config_.servers[0]};
    move.to.client_port = 77;
    const mode_t before = ::umask(0);
    const auto saved = save_move(config_.data_path, move);
    ::umask(before);
    ASSERT_TRUE(saved.ok()) << saved.error().message;
    struct stat about = {};
    ASSERT_EQ(::stat(move_file(config_.data_path, NodeId(0)).c_str(), &about), 0);
    EXPECT_EQ(about.st_mode & 0777, 0600u);
    EXPECT_EQ(with_known_servers(config_).servers[0].client_port, 77);
}

TEST_F(KnownMembers, WhenNobodyAnswersThatIsSaidAndWhatToDo) {
    const auto view = find_members(config_.servers);
    ASSERT_FALSE(view.ok());
    EXPECT_EQ(view.error().kind, ErrorKind::unavailable);
    EXPECT_NE(view.error().message.find("replaced since"), std::string::npos);
}

}  // namespace
}  // namespace raftkv::cli
