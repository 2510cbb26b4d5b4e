#include "node/server/admin/member_orders.hpp"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <optional>
#include <string>

#include "node/server/admin/member_request.hpp"

namespace raftkv::server {
namespace {

using raft::ChangeStart;
using raft::Role;

// A node 0 that leads, of which a test says what it answers.
class FakeChanges final : public MemberChanges {
  public:
    ChangeStart change_members(const raft::MemberChange& change) override {
        asked_for = change;
        if (start == ChangeStart::begun) index = LogIndex(9);
        return start;
    }
    std::optional<std::string> taken_address(const raft::MemberChange&) const override {
        return taken;
    }
    LogIndex members_index() const override { return index; }
    LogIndex commit_index() const override { return commit; }
    replica::Standing standing() const override { return now; }

    void follow(std::optional<NodeId> leader) {
        now = replica::Standing();
        now.term = Term(5);
        now.leader = leader;
    }

    ChangeStart start = ChangeStart::begun;
    LogIndex index, commit{8};
    std::optional<raft::MemberChange> asked_for;
    std::optional<std::string> taken;
    replica::Standing now{Role::leader, Term(4), NodeId(0), std::nullopt, true};
};

class MemberOrdersTest : public testing::Test {
  protected:
    void take(std::string_view target) {
        orders_.take(target, MonotonicMs(1000), [this](AdminAnswer answer) { answer_ = answer; });
    }
    unsigned code_of(ChangeStart refusal) {
        node_.start = refusal;
        answer_.reset();
        take("/members/remove?id=2");
        return answer_ ? answer_->status : 0;
    }

    FakeChanges node_;
    MemberOrders orders_{NodeId(0), node_};
    std::optional<AdminAnswer> answer_;
};

TEST_F(MemberOrdersTest, a_port_of_another_member_is_rejected_at_once_by_the_leader) {
    node_.taken = "node 1 listens there";
    take("/members/add?id=3&host=a&client_port=1&log_port=2");
    ASSERT_TRUE(answer_);
    EXPECT_EQ(answer_->status, 409u);
    EXPECT_NE(answer_->body.find("node 1 listens there"), std::string::npos);
    EXPECT_FALSE(node_.asked_for);
}

TEST_F(MemberOrdersTest, tells_when_the_change_is_committed) {
    take("/members/remove?id=2");
    orders_.observe(MonotonicMs(1003));
    EXPECT_FALSE(answer_.has_value());
    node_.commit = LogIndex(9);
    orders_.observe(MonotonicMs(1005));
    ASSERT_TRUE(answer_.has_value());
    EXPECT_EQ(answer_->status, 200u);
    EXPECT_EQ(nlohmann::json::parse(answer_->body), (nlohmann::json{{"index", 9}, {"ms", 5}}));
    EXPECT_FALSE(orders_.under_way());
}

TEST_F(MemberOrdersTest, takes_one_order_at_a_time) {
    take("/members/remove?id=2");
    std::optional<AdminAnswer> second;
    orders_.take("/members/remove?id=1", MonotonicMs(1001),
                 [&](AdminAnswer answer) { second = answer; });
    EXPECT_EQ(second.value().status, 423u);
    EXPECT_EQ(std::get<raft::RemoveMember>(*node_.asked_for).id, NodeId(2));
}

TEST_F(MemberOrdersTest, says_so_when_leadership_is_lost_or_no_majority_answers) {
    take("/members/remove?id=2");
    node_.follow(NodeId(1));
    orders_.observe(MonotonicMs(1100));
    EXPECT_EQ(answer_.value().status, 503u);

    node_.now = {Role::leader, Term(6), NodeId(0), std::nullopt, true};
    answer_.reset();
    take("/members/remove?id=2");
    orders_.observe(MonotonicMs(10'999));
    EXPECT_FALSE(answer_.has_value());
    orders_.observe(MonotonicMs(11'000));
    EXPECT_EQ(answer_.value().status, 504u);
}

TEST_F(MemberOrdersTest, each_refusal_has_a_code_and_a_reason) {
    EXPECT_EQ(code_of(ChangeStart::hands_over), 421u);
    EXPECT_EQ(code_of(ChangeStart::too_early), 503u);
    EXPECT_EQ(code_of(ChangeStart::under_way), 423u);
    EXPECT_EQ(code_of(ChangeStart::known_already), 409u);
    EXPECT_EQ(code_of(ChangeStart::not_a_member), 400u);
    EXPECT_EQ(code_of(ChangeStart::votes_already), 409u);
    EXPECT_EQ(code_of(ChangeStart::not_caught_up), 409u);
    EXPECT_EQ(code_of(ChangeStart::loses_quorum), 409u);
    EXPECT_EQ(code_of(ChangeStart::last_voter), 409u);
    EXPECT_EQ(code_of(ChangeStart::too_many), 409u);
    EXPECT_EQ(code_of(ChangeStart::no_room), 503u);
    node_.follow(NodeId(1));
    EXPECT_EQ(code_of(ChangeStart::not_leading), 421u);
    EXPECT_NE(answer_->body.find("node 1"), std::string::npos);
    node_.follow(std::nullopt);
    EXPECT_EQ(code_of(ChangeStart::not_leading), 503u);
}

TEST(MemberRequest, says_who_is_added_and_where) {
    auto change = parse_member_request(
        "/members/add?id=3&host=db-3.example&client_port=9003&log_port=9203&learner=1");
    ASSERT_TRUE(change.ok()) << change.error().message;
    const auto& add = std::get<raft::AddMember>(*change);
    EXPECT_EQ(add.id, NodeId(3));
    EXPECT_TRUE(add.learner);
    EXPECT_EQ(add.address, (raft::MemberAddress{"db-3.example", 9003, 9203, 9103, "localhost"}));
}

TEST(MemberRequest, says_who_replaces_whom) {
    auto change = parse_member_request(
        "/members/replace?old=1&id=3&host=::1&client_port=9003&log_port=9203&admin_port=80"
        "&admin_host=0.0.0.0");
    ASSERT_TRUE(change.ok()) << change.error().message;
    const auto& replace = std::get<raft::ReplaceMember>(*change);
    EXPECT_EQ(replace.old, NodeId(1));
    EXPECT_EQ(replace.add.address, (raft::MemberAddress{"::1", 9003, 9203, 80, "0.0.0.0"}));
    auto remove = parse_member_request("/members/remove?id=1&force=1");
    ASSERT_TRUE(remove.ok());
    EXPECT_TRUE(std::get<raft::RemoveMember>(*remove).force);
    auto promote = parse_member_request("/members/promote?id=7");
    ASSERT_TRUE(promote.ok());
    EXPECT_EQ(std::get<raft::PromoteMember>(*promote).id, NodeId(7));
}

TEST(MemberRequest, what_makes_no_sense_is_refused) {
    const std::string add = "/members/add?id=3&host=h&client_port=1&log_port=2";
    ASSERT_TRUE(parse_member_request(add).ok());
    for (const std::string& wrong :
         {std::string("/members/"),
          std::string("/members/ad?id=3"),
          std::string("/members/remove"),
          std::string("/members/remove?id="),
          std::string("/members/remove?id=-1"),
          std::string("/members/remove?id=4294967295"),
          std::string("/members/remove?id=3x"),
          std::string("/members/remove?id"),
          std::string("/members/remove?id=3&id=3"),
          std::string("/members/remove?id=3&force=2"),
          std::string("/members/remove?id=3&learner=1"),
          std::string("/members/add?id=3&client_port=1&log_port=2"),
          std::string("/members/add?id=3&host=&client_port=1&log_port=2"),
          std::string("/members/add?id=3&host=a/b&client_port=1&log_port=2"),
          std::string("/members/add?id=3&host=h&client_port=0&log_port=2"),
          std::string("/members/add?id=3&host=h&client_port=1&log_port=65536"),
          "/members/add?id=3&client_port=1&log_port=2&host=" + std::string(256, 'h'),
          add + "&admin_host=a%20b",
          add + "&admin_port=0",
          add + "&more=1"}) {
        EXPECT_FALSE(parse_member_request(wrong).ok()) << wrong;
    }
}

}  // namespace
}  // namespace raftkv::server
