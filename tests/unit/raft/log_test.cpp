#include "node/raft/log.hpp"

#include <gtest/gtest.h>

#include <random>
#include <string>

namespace raftkv::raft {
namespace {

Entry entry(std::uint64_t index, std::uint64_t term, std::size_t bytes = 1) {
    return {LogIndex(index), Term(term), EntryKind::command,
            SharedBytes::copy_of(std::string(bytes, 'x'))};
}

Log log_of(const std::vector<std::uint64_t>& terms) {
    Log log;
    for (std::size_t i = 0; i < terms.size(); ++i) log.append(entry(i + 1, terms[i]));
    return log;
}

TEST(Log, KnowsTheTermOfEveryEntry) {
    const Log log = log_of({1, 1, 4, 4, 6});
    EXPECT_EQ(log.term_at(LogIndex(0)), Term(0));
    EXPECT_EQ(log.term_at(LogIndex(2)), Term(1));
    EXPECT_EQ(log.term_at(LogIndex(3)), Term(4));
    EXPECT_EQ(log.last_term(), Term(6));
    EXPECT_TRUE(log.matches(LogIndex(0), Term(0)));
    EXPECT_FALSE(log.matches(LogIndex(6), Term(6)));
    EXPECT_EQ(log.first_of_term_at(LogIndex(4)), LogIndex(3));
    EXPECT_EQ(log.last_of_term_at_most(Term(4)), LogIndex(4));
    EXPECT_EQ(log.last_of_term_at_most(Term(3)), LogIndex(2));
    EXPECT_EQ(log.last_of_term_at_most(Term(0)), LogIndex(0));
    EXPECT_EQ(log.last_of_term_at_most(Term(9)), LogIndex(5));
}

TEST(Log, ForgetsTruncatedEntriesAndTheirTerms) {
    Log log = log_of({1, 2, 2, 3});
    log.truncate_from(LogIndex(2));
    EXPECT_EQ(log.last_index(), LogIndex(1));
    EXPECT_EQ(log.last_term(), Term(1));
    log.append(entry(2, 5));
    EXPECT_EQ(log.term_at(LogIndex(2)), Term(5));
    log.truncate_from(LogIndex(1));
    EXPECT_EQ(log.last_term(), Term(0));
    EXPECT_EQ(log.cache_bytes(), 0u);
}

TEST(Log, ForgetsItsBeginningButNotTheTermBeforeIt) {
    Log log = log_of({1, 1, 4, 4, 6});
    log.forget_before(LogIndex(4));
    EXPECT_EQ(log.first_index(), LogIndex(4));
    EXPECT_FALSE(log.knows_term_at(LogIndex(2)));
    EXPECT_EQ(log.term_at(LogIndex(3)), Term(4));
    EXPECT_EQ(log.first_of_term_at(LogIndex(4)), LogIndex(4)) << "of what is left of the term";
    EXPECT_EQ(log.last_of_term_at_most(Term(3)), LogIndex(3)) << "nothing: the one before the log";
    EXPECT_FALSE(log.matches(LogIndex(2), Term(1))) << "nobody can tell any more";
    EXPECT_EQ(log.first_cached(), LogIndex(4));
    log.forget_before(LogIndex(2));
    EXPECT_EQ(log.first_index(), LogIndex(4)) << "it never goes back";
    log.forget_before(LogIndex(6));
    EXPECT_EQ(log.last_index(), LogIndex(5)) << "all of it is forgotten";
    EXPECT_EQ(log.last_term(), Term(6));
    EXPECT_EQ(log.cache_bytes(), 0u);
    log.append(entry(6, 6));
    EXPECT_EQ(log.first_of_term_at(LogIndex(6)), LogIndex(6));
}

TEST(Log, GoesOnAfterASnapshot) {
    Log log = log_of({1, 1, 4});
    log.restart_after(LogIndex(9), Term(7));
    EXPECT_EQ(log.first_index(), LogIndex(10));
    EXPECT_EQ(log.last_index(), LogIndex(9));
    EXPECT_EQ(log.last_term(), Term(7));
    EXPECT_EQ(log.cache_bytes(), 0u);
    log.append(entry(10, 8));
    EXPECT_EQ(log.term_at(LogIndex(10)), Term(8));
    log.truncate_from(LogIndex(10));
    EXPECT_EQ(log.last_term(), Term(7));
}

TEST(Log, AgreesWithAPlainListUnderRandomChanges) {
    std::mt19937_64 random(7);
    for (int run = 0; run < 200; ++run) {
        Log log;
        std::vector<std::uint64_t> model;
        std::uint64_t term = 1;
        for (int step = 0; step < 60; ++step) {
            if (random() % 4 == 0) term += random() % 3;
            if (!model.empty() && random() % 5 == 0) {
                const std::size_t from = random() % model.size() + 1;
                log.truncate_from(LogIndex(from));
                model.resize(from - 1);
            } else {
                model.push_back(term);
                log.append(entry(model.size(), term));
            }
            ASSERT_EQ(log.last_index().value(), model.size());
            for (std::size_t i = 0; i < model.size(); ++i)
                ASSERT_EQ(log.term_at(LogIndex(i + 1)).value(), model[i]);
        }
    }
}

TEST(Log, SlicesAreBoundedInBytesButNeverEmptyWhenThereIsSomething) {
    Log log;
    for (std::uint64_t i = 1; i <= 5; ++i) log.append(entry(i, 1, 1000));
    EXPECT_EQ(log.slice(LogIndex(1), 1).size(), 1u);
    EXPECT_EQ(log.slice(LogIndex(2), 1u << 20).size(), 4u);
    EXPECT_EQ(log.slice(LogIndex(6), 1u << 20).size(), 0u);
    const auto two = log.slice(LogIndex(1), 2200);
    ASSERT_EQ(two.size(), 2u);
    EXPECT_EQ(two[1].index, LogIndex(2));
}

TEST(Log, TheCacheShrinksFromTheFrontButKeepsWhatIsStillNeeded) {
    Log log;
    for (std::uint64_t i = 1; i <= 10; ++i) log.append(entry(i, 1, 1000));
    log.shrink_cache(3 * 1100, LogIndex(4));
    EXPECT_EQ(log.first_cached(), LogIndex(5)) << "5 and later may not go yet";
    log.shrink_cache(3 * 1100, LogIndex(10));
    EXPECT_EQ(log.first_cached(), LogIndex(8));
    EXPECT_EQ(log.term_at(LogIndex(2)), Term(1)) << "terms are known for ever";
}

}  // namespace
}  // namespace raftkv::raft
