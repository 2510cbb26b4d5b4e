#include "node/replica/state_marks.hpp"

#include <gtest/gtest.h>

namespace raftkv::replica {
namespace {

raft::StateMark mark(std::uint64_t index, std::uint64_t hash) {
    return {LogIndex(index), hash};
}

TEST(StateMarks, ThatAgreeAreNoNews) {
    StateMarks marks;
    marks.reached(mark(10, 1));
    marks.heard(NodeId(1), mark(10, 1));
    marks.heard(NodeId(1), mark(20, 2));
    marks.reached(mark(20, 2));
    EXPECT_FALSE(marks.divergence());
}

TEST(StateMarks, OfOthersMayComeLater) {
    StateMarks marks;
    marks.reached(mark(10, 1));
    marks.reached(mark(20, 2));
    marks.heard(NodeId(1), mark(10, 7));
    EXPECT_EQ(marks.divergence(), (Divergence{LogIndex(10), NodeId(1), 1, 7}));
}

TEST(StateMarks, OfOthersMayComeBeforeOurs) {
    StateMarks marks;
    marks.heard(NodeId(1), mark(10, 7));
    marks.heard(NodeId(1), mark(10, 7));
    EXPECT_FALSE(marks.divergence());
    marks.reached(mark(10, 1));
    EXPECT_EQ(marks.divergence(), (Divergence{LogIndex(10), NodeId(1), 1, 7}));
}

TEST(StateMarks, TheFirstDifferenceStands) {
    StateMarks marks;
    for (std::uint64_t index : {10, 20}) {
        marks.heard(NodeId(1), mark(index, 7));
        marks.reached(mark(index, index));
    }
    EXPECT_EQ(marks.divergence()->index, LogIndex(10));
    marks.clear();
    EXPECT_FALSE(marks.divergence());
}

TEST(StateMarks, OfLongAgoAreNotKept) {
    StateMarks marks;
    for (std::uint64_t index = 1; index <= 1000; ++index) marks.reached(mark(index, index));
    marks.heard(NodeId(1), mark(5, 77));
    EXPECT_FALSE(marks.divergence()) << "nobody knows any more";
    for (std::uint64_t index = 1001; index <= 3000; ++index)
        marks.heard(NodeId(1), mark(index, index));
    marks.reached(mark(3000, 1));
    EXPECT_TRUE(marks.divergence());
}

TEST(StateMarks, TheOddOneOutIsWhoDiffersFromAMajority) {
    StateMarks marks;
    marks.reached(mark(10, 1));
    marks.heard(NodeId(1), mark(10, 7));
    EXPECT_TRUE(marks.verdict(3).differ.empty()) << "one against one: nobody can tell";
    EXPECT_FALSE(marks.verdict(3).we_are_odd);
    marks.heard(NodeId(2), mark(10, 1));
    EXPECT_EQ(marks.verdict(3).differ, std::vector<NodeId>{NodeId(1)});
    EXPECT_FALSE(marks.verdict(3).we_are_odd);
    EXPECT_TRUE(marks.verdict(5).differ.empty()) << "two of five are no majority";
    marks.forget(NodeId(1));
    EXPECT_TRUE(marks.verdict(3).differ.empty()) << "it may have been made anew";
    marks.heard(NodeId(1), mark(10, 7));
    EXPECT_EQ(marks.verdict(3).differ, std::vector<NodeId>{NodeId(1)});
    marks.reached(mark(20, 1));
    marks.heard(NodeId(2), mark(20, 7));
    EXPECT_TRUE(marks.verdict(3).we_are_odd) << "both others differ now";
    EXPECT_TRUE(marks.verdict(3).differ.empty());
}

}  // namespace
}  // namespace raftkv::replica
