#include "cli/test/simulation/plan_file.hpp"

#include <gtest/gtest.h>

#include "cli/test/simulation/simulation.hpp"
#include "tests/unit/sanitized.hpp"

namespace raftkv::simulation {
namespace {

std::string kept(std::uint64_t seed) {
    return to_json({make_plan(seed, {}), "an invariant"});
}

std::string replaced(std::string text, const std::string& what, const std::string& by) {
    const std::size_t at = text.find(what);
    EXPECT_NE(at, std::string::npos) << what;
    return text.replace(at, what.size(), by);
}

std::string why_refused(const std::string& text) {
    const auto parsed = parse_plan(text);
    if (parsed.ok()) return "it was not";
    EXPECT_EQ(parsed.error().kind, ErrorKind::usage);
    return parsed.error().message;
}

TEST(PlanFile, IsReadAsItWasWritten) {
    const std::uint64_t seeds = under_address_sanitizer ? 10 : 50;
    for (std::uint64_t seed = 1; seed <= seeds; ++seed) {
        const Plan plan = make_plan(seed, {});
        const auto parsed = parse_plan(to_json({plan, "why"}));
        ASSERT_TRUE(parsed.ok()) << parsed.error().message;
        EXPECT_EQ(parsed->plan, plan) << "seed " << seed;
        EXPECT_EQ(parsed->invariant, "why");
    }
}

TEST(PlanFile, RunsAsThePlanItCameFrom) {
    const auto parsed = parse_plan(kept(9));
    ASSERT_TRUE(parsed.ok());
    EXPECT_EQ(run(parsed->plan).trace_hash, run(make_plan(9, {})).trace_hash);
}

TEST(PlanFile, RefusesWhatMakesNoSenseAndSaysWhy) {
    const std::string good = kept(1);
    EXPECT_EQ(why_refused("{"), "the plan is no JSON");
    EXPECT_NE(why_refused("[]").find("no object"), std::string::npos);
    EXPECT_NE(why_refused("{}").find("is missing"), std::string::npos);
    EXPECT_NE(why_refused(replaced(good, "\"nodes\": ", "\"nodes\": 9")).find("nodes must be"),
              std::string::npos);
    EXPECT_NE(why_refused(replaced(good, "\"segment_bytes\":", "\"segment_bytes\":\"x\",\"y\":"))
                  .find("no whole number"),
              std::string::npos);
    EXPECT_NE(why_refused(replaced(good, "\"guess\":", "\"guess\":7,\"y\":")).find("neither"),
              std::string::npos);
    EXPECT_NE(why_refused(replaced(good, "\"op\":\"", "\"op\":\"x")).find("no command"),
              std::string::npos);
    EXPECT_NE(
        why_refused(replaced(good, "\"faults\": [", "\"faults\": 5, \"x\": [")).find("no list"),
        std::string::npos);
    EXPECT_NE(why_refused(replaced(good, "\"invariant\": \"", "\"invariant\": 1, \"x\": \""))
                  .find("no text"),
              std::string::npos);
}

// Whatever was cut off or overwritten: an error, or a plan that can be run.
TEST(PlanFile, AnyBytesGetAnAnswer) {
    const std::string good = kept(2);
    const std::size_t stride = under_address_sanitizer ? 1'997 : 397;
    for (std::size_t size = 0; size < good.size(); size += stride) {
        (void)parse_plan(good.substr(0, size));
        std::string overwritten = good;
        overwritten[size] = '9';
        (void)parse_plan(overwritten);
    }
}

}  // namespace
}  // namespace raftkv::simulation
