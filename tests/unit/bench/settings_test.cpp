#include "cli/bench/settings.hpp"

#include <gtest/gtest.h>

#include <string>

namespace raftkv::bench {
namespace {

std::string complaint_about(const Arguments& arguments) {
    const auto settings = settings_of(arguments);
    if (settings) return "none";
    EXPECT_EQ(settings.error().kind, ErrorKind::usage);
    return settings.error().message;
}

TEST(Settings, OfNoArgumentsAreAClosedLoopOfSets) {
    const auto settings = settings_of(Arguments{});
    ASSERT_TRUE(settings.ok());
    EXPECT_EQ(settings->op, Op::set);
    EXPECT_EQ(settings->keys, 0u);
    const LoadOptions load = load_of(*settings);
    EXPECT_EQ(load.clients, 64u);
    EXPECT_EQ(load.pipeline, 1u);
    EXPECT_EQ(load.rate, 0);
    EXPECT_EQ(load.seconds, 10);
}

TEST(Settings, ReadsAndReplacementsNeedKeys) {
    for (const char* op : {"get", "cas", "mixed"}) {
        Arguments arguments;
        arguments.op = op;
        const auto settings = settings_of(arguments);
        ASSERT_TRUE(settings.ok());
        EXPECT_EQ(name_of(settings->op), op);
        EXPECT_EQ(settings->keys, 10'000u);
        arguments.names_keys = true;
        EXPECT_NE(complaint_about(arguments).find("--keys 0: there is nothing to"),
                  std::string::npos);
        arguments.settings.keys = 5;
        EXPECT_EQ(complaint_about(arguments), "none");
    }
}

TEST(Settings, RefuseWhatMakesNoSenseTogether) {
    Arguments both;
    both.names_nodes = both.names_start = true;
    EXPECT_NE(complaint_about(both).find("--nodes measures nodes that run"), std::string::npos);
    both.names_start = false;
    both.names_folder = true;
    EXPECT_NE(complaint_about(both).find("--nodes measures nodes that run"), std::string::npos);

    Arguments sets;
    sets.names_distribution = true;
    EXPECT_NE(complaint_about(sets).find("a set makes new ones"), std::string::npos);

    Arguments no_rate;
    no_rate.names_rate = true;
    EXPECT_NE(complaint_about(no_rate).find("how many operations a second"), std::string::npos);
}

TEST(Settings, RefuseWhatWouldNotFitIntoMemory) {
    Arguments arguments;
    arguments.settings.clients = 1'024;
    arguments.settings.pipeline = 1'024;
    arguments.settings.value_bytes = 1'024;
    EXPECT_EQ(complaint_about(arguments), "none");
    arguments.settings.value_bytes = 1'025;
    EXPECT_NE(complaint_about(arguments).find("more than 1 GiB"), std::string::npos);
}

TEST(Settings, AreAsTheCommandThatRepeatsThemSays) {
    Arguments arguments;
    arguments.op = "get";
    arguments.distribution = "zipf";
    arguments.settings.addresses = {"localhost:9000", "localhost:9001"};
    arguments.settings.rate = 2'500;
    arguments.settings.seconds = 2.5;
    EXPECT_EQ(command_of(*settings_of(arguments)),
              "raftkv bench --nodes localhost:9000,localhost:9001 --op get --clients 64 "
              "--pipeline 1 --value-bytes 64 --keys 10000 --distribution zipf --rate 2500 "
              "--seconds 2.5");
    EXPECT_EQ(command_of(*settings_of(Arguments{})),
              "raftkv bench --start 3 --op set --clients 64 --pipeline 1 --value-bytes 64 "
              "--seconds 10");
}

TEST(Settings, OfALongRunHaveFewWindows) {
    Settings settings;
    settings.seconds = 3'600;
    EXPECT_DOUBLE_EQ(load_of(settings).window_seconds, 6);
    settings.seconds = 2;
    EXPECT_DOUBLE_EQ(load_of(settings).window_seconds, 0.1);
}

}  // namespace
}  // namespace raftkv::bench
