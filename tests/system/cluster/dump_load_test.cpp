#include <gtest/gtest.h>

#include <fstream>
#include <map>
#include <nlohmann/json.hpp>
#include <sstream>
#include <string>

#include "tests/system/cluster/bed.hpp"

// All keys out of a cluster of real nodes, and into another.

namespace raftkv::system_test {
namespace {

using nlohmann::json;
using Values = std::map<std::string, json>;

// By key, what is to be the same after a load: all but the version.
Values values_in(const std::string& lines) {
    Values values;
    std::istringstream in(lines);
    for (std::string line; std::getline(in, line);) {
        json item = json::parse(line);
        item.erase("version");
        const std::string key = item["key"];
        EXPECT_TRUE(values.emplace(key, std::move(item)).second) << key << " is there twice";
    }
    return values;
}

std::string lines_for(int keys) {
    std::string lines;
    for (int i = 0; i < keys; ++i) {
        lines +=
            json{{"key", "k" + std::to_string(i)}, {"value", std::string(100, 'v')}}.dump() + "\n";
    }
    return lines;
}

TEST(DumpLoad, EverythingGoesFromOneClusterToAnother) {
    Bed old(3);
    old.up();
    ASSERT_EQ(old.set("plain", "my name is arun"), std::nullopt);
    ASSERT_EQ(old.set("bytes", std::string("\xff\0\r\n", 4)), std::nullopt);
    ASSERT_EQ(old.set("text", "\"quotes\", \\ and \xc3\xbc\n"), std::nullopt);
    ASSERT_EQ(old.set("large", std::string(1u << 20, 'x')), std::nullopt);

    Bed fresh(3);
    fresh.up();
    const std::filesystem::path file = fresh.folder() / "old.jsonl";
    const Outcome dumped = old.cluster({"dump", file.string()});
    ASSERT_EQ(dumped.exit, 0) << dumped.said;
    EXPECT_TRUE(dumped.says("4 keys of node ")) << dumped.said;
    const Outcome loaded = fresh.cluster({"load", "old.jsonl"});
    ASSERT_EQ(loaded.exit, 0) << loaded.said;
    EXPECT_TRUE(loaded.says("4 keys set")) << loaded.said;
    EXPECT_EQ(fresh.get("bytes"), std::string("\xff\0\r\n", 4));
    EXPECT_EQ(fresh.get("text"), "\"quotes\", \\ and \xc3\xbc\n");

    const Outcome again = fresh.cluster({"dump"});
    ASSERT_EQ(again.exit, 0);
    EXPECT_EQ(values_in(again.said), values_in(Bed::read(file)));
}

TEST(DumpLoad, RefusesToReplaceWhatIsThereUnlessToldSo) {
    Bed bed(1);
    bed.up();
    ASSERT_EQ(bed.set("k1", "old"), std::nullopt);
    std::ofstream(bed.folder() / "keys.jsonl") << lines_for(3);
    const Outcome refused = bed.cluster({"load", "keys.jsonl"});
    EXPECT_EQ(refused.exit, 1);
    EXPECT_TRUE(refused.says("1 of 3 keys are there already, and nothing was loaded"))
        << refused.said;
    EXPECT_EQ(bed.get("k0"), std::nullopt);
    const Outcome skipped = bed.cluster({"load", "--skip", "--json", "keys.jsonl"});
    EXPECT_EQ(skipped.exit, 0) << skipped.said;
    const json report = json::parse(skipped.said);
    EXPECT_EQ(report["set"], 2);
    EXPECT_EQ(report["kept"], 1);
    EXPECT_EQ(bed.get("k1"), "old");
    EXPECT_EQ(bed.cluster({"load", "--overwrite", "keys.jsonl"}).exit, 0);
    EXPECT_EQ(bed.get("k1"), std::string(100, 'v'));
    EXPECT_EQ(bed.cluster({"load", "--overwrite", "--skip", "keys.jsonl"}).exit, 64);

    ASSERT_EQ(bed.cluster({"dump", "out.jsonl"}).exit, 0);
    const Outcome there = bed.cluster({"dump", "out.jsonl"});
    EXPECT_EQ(there.exit, 64);
    EXPECT_TRUE(there.says("--force")) << there.said;
    EXPECT_EQ(bed.cluster({"dump", "--force", "out.jsonl"}).exit, 0);
    EXPECT_EQ(bed.cluster({"dump", "--node", "7"}).exit, 64);
}

TEST(DumpLoad, ALoadGoesOnWhenTheLeaderIsKilled) {
    Bed bed(3);
    bed.up();
    const std::string lines = lines_for(30'000);
    std::ofstream(bed.folder() / "keys.jsonl") << lines;
    cli::ChildProcess load = bed.start({"load", "--connections", "2", "keys.jsonl"});
    ASSERT_TRUE(comes_true([&] {
        cli::ClusterView view = bed.status();
        const cli::NodeView* node = view.leader ? cli::find_node(view, *view.leader) : nullptr;
        return node != nullptr && node->commit > LogIndex(2000);
    }));
    EXPECT_EQ(bed.cluster({"kill", "leader"}).exit, 0);
    auto end = load.wait_for(std::chrono::seconds(60));
    ASSERT_TRUE(end && !end->signalled && end->code == 0) << bed.output();
    EXPECT_NE(bed.output().find("30000 keys set"), std::string::npos) << bed.output();
    const Outcome dumped = bed.cluster({"dump"});
    EXPECT_EQ(dumped.exit, 0) << dumped.said;
    const Values found = values_in(dumped.said);
    EXPECT_EQ(found.size(), 30'000u);
    for (const auto& [key, item] : values_in(lines)) {
        ASSERT_EQ(found.at(key)["value"], item["value"]);
    }
}

TEST(DumpLoad, SaysThatNobodyLeads) {
    Bed bed(3);  // and none of its nodes runs
    const Outcome dumped = bed.cluster({"dump", "--timeout", "0.5", "out.jsonl"});
    EXPECT_EQ(dumped.exit, 69);
    EXPECT_TRUE(dumped.says("no leader was found")) << dumped.said;
    EXPECT_FALSE(std::filesystem::exists(bed.folder() / "out.jsonl"));
    EXPECT_FALSE(std::filesystem::exists(bed.folder() / "out.jsonl.part"));
    std::ofstream(bed.folder() / "keys.jsonl") << lines_for(1);
    EXPECT_EQ(bed.cluster({"load", "--timeout", "0.5", "keys.jsonl"}).exit, 69);
}

}  // namespace
}  // namespace raftkv::system_test
