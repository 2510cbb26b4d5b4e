#include "node/storage/entry_index.hpp"

#include <gtest/gtest.h>

namespace raftkv::storage {
namespace {

TEST(EntryIndex, HasACheckpointAtEachSegmentStart) {
    EntryIndex index;
    index.start_segment(1);
    index.add(LogIndex(1), 4096);
    index.add(LogIndex(2), 5000);
    index.start_segment(2);
    index.add(LogIndex(3), 4096);
    auto span = index.span_of(LogIndex(2));
    EXPECT_EQ(span.sequence, 1u);
    EXPECT_EQ(span.offset, 4096u);
    EXPECT_EQ(span.first, LogIndex(1));
    EXPECT_EQ(span.next, LogIndex(3));
    span = index.span_of(LogIndex(3));
    EXPECT_EQ(span.sequence, 2u);
    EXPECT_EQ(span.next, std::nullopt);
}

TEST(EntryIndex, HasACheckpointAboutEvery64KiB) {
    EntryIndex index;
    index.start_segment(1);
    for (std::uint64_t i = 0; i < 10'000; ++i) {
        index.add(LogIndex(i + 1), 4096 + i * 104);
    }
    for (std::uint64_t i = 0; i < 10'000; i += 97) {
        auto span = index.span_of(LogIndex(i + 1));
        EXPECT_LE(span.first, LogIndex(i + 1));
        EXPECT_EQ(span.offset, 4096 + (span.first.value() - 1) * 104);
        EXPECT_LT(4096 + i * 104 - span.offset, 65'000u + 1'000);
    }
}

TEST(EntryIndex, LeadsToTheEntryThatReplacedAnother) {
    EntryIndex index;
    index.start_segment(1);
    index.add(LogIndex(1), 4096);
    index.add(LogIndex(2), 4200);
    index.add(LogIndex(3), 4300);
    index.truncate(LogIndex(2));
    index.add(LogIndex(2), 4500);
    EXPECT_EQ(index.span_of(LogIndex(1)).next, LogIndex(2));
    EXPECT_EQ(index.span_of(LogIndex(2)).offset, 4500u);
    EXPECT_EQ(index.span_of(LogIndex(2)).first, LogIndex(2));
    index.truncate(LogIndex(1));
    index.start_segment(2);
    index.add(LogIndex(1), 4096);
    EXPECT_EQ(index.span_of(LogIndex(1)).sequence, 2u);
}

}  // namespace
}  // namespace raftkv::storage
