#include "node/server/admin/transfer_orders.hpp"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <optional>
#include <string>

namespace raftkv::server {
namespace {

using raft::Role;
using raft::TransferStart;

constexpr std::uint32_t patience_ms = 300;

// A node 0 of which a test says what it is.
class FakeLeadership final : public Leadership {
  public:
    TransferStart transfer(std::optional<NodeId> target) override {
        asked_for = target;
        if (start == TransferStart::begun) now.hands_over_to = target.value_or(NodeId(1));
        return start;
    }
    replica::Standing standing() const override { return now; }

    void follow(std::optional<std::uint32_t> leader, std::uint64_t term) {
        now = {Role::follower, Term(term), std::nullopt, std::nullopt, true};
        if (leader) now.leader = NodeId(*leader);
    }

    TransferStart start = TransferStart::begun;
    std::optional<NodeId> asked_for;
    replica::Standing now{Role::leader, Term(4), NodeId(0), std::nullopt, true};
};

class TransferOrdersTest : public testing::Test {
  protected:
    void take(std::string_view query) {
        orders_.take(query, MonotonicMs(1000), [this](AdminAnswer answer) { answer_ = answer; });
    }
    unsigned code_after(std::string_view query) {
        take(query);
        return answer_ ? answer_->status : 0;
    }
    unsigned code_of(TransferStart refusal) {
        node_.start = refusal;
        answer_.reset();
        return code_after("to=2");
    }

    FakeLeadership node_;
    TransferOrders orders_{NodeId(0), node_, patience_ms};
    std::optional<AdminAnswer> answer_;
};

TEST_F(TransferOrdersTest, tells_when_the_new_leader_is_known_and_how_long_it_took) {
    take("to=2");
    EXPECT_EQ(node_.asked_for, NodeId(2));
    orders_.observe(MonotonicMs(1002));
    node_.follow(std::nullopt, 5);
    orders_.observe(MonotonicMs(1004));
    EXPECT_FALSE(answer_.has_value());
    node_.follow(2, 5);
    orders_.observe(MonotonicMs(1007));
    ASSERT_TRUE(answer_.has_value());
    EXPECT_EQ(answer_->status, 200u);
    EXPECT_EQ(nlohmann::json::parse(answer_->body),
              (nlohmann::json{{"from", 0}, {"to", 2}, {"term", 5}, {"ms", 7}}));
    EXPECT_FALSE(orders_.under_way());
}

TEST_F(TransferOrdersTest, says_so_when_the_target_does_not_take_over) {
    take("");
    EXPECT_EQ(node_.asked_for, std::nullopt);
    node_.now.hands_over_to.reset();
    orders_.observe(MonotonicMs(1300));
    ASSERT_TRUE(answer_.has_value());
    EXPECT_EQ(answer_->status, 504u);
    EXPECT_NE(answer_->body.find("node 0 goes on leading"), std::string::npos) << answer_->body;
}

TEST_F(TransferOrdersTest, says_so_when_another_than_the_target_takes_over) {
    take("to=2");
    node_.follow(1, 6);
    orders_.observe(MonotonicMs(1200));
    EXPECT_EQ(answer_.value().status, 504u);
}

TEST_F(TransferOrdersTest, does_not_wait_for_a_new_leader_for_ever) {
    take("to=2");
    node_.follow(std::nullopt, 5);
    orders_.observe(MonotonicMs(1000 + 2 * patience_ms - 1));
    EXPECT_FALSE(answer_.has_value());
    orders_.observe(MonotonicMs(1000 + 2 * patience_ms));
    EXPECT_EQ(answer_.value().status, 503u);
}

TEST_F(TransferOrdersTest, takes_one_order_at_a_time) {
    take("to=2");
    std::optional<AdminAnswer> second;
    orders_.take("to=1", MonotonicMs(1001), [&](AdminAnswer answer) { second = answer; });
    EXPECT_EQ(second.value().status, 409u);
    EXPECT_EQ(node_.asked_for, NodeId(2));
    EXPECT_FALSE(answer_.has_value());
}

TEST_F(TransferOrdersTest, each_refusal_has_a_code_and_a_reason) {
    EXPECT_EQ(code_of(TransferStart::leads_already), 409u);
    EXPECT_EQ(code_of(TransferStart::no_such_server), 400u);
    EXPECT_EQ(code_of(TransferStart::not_connected), 409u);
    EXPECT_EQ(code_of(TransferStart::too_far_behind), 409u);
    EXPECT_EQ(code_of(TransferStart::under_way), 409u);
    EXPECT_EQ(code_of(TransferStart::nobody_connected), 409u);
    node_.follow(1, 5);
    EXPECT_EQ(code_of(TransferStart::not_leading), 421u);
    EXPECT_NE(answer_->body.find("node 1"), std::string::npos);
    node_.follow(std::nullopt, 5);
    EXPECT_EQ(code_of(TransferStart::not_leading), 503u);
}

TEST_F(TransferOrdersTest, what_names_no_node_is_refused) {
    for (const char* query : {"to=", "to=x", "to=-1", "to=2x", "to=99999999999", "from=2", "2"}) {
        answer_.reset();
        EXPECT_EQ(code_after(query), 400u) << query;
    }
    EXPECT_FALSE(node_.asked_for.has_value());
}

}  // namespace
}  // namespace raftkv::server
