#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>
#include <string>

#include "cli/fault/cluster_faults.hpp"
#include "cli/fault/node_faults.hpp"
#include "tests/system/faults/bed.hpp"

// How a running node is told of faults, and the one it can only be told of by its clock.

namespace raftkv::system_test {
namespace {

using std::chrono::milliseconds;

FaultSpec fault(const std::string& words) {
    return parse_fault_text(words).value();
}

TEST(Switches, without_the_flag_there_is_no_socket) {
    FaultBed bed(1, false);
    bed.leader();
    for (const auto& entry : std::filesystem::directory_iterator(bed.config().node_path(NodeId(0))))
        EXPECT_FALSE(entry.is_socket()) << entry.path();
    auto applied = cli::apply_fault(bed.config(), NodeId(0), fault("disk-full"));
    ASSERT_FALSE(applied.ok());
    EXPECT_EQ(applied.error().kind, ErrorKind::usage);
    EXPECT_NE(applied.error().message.find("--allow-faults"), std::string::npos)
        << applied.error().message;
    EXPECT_TRUE(bed.status(NodeId(0))->faults.empty());
}

TEST(Switches, with_the_flag_the_socket_is_for_its_user_alone) {
    FaultBed bed(1);
    bed.leader();
    struct stat status {};
    auto socket = bed.config().node_path(NodeId(0)) / "faults.sock";
    ASSERT_EQ(::stat(socket.c_str(), &status), 0);
    EXPECT_EQ(status.st_mode & 0777, 0600u);
}

TEST(Switches, what_is_in_force_is_in_the_status_and_ends_by_itself) {
    FaultBed bed(3);
    bed.leader();
    ASSERT_TRUE(cli::apply_fault(bed.config(), NodeId(1), fault("slow-disk 5ms")).ok());
    ASSERT_TRUE(cli::apply_fault(bed.config(), NodeId(1), fault("cut to 0 for 300ms")).ok());
    auto seen = bed.status(NodeId(1));
    ASSERT_TRUE(seen);
    ASSERT_EQ(seen->faults.size(), 2u);
    EXPECT_EQ(to_text(seen->faults[0]), "slow-disk 5ms");
    EXPECT_EQ(seen->faults[1].kind, FaultKind::cut);
    EXPECT_LE(seen->faults[1].lasts_ms.value_or(9999), 300);
    EXPECT_TRUE(comes_true([&] { return bed.status(NodeId(1))->faults.size() == 1; }));
    auto listed = cli::list_faults(bed.config(), NodeId(1));
    ASSERT_TRUE(listed.ok()) << listed.error().message;
    EXPECT_EQ(*listed, std::vector<FaultSpec>{fault("slow-disk 5ms")});
    ASSERT_TRUE(cli::clear_faults(bed.config(), NodeId(1)).ok());
    EXPECT_TRUE(bed.status(NodeId(1))->faults.empty());
}

TEST(Switches, a_node_that_was_started_again_has_none) {
    FaultBed bed(1);
    bed.leader();
    bed.fault("slow-disk 0 5ms");
    bed.cluster().kill(NodeId(0));
    ASSERT_TRUE(bed.cluster().start(NodeId(0)).ok());
    bed.leader();
    EXPECT_TRUE(cli::list_faults(bed.config(), NodeId(0))->empty());
}

TEST(Switches, every_refusal) {
    FaultBed bed(2);
    bed.leader();
    auto kind_of = [&](NodeId node, const std::string& words) {
        auto applied = cli::apply_fault(bed.config(), node, fault(words));
        return applied ? ErrorKind::interrupted : applied.error().kind;
    };
    EXPECT_EQ(kind_of(NodeId(7), "disk-full"), ErrorKind::usage);
    EXPECT_EQ(kind_of(NodeId(1), "cut to 7"), ErrorKind::usage);
    bed.cluster().pause(NodeId(1));
    EXPECT_EQ(kind_of(NodeId(1), "disk-full"), ErrorKind::unavailable);
    bed.cluster().resume(NodeId(1));
    bed.cluster().kill(NodeId(1));
    EXPECT_EQ(kind_of(NodeId(1), "disk-full"), ErrorKind::unavailable);
    // The living end of a link can hold a cut alone; there is no other for a disk.
    auto cut = cli::apply_plan(bed.config(), cli::cut_both_ways(NodeId(0), NodeId(1)));
    ASSERT_TRUE(cut.ok()) << cut.error().message;
    EXPECT_EQ(cut->size(), 2u);
    EXPECT_TRUE(cli::heal(bed.config()).ok());
    bed.cluster().kill(NodeId(0));
    EXPECT_EQ(cli::apply_plan(bed.config(), cli::cut_both_ways(NodeId(0), NodeId(1))).error().kind,
              ErrorKind::unavailable);
    EXPECT_EQ(cli::heal(bed.config()).error().kind, ErrorKind::unavailable);
}

}  // namespace
}  // namespace raftkv::system_test
