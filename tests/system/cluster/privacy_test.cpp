#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <fstream>
#include <nlohmann/json.hpp>
#include <string>

#include "cli/admin/admin_client.hpp"
#include "common/error.hpp"
#include "tests/system/cluster/bed.hpp"

// What a cluster keeps is for the user who runs it alone, and so is the socket that controls it.

namespace raftkv::system_test {
namespace {

namespace fs = std::filesystem;

// While one lives, of this process and of those that it starts.
class Umask {
  public:
    explicit Umask(mode_t umask) : before_(::umask(umask)) {}
    ~Umask() { ::umask(before_); }
    Umask(const Umask&) = delete;
    Umask& operator=(const Umask&) = delete;

  private:
    const mode_t before_;
};

mode_t mode_of(const fs::path& path) {
    struct stat status {};
    EXPECT_EQ(::lstat(path.c_str(), &status), 0) << path;
    return status.st_mode & 07777;
}

void set_option(const Bed& bed, const char* key, int value) {
    const fs::path file = bed.folder() / "config.json";
    auto config = nlohmann::json::parse(Bed::read(file));
    config[key] = value;
    std::ofstream(file) << config;
}

std::uint64_t snapshot_of(const ServerConfig& server) {
    constexpr std::chrono::milliseconds limit{500};
    const auto status = cli::fetch_status(server.admin_host, server.admin_port, limit);
    return status ? status->snapshot.index.value() : 0;
}

// Until every node has taken a snapshot.
void write_until_there_are_snapshots(Bed& bed) {
    const std::string value(100u << 10, 'v');
    int key = 0;
    for (const ServerConfig& server : bed.config().servers) {
        ASSERT_TRUE(comes_true([&] {
            EXPECT_EQ(bed.set("key-" + std::to_string(key++), value), std::nullopt);
            return snapshot_of(server) > 0;
        })) << "node "
            << server.id.value() << " takes no snapshot";
    }
}

void expect_private(const fs::path& folder) {
    EXPECT_EQ(mode_of(folder), 0700u) << folder;
    for (const auto& entry : fs::recursive_directory_iterator(folder)) {
        EXPECT_EQ(mode_of(entry.path()), entry.is_directory() ? 0700u : 0600u) << entry.path();
    }
}

TEST(Privacy, AllThatAClusterKeepsIsPrivateWhateverTheUmask) {
    for (const mode_t mask : {0u, 077u}) {
        const Umask umask(mask);
        Bed bed(3);
        set_option(bed, "SnapshotLogMiB", 1);
        bed.up();
        write_until_there_are_snapshots(bed);
        const Outcome rebuilt = bed.cluster({"rebuild", "1"});
        EXPECT_EQ(rebuilt.exit, 0) << rebuilt.said;
        const Outcome backup = bed.cluster({"backup", "all.backup"});
        EXPECT_EQ(backup.exit, 0) << backup.said;
        const Outcome dump = bed.cluster({"dump", "keys.jsonl"});
        EXPECT_EQ(dump.exit, 0) << dump.said;

        for (const char* kept : {"lock", "identity"})
            EXPECT_TRUE(fs::exists(bed.paths().data / "node-0" / kept)) << kept;
        EXPECT_TRUE(fs::is_socket(bed.paths().socket()));
        expect_private(bed.paths().data);
        EXPECT_EQ(mode_of(bed.folder() / "all.backup"), 0600u);
        EXPECT_EQ(mode_of(bed.folder() / "keys.jsonl"), 0600u);
    }
}

// A cluster whose data folder is made somebody's who may not have it, and what it says.
class ControlFolder : public testing::Test {
  protected:
    void expect_refused(const Words& words, const std::string& reason, const std::string& advice) {
        const Outcome outcome = bed_.cluster(words);
        EXPECT_EQ(outcome.exit, static_cast<int>(ExitCode::usage))
            << words.front() << ": " << outcome.said;
        for (const std::string& part : {data().string(), reason, advice})
            EXPECT_TRUE(outcome.says(part)) << words.front() << ": " << outcome.said;
    }
    // By all that would talk to a supervisor.
    void expect_all_refused(const std::string& reason, const std::string& advice) {
        for (const Words& words : {Words{"status"}, Words{"kill", "0"}, Words{"restart", "all"},
                                   Words{"rebuild", "0"}, Words{"down"}})
            expect_refused(words, reason, advice);
    }
    // By all that would be one, or take its place; and nothing is made there.
    void expect_none_starts(const std::string& reason, const std::string& advice) {
        for (const Words& words : {Words{"up"}, Words{"up", "--detach"}, Words{"down"}})
            expect_refused(words, reason, advice);
        EXPECT_TRUE(fs::is_empty(data()));
    }
    fs::path data() const { return bed_.paths().data; }
    std::string closing() const { return "chmod go-w " + data().string(); }

    Bed bed_{1};
};

constexpr const char* open_to_others = "others may write to it";

TEST_F(ControlFolder, ThatOthersMayWriteToIsNotUsed) {
    fs::create_directory(data());
    ASSERT_EQ(::chmod(data().c_str(), 0777), 0);
    expect_none_starts(open_to_others, closing());
    ASSERT_EQ(::chmod(data().c_str(), 0755), 0) << "what it says";
    bed_.up();
    ASSERT_EQ(::chmod(data().c_str(), 0770), 0);
    expect_all_refused(open_to_others, closing());
    ASSERT_EQ(::chmod(data().c_str(), 0755), 0);
    EXPECT_EQ(bed_.node(0).state, cli::NodeState::running) << "nothing was done";
}

TEST_F(ControlFolder, OfAnotherUserIsNotUsedAlsoByRoot) {
    if (::geteuid() != 0) GTEST_SKIP() << "only root can give a folder away";
    constexpr uid_t somebody = 12'345;
    constexpr const char* of_another = "belongs to another user (uid 12345)";
    constexpr const char* advice = "sudo -u '#12345'";
    fs::create_directory(data());
    ASSERT_EQ(::chown(data().c_str(), somebody, somebody), 0);
    expect_none_starts(of_another, advice);
    ASSERT_EQ(::chown(data().c_str(), 0, 0), 0);
    bed_.up();
    ASSERT_EQ(::chown(data().c_str(), somebody, somebody), 0);
    expect_all_refused(of_another, advice);
    ASSERT_EQ(::chown(data().c_str(), 0, 0), 0);
    EXPECT_EQ(bed_.node(0).state, cli::NodeState::running) << "nothing was done";
}

// The fault socket is in the folder of a node.
TEST_F(ControlFolder, OfANodeThatOthersMayWriteToIsNotUsedForFaults) {
    bed_.up();
    const fs::path node = data() / "node-0";
    ASSERT_EQ(::chmod(node.c_str(), 0722), 0);
    const Outcome fault = bed_.cluster({"fault", "clock", "0", "+1s"});
    EXPECT_EQ(fault.exit, static_cast<int>(ExitCode::usage)) << fault.said;
    EXPECT_TRUE(fault.says("chmod go-w " + node.string())) << fault.said;
    ASSERT_EQ(::chmod(node.c_str(), 0700), 0);
    EXPECT_EQ(bed_.cluster({"fault", "list"}).exit, 0);
}

}  // namespace
}  // namespace raftkv::system_test
