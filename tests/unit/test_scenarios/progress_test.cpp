#include "cli/test/progress.hpp"

#include <gtest/gtest.h>

namespace raftkv::test {
namespace {

struct RecordedOutput {
    std::string text;

    Progress progress(std::size_t columns) {
        return Progress(
            {[this](const std::string& more) { text += more; }, [columns] { return columns; }});
    }
};

TEST(Progress, IsPlainLinesWithoutATerminal) {
    RecordedOutput out;
    Progress progress = out.progress(0);
    progress.begin("election", "5 nodes", 2);
    progress.step("a leader is elected");
    progress.tick();
    progress.live("node 1");
    progress.end(true);
    EXPECT_EQ(out.text,
              "election: 5 nodes\n"
              "election: a leader is elected\n"
              "election:   node 1\n");
}

TEST(Progress, DrawsABarAndReplacesTheLiveLineOnATerminal) {
    RecordedOutput out;
    Progress progress = out.progress(80);
    progress.begin("election", "5 nodes", 2);
    progress.step("a leader is elected");
    out.text.clear();
    progress.tick();
    EXPECT_EQ(out.text, "\r\x1b[K  [##########..........] a leader is elected");
    out.text.clear();
    progress.live("node 1");
    EXPECT_EQ(out.text, "\r\x1b[K  [##########..........] a leader is elected: node 1");
}

TEST(Progress, LeavesALineForEachStepThatIsDone) {
    RecordedOutput out;
    Progress progress = out.progress(80);
    progress.begin("election", "5 nodes", 2);
    progress.step("one");
    out.text.clear();
    progress.step("two");
    EXPECT_NE(out.text.find("\r\x1b[K  ok    one" + std::string(53, ' ') + "   0.0 s\n"),
              std::string::npos)
        << out.text;
    out.text.clear();
    progress.end(false);
    EXPECT_EQ(out.text, "\r\x1b[K  FAIL  two" + std::string(53, ' ') + "   0.0 s\n");
}

TEST(Progress, NeverWrapsALine) {
    RecordedOutput out;
    Progress progress = out.progress(30);
    progress.begin("election", "5 nodes", 2);
    out.text.clear();
    progress.step(std::string(100, 'x'));
    EXPECT_EQ(out.text.size(), std::string("\r\x1b[K").size() + 29);
}

TEST(Progress, FillsTheBarNoFurtherThanItIsLong) {
    RecordedOutput out;
    Progress progress = out.progress(80);
    progress.begin("election", "5 nodes", 1);
    progress.step("one");
    progress.tick();
    out.text.clear();
    progress.tick();
    EXPECT_EQ(out.text, "\r\x1b[K  [####################] one");
}

}  // namespace
}  // namespace raftkv::test
