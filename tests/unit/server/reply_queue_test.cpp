#include "node/server/reply_queue.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <vector>

namespace raftkv::server {
namespace {

protocol::Reply ok(std::uint64_t version) {
    protocol::Reply reply;
    reply.kind = protocol::ReplyKind::ok;
    reply.version = version;
    return reply;
}

TEST(ReplyQueue, a_reply_in_turn_leaves_at_once) {
    ReplyQueue queue;
    std::string out;
    queue.complete(queue.push(10), ok(1), out);
    EXPECT_EQ(out, "OK 1\r\n");
    EXPECT_EQ(queue.size(), 0u);
}

TEST(ReplyQueue, an_early_reply_waits_for_those_before_it) {
    ReplyQueue queue;
    std::string out;
    auto first = queue.push(1), second = queue.push(1), third = queue.push(1);
    queue.complete(third, ok(3), out);
    queue.complete(second, ok(2), out);
    EXPECT_EQ(out, "");
    EXPECT_EQ(queue.parked_bytes(), 12u);
    queue.complete(first, ok(1), out);
    EXPECT_EQ(out, "OK 1\r\nOK 2\r\nOK 3\r\n");
    EXPECT_EQ(queue.parked_bytes(), 0u);
}

TEST(ReplyQueue, counts_what_is_unanswered) {
    ReplyQueue queue;
    std::string out;
    auto first = queue.push(100), second = queue.push(20);
    EXPECT_EQ(queue.bytes(), 120u);
    queue.complete(second, ok(2), out);
    EXPECT_EQ(queue.bytes(), 120u);  // still in the way
    queue.complete(first, ok(1), out);
    EXPECT_EQ(queue.bytes(), 0u);
}

TEST(ReplyQueue, keeps_the_order_whatever_order_replies_are_found_in) {
    std::mt19937 random(7);
    ReplyQueue queue;
    std::string out, expected;
    std::vector<std::uint64_t> open;
    for (std::uint64_t next = 0; next < 5000;) {
        if (open.empty() || (open.size() < 40 && random() % 2 == 0)) {
            open.push_back(queue.push(5));
            expected += "OK " + std::to_string(next++) + "\r\n";
        } else {
            std::size_t pick = random() % open.size();
            queue.complete(open[pick], ok(open[pick]), out);
            open.erase(open.begin() + static_cast<std::ptrdiff_t>(pick));
        }
    }
    for (std::uint64_t number : open) queue.complete(number, ok(number), out);
    EXPECT_EQ(out, expected);
    EXPECT_EQ(queue.bytes(), 0u);
}

TEST(ReplyQueueDeathTest, a_second_reply_to_a_request_is_a_broken_invariant) {
    ReplyQueue queue;
    std::string out;
    queue.push(1);
    auto second = queue.push(1);
    queue.complete(second, ok(2), out);
    EXPECT_DEATH(queue.complete(second, ok(2), out), "done");
    EXPECT_DEATH(queue.complete(17, ok(2), out), "number");
}

}  // namespace
}  // namespace raftkv::server
