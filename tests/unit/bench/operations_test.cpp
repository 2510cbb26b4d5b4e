#include "cli/bench/load/operations.hpp"

#include <gtest/gtest.h>

#include <string>

namespace raftkv::bench {
namespace {

KeySpace space_of(std::uint64_t keys, bool versions) {
    KeySpace space;
    space.keys = keys;
    space.distribution = Distribution::in_turn;
    if (versions) space.versions.assign(keys, 1);
    return space;
}

Answer ok(std::uint64_t version) {
    return {Answer::Status::complete, 0, Outcome::done, version, {}};
}

TEST(Operations, OfSetMakeNewKeysFromWhereTheLastOnesEnded) {
    KeySpace space = space_of(0, false);
    space.first_new = 41;
    Operations operations(Op::set, space, 3);
    const Operation first = operations.choose();
    EXPECT_EQ(first.verb, Verb::set);
    EXPECT_EQ(first.key, 41u);
    EXPECT_EQ(operations.choose().key, 42u);
    EXPECT_EQ(space.first_new, 43u);
    std::string out;
    operations.append(raftkv_dialect(), first, out);
    EXPECT_EQ(out, "set bench00000000041 0 3\r\nvvv\r\n");
}

TEST(Operations, OfCasExpectTheVersionThatTheLastWriteGave) {
    KeySpace space = space_of(2, true);
    Operations operations(Op::cas, space, 3);
    const Operation first = operations.choose();
    EXPECT_EQ(first.verb, Verb::cas);
    EXPECT_EQ(first.version, 1u);
    operations.note(first, ok(8));
    EXPECT_EQ(operations.choose().version, 1u);
    EXPECT_EQ(operations.choose().version, 8u);
}

TEST(Operations, AskAgainForAVersionThatNobodyKnows) {
    KeySpace space = space_of(1, true);
    Operations operations(Op::cas, space, 3);
    const Operation lost = operations.choose();
    operations.note(lost, {.outcome = Outcome::lost});
    const Operation question = operations.choose();
    EXPECT_EQ(question.verb, Verb::getm);
    operations.note(question, ok(5));
    const Operation next = operations.choose();
    EXPECT_EQ(next.verb, Verb::cas);
    EXPECT_EQ(next.version, 5u);
}

TEST(Operations, AConflictLosesNoVersionThatIsNewer) {
    KeySpace space = space_of(1, true);
    Operations operations(Op::cas, space, 3);
    const Operation one = operations.choose(), two = operations.choose();
    operations.note(one, ok(5));
    operations.note(two, {.outcome = Outcome::conflict});
    EXPECT_EQ(operations.choose().version, 5u);
    // Answers to two writes may come in any order of connections.
    operations.note(one, ok(4));
    EXPECT_EQ(operations.choose().version, 5u);
}

TEST(Operations, ARedirectChangesNothing) {
    KeySpace space = space_of(1, true);
    Operations operations(Op::cas, space, 3);
    operations.note(operations.choose(), {.outcome = Outcome::redirect});
    EXPECT_EQ(operations.choose().version, 1u);
}

TEST(Operations, OfMixedAreHalfReads) {
    KeySpace space = space_of(10, true);
    Operations operations(Op::mixed, space, 3);
    int reads = 0;
    for (int i = 0; i < 10'000; ++i) reads += operations.choose().verb == Verb::get ? 1 : 0;
    EXPECT_NEAR(reads, 5'000, 300);
}

}  // namespace
}  // namespace raftkv::bench
