#include <gtest/gtest.h>
#include <signal.h>
#include <sys/mount.h>
#include <unistd.h>

#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "tests/system/node/dialogue.hpp"
#include "tests/system/node/nodes.hpp"

// Disks that break their word, and disks that are full.

namespace raftkv::system_test {
namespace {

namespace fs = std::filesystem;

class Damage : public testing::Test {
  protected:
    // Runs the node, writes these values, and kills it once they are known to be on the disk.
    void write_and_kill(int count) {
        nodes_.start(0);
        nodes_.leader();
        Dialogue c(nodes_.client_port(0));
        for (int i = 0; i < count; ++i) {
            c.say("set k" + std::to_string(i) + " 0 10\r\nvalue-" + pad(i) + "\r\n");
            ASSERT_TRUE(c.line().starts_with("OK "));
        }
        nodes_.kill(0);
    }
    static std::string pad(int i) {
        std::string digits = std::to_string(i);
        return std::string(4 - digits.size(), '0') + digits;
    }
    fs::path last_segment() const {
        std::vector<fs::path> segments;
        for (const auto& file : fs::directory_iterator(nodes_.data(0))) {
            if (file.path().filename().string().starts_with("wal-"))
                segments.push_back(file.path());
        }
        EXPECT_FALSE(segments.empty());
        std::sort(segments.begin(), segments.end());
        return segments.back();
    }
    std::string bytes_of(const fs::path& file) const {
        std::ifstream in(file, std::ios::binary);
        return {std::istreambuf_iterator<char>(in), {}};
    }
    void overwrite(const fs::path& file, std::size_t offset, const std::string& bytes) const {
        std::fstream out(file, std::ios::binary | std::ios::in | std::ios::out);
        out.seekp(static_cast<std::streamoff>(offset));
        out << bytes;
    }

    Nodes nodes_{1};
};

TEST_F(Damage, a_torn_tail_is_cut_off_and_everything_acknowledged_is_there) {
    write_and_kill(20);
    fs::path segment = last_segment();
    std::size_t end = bytes_of(segment).find_last_not_of('\0') + 1;
    overwrite(segment, (end + 15) / 8 * 8, std::string(100, '\x5a'));
    nodes_.start(0);
    nodes_.leader();
    Dialogue c(nodes_.client_port(0));
    for (int i = 0; i < 20; ++i) {
        std::string value = "VALUE 10\r\nvalue-" + pad(i) + "\r\n";
        EXPECT_EQ(c.ask("get k" + std::to_string(i) + "\r\n", value), value);
    }
    EXPECT_NE(nodes_.log(0).find(segment.filename().string()), std::string::npos) << nodes_.log(0);
}

TEST_F(Damage, damage_in_the_middle_is_refused_with_its_place_and_nothing_is_changed) {
    write_and_kill(20);
    fs::path segment = last_segment();
    std::size_t place = bytes_of(segment).find("value-0007");
    ASSERT_NE(place, std::string::npos);
    overwrite(segment, place, "X");
    std::string before = bytes_of(segment);
    nodes_.start(0);
    EXPECT_EQ(nodes_.exit_code(0), 65) << nodes_.log(0);
    EXPECT_NE(nodes_.log(0).find(segment.filename().string()), std::string::npos) << nodes_.log(0);
    EXPECT_EQ(bytes_of(segment), before);
}

TEST_F(Damage, a_log_that_is_gone_is_not_taken_for_a_new_one) {
    write_and_kill(3);
    fs::remove(last_segment());
    nodes_.start(0);
    EXPECT_EQ(nodes_.exit_code(0), 65) << nodes_.log(0);
}

TEST_F(Damage, a_last_segment_that_is_gone_is_missed) {
    nodes_.start(0);
    nodes_.leader();
    Dialogue c(nodes_.client_port(0));
    const std::string value(600'000, 'v');
    for (const char* key : {"a", "b", "c"}) {
        c.say(std::string("set ") + key + " 0 600000\r\n" + value + "\r\n");
        ASSERT_TRUE(c.line().starts_with("OK "));
    }
    nodes_.kill(0);
    ASSERT_NE(last_segment().filename().string().find("wal-0000000002"), std::string::npos);
    fs::remove(last_segment());
    const std::string before = bytes_of(last_segment());
    nodes_.start(0);
    EXPECT_EQ(nodes_.exit_code(0), 65) << nodes_.log(0);
    EXPECT_NE(nodes_.log(0).find("the end of the log is missing"), std::string::npos)
        << nodes_.log(0);
    EXPECT_EQ(bytes_of(last_segment()), before);
}

// A disk is put back to an older state, as that of a virtual machine can be.
class RolledBack : public testing::Test {
  protected:
    void write(std::uint32_t node, const std::string& prefix) {
        Dialogue c(nodes_.client_port(node));
        for (int i = 0; i < 5; ++i) {
            c.say("set " + prefix + std::to_string(i) + " 0 1\r\nv\r\n");
            ASSERT_TRUE(c.line().starts_with("OK "));
        }
    }
    fs::path image() const { return nodes_.folder() / "image"; }
    void keep_image(std::uint32_t node) {
        nodes_.kill(node);
        fs::copy(nodes_.data(node), image(), fs::copy_options::recursive);
        nodes_.start(node);
    }
    void put_back(std::uint32_t node) {
        nodes_.kill(node);
        fs::remove_all(nodes_.data(node));
        fs::copy(image(), nodes_.data(node), fs::copy_options::recursive);
    }
    void expect_problem(std::uint32_t node, const std::string& words) {
        EXPECT_TRUE(comes_true([&] {
            const auto status = nodes_.status(node);
            return status && !status->problems.empty() &&
                   status->problems.front().find(words) != std::string::npos;
        })) << nodes_.log(node);
        EXPECT_NE(nodes_.log(node).find(words), std::string::npos) << nodes_.log(node);
        auto health = cli::http_get("127.0.0.1", nodes_.admin_port(node), "/healthz",
                                    std::chrono::seconds(5));
        ASSERT_TRUE(health);
        EXPECT_EQ(health->code, 503);
        EXPECT_NE(health->body.find(words), std::string::npos) << health->body;
    }

    Nodes nodes_{3};
};

TEST_F(RolledBack, a_follower_that_forgot_what_it_acknowledged_says_so) {
    nodes_.start_all();
    const std::uint32_t leader = nodes_.leader(), victim = (leader + 1) % 3;
    write(leader, "a");
    keep_image(victim);
    nodes_.leader();
    nodes_.kill((leader + 2) % 3);  // so that it must acknowledge what comes
    write(leader, "b");
    put_back(victim);
    nodes_.start((leader + 2) % 3);
    nodes_.start(victim);
    expect_problem(victim, "its disk was put back to an older state");
}

TEST_F(RolledBack, who_has_what_the_others_forgot_says_so) {
    nodes_.start_all();
    const std::uint32_t leader = nodes_.leader();
    const std::uint32_t victim = (leader + 1) % 3, away = (leader + 2) % 3;
    write(leader, "a");
    nodes_.kill(away);
    keep_image(victim);
    write(leader, "b");
    nodes_.kill(leader);
    put_back(victim);
    nodes_.start(victim);
    nodes_.start(away);
    write(nodes_.leader(), "c");
    nodes_.start(leader);
    expect_problem(leader, "contradicts what is committed here");
}

// Root alone may mount; without it there is no disk that one could fill.
class FullDisk : public Damage {
  protected:
    void SetUp() override {
        if (::geteuid() != 0) GTEST_SKIP() << "needs root, to mount a small disk";
        fs::create_directories(nodes_.folder() / "data");
        mounted_ = ::mount("tmpfs", path().c_str(), "tmpfs", 0, "size=60m") == 0;
        if (!mounted_) GTEST_SKIP() << "this machine lets nobody mount";
    }
    void TearDown() override {
        if (nodes_.running(0)) nodes_.kill(0);
        if (mounted_) ::umount(path().c_str());
    }
    std::string path() const { return (nodes_.folder() / "data").string(); }

    bool mounted_ = false;
};

TEST_F(FullDisk, writes_are_refused_and_reads_served_until_there_is_room) {
    nodes_.start(0);
    nodes_.leader();
    Dialogue c(nodes_.client_port(0));
    std::string value(500'000, 'v');
    int stored = 0;
    std::string reply;
    for (; stored < 1000; ++stored) {
        c.say("set k" + std::to_string(stored) + " 0 500000\r\n" + value + "\r\n");
        reply = c.line();
        if (!reply.starts_with("OK ")) break;
    }
    EXPECT_EQ(reply, "ERR_INTERNAL");
    EXPECT_GT(stored, 40);
    EXPECT_FALSE(nodes_.status(0)->log_has_room);
    std::string got = "VALUE 500000\r\n" + value + "\r\n";
    EXPECT_EQ(c.ask("get k0\r\n", got), got);
    EXPECT_EQ(c.ask("set k0 0 1\r\nv\r\n", "ERR_INTERNAL\r\n"), "ERR_INTERNAL\r\n");

    ASSERT_EQ(::mount("tmpfs", path().c_str(), "tmpfs", MS_REMOUNT, "size=200m"), 0);
    int tried = 0;
    EXPECT_TRUE(comes_true([&] {
        c.say("set again" + std::to_string(++tried) + " 0 1\r\nv\r\n");
        return c.line().starts_with("OK ");
    }));
    nodes_.kill(0);
    nodes_.start(0);
    nodes_.leader();
    Dialogue reader(nodes_.client_port(0));
    for (int i = 0; i < stored; ++i) {
        ASSERT_EQ(reader.ask("get k" + std::to_string(i) + "\r\n", got), got) << i;
    }
}

TEST_F(FullDisk, a_folder_without_room_for_a_log_is_an_error_of_the_disk) {
    ASSERT_EQ(::mount("tmpfs", path().c_str(), "tmpfs", MS_REMOUNT, "size=1m"), 0);
    nodes_.start(0);
    EXPECT_EQ(nodes_.exit_code(0), 74) << nodes_.log(0);
}

}  // namespace
}  // namespace raftkv::system_test
