#include "cli/admin/read_modes.hpp"

#include <gtest/gtest.h>

namespace raftkv::cli {
namespace {

TEST(ReadModes, NodesThatSayTheSameOrNothingAreWell) {
    EXPECT_EQ(read_mode_warning({}), "");
    EXPECT_EQ(read_mode_warning({{NodeId(0), "lease"}, {NodeId(1), "lease"}}), "");
    EXPECT_EQ(read_mode_warning({{NodeId(0), "lease"}, {NodeId(1), ""}}), "")
        << "one that does not answer, or is older, says nothing";
}

TEST(ReadModes, ADifferenceIsNamed) {
    EXPECT_EQ(
        read_mode_warning({{NodeId(0), "lease"}, {NodeId(1), "read-index"}, {NodeId(2), "lease"}}),
        "ReadMode should be the same everywhere; it is \"lease\" on node 0, 2, and "
        "\"read-index\" on node 1");
}

}  // namespace
}  // namespace raftkv::cli
