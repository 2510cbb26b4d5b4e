#include "cli/cluster/dump/progress.hpp"

#include <gtest/gtest.h>

namespace raftkv::cli::dump {
namespace {

TEST(Progress, TellsHowFarItIsAndHowLongItTakes) {
    EXPECT_EQ(progress_line("load", 500, 1000, 2.0),
              "load  [==========          ]  50 %  500 of 1000 keys, 250 a second, 2 s left");
    EXPECT_EQ(progress_line("load", 1000, 1000, 4.0),
              "load  [====================] 100 %  1000 of 1000 keys, 250 a second");
    EXPECT_EQ(progress_line("load", 0, 1000, 0.0),
              "load  [                    ]   0 %  0 of 1000 keys, 0 a second");
}

TEST(Progress, KeepsCountingWhenThereIsMoreThanItThoughtOrNothingIsKnown) {
    EXPECT_EQ(progress_line("dump", 12, 10, 1.0),
              "dump  [====================] 100 %  12 of 10 keys, 12 a second");
    EXPECT_EQ(progress_line("dump", 12, 0, 1.0), "dump  12 keys, 12 a second");
}

}  // namespace
}  // namespace raftkv::cli::dump
