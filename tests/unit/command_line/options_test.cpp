#include <gtest/gtest.h>

#include <CLI/CLI.hpp>
#include <set>
#include <string>
#include <vector>

#include "cli/program.hpp"

// Every command of the program, and every option of each that takes a number.

namespace raftkv::cli {
namespace {

struct Named {
    std::string name;
    CLI::Option* option;
};

void collect(CLI::App& app, const std::string& path, std::vector<Named>& found) {
    static const std::set<std::string> numbers = {"INT", "UINT", "FLOAT"};
    for (CLI::Option* option : app.get_options()) {
        const std::string type = option->get_type_name();
        if (numbers.contains(type.substr(0, type.find(':')))) {
            found.push_back({path + " " + option->get_name(), option});
        }
    }
    for (CLI::App* sub : app.get_subcommands(nullptr)) {
        collect(*sub, path + " " + sub->get_name(), found);
    }
}

bool takes(CLI::Option& option, const std::string& value) {
    option.clear();
    option.add_result(value);
    try {
        option.run_callback();
        return true;
    } catch (const CLI::ParseError&) {
        return false;
    }
}

class Options : public testing::Test {
  protected:
    Options() { add_commands(app_, exit_); }

    CLI::App app_{"", "raftkv"};
    ExitCode exit_ = ExitCode::done;
};

TEST_F(Options, NumbersAreNumbers) {
    std::vector<Named> numbers;
    collect(app_, "raftkv", numbers);
    EXPECT_GT(numbers.size(), 60u) << "these are all of them";
    for (const Named& each : numbers) {
        for (const char* wrong : {"", "nan", "inf", "-1", " 1", "1 ", "1x", "0x1", "1,5",
                                  "99999999999999999999999999", "1e999"}) {
            EXPECT_FALSE(takes(*each.option, wrong)) << each.name << " \"" << wrong << '"';
        }
        const bool some = takes(*each.option, "1") || takes(*each.option, "10") ||
                          takes(*each.option, "20000") || takes(*each.option, "1000");
        EXPECT_TRUE(some) << each.name << " takes no number at all";
    }
}

}  // namespace
}  // namespace raftkv::cli
