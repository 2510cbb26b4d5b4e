#include <gtest/gtest.h>

#include <algorithm>
#include <cstdio>
#include <fstream>
#include <iterator>

#include "cli/test/simulation/shrink.hpp"
#include "cli/test/simulation/simulation.hpp"
#include "tests/mutants/active.hpp"
#include "tests/mutants/hunt.hpp"

namespace raftkv::mutants {
namespace {

TEST(Mutants, AreMany) {
    EXPECT_GE(all().size(), 24u);
}

// Else whatever is caught below says nothing about the mutants.
TEST(Mutants, TheProgramWithoutOnePasses) {
    for (std::uint64_t seed = 1; seed <= 50; ++seed) {
        const simulation::Outcome outcome = simulation::run(simulation::make_plan(seed, {}));
        ASSERT_FALSE(outcome.failure) << "seed " << seed << ": " << outcome.failure->message;
    }
}

TEST(Mutants, TheDocumentedTableNamesThemAll) {
    std::ifstream in(RAFTKV_SOURCE "/tests/mutants/README.md");
    const std::string text{std::istreambuf_iterator<char>(in), {}};
    for (const Mutant& mutant : all()) {
        EXPECT_NE(text.find("| " + std::string(mutant.name) + " |"), std::string::npos)
            << mutant.name << " is missing: ./dev mutants writes the table anew";
    }
}

// The way from a failure to the few events that it needs.
TEST(Mutants, AFailureShrinksToAPlanThatStillFails) {
    const auto number =
        std::find_if(all().begin(), all().end(),
                     [](const Mutant& mutant) { return mutant.name == "vote_for_any_log"; }) -
        all().begin();
    const auto caught = hunt(static_cast<std::size_t>(number), budget);
    ASSERT_TRUE(caught);
    const simulation::Plan plan = simulation::make_plan(caught->seed, {});
    active = static_cast<int>(number);
    const simulation::Plan small = simulation::shrink(
        plan, caught->invariant, 300, [](const simulation::ShrinkProgress&) { return true; });
    const simulation::Outcome outcome = simulation::run(small);
    active = -1;
    EXPECT_LT(small.operations.size(), plan.operations.size() / 2);
    EXPECT_LT(small.faults.size(), plan.faults.size());
    ASSERT_TRUE(outcome.failure);
    EXPECT_EQ(outcome.failure->invariant, caught->invariant);
    EXPECT_FALSE(simulation::run(small).failure) << "it is the mutant's failure";
}

class EachMutant : public testing::TestWithParam<std::size_t> {};

TEST_P(EachMutant, IsCaught) {
    const auto caught = hunt(GetParam(), budget);
    ASSERT_TRUE(caught) << all()[GetParam()].what << ": survived " << budget << " seeds";
    std::printf("%s: %s (seed %llu)\n", caught->invariant.c_str(), caught->message.c_str(),
                static_cast<unsigned long long>(caught->seed));
}

INSTANTIATE_TEST_SUITE_P(Mutants, EachMutant, testing::Range(std::size_t{0}, all().size()),
                         [](const auto& mutant) { return std::string(all()[mutant.param].name); });

}  // namespace
}  // namespace raftkv::mutants
