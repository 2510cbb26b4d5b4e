#include <fcntl.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

#include "common/descriptor.hpp"
#include "common/line_rate.hpp"
#include "common/line_writer.hpp"
#include "common/printable.hpp"

namespace raftkv::log {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr seconds patience{20};

// --- LineRate

constexpr std::string_view kind = "lost the connection with node 2";
constexpr std::string_view other = "connected with node 2";
const LineRate::Time start{seconds(1'000'000)};

TEST(LineRate, ABurstPassesAndThenOneASecond) {
    LineRate rate;
    for (int i = 0; i < LineRate::burst; ++i) EXPECT_EQ(rate.take(kind, start), 0u);
    for (int i = 0; i < 100; ++i) {
        const std::string line = "lost the connection with node " + std::to_string(i);
        EXPECT_EQ(rate.take(line, start), std::nullopt) << "numbers make no other kind";
    }
    EXPECT_EQ(rate.take(other, start), 0u) << "of another kind";
    EXPECT_EQ(rate.take(kind, start + milliseconds(1001)), 100u) << "how many were left out";
    EXPECT_EQ(rate.take(kind, start + milliseconds(1002)), std::nullopt);
    EXPECT_EQ(rate.take(kind, start + seconds(3600)), 1u);
}

TEST(LineRate, HasABoundForWhatStrangersMakeUp) {
    LineRate rate;
    std::size_t passed = 0;
    for (int i = 0; i < 100'000; ++i) {
        std::string line;
        for (int n = i; n > 0; n /= 26) line += static_cast<char>('a' + n % 26);
        passed += rate.take(line, start).has_value() ? 1 : 0;
    }
    EXPECT_LT(passed, 2'000u);
}

TEST(LineRate, IsNeverSilentForLongWhenTheClockStepsBack) {
    LineRate rate;
    for (int i = 0; i < 100; ++i) (void)rate.take(kind, start);
    EXPECT_TRUE(rate.take(kind, start - seconds(1'000)).has_value());
}

// --- LineWriter

class PipeOf4KiB {
  public:
    PipeOf4KiB() {
        int ends[2];
        EXPECT_EQ(::pipe2(ends, O_CLOEXEC), 0);
        out_ = Descriptor(ends[0]);
        in_ = Descriptor(ends[1]);
        ::fcntl(in_.get(), F_SETPIPE_SZ, 4096);
    }

    int in() const { return in_.get(); }

    // Reads until `end` has come.
    std::string read_to(std::string_view end) {
        std::string text;
        while (text.find(end) == std::string::npos) {
            pollfd watched{out_.get(), POLLIN, 0};
            const int most = static_cast<int>(milliseconds(patience).count());
            if (::poll(&watched, 1, most) != 1) break;
            char bytes[4096];
            const ssize_t count = ::read(out_.get(), bytes, sizeof bytes);
            if (count <= 0) break;
            text.append(bytes, static_cast<std::size_t>(count));
        }
        return text;
    }

  private:
    Descriptor out_;
    Descriptor in_;
};

TEST(LineWriter, WritesLinesInTheirOrder) {
    PipeOf4KiB pipe;
    LineWriter writer(pipe.in());
    writer.write("one\n");
    writer.write("two\n");
    EXPECT_EQ(pipe.read_to("two\n"), "one\ntwo\n");
    EXPECT_TRUE(writer.drain(patience));
}

TEST(LineWriter, NobodyWaitsForAPipeThatNobodyReads) {
    PipeOf4KiB pipe;
    LineWriter writer(pipe.in());
    const std::string line(999, 'x');
    const std::size_t lines = 3 * LineWriter::max_waiting_bytes / 1000;
    for (std::size_t i = 0; i < lines; ++i) writer.write(line + "\n");
    EXPECT_FALSE(writer.drain(milliseconds(1)));
    std::string text = pipe.read_to("were lost here");
    writer.write("the last one\n");
    text += pipe.read_to("the last one\n");
    // Of how many pieces the loss is depends on when the writer's thread came to run.
    std::size_t lost = 0, notices = 0;
    for (auto at = text.find(" lines of this log were lost here)\n"); at != std::string::npos;
         at = text.find(" lines of this log were lost here)\n", at + 1)) {
        const auto open = text.rfind('(', at);
        lost += std::stoul(text.substr(open + 1, at - open));
        ++notices;
    }
    ASSERT_GT(notices, 0u);
    const auto kept = static_cast<std::size_t>(std::count(text.begin(), text.end(), '\n'));
    EXPECT_GT(lost, lines / 2);
    EXPECT_EQ(lost + kept - notices - 1, lines) << "all but the notices and the last one";
}

TEST(LineWriter, TellsWhatADiskDidNotTake) {
    const Descriptor full(::open("/dev/full", O_WRONLY | O_CLOEXEC));
    PipeOf4KiB pipe;
    const Descriptor log(::fcntl(full.get(), F_DUPFD_CLOEXEC, 0));
    LineWriter writer(log.get());
    writer.write("one\n");
    writer.write("two\n");
    ASSERT_TRUE(writer.drain(patience));
    ::dup2(pipe.in(), log.get());  // there is room again
    writer.write("three\n");
    EXPECT_EQ(pipe.read_to("three\n"), "(2 lines of this log were lost here)\nthree\n");
}

class Reopen : public testing::Test {
  protected:
    Reopen() { std::filesystem::create_directories(folder_); }
    ~Reopen() override { std::filesystem::remove_all(folder_); }

    static std::string content(const std::filesystem::path& file) {
        std::ifstream in(file);
        return {std::istreambuf_iterator<char>(in), {}};
    }

    const std::filesystem::path folder_ =
        std::filesystem::temp_directory_path() / ("raftkv-log-" + std::to_string(::getpid()));
    const std::filesystem::path file_ = folder_ / "node.log";
};

TEST_F(Reopen, GoesOnInANewFileOfTheSameName) {
    const Descriptor log(::open(file_.c_str(), O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600));
    LineWriter writer(log.get());
    writer.write("one\n");
    ASSERT_TRUE(writer.drain(patience));
    std::filesystem::rename(file_, folder_ / "moved");
    writer.write("two\n");
    ASSERT_TRUE(writer.drain(patience));
    writer.reopen();
    writer.write("three\n");
    ASSERT_TRUE(writer.drain(patience));
    EXPECT_EQ(content(folder_ / "moved"), "one\ntwo\n");
    EXPECT_EQ(content(file_), "three\n");
}

// --- what strangers sent

TEST(Printable, LeavesNoControlCharacter) {
    EXPECT_EQ(printable_line("a\x1b[31m\r\n\tb\x7f"), "a\\x1b[31m\\x0d\\n\\x09b\\x7f");
    EXPECT_EQ(printable_text("a\n\tb\x07"), "a\n\tb\\x07");
    EXPECT_EQ(printable_line("\xc2\x9b"
                             "31m"),
              "\\xc2\\x9b"
              "31m")
        << "C1";
    EXPECT_EQ(printable_line("\x9b"), "\\x9b") << "C1, no UTF-8";
    EXPECT_EQ(printable_line("\xe2\x80\xae"), "\\xe2\\x80\\xae") << "from right to left";
    EXPECT_EQ(printable_line("gr\xc3\xbc\xc3\x9f"), "gr\xc3\xbc\xc3\x9f");
}

}  // namespace
}  // namespace raftkv::log
