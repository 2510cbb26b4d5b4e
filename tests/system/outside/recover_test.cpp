#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>
#include <string>
#include <vector>

#include "tests/system/outside/machines.hpp"
#include "tests/system/outside/private_world.hpp"
#include "tests/system/outside/supervised_machines.hpp"

// `raftkv cluster recover` on several machines: what it says has to be done is done, word for word,
// in whatever order; and where it is not done, nothing mixes. For root; skipped, with the reason,
// where the machine does not allow it.

namespace raftkv::system_test {
namespace {

namespace fs = std::filesystem;
using Words = std::vector<std::string>;
using Lines = std::vector<Words>;

// What `recover` tells to do: the command lines, without "raftkv".
struct Recipe {
    std::string cluster;
    Lines here_first, elsewhere, add;
};

Recipe recipe_in(const std::string& said) {
    Recipe recipe;
    Lines* part = nullptr;
    std::istringstream text(said);
    for (std::string line; std::getline(text, line);) {
        if (line.starts_with("Here:")) part = &recipe.here_first;
        if (line.starts_with("Where the others")) part = &recipe.elsewhere;
        if (line.starts_with("Here, before or after")) part = &recipe.add;
        std::istringstream words(line);
        std::string word;
        words >> word;
        if (part == nullptr || word != "raftkv" || !line.starts_with("     ")) continue;
        part->emplace_back();
        while (words >> word) part->back().push_back(word);
    }
    const std::string start = "the new cluster ";
    recipe.cluster = said.substr(said.find(start) + start.size(), 16);
    return recipe;
}

class RecoverOnMachines : public testing::Test {
  protected:
    void SetUp() override {
        if (auto entered = PrivateWorld::enter(); !entered) GTEST_SKIP() << entered.error().message;
    }
};

void do_all(SupervisedMachines& machines, std::uint32_t at, const Lines& lines) {
    for (const Words& words : lines) machines.must(at, words);
}

// A cluster with a key, on three machines whose supervisors run.
void live(SupervisedMachines& machines) {
    for (std::uint32_t id : {0U, 1U, 2U}) machines.must(id, {"cluster", "up", "--detach"});
    machines.must(0, {"client", "set", "key", "was answered"});
    // What was answered is on a majority; whoever is to lead has it.
    const auto led = machines.run(0, {"cluster", "transfer", "0"});
    EXPECT_TRUE(led.exit == 0 || led.says("leads already")) << led.said;
}

// Machine 0 goes on by itself.
Recipe recover(SupervisedMachines& machines) {
    machines.must(0, {"cluster", "down"});
    const Recipe recipe =
        recipe_in(machines.must(0, {"cluster", "recover", "--from", "0", "--force", "--yes"}));
    EXPECT_EQ(recipe.cluster.size(), 16u);
    EXPECT_EQ(recipe.elsewhere.size(), 3u);
    EXPECT_EQ(recipe.add.size(), 2u);
    do_all(machines, 0, recipe.here_first);
    return recipe;
}

std::string cluster_text(std::uint64_t cluster) {
    std::ostringstream text;
    text << std::hex << cluster;
    return std::string(16 - std::min<std::size_t>(16, text.str().size()), '0') + text.str();
}

void expect_three_voters(SupervisedMachines& machines, const std::string& cluster) {
    for (std::uint32_t id : {0U, 1U, 2U}) {
        EXPECT_TRUE(comes_true([&] {
            const auto view = machines.members(id);
            return view && view->committed && view->members.size() == 3 &&
                   cluster_text(view->cluster_id) == cluster &&
                   std::all_of(view->members.begin(), view->members.end(), [](const auto& member) {
                       return member.kind == cli::MemberKind::voter;
                   });
        })) << "node "
            << id << " is of another opinion\n"
            << machines.log(id);
    }
    for (std::uint32_t id : {0U, 1U, 2U}) {
        EXPECT_TRUE(machines.run(id, {"client", "get", "key"}).says("was answered"));
        EXPECT_TRUE(comes_true([&] { return machines.health(id) == 200; }));
        EXPECT_TRUE(comes_true([&] {
            const auto status = machines.run(id, {"cluster", "status"});
            return status.exit == 0 && !status.says("another cluster") && !status.says("waits") &&
                   !status.says("removed") && !status.says("unknown");
        })) << machines.run(id, {"cluster", "status"}).said;
    }
    // The survivor is not needed any more.
    machines.must(0, {"cluster", "down"});
    EXPECT_TRUE(comes_true([&] {
        return machines.run(1, {"client", "get", "key"}).says("was answered");
    }));
}

TEST_F(RecoverOnMachines, WhatItTellsToDoBringsAllBackWhileTheOldClusterRuns) {
    SupervisedMachines machines(3);
    live(machines);
    const Recipe recipe = recover(machines);
    do_all(machines, 1, recipe.elsewhere);
    do_all(machines, 0, recipe.add);
    do_all(machines, 2, recipe.elsewhere);
    expect_three_voters(machines, recipe.cluster);
}

TEST_F(RecoverOnMachines, TheOtherMachinesMayHaveLostTheirFoldersAndStartBeforeTheyAreAdded) {
    SupervisedMachines machines(3);
    live(machines);
    for (std::uint32_t id : {1U, 2U}) machines.must(id, {"cluster", "down"});
    fs::remove_all(machines.node_folder(1));  // one loses its disk, the other all that it had
    fs::remove_all(machines.data(2));
    const Recipe recipe = recover(machines);
    for (std::uint32_t id : {1U, 2U}) do_all(machines, id, recipe.elsewhere);
    for (std::uint32_t id : {1U, 2U}) {
        EXPECT_TRUE(comes_true([&] {
            return machines.waits(id).find("\"raftkv cluster add " + std::to_string(id)) !=
                   std::string::npos;
        })) << machines.log(id);
        EXPECT_EQ(machines.health(id), 503);
        EXPECT_TRUE(comes_true([&] {
            const auto status = machines.run(id, {"cluster", "status"});
            return status.says("waits: ") && !status.says("removed");
        })) << machines.run(id, {"cluster", "status"}).said;
        // Nobody has to be there for a supervisor to begin.
        machines.must(id, {"cluster", "down"});
        machines.must(id, {"cluster", "up", "--detach"});
    }
    do_all(machines, 0, recipe.add);
    expect_three_voters(machines, recipe.cluster);
}

// By hand, as one may think of it: Path is moved away as a whole.
TEST_F(RecoverOnMachines, PathMayBeMovedAwayByHand) {
    SupervisedMachines machines(3);
    live(machines);
    const Recipe recipe = recover(machines);
    for (std::uint32_t id : {1U, 2U}) machines.must(id, {"cluster", "down"});
    for (std::uint32_t id : {1U, 2U}) {
        fs::rename(machines.data(id), machines.folder(id) / "old");
        machines.must(id, {"cluster", "up", "--detach"});
    }
    EXPECT_TRUE(comes_true([&] { return !machines.waits(1).empty(); }));
    machines.must(1, {"cluster", "down"});
    machines.must(1, {"cluster", "up", "--detach"});
    do_all(machines, 0, recipe.add);
    expect_three_voters(machines, recipe.cluster);
}

TEST_F(RecoverOnMachines, WhereNothingWasDoneTheTwoClustersNeverMixAndSayWhatToDo) {
    SupervisedMachines machines(3);
    live(machines);
    const std::uint64_t old = machines.members(1)->cluster_id;
    const Recipe recipe = recover(machines);
    do_all(machines, 0, recipe.add);
    const std::string advice = "recover --force --cluster-id";
    EXPECT_TRUE(comes_true([&] {
        const auto members = machines.run(0, {"cluster", "members"});
        return members.says("node 1 joins: it is refused") && members.says(advice);
    })) << machines.run(0, {"cluster", "members"}).said;
    EXPECT_TRUE(comes_true([&] { return machines.run(1, {"cluster", "members"}).says(advice); }));
    EXPECT_TRUE(comes_true([&] {
        return machines.log(0).find(advice) != std::string::npos &&
               machines.log(1).find(advice) != std::string::npos;
    }));
    EXPECT_TRUE(machines.run(0, {"cluster", "status"}).says("another cluster"));
    EXPECT_TRUE(machines.run(1, {"cluster", "status"}).says("another cluster"));
    machines.must(0, {"client", "set", "new", "1"});
    EXPECT_EQ(machines.run(1, {"client", "--node", "1", "get", "new"}).exit, 1)
        << "the old one goes on";
    // One machine does what it should; the other one must not keep it from that.
    do_all(machines, 2, recipe.elsewhere);
    EXPECT_TRUE(comes_true([&] {
        const auto view = machines.members(2);
        const auto* member = view ? view->find(NodeId(2)) : nullptr;
        return member != nullptr && member->kind == cli::MemberKind::voter && view->committed;
    })) << machines.log(2);
    EXPECT_EQ(machines.members(1)->cluster_id, old);
    EXPECT_TRUE(comes_true([&] { return machines.health(1) == 503; })) << "it is alone";
    EXPECT_EQ(machines.run(1, {"cluster", "status"}).exit, 69);
    machines.must(0, {"client", "set", "newer", "2"});
    do_all(machines, 1, recipe.elsewhere);
    expect_three_voters(machines, recipe.cluster);
}

TEST_F(RecoverOnMachines, ForProgramsItIsJsonAndMayBeGivenAgain) {
    SupervisedMachines machines(3);
    live(machines);
    // The supervisor writes it once it has heard of the members.
    const fs::path known = machines.node_folder(1).parent_path() / "members.json";
    ASSERT_TRUE(comes_true([&] { return fs::exists(known); }));
    for (std::uint32_t id : {0U, 1U, 2U}) machines.must(id, {"cluster", "down"});
    const auto recovered =
        machines.run(0, {"cluster", "recover", "--from", "0", "--force", "--yes", "--json"});
    ASSERT_EQ(recovered.exit, 0) << recovered.said;
    const auto object = nlohmann::json::parse(recovered.said.substr(recovered.said.find('{')));
    const std::string cluster = object["cluster"];
    const Words join{"cluster", "recover", "--force", "--cluster-id", cluster, "--json"};
    const auto moved = nlohmann::json::parse(machines.must(1, join));
    EXPECT_EQ(moved["cluster"], cluster);
    EXPECT_EQ(moved["moved"], (std::vector<std::string>{"members.json", "node-1"}));
    EXPECT_TRUE(fs::exists(fs::path(moved["kept"]) / "node-1" / "identity"));
    const auto again = nlohmann::json::parse(machines.must(1, join));
    EXPECT_TRUE(again["moved"].empty());
    EXPECT_FALSE(again.contains("kept"));
    // Of the new cluster itself nothing is moved.
    EXPECT_TRUE(nlohmann::json::parse(machines.must(0, join))["moved"].empty());
    EXPECT_TRUE(fs::exists(machines.node_folder(0) / "identity"));
    const auto refused = [&](const Words& words, int code) {
        const auto outcome = machines.run(2, words);
        EXPECT_EQ(outcome.exit, code) << outcome.said;
        EXPECT_TRUE(fs::exists(machines.node_folder(2) / "identity"));
    };
    refused({"cluster", "recover", "--force"}, 64);
    refused({"cluster", "recover", "--cluster-id", cluster}, 64);
    refused({"cluster", "recover", "--force", "--cluster-id", "12"}, 64);
    refused({"cluster", "recover", "--force", "--from", "2", "--cluster-id", cluster}, 64);
    machines.must(2, {"cluster", "up", "--detach"});
    refused({"cluster", "recover", "--force", "--cluster-id", cluster}, 1);
}

}  // namespace
}  // namespace raftkv::system_test
