#include <fcntl.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <pty.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <unistd.h>
#include <csignal>
#include <cstdlib>

#include "tests/system/cluster/bed.hpp"

namespace raftkv::system_test {
namespace {

// `raftkv cluster <words>` on a terminal of its own.
class OnTerminal {
  public:
    OnTerminal(const Bed& bed, const Words& words, bool color) {
        winsize size{24, 100, 0, 0};
        pid_ = ::forkpty(&terminal_, nullptr, nullptr, &size);
        if (pid_ == 0) become(bed, words, color);
        ::fcntl(terminal_, F_SETFL, O_NONBLOCK);
    }
    OnTerminal(const OnTerminal&) = delete;
    OnTerminal& operator=(const OnTerminal&) = delete;
    ~OnTerminal() {
        if (!ended_) {
            ::kill(pid_, SIGKILL);
            ::waitpid(pid_, nullptr, 0);
        }
        ::close(terminal_);
    }

    // Waits until the text has come; what came before it is forgotten.
    bool shows(std::string_view text) {
        return comes_true([&] {
            take();
            std::size_t at = seen_.find(text);
            if (at != std::string::npos) seen_.erase(0, at + text.size());
            return at != std::string::npos;
        });
    }
    const std::string& seen() {
        take();
        return seen_;
    }
    void type(char key) { ASSERT_EQ(::write(terminal_, &key, 1), 1); }
    void resize(unsigned short rows, unsigned short columns) {
        winsize size{rows, columns, 0, 0};
        ASSERT_EQ(::ioctl(terminal_, TIOCSWINSZ, &size), 0);
    }
    int exit_code() {
        int status = 0;
        // A terminal that nobody reads would hold the program up.
        ended_ = comes_true([&] {
            take();
            return ::waitpid(pid_, &status, WNOHANG) == pid_;
        });
        EXPECT_TRUE(ended_);
        return ended_ && WIFEXITED(status) ? WEXITSTATUS(status) : -1;
    }

  private:
    [[noreturn]] static void become(const Bed& bed, const Words& words, bool color) {
        ::setenv("TERM", "xterm", 1);
        color ? ::unsetenv("NO_COLOR") : ::setenv("NO_COLOR", "1", 1);
        std::vector<std::string> all{RAFTKV_FLAKY, "cluster"};
        all.insert(all.end(), words.begin(), words.end());
        std::vector<char*> raw;
        raw.reserve(all.size() + 1);
        for (std::string& word : all) raw.push_back(word.data());
        raw.push_back(nullptr);
        if (::chdir(bed.folder().c_str()) == 0) ::execv(raw[0], raw.data());
        ::_exit(127);
    }

    void take() {
        char buffer[64 << 10];
        for (ssize_t count = 0; (count = ::read(terminal_, buffer, sizeof buffer)) > 0;) {
            seen_.append(buffer, static_cast<std::size_t>(count));
        }
    }

    int terminal_ = -1;
    pid_t pid_ = -1;
    bool ended_ = false;
    std::string seen_;
};

constexpr char ctrl_c = '\x03';
constexpr char ctrl_z = '\x1a';
constexpr std::string_view alternate_screen = "\x1b[?1049h";
constexpr std::string_view main_screen = "\x1b[?1049l";
constexpr std::string_view green_leader = "\x1b[32mleader";

TEST(LiveTableOnATerminal, ShowsTheClusterAndCtrlCStopsIt) {
    Bed bed(3);
    OnTerminal up(bed, {"up"}, true);
    EXPECT_TRUE(up.shows(alternate_screen));
    EXPECT_TRUE(up.shows("NODE")) << up.seen();
    EXPECT_TRUE(up.shows(green_leader)) << up.seen();
    up.type(ctrl_z);  // must not suspend who looks after the nodes
    EXPECT_EQ(bed.cluster({"kill", "leader"}).exit, 0);
    EXPECT_TRUE(up.shows("stopped")) << up.seen();
    EXPECT_TRUE(up.shows(green_leader)) << "the next one: " << up.seen();
    up.type(ctrl_c);
    EXPECT_TRUE(up.shows(main_screen)) << up.seen();
    EXPECT_EQ(up.exit_code(), 0);
    EXPECT_NE(up.seen().find("the cluster has stopped"), std::string::npos)
        << "how it ended stays to be seen";
    EXPECT_EQ(bed.supervisor_pid(), 0);
}

TEST(LiveTableOnATerminal, FollowsTheSizeOfTheTerminal) {
    Bed bed(3);
    OnTerminal up(bed, {"up"}, false);
    ASSERT_TRUE(up.shows("RESTARTS"));
    up.resize(10, 20);
    // Cut to the width: "NODE  ROLE      TERM" and no more.
    EXPECT_TRUE(up.shows("TERM\x1b[K")) << up.seen();
    up.resize(30, 120);
    EXPECT_TRUE(up.shows("RESTARTS\x1b[K")) << up.seen();
    up.type(ctrl_c);
    EXPECT_EQ(up.exit_code(), 0);
}

TEST(LiveTableOnATerminal, HasNoColorsWhereTheUserWantsNone) {
    Bed bed(1);
    OnTerminal up(bed, {"up"}, false);
    ASSERT_TRUE(up.shows("leader 0"));
    EXPECT_EQ(up.seen().find("\x1b[3"), std::string::npos);
    up.type(ctrl_c);
    EXPECT_EQ(up.exit_code(), 0);
    EXPECT_EQ(up.seen().find("\x1b[3"), std::string::npos);
}

TEST(LiveTableOnATerminal, IsDrawnOverTheLastPictureAndNeverCleared) {
    Bed bed(1);
    bed.up();
    OnTerminal watch(bed, {"status", "--watch"}, false);
    ASSERT_TRUE(watch.shows("leader 0"));
    // Pictures are drawn over the last, never on a cleared screen: that would flicker.
    ASSERT_TRUE(watch.shows("leader 0"));
    EXPECT_EQ(watch.seen().find("\x1b[2J"), std::string::npos);
    watch.type(ctrl_c);
    EXPECT_TRUE(watch.shows(main_screen));
    EXPECT_EQ(watch.exit_code(), 130);
    EXPECT_NE(bed.supervisor_pid(), 0) << "it only watched";
}

}  // namespace
}  // namespace raftkv::system_test
