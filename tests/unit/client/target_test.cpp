#include "cli/client/target.hpp"

#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>

#include "cli/admin/known_members.hpp"

namespace raftkv::cli::client {
namespace {

class TargetTest : public testing::Test {
  protected:
    TargetTest() {
        std::string pattern = testing::TempDir() + "raftkv-target-XXXXXX";
        folder_ = ::mkdtemp(pattern.data());
        options_.config = folder_ / "config.json";
        std::ofstream(options_.config) << R"({"Servers": [
            {"Id": 0, "Hostname": "localhost", "ClientPort": 9000, "LogPort": 9050, "AdminPort": 1},
            {"Id": 7, "Hostname": "::1", "ClientPort": 9001, "LogPort": 9051, "AdminPort": 2}]})";
    }
    ~TargetTest() override { std::filesystem::remove_all(folder_); }

    Target chosen() const {
        const auto target = choose_target(options_);
        EXPECT_TRUE(target.ok()) << (target.ok() ? "" : target.error().message);
        return target.ok() ? *target : Target{};
    }
    std::string complaint() const {
        const auto target = choose_target(options_);
        EXPECT_FALSE(target.ok());
        if (target.ok()) return {};
        EXPECT_EQ(target.error().kind, ErrorKind::usage);
        return target.error().message;
    }

    std::filesystem::path folder_;
    TargetOptions options_;
};

TEST_F(TargetTest, WithoutANodeThereIsTheWholeConfiguration) {
    const Target target = chosen();
    EXPECT_EQ(target.nodes.size(), 2u);
    EXPECT_EQ(target.start_at, std::nullopt);
    EXPECT_EQ(target.max_value_bytes, 1u << 20);
}

TEST_F(TargetTest, ANodeIsNamedByIdOrAddress) {
    options_.node = "7";
    EXPECT_EQ(chosen().start_at, 1u);
    options_.node = "localhost:9000";
    EXPECT_EQ(chosen().start_at, 0u);
    options_.node = "[::1]:9001";
    EXPECT_EQ(chosen().start_at, 1u);
    EXPECT_EQ(chosen().nodes.size(), 2u);
}

TEST_F(TargetTest, WhoTookThePlacesOfTheServersIsWhereACommandGoes) {
    MembersView view;
    view.members.emplace_back();
    view.members[0].where.id = NodeId(3);
    view.members[0].where.host = "db-3";
    view.members[0].where.client_port = 9003;
    std::filesystem::create_directory(folder_ / "data");
    ASSERT_TRUE(save_known_members(folder_ / "data", view).ok());
    options_.node = "3";
    const Target target = chosen();
    ASSERT_EQ(target.nodes.size(), 1u);
    EXPECT_EQ(target.start_at, 0u);
    EXPECT_NE(target.advice().find("--node host:port"), std::string::npos);
    options_.node = "0";
    EXPECT_NE(complaint().find("its members are 3"), std::string::npos) << "0 is a member no more";
}

TEST_F(TargetTest, AnAddressElsewhereStandsForItself) {
    options_.node = "example.org:1234";
    const Target target = chosen();
    ASSERT_EQ(target.nodes.size(), 1u);
    EXPECT_EQ(target.nodes[0].host, "example.org");
    EXPECT_EQ(target.nodes[0].client_port, 1234);
    EXPECT_EQ(target.nodes[0].admin_port, 1334);
    EXPECT_EQ(target.endpoints()[0].name(), "example.org:1234") << "its id is not known";
    EXPECT_EQ(target.find("4294967295"), nullptr) << "so it has none by which to find it";
}

TEST_F(TargetTest, AnAddressNeedsNoConfiguration) {
    options_.config = folder_ / "missing.json";
    options_.node = "localhost:9000";
    EXPECT_EQ(chosen().nodes.size(), 1u);
    options_.config_given = true;
    EXPECT_NE(complaint().find("missing.json"), std::string::npos);
}

TEST_F(TargetTest, EveryRefusalSaysWhatToDo) {
    options_.node = "3";
    EXPECT_NE(complaint().find("there is no node 3"), std::string::npos);
    EXPECT_NE(complaint().find("its members are 0, 7"), std::string::npos);
    for (const char* node : {"host:", ":9000", "host:0", "host:65536", "host:http", "host:90x"}) {
        options_.node = node;
        EXPECT_NE(complaint().find("no host:port"), std::string::npos) << node;
    }
    options_.node = "";
    options_.config = folder_ / "missing.json";
    EXPECT_NE(complaint().find("--node host:port"), std::string::npos);
}

}  // namespace
}  // namespace raftkv::cli::client
