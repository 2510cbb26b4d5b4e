#include <fmt/format.h>
#include <gtest/gtest.h>
#include <sys/wait.h>

#include <csignal>
#include <cstddef>
#include <cstdlib>
#include <filesystem>
#include <string>

#include "tests/system/cluster/bed.hpp"

// What a command says, and where that goes.

namespace raftkv::system_test {
namespace {

// Runs the words as a shell does, in the folder of the cluster; the exit code.
int in_shell(const Bed& bed, const std::string& words) {
    const std::string command = fmt::format("cd '{}' && exec timeout 60 {} {}",
                                            bed.folder().string(), RAFTKV_BINARY, words);
    const int status = std::system(command.c_str());
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

TEST(Output, ThatCannotBeWrittenIsExit74) {
    Bed bed(1);
    bed.up();
    ASSERT_EQ(bed.set("k", "v"), std::nullopt);
    for (const char* words : {"--help",
                              "--version",
                              "--help-all",
                              "cluster kill --help",
                              "client help",
                              "client get k",
                              "client --json get k",
                              "client status",
                              "cluster status",
                              "cluster status --json",
                              "cluster status --watch",
                              "cluster members",
                              "cluster members --json",
                              "cluster logs",
                              "cluster logs -f",
                              "cluster dump",
                              "cluster dump -",
                              "cluster fault list",
                              "cluster transfer --help",
                              "test simulate --seed 1 --seconds 1",
                              "test simulate --seeds 1 --seconds 1 --json"}) {
        EXPECT_EQ(in_shell(bed, fmt::format("{} > /dev/full 2> /dev/full", words)), 74) << words;
    }
    ASSERT_EQ(bed.cluster({"down"}).exit, 0);
    for (const char* words : {"node inspect --json data/node-0", "node verify --json data/node-0"})
        EXPECT_EQ(in_shell(bed, fmt::format("{} > /dev/full 2> /dev/full", words)), 74) << words;
}

TEST(Output, ErrorsThatCannotBeWrittenChangeNothing) {
    Bed bed(1);
    EXPECT_EQ(in_shell(bed, "cluster status 2> /dev/full"), 69);
    EXPECT_EQ(in_shell(bed, "cluster stauts 2> /dev/full"), 64);
    EXPECT_EQ(in_shell(bed, "cluster dump --timeout 0.2 2> /dev/full"), 69);
}

TEST(Output, CtrlCIsExit130) {
    Bed bed(1);
    bed.use(RAFTKV_BINARY);
    bed.up();
    for (const Words& words : {Words{"logs", "-f"}, Words{"status", "--watch", "--json"}}) {
        const std::size_t before = bed.output().size();
        cli::ChildProcess child = bed.start(words);
        EXPECT_TRUE(comes_true([&] { return bed.output().size() > before; }));
        child.signal(SIGINT);
        const auto end = child.wait_for(std::chrono::seconds(20));
        ASSERT_TRUE(end.has_value());
        EXPECT_FALSE(end->signalled);
        EXPECT_EQ(end->code, 130) << words.front();
    }
}

TEST(Logs, OfAllAreOpenedAnewAtSighup) {
    Bed bed(2);
    bed.up();
    const auto supervisor_log = bed.paths().log();
    const auto node_log = bed.paths().node_log(NodeId(1));
    const auto moved = bed.folder() / "moved.log";
    std::filesystem::rename(supervisor_log, bed.folder() / "other.log");
    std::filesystem::rename(node_log, moved);
    const int supervisor = bed.supervisor_pid();
    ASSERT_EQ(::kill(supervisor, SIGHUP), 0);
    EXPECT_TRUE(comes_true([&] {
        return std::filesystem::exists(supervisor_log) && std::filesystem::exists(node_log);
    }));
    EXPECT_EQ(bed.cluster({"stop", "1"}).exit, 0);
    EXPECT_NE(Bed::read(node_log).find("ends, asked by SIGTERM"), std::string::npos);
    EXPECT_NE(Bed::read(supervisor_log).find("node 1 ended"), std::string::npos);
    EXPECT_NE(Bed::read(moved).find(" ready: "), std::string::npos);
    EXPECT_EQ(bed.supervisor_pid(), supervisor) << "it went on";
}

TEST(Output, SaysWhatMayHaveBeenMeant) {
    Bed bed(1);
    const auto says = [&](const std::string& words, std::string_view what) {
        const auto file = bed.folder() / "said";
        EXPECT_EQ(in_shell(bed, fmt::format("{} > said 2>&1", words)), 64) << words;
        EXPECT_NE(Bed::read(file).find(what), std::string::npos)
            << words << ": " << Bed::read(file);
    };
    says("clutser up", "raftkv: there is no command \"clutser\"; did you mean cluster?");
    says("cluster stauts", "raftkv cluster: there is no command \"stauts\"; did you mean status?");
    says("cluster up --detahc", "there is no option --detahc; did you mean --detach?");
    says("cluster up --timeout=nan", "\"nan\" is not a whole number, 1 to 3600");
    says("test simulate --sede 1", "there is no option --sede; did you mean --seed?");
    says("client --tiemout 1 get k", "there is no option --tiemout; did you mean --timeout?");
    says("client gte k", "did you mean get?");
    says("cluster kill foo", "it takes <id>|leader, and the members are 0");
    says("cluster stop all", "it takes <id>|leader, and the members are 0");
    says("cluster status foo", "raftkv cluster status: \"foo\" is one word too many");
    says("cluster", "raftkv cluster --help");
}

TEST(Output, HelpAllCoversEverything) {
    Bed bed(1);
    EXPECT_EQ(in_shell(bed, "--help-all > said"), 0);
    const std::string all = Bed::read(bed.folder() / "said");
    for (const char* part :
         {"--detach", "--overwrite", "--cluster-id", "--log-level", "--first-seed", "--against",
          "--exptime", "--memory", "partition 0,1"}) {
        EXPECT_NE(all.find(part), std::string::npos) << part;
    }
    EXPECT_EQ(in_shell(bed, "--version > said"), 0);
    EXPECT_TRUE(Bed::read(bed.folder() / "said").starts_with("raftkv "));
}

}  // namespace
}  // namespace raftkv::system_test
