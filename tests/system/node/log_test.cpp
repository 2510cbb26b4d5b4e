#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

#include "common/descriptor.hpp"
#include "tests/system/node/dialogue.hpp"
#include "tests/system/node/nodes.hpp"

namespace raftkv::system_test {
namespace {

std::filesystem::path log_of(const Nodes& nodes, std::uint32_t id) {
    return nodes.folder() / (std::to_string(id) + ".log");
}

std::string content(const std::filesystem::path& file) {
    std::ifstream in(file);
    return {std::istreambuf_iterator<char>(in), {}};
}

// A pipe in the place of the node's log, that is full and that nobody reads.
class StuckLog {
  public:
    explicit StuckLog(const std::filesystem::path& file) {
        EXPECT_EQ(::mkfifo(file.c_str(), 0600), 0);
        reader_ = Descriptor(::open(file.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC));
        ::fcntl(reader_.get(), F_SETPIPE_SZ, 4096);
        const Descriptor filler(::open(file.c_str(), O_WRONLY | O_NONBLOCK | O_CLOEXEC));
        EXPECT_GE(filler.get(), 0);
        while (::write(filler.get(), ".\n", 2) == 2) {
        }
    }

    // Everything that can be read now.
    std::string read() {
        std::string text;
        char bytes[4096];
        for (ssize_t count = 0; (count = ::read(reader_.get(), bytes, sizeof bytes)) > 0;) {
            text.append(bytes, static_cast<std::size_t>(count));
        }
        return text;
    }

  private:
    Descriptor reader_;
};

TEST(Log, ThatNobodyReadsHoldsNothingUp) {
    Nodes nodes(1);
    StuckLog stuck(log_of(nodes, 0));
    nodes.start(0);
    ASSERT_EQ(nodes.leader(), 0u);
    Dialogue client(nodes.client_port(0));
    client.say("set k 0 1\r\nv\r\n");
    EXPECT_TRUE(client.line().starts_with("OK"));
    nodes.signal(0, SIGTERM);
    EXPECT_EQ(nodes.exit_code(0), 0);
}

TEST(Log, GoesOnWhenSomebodyReadsAgain) {
    Nodes nodes(1);
    StuckLog stuck(log_of(nodes, 0));
    nodes.start(0);
    ASSERT_EQ(nodes.leader(), 0u);
    std::string text;
    EXPECT_TRUE(comes_true([&] {
        text += stuck.read();
        return text.find(" ready: ") != std::string::npos &&
               text.find(" leads") != std::string::npos;
    })) << text;
}

TEST(Log, IsOpenedAnewAtSighup) {
    Nodes nodes(1);
    nodes.start(0);
    ASSERT_EQ(nodes.leader(), 0u);
    const auto moved = nodes.folder() / "moved.log";
    std::filesystem::rename(log_of(nodes, 0), moved);
    nodes.signal(0, SIGHUP);
    EXPECT_TRUE(comes_true([&] { return std::filesystem::exists(log_of(nodes, 0)); }));
    nodes.signal(0, SIGUSR1);  // says nothing to it
    nodes.signal(0, SIGTERM);
    EXPECT_EQ(nodes.exit_code(0), 0);
    EXPECT_NE(content(log_of(nodes, 0)).find("ends, asked by SIGTERM"), std::string::npos);
    EXPECT_NE(content(moved).find(" ready: "), std::string::npos);
}

TEST(Log, WithoutAQuorumSaysSoLessAndLessOften) {
    Nodes nodes(3);
    nodes.start(0);
    std::string text;
    EXPECT_TRUE(comes_true([&] {
        text = nodes.log(0);
        return text.find("has known no leader for 3 s") != std::string::npos;
    })) << text;
    EXPECT_LT(std::count(text.begin(), text.end(), '\n'), 12) << text;
}

}  // namespace
}  // namespace raftkv::system_test
