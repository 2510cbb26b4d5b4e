#include "cli/test/verdict/term_ledger.hpp"

#include <gtest/gtest.h>

namespace raftkv::test {
namespace {

TEST(TermLedger, AllowsOneLeaderATermHoweverOftenItIsSeen) {
    TermLedger ledger;
    EXPECT_EQ(ledger.claim(Term(1), NodeId(0)), std::nullopt);
    EXPECT_EQ(ledger.claim(Term(1), NodeId(0)), std::nullopt);
    EXPECT_EQ(ledger.claim(Term(2), NodeId(3)), std::nullopt);
    EXPECT_EQ(ledger.terms(), 2u);
}

TEST(TermLedger, RemembersAClaimThatIsLongPast) {
    TermLedger ledger;
    EXPECT_EQ(ledger.claim(Term(1), NodeId(0)), std::nullopt);
    EXPECT_EQ(ledger.claim(Term(2), NodeId(1)), std::nullopt);
    EXPECT_EQ(ledger.claim(Term(1), NodeId(2)), "two leaders in term 1: node 0 and node 2");
}

TEST(TermLedger, ComplainsOnceATerm) {
    TermLedger ledger;
    EXPECT_EQ(ledger.claim(Term(4), NodeId(2)), std::nullopt);
    EXPECT_NE(ledger.claim(Term(4), NodeId(1)), std::nullopt);
    EXPECT_EQ(ledger.claim(Term(4), NodeId(1)), std::nullopt);
    EXPECT_EQ(ledger.claim(Term(4), NodeId(0)), std::nullopt);
}

}  // namespace
}  // namespace raftkv::test
