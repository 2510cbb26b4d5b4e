#include "node/server/membership_start.hpp"

#include <gtest/gtest.h>

namespace raftkv::server {
namespace {

constexpr std::uint64_t old_folder = 0xa, new_folder = 0xb;
constexpr NodeId own_id(1);

ClusterConfig config() {
    ClusterConfig config;
    ServerConfig server;
    server.id = own_id;
    server.host = "configured";
    config.servers = {server};
    return config;
}

raft::Restored log_with(std::uint64_t folder) {
    raft::Restored restored;
    raft::Membership members = raft::first_membership(std::vector{NodeId(0), own_id});
    members.members[1].folder = folder;
    restored.members = raft::MembershipAt{LogIndex(3), members};
    return restored;
}

std::optional<Result<JoinAdvice>> nobody_answers() {
    return Error{ErrorKind::unavailable, "nobody answers"};
}

TEST(OwnAddress, OfAMemberIsKnownWithoutAskingAnybody) {
    const auto own =
        own_address(log_with(new_folder), new_folder, config(), own_id, nobody_answers());
    ASSERT_TRUE(own.ok());
    EXPECT_EQ(own->host, "configured");
}

// Its log begins when another folder was the member with its id, and may know none of those that
// are members now: it would refuse all of them as strangers, for ever.
TEST(OwnAddress, OfAServerThatIsAddedAgainIsAskedForUntilItsLogKnowsIt) {
    for (const raft::Restored& restored : {log_with(old_folder), raft::Restored()}) {
        const auto own = own_address(restored, new_folder, config(), own_id, nobody_answers());
        ASSERT_FALSE(own.ok());
        EXPECT_EQ(own.error().kind, ErrorKind::unavailable);
        EXPECT_EQ(own.error().message, "nobody answers");
    }
}

TEST(OwnAddress, OfAServerThatWasNotAddedIsAsConfigured) {
    const auto own = own_address(raft::Restored(), new_folder, config(), own_id, std::nullopt);
    ASSERT_TRUE(own.ok());
    EXPECT_EQ(own->host, "configured");
}

}  // namespace
}  // namespace raftkv::server
