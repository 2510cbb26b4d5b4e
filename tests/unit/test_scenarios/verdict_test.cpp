#include "cli/test/verdict/verdict.hpp"

#include <gtest/gtest.h>

#include "tests/unit/test_scenarios/history_builder.hpp"

namespace raftkv::test {
namespace {

using std::chrono::milliseconds;

// The kinds found, a line each.
std::string verdict(const History& history, milliseconds clock_lag = milliseconds(0)) {
    std::string kinds;
    for (const Anomaly& anomaly : judge(history, Limits{clock_lag})) {
        if (!kinds.empty()) kinds += "\n";
        kinds += name_of(anomaly.kind);
    }
    return kinds;
}

TEST(Verdict, FindsNothingInACorrectHistory) {
    HistoryBuilder h;
    h.set("k", "one").ok(2);
    h.set("k", "two").conflict();
    h.get("k", "one").ok();
    h.getm("k", "one").ok(2);
    h.cas("k", 1, "three").conflict();
    h.cas("k", 2, "four").ok(5);
    h.get("k", "four").ok();
    h.del("k").ok();
    h.get("k").absent();
    h.cas("k", 5, "five").absent();
    h.del("k").absent();
    h.set("k", "six").ok(9);
    h.set("other", "seven").ok(10);
    EXPECT_EQ(verdict(h.history), "");
}

TEST(Verdict, AllowsEitherOrderOfWhatRanAtTheSameTime) {
    HistoryBuilder h;
    h.set("k", "one").ok(2).at(0, 10);
    h.cas("k", 2, "two").ok(3).at(11, 30);
    h.get("k", "one").ok().at(12, 20);
    h.get("k", "two").ok().at(12, 20);
    h.del("k").ok().at(40, 60);
    h.get("k", "two").ok().at(45, 50);
    h.get("k").absent().at(41, 42);
    EXPECT_EQ(verdict(h.history), "");
}

TEST(Verdict, AllowsAnUnknownWriteToHappenLaterOrNever) {
    HistoryBuilder h;
    h.set("k", "one").ok(2);
    h.cas("k", 2, "two").unknown();
    h.get("k", "one").ok();
    h.get("k", "two").ok();
    h.set("never", "three").unknown();
    h.get("never").absent();
    h.set("gone", "four").ok(6);
    h.del("gone").unknown();
    h.get("gone", "four").ok();
    h.get("gone").absent();
    EXPECT_EQ(verdict(h.history), "");
}

TEST(Verdict, CatchesAVersionGivenTwice) {
    HistoryBuilder h;
    h.set("a", "one").ok(2).at(0, 10);
    h.set("b", "two").ok(2).at(0, 10);
    EXPECT_EQ(verdict(h.history), "a version given twice");
}

TEST(Verdict, CatchesAVersionThatAnUnknownWriteAlreadyHad) {
    HistoryBuilder h;
    h.set("a", "one").unknown().at(0, 10);
    h.getm("a", "one").ok(2).at(20, 30);
    h.set("b", "two").ok(2).at(15, 40);
    EXPECT_EQ(verdict(h.history), "a version given twice");
}

TEST(Verdict, CatchesVersionsThatGoBackInRealTime) {
    HistoryBuilder h;
    h.set("a", "one").ok(7);
    h.set("b", "two").ok(6);
    EXPECT_EQ(verdict(h.history), "a version that goes back");
}

TEST(Verdict, CatchesACasWhoseVersionIsBelowTheOneItReplaced) {
    HistoryBuilder h;
    h.cas("a", 7, "one").ok(6);
    EXPECT_EQ(verdict(h.history), "a version that goes back");
}

TEST(Verdict, CatchesAValueReadWithAnotherVersionThanItWasGiven) {
    HistoryBuilder h;
    h.set("a", "one").ok(2);
    h.getm("a", "one").ok(3);
    EXPECT_NE(verdict(h.history).find("a value with wrong metadata"), std::string::npos);
}

TEST(Verdict, CatchesAValueReadWithAnotherExptimeThanItWasGiven) {
    HistoryBuilder h;
    h.set("a", "one").ok(2).expires_after(10);
    h.getm("a", "one").ok(2).expires_after(9);
    EXPECT_EQ(verdict(h.history), "a value with wrong metadata");
}

TEST(Verdict, CatchesAValueThatNobodyWrote) {
    HistoryBuilder h;
    h.set("a", "one").ok(2);
    h.set("b", "two").ok(3);
    h.get("a", "two").ok();
    EXPECT_EQ(verdict(h.history), "a value nobody wrote");
}

TEST(Verdict, CatchesAValueReadBeforeItWasWritten) {
    HistoryBuilder h;
    h.get("a", "one").ok();
    h.set("a", "one").ok(2);
    EXPECT_EQ(verdict(h.history), "a value nobody wrote");
}

TEST(Verdict, CatchesTheEffectOfARefusedWrite) {
    HistoryBuilder h;
    h.set("a", "one").ok(2);
    h.set("a", "two").conflict();
    h.get("a", "two").ok();
    EXPECT_EQ(verdict(h.history), "a refused write took effect");
}

TEST(Verdict, CatchesTheEffectOfAWriteThatWasSaidNotToBeDone) {
    HistoryBuilder h;
    h.set("a", "one").not_done();
    h.get("a", "one").ok();
    EXPECT_EQ(verdict(h.history), "a refused write took effect");
}

TEST(Verdict, CatchesAReadOfAReplacedValue) {
    HistoryBuilder h;
    h.set("a", "one").ok(2);
    h.cas("a", 2, "two").ok(3);
    h.get("a", "one").ok();
    EXPECT_EQ(verdict(h.history), "a stale read");
}

TEST(Verdict, CatchesAReadOlderThanAnEarlierRead) {
    HistoryBuilder h;
    h.set("a", "one").ok(2).at(0, 1);
    h.cas("a", 2, "two").ok(3).by(1).at(2, 100);
    h.get("a", "two").ok().by(2).at(10, 20);
    h.get("a", "one").ok().by(3).at(21, 30);
    EXPECT_EQ(verdict(h.history), "a stale read");
}

TEST(Verdict, CatchesAReadThatGoesBackAmongUnknownWrites) {
    HistoryBuilder h;
    h.set("a", "one").unknown();
    h.cas("a", 2, "two").unknown();
    h.getm("a", "one").ok(2);
    h.getm("a", "two").ok(3);
    h.getm("a", "one").ok(2);
    EXPECT_EQ(verdict(h.history), "a stale read");
}

TEST(Verdict, CatchesAReadOfADeletedValue) {
    HistoryBuilder h;
    h.set("a", "one").ok(2);
    h.del("a").ok();
    h.get("a", "one").ok();
    EXPECT_EQ(verdict(h.history), "a stale read");
}

TEST(Verdict, CatchesAReadOfADeletedValueWhoseWriterNeverLearned) {
    HistoryBuilder h;
    h.set("a", "one").unknown();
    h.get("a", "one").ok();
    h.del("a").ok();
    h.get("a", "one").ok();
    EXPECT_EQ(verdict(h.history), "a stale read");
}

TEST(Verdict, CatchesALostWrite) {
    HistoryBuilder h;
    h.set("a", "one").ok(2);
    h.get("a").absent();
    EXPECT_EQ(verdict(h.history), "an acknowledged write is lost");
}

TEST(Verdict, CatchesALostWriteThroughARefusedDelete) {
    HistoryBuilder h;
    h.set("a", "one").ok(2);
    h.del("a").absent();
    EXPECT_EQ(verdict(h.history), "an acknowledged write is lost");
}

TEST(Verdict, CatchesALostWriteDespiteAnEarlierDelete) {
    HistoryBuilder h;
    h.set("a", "one").ok(2);
    h.del("a").ok();
    h.set("a", "two").ok(4);
    h.get("a").absent();
    EXPECT_EQ(verdict(h.history), "an acknowledged write is lost");
}

TEST(Verdict, CatchesALostWriteThatTookAnExpiryAway) {
    HistoryBuilder h;
    h.set("a", "one").ok(2).expires_after(1);
    h.cas("a", 2, "two").ok(3);
    h.get("a").absent().at(5000, 5001);
    EXPECT_EQ(verdict(h.history), "an acknowledged write is lost");
}

TEST(Verdict, CatchesASetOverAnExistingKey) {
    HistoryBuilder h;
    h.set("a", "one").ok(2);
    h.set("a", "two").ok(3);
    EXPECT_EQ(verdict(h.history), "a write that could not succeed");
}

TEST(Verdict, CatchesTwoReplacementsOfOneVersion) {
    HistoryBuilder h;
    h.set("a", "one").ok(2).at(0, 1);
    h.cas("a", 2, "two").ok(3).at(2, 10);
    h.cas("a", 2, "three").ok(4).at(2, 10);
    EXPECT_EQ(verdict(h.history), "a write that could not succeed");
}

TEST(Verdict, CatchesACasOfADeletedVersion) {
    HistoryBuilder h;
    h.set("a", "one").ok(2);
    h.del("a").ok();
    h.cas("a", 2, "two").ok(4);
    EXPECT_EQ(verdict(h.history), "a write that could not succeed");
}

TEST(Verdict, CatchesTwoDeletesOfOneValue) {
    HistoryBuilder h;
    h.set("a", "one").ok(2);
    h.del("a").ok();
    h.del("a").ok();
    EXPECT_EQ(verdict(h.history), "a write that could not succeed");
}

TEST(Verdict, CatchesASetRefusedOnAnAbsentKey) {
    HistoryBuilder h;
    h.set("a", "one").ok(2);
    h.del("a").ok();
    h.set("a", "two").conflict();
    EXPECT_EQ(verdict(h.history), "a write refused without cause");
}

TEST(Verdict, CatchesACasRefusedWithTheRightVersion) {
    HistoryBuilder h;
    h.set("a", "one").ok(2);
    h.cas("a", 2, "two").conflict();
    EXPECT_EQ(verdict(h.history), "a write refused without cause");
}

TEST(Expiry, IsAllowedFromTheDeadlineOnAndDemandedThere) {
    HistoryBuilder h;
    h.set("a", "one").ok(2).expires_after(2).at(0, 10);
    h.get("a", "one").ok().at(1990, 2009);
    h.get("a").absent().at(1999, 2001);
    h.get("a").absent().at(3000, 3001);
    h.set("a", "two").ok(5).at(3002, 3003);
    EXPECT_EQ(verdict(h.history), "");
}

TEST(Expiry, CatchesAReadPastTheDeadline) {
    HistoryBuilder h;
    h.set("a", "one").ok(2).expires_after(2).at(0, 10);
    h.get("a", "one").ok().at(2011, 2012);
    EXPECT_EQ(verdict(h.history), "a read past the deadline");
    EXPECT_EQ(verdict(h.history, milliseconds(5)), "") << "the clock may have been 5 ms behind";
}

TEST(Expiry, CatchesAKeyThatIsGoneTooEarly) {
    HistoryBuilder h;
    h.set("a", "one").ok(2).expires_after(2).at(0, 10);
    h.get("a").absent().at(1500, 1600);
    EXPECT_EQ(verdict(h.history), "an acknowledged write is lost");
    EXPECT_EQ(verdict(h.history, milliseconds(500)), "") << "a clock 500 ms behind catches up";
}

TEST(Expiry, OfAnUnknownWriteExplainsAnAbsentKey) {
    HistoryBuilder h;
    h.set("a", "one").ok(2);
    h.cas("a", 2, "two").unknown().expires_after(1);
    h.get("a").absent().at(1500, 1501);
    EXPECT_EQ(verdict(h.history), "");
}

TEST(Expiry, CatchesASetRefusedOnAnExpiredKey) {
    HistoryBuilder h;
    h.set("a", "one").ok(2).expires_after(1);
    h.set("a", "two").conflict().at(2000, 2001);
    EXPECT_EQ(verdict(h.history), "a write refused without cause");
}

TEST(Expiry, CatchesACasOfAnExpiredVersion) {
    HistoryBuilder h;
    h.set("a", "one").ok(2).expires_after(1);
    h.cas("a", 2, "two").ok(3).at(2000, 2001);
    EXPECT_EQ(verdict(h.history), "a write that could not succeed");
}

TEST(Anomalies, SayWhoWhichKeyAndWhen) {
    HistoryBuilder h;
    h.set("a", "one").ok(2).by(1).at(100, 101);
    h.cas("a", 2, "two").ok(3).by(2).at(150, 160);
    h.get("a", "one").ok().by(3).at(1100, 1102);
    const auto found = judge(h.history, Limits{});
    ASSERT_EQ(found.size(), 1u);
    EXPECT_EQ(found[0].text,
              "client 3's get of key a (1.000 s to 1.002 s) returned version 2, after client 2's "
              "cas of key a (0.050 s to 0.060 s) had version 3");
}

}  // namespace
}  // namespace raftkv::test
