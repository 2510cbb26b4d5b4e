#include "cli/test/chaos/schedule.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <set>

namespace raftkv::chaos {
namespace {

std::vector<Family> every_family() {
    return {all_families().begin(), all_families().end()};
}

ScheduleSettings settings(std::uint64_t seed, std::uint32_t nodes = 5) {
    ScheduleSettings settings;
    settings.seed = seed;
    settings.families = every_family();
    settings.nodes = nodes;
    return settings;
}

// Nodes that cannot be counted on at `at`, and whether the quorum is taken on purpose.
struct Away {
    std::uint32_t nodes = 0;
    std::uint32_t faults = 0;
    bool on_purpose = false;
};

Away away_at(const std::vector<PlannedFault>& schedule, Millis at) {
    Away away;
    for (const PlannedFault& fault : schedule) {
        if (!traits_of(fault.kind).disables || at < fault.at || at >= fault.end()) continue;
        away.nodes += fault.count;
        ++away.faults;
        away.on_purpose = away.on_purpose || traits_of(fault.kind).takes_quorum();
    }
    return away;
}

TEST(Schedule, IsTheSameForTheSameSeedAndAnotherForAnother) {
    EXPECT_EQ(make_schedule(settings(1)), make_schedule(settings(1)));
    EXPECT_NE(make_schedule(settings(1)), make_schedule(settings(2)));
}

// Somebody may have written a seed down. A change of these numbers breaks that.
TEST(Schedule, OfASeedStaysWhatItIs) {
    const auto schedule = make_schedule(settings(42));
    ASSERT_GE(schedule.size(), 3u);
    std::string text;
    for (std::size_t i = 0; i < 3; ++i) {
        text += std::to_string(schedule[i].at.count()) + " " +
                std::string(traits_of(schedule[i].kind).name) + " for " +
                std::to_string(schedule[i].lasts.count()) + "\n";
    }
    EXPECT_EQ(text,
              "669 fill the disk for 717\n1593 let clocks drift for 1614\n3761 isolate for 656\n");
}

TEST(Schedule, NeverTakesMoreNodesThanCanBeDoneWithoutUnlessOnPurposeAndAlone) {
    for (std::uint32_t nodes : {3u, 4u, 5u, 7u}) {
        for (std::uint64_t seed = 0; seed < 100; ++seed) {
            const auto schedule = make_schedule(settings(seed, nodes));
            for (const PlannedFault& fault : schedule) {
                const Away away = away_at(schedule, fault.at);
                if (away.on_purpose) {
                    EXPECT_EQ(away.faults, 1u) << "seed " << seed << " at " << fault.at.count();
                } else {
                    EXPECT_LE(away.nodes, (nodes - 1) / 2) << "seed " << seed;
                }
            }
        }
    }
}

TEST(Schedule, BeginsInOrderAndEndsInTime) {
    for (std::uint64_t seed = 0; seed < 100; ++seed) {
        const auto schedule = make_schedule(settings(seed));
        Millis last{0};
        for (const PlannedFault& fault : schedule) {
            EXPECT_GE(fault.at, last);
            EXPECT_GT(fault.lasts, Millis(0));
            EXPECT_LE(fault.end(), Millis(60'000));
            last = fault.at;
        }
    }
}

TEST(Schedule, HasEveryKindInAMinute) {
    for (std::uint32_t nodes : {3u, 5u}) {
        for (std::uint64_t seed = 0; seed < 200; ++seed) {
            std::set<Kind> kinds;
            for (const PlannedFault& fault : make_schedule(settings(seed, nodes))) {
                kinds.insert(fault.kind);
            }
            EXPECT_EQ(kinds.size(), all_kinds().size()) << "seed " << seed;
        }
    }
}

TEST(Schedule, HasEveryFamilyHoweverShortItIs) {
    for (int seconds : {1, 2, 5, 10}) {
        for (std::uint64_t seed = 0; seed < 200; ++seed) {
            ScheduleSettings brief = settings(seed);
            brief.length = std::chrono::seconds(seconds);
            std::set<Family> families;
            for (const PlannedFault& fault : make_schedule(brief)) {
                families.insert(traits_of(fault.kind).family);
            }
            EXPECT_EQ(families.size(), all_families().size())
                << "seed " << seed << ", " << seconds << " s";
        }
    }
}

TEST(Schedule, HasNothingThatWasNotAskedFor) {
    for (Family family : all_families()) {
        ScheduleSettings one = settings(7);
        one.families = {family};
        const auto schedule = make_schedule(one);
        EXPECT_GT(schedule.size(), 10u);
        for (const PlannedFault& fault : schedule) {
            EXPECT_EQ(traits_of(fault.kind).family, family);
        }
    }
}

TEST(Schedule, KillsAllNodesAtOnceAThirdOfTheTime) {
    ScheduleSettings kills = settings(3, 3);
    kills.families = {Family::kill};
    const auto schedule = make_schedule(kills);
    const auto all = std::count_if(schedule.begin(), schedule.end(),
                                   [](const auto& fault) { return fault.kind == Kind::kill_all; });
    EXPECT_NEAR(static_cast<double>(all), static_cast<double>(schedule.size()) / 3, 1);
}

TEST(Schedule, TakesTheLeaderOftenAndOthersToo) {
    std::map<bool, int> at_leader;
    for (const PlannedFault& fault : make_schedule(settings(5))) ++at_leader[fault.at_leader];
    EXPECT_GT(at_leader[true], 5);
    EXPECT_GT(at_leader[false], 5);
}

PlannedFault planned(std::uint32_t count, bool at_leader) {
    PlannedFault fault;
    fault.count = count;
    fault.at_leader = at_leader;
    for (std::uint32_t id : {3u, 1u, 0u, 4u, 2u}) fault.order.push_back(NodeId(id));
    return fault;
}

using Nodes = std::vector<NodeId>;

TEST(ChooseNodes, TakesTheFirstOfTheOrder) {
    EXPECT_EQ(choose_nodes(planned(2, false), NodeId(4), {}), (Nodes{NodeId(3), NodeId(1)}));
}

TEST(ChooseNodes, TakesTheLeaderFirstWhenItIsWanted) {
    EXPECT_EQ(choose_nodes(planned(2, true), NodeId(4), {}), (Nodes{NodeId(4), NodeId(3)}));
    EXPECT_EQ(choose_nodes(planned(2, true), NodeId(3), {}), (Nodes{NodeId(3), NodeId(1)}));
    EXPECT_EQ(choose_nodes(planned(1, true), std::nullopt, {}), Nodes{NodeId(3)});
}

TEST(ChooseNodes, LeavesOutWhoIsNotWell) {
    EXPECT_EQ(choose_nodes(planned(2, true), NodeId(4), {NodeId(4), NodeId(1)}),
              (Nodes{NodeId(3), NodeId(0)}));
    EXPECT_TRUE(choose_nodes(planned(1, false), std::nullopt,
                             {NodeId(0), NodeId(1), NodeId(2), NodeId(3), NodeId(4)})
                    .empty());
}

TEST(Schedule, RemovesNoMoreThanItAdds) {
    for (std::uint64_t seed = 0; seed < 100; ++seed) {
        int more = 0;
        for (const PlannedFault& fault : make_schedule(settings(seed))) {
            if (fault.kind == Kind::add_member || fault.kind == Kind::add_learner) ++more;
            if (fault.kind == Kind::remove_member) --more;
            EXPECT_GE(more, 0) << "seed " << seed;
            EXPECT_EQ(fault.order.size(), 5u + spare_nodes);
        }
    }
}

TEST(Schedule, NamesNoNodesToAddWhereNoneAre) {
    ScheduleSettings kills = settings(3);
    kills.families = {Family::kill, Family::transfer};
    for (const PlannedFault& fault : make_schedule(kills)) EXPECT_EQ(fault.order.size(), 5u);
}

Nodes chosen_members(Kind kind, const Roster& roster, bool at_leader = false) {
    PlannedFault fault = planned(1, at_leader);  // 3, 1, 0, 4, 2
    fault.kind = kind;
    return choose_members(fault, NodeId(1), roster, 2);
}

TEST(ChooseMembers, AddsTheFirstWhoDoesNotBelong) {
    const Roster couple{{NodeId(1), NodeId(2)}, {NodeId(3)}};
    EXPECT_EQ(chosen_members(Kind::add_member, couple), Nodes{NodeId(0)}) << "3 still leaves";
    EXPECT_EQ(chosen_members(Kind::add_learner, couple), Nodes{NodeId(0)});
    EXPECT_EQ(chosen_members(Kind::replace_member, couple), (Nodes{NodeId(1), NodeId(0)}));
    EXPECT_TRUE(chosen_members(Kind::remove_member, couple).empty()) << "no fewer than two";
}

TEST(ChooseMembers, TakesThoseWhoBelongTheLeaderWhenItIsWanted) {
    const Roster three{{NodeId(1), NodeId(2), NodeId(4)}, {}};
    EXPECT_EQ(chosen_members(Kind::remove_member, three, true), Nodes{NodeId(1)});
    Roster others = three;
    others.members.erase(NodeId(1));
    others.members.insert(NodeId(0));
    EXPECT_EQ(chosen_members(Kind::remove_member, others), Nodes{NodeId(0)});
    EXPECT_EQ(chosen_members(Kind::replace_member, others), (Nodes{NodeId(0), NodeId(3)}));
}

TEST(ChooseMembers, MakesAClusterNotMuchLarger) {
    const Roster four{{NodeId(1), NodeId(2), NodeId(4), NodeId(0)}, {}};
    EXPECT_TRUE(chosen_members(Kind::add_member, four).empty());
    EXPECT_TRUE(chosen_members(Kind::add_learner, four).empty());
    EXPECT_EQ(chosen_members(Kind::replace_member, four), (Nodes{NodeId(1), NodeId(3)}));
    Roster all = four;
    all.leaving.insert(NodeId(3));
    EXPECT_TRUE(chosen_members(Kind::replace_member, all).empty()) << "nobody is left to come";
}

TEST(Families, AreKnownByTheirNames) {
    for (Family family : all_families()) EXPECT_EQ(parse_family(name_of(family)), family);
    EXPECT_EQ(parse_family("fire"), std::nullopt);
}

TEST(Kinds, AreAllInTheTableOnce) {
    std::set<Kind> kinds;
    for (const KindTraits& traits : all_kinds()) {
        EXPECT_TRUE(kinds.insert(traits.kind).second) << traits.name;
        EXPECT_EQ(traits_of(traits.kind).name, traits.name);
    }
}

}  // namespace
}  // namespace raftkv::chaos
