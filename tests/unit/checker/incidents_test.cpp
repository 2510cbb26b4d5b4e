// What the checker says of short histories: a test for each thing that a store can get wrong, and
// for each that looks wrong and is not.

#include <gtest/gtest.h>

#include "cli/test/checker/linearizability.hpp"
#include "cli/test/history/operation_text.hpp"
#include "cli/test/verdict/verdict.hpp"
#include "tests/unit/test_scenarios/history_builder.hpp"

namespace raftkv::test {
namespace {

using std::chrono::milliseconds;

CheckResult check(const HistoryBuilder& h, milliseconds clock_lag = milliseconds(0)) {
    return check_linearizable(h.history, Limits{clock_lag}, CheckBudget{});
}

bool passes(const HistoryBuilder& h, milliseconds clock_lag = milliseconds(0)) {
    return check(h, clock_lag).outcome == Linearizable::yes;
}

bool fails(const HistoryBuilder& h, milliseconds clock_lag = milliseconds(0)) {
    return check(h, clock_lag).outcome == Linearizable::no;
}

TEST(Checker, PassesEveryCommandDoneOneAfterTheOther) {
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
    EXPECT_TRUE(passes(h));
    EXPECT_EQ(check(h).keys, 2u);
}

TEST(Checker, PassesAnEmptyHistory) {
    EXPECT_TRUE(passes(HistoryBuilder()));
}

TEST(Checker, PassesEitherOrderOfWhatRanAtTheSameTime) {
    HistoryBuilder h;
    h.set("k", "one").ok(2).at(0, 10);
    h.cas("k", 2, "two").ok(3).at(11, 30);
    h.get("k", "one").ok().at(12, 20);
    h.get("k", "two").ok().at(12, 20);
    h.del("k").ok().at(40, 60);
    h.get("k", "two").ok().at(45, 50);
    h.get("k").absent().at(41, 42);
    EXPECT_TRUE(fails(h)) << "absent by 42, and there again from 45 on";
    h.history.back().end = h.history[5].end;
    EXPECT_TRUE(passes(h));
}

TEST(Checker, LetsAnUnknownWriteHappenLaterOrNever) {
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
    EXPECT_TRUE(passes(h));
}

TEST(Checker, LetsAnUnseenUnknownWriteExplainARefusal) {
    HistoryBuilder h;
    h.set("k", "one").unknown();
    h.set("k", "two").conflict();
    h.del("k").ok();
    EXPECT_TRUE(passes(h));
}

TEST(Checker, LetsAnUnknownWriteHappenOnlyOnce) {
    HistoryBuilder h;
    h.set("k", "one").ok(2);
    h.del("k").unknown();
    h.get("k").absent();
    h.set("k", "two").ok(5);
    EXPECT_TRUE(passes(h));
    h.get("k").absent();
    EXPECT_TRUE(fails(h));
}

// The key is absent after its expiry as it is after the delete, which was tried first; but then the
// delete is still to be done, and explains the last answer.
TEST(Checker, TellsSituationsApartByWhatIsStillToBeDone) {
    HistoryBuilder h;
    h.set("k", "never").unknown().at(0, 1);
    h.set("k", "one").expires_after(1).ok(2).at(2, 3);
    h.del("k").ok().at(900, 3000);
    h.set("k", "two").ok(4).at(1600, 1700);
    h.get("k").absent().at(2000, 2100);
    EXPECT_TRUE(passes(h));
}

TEST(Checker, LeavesOutWhatWasCertainlyNotDone) {
    HistoryBuilder h;
    h.set("k", "one").not_done();
    h.get("k").absent();
    EXPECT_TRUE(passes(h));
    h.get("k", "one").ok();
    EXPECT_TRUE(fails(h));
}

TEST(Checker, FindsAStaleRead) {
    HistoryBuilder h;
    h.set("k", "one").ok(2);
    h.cas("k", 2, "two").ok(3);
    h.get("k", "one").ok();
    EXPECT_TRUE(fails(h));
}

TEST(Checker, FindsAReadThatGoesBackDuringAWrite) {
    HistoryBuilder h;
    h.set("k", "one").ok(2).at(0, 1);
    h.cas("k", 2, "two").unknown().at(2, 3);
    h.get("k", "two").ok().at(10, 11);
    h.get("k", "one").ok().at(12, 13);
    EXPECT_TRUE(fails(h));
}

TEST(Checker, FindsALostWrite) {
    HistoryBuilder h;
    h.set("k", "one").ok(2);
    h.get("k").absent();
    EXPECT_TRUE(fails(h));
}

TEST(Checker, FindsTwoWritesInPlaceOfOne) {
    HistoryBuilder h;
    h.set("k", "one").ok(2);
    h.cas("k", 2, "two").ok(3).at(10, 30);
    h.cas("k", 2, "three").ok(4).at(11, 31);
    EXPECT_TRUE(fails(h));
}

// The rules of the verdict look at two operations at a time and cannot see it.
TEST(Checker, FindsTwoDeletesOfOneValue) {
    HistoryBuilder h;
    h.set("k", "one").ok(2).at(0, 5);
    h.del("k").ok().at(10, 30);
    h.del("k").ok().at(11, 31);
    EXPECT_TRUE(fails(h));
    EXPECT_TRUE(judge(h.history, Limits{}).empty());
}

TEST(Checker, FindsADeletedKeyThatIsThereAgain) {
    HistoryBuilder h;
    h.set("k", "one").ok(2);
    h.del("k").ok();
    h.getm("k", "one").ok(2);
    EXPECT_TRUE(fails(h));
}

TEST(Checker, FindsAVersionGivenTwice) {
    HistoryBuilder h;
    h.set("a", "one").ok(2).at(0, 10);
    h.set("b", "two").ok(2).at(0, 10);
    EXPECT_TRUE(fails(h));
    EXPECT_NE(check(h).explanation.find("version 2 was given to two writes"), std::string::npos);
}

TEST(Checker, FindsAVersionThatGoesBack) {
    HistoryBuilder h;
    h.set("a", "one").ok(7);
    h.set("b", "two").ok(6);
    EXPECT_TRUE(fails(h));
    EXPECT_NE(check(h).explanation.find("began after version 7 was there"), std::string::npos);
}

TEST(Checker, FindsAValueNobodyWrote) {
    HistoryBuilder h;
    h.set("k", "one").ok(2);
    h.get("k", "two").ok();
    EXPECT_TRUE(fails(h));
}

TEST(Checker, FindsTheValueOfARefusedWrite) {
    HistoryBuilder h;
    h.set("k", "one").ok(2);
    h.cas("k", 9, "two").conflict();
    h.get("k", "two").ok();
    EXPECT_TRUE(fails(h));
}

TEST(Checker, FindsAValueReadBeforeItWasWritten) {
    HistoryBuilder h;
    h.get("k", "one").ok();
    h.set("k", "one").unknown();
    EXPECT_TRUE(fails(h));
    EXPECT_NE(check(h).explanation.find("before its write began"), std::string::npos);
}

TEST(Checker, FindsMetadataOfAnotherValue) {
    HistoryBuilder version;
    version.set("k", "one").ok(2);
    version.getm("k", "one").ok(3);
    EXPECT_TRUE(fails(version));
    HistoryBuilder exptime;
    exptime.set("k", "one").expires_after(100).ok(2);
    exptime.getm("k", "one").expires_after(99).ok(2);
    EXPECT_TRUE(fails(exptime));
}

TEST(Checker, FindsARefusalWithoutCause) {
    HistoryBuilder h;
    h.set("k", "one").ok(2);
    h.cas("k", 2, "two").conflict();
    EXPECT_TRUE(fails(h));
}

// Version 5 was read on one key before a read of the other began: version 3 was there by then.
TEST(Checker, HoldsTheKeysToOneOrderOfVersions) {
    HistoryBuilder h;
    h.set("a", "one").ok(5).at(0, 100);
    h.set("b", "two").ok(3).at(0, 100);
    h.get("a", "one").ok().at(10, 20);
    h.get("b").absent().at(30, 40);
    EXPECT_TRUE(fails(h));
    h.history.back().start = h.history[2].end;
    EXPECT_TRUE(passes(h));
}

TEST(Checker, FindsNoRoomForAWriteBetweenTwoVersions) {
    HistoryBuilder h;
    h.set("k", "one").ok(2);
    h.cas("k", 2, "two").unknown().at(3, 4);
    h.get("k", "two").ok().at(5, 6);
    h.del("k").ok().at(7, 8);
    h.set("k", "three").ok(4).at(9, 10);
    EXPECT_TRUE(passes(h)) << "the cas was given version 3";
    h.history.back().version = 3;
    EXPECT_TRUE(fails(h)) << "nothing is left for it between 2 and 3";
}

TEST(Checker, LearnsTheVersionOfAnUnknownWriteFromACas) {
    HistoryBuilder h;
    h.set("k", "one").unknown();
    h.cas("k", 7, "two").ok(9);
    EXPECT_TRUE(passes(h)) << "the set was given version 7";
    h.history.back().version = 7;
    EXPECT_TRUE(fails(h));
}

TEST(Expiry, MayComeNoSoonerThanItsTime) {
    HistoryBuilder h;
    h.set("k", "one").expires_after(2).ok(2).at(0, 10);
    h.get("k").absent().at(1990, 1999);
    EXPECT_TRUE(fails(h));
    EXPECT_TRUE(passes(h, milliseconds(1)));
    h.history.back().end = Instant(milliseconds(2000));
    EXPECT_TRUE(passes(h));
}

TEST(Expiry, MayComeNoLaterThanItsTime) {
    HistoryBuilder h;
    h.set("k", "one").expires_after(2).ok(2).at(0, 10);
    h.get("k", "one").ok().at(2011, 2020);
    EXPECT_TRUE(fails(h));
    EXPECT_TRUE(passes(h, milliseconds(1)));
    h.history.back().start = Instant(milliseconds(2010));
    EXPECT_TRUE(passes(h));
}

// It was there by 10 already, whenever its own answer came.
TEST(Expiry, CountsFromWhenTheValueWasMet) {
    HistoryBuilder h;
    h.set("k", "one").expires_after(1).ok(2).at(0, 100);
    h.set("k", "two").conflict().at(5, 10);
    h.get("k", "one").ok().at(1050, 1060);
    EXPECT_TRUE(fails(h));
    EXPECT_TRUE(passes(h, milliseconds(40)));
}

TEST(Expiry, ComesSoonerWhereTheClusterClockIsFast) {
    HistoryBuilder h;
    h.set("k", "one").expires_after(2).ok(2).at(0, 10);
    h.get("k").absent().at(900, 960);
    EXPECT_TRUE(fails(h, milliseconds(1000)));
    Limits faster{milliseconds(0)};
    faster.fastest_clock = 2.1;
    EXPECT_EQ(check_linearizable(h.history, faster, CheckBudget{}).outcome, Linearizable::yes);
}

TEST(Expiry, IsForGood) {
    HistoryBuilder h;
    h.set("k", "one").expires_after(1).ok(2).at(0, 500);
    h.get("k").absent().at(1100, 1200);
    h.get("k", "one").ok().at(1201, 1300);
    EXPECT_TRUE(fails(h));
}

TEST(Expiry, MakesRoomForTheNextSet) {
    HistoryBuilder h;
    h.set("k", "one").expires_after(1).ok(2).at(0, 10);
    h.set("k", "two").ok(3).at(1005, 1100);
    h.getm("k", "two").ok(3).at(1101, 1200);
    EXPECT_TRUE(passes(h));
}

TEST(Explanation, ShowsTheFewestAnswersThatContradictEachOther) {
    HistoryBuilder h;
    for (int i = 0; i < 50; ++i) {
        h.set("other", "o" + std::to_string(i)).ok(10 + static_cast<std::uint64_t>(i));
        h.del("other").ok();
        h.get("k").absent();
    }
    h.set("k", "one").by(1).ok(70).at(400, 401);
    h.cas("k", 70, "two").by(2).ok(71).at(402, 403);
    h.get("k", "two").by(1).ok().at(404, 405);
    h.getm("k", "one").by(3).ok(70).at(406, 407);
    for (int i = 0; i < 50; ++i) h.get("k", "two").ok();
    const CheckResult result = check(h);
    EXPECT_EQ(result.outcome, Linearizable::no);
    EXPECT_EQ(result.key, "k");
    const Operation* set = &h.history[150];
    const Instant epoch = h.history.front().start;
    EXPECT_EQ(result.explanation,
              "no order of the operations of key k explains these answers:\n"
              "  " +
                  line_of(set[0], epoch) +
                  "\n"
                  "  " +
                  line_of(set[1], epoch) +
                  "\n"
                  "  " +
                  line_of(set[3], epoch) +
                  "\n"
                  "whatever became of the key's other 101 operations\n");
}

}  // namespace
}  // namespace raftkv::test
