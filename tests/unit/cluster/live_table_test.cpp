#include "cli/cluster/live_table.hpp"

#include <gtest/gtest.h>

namespace raftkv::cli {
namespace {

ClusterView three_nodes() {
    ClusterView view;
    view.supervisor_pid = 4000;
    view.uptime_ms = 65'000;
    view.data_path = "/srv/data";
    view.leader = NodeId(1);
    view.term = Term(7);
    view.nodes.resize(3);
    for (std::uint32_t id = 0; id < 3; ++id) {
        NodeView& node = view.nodes[id];
        node.id = NodeId(id);
        node.state = NodeState::running;
        node.pid = 4001 + static_cast<int>(id);
        node.uptime_ms = 64'000;
        node.role = id == 1 ? NodeRole::leader : NodeRole::follower;
        node.leader = NodeId(1);
        node.term = Term(7);
        node.commit = node.applied = LogIndex(12345);
        node.lag = id;
    }
    return view;
}

std::string join(const std::vector<std::string>& lines) {
    std::string all;
    for (const std::string& line : lines) all += line + "\n";
    return all;
}

TEST(LiveTable, ShowsEachNodeInAlignedColumns) {
    ClusterView view = three_nodes();
    view.nodes[2] = NodeView{};
    view.nodes[2].id = NodeId(2);
    view.nodes[2].state = NodeState::restarting;
    view.nodes[2].restarts = 3;
    view.nodes[2].note = "signal 9 (SIGKILL), again in 400 ms";
    EXPECT_EQ(join(table_lines(view, {false, 0})),
              "raftkv  3 nodes  leader 1  term 7  up 1m 5s  /srv/data\n"
              "\n"
              "NODE  ROLE        TERM  COMMIT  LAG   PID  UPTIME  RESTARTS\n"
              "   0  follower       7   12345    0  4001   1m 4s         0\n"
              "   1  leader         7   12345    1  4002   1m 4s         0\n"
              "   2  restarting     -       -    -     -       -         3  "
              "signal 9 (SIGKILL), again in 400 ms\n");
}

TEST(LiveTable, ShowsWhatWasMadeToGoWrong) {
    ClusterView view = three_nodes();
    view.nodes[0].faults = {parse_fault_text("cut to 1 for 8200ms").value(),
                            parse_fault_text("cut from 1 for 8200ms").value()};
    view.nodes[1].faults = {parse_fault_text("disk-full").value()};
    view.nodes[1].note = "exit code 74, again in 100 ms";
    auto lines = table_lines(view, {false, 0});
    EXPECT_TRUE(lines[3].ends_with("  cut 1 (9s)")) << lines[3];
    EXPECT_TRUE(lines[4].ends_with("  exit code 74, again in 100 ms")) << lines[4];
}

TEST(LiveTable, SaysWhoLearnsWhoDiffersAndThatReadModesDo) {
    ClusterView view = three_nodes();
    view.nodes[0].votes = false;
    view.nodes[2].distrusted = true;
    const auto lines = table_lines(view, {false, 0});
    ASSERT_EQ(lines.size(), 6u);
    EXPECT_TRUE(lines[3].starts_with("   0  learner ")) << lines[3];
    EXPECT_TRUE(lines[5].starts_with("   2  differs ")) << lines[5];
    view.nodes[0].read_mode = "lease";
    view.nodes[1].read_mode = "read-index";
    EXPECT_TRUE(table_lines(view, {false, 0}).back().starts_with("ReadMode should be"));
}

TEST(LiveTable, SaysWhenThereIsNoLeaderAndNoSupervisor) {
    ClusterView view = three_nodes();
    view.leader.reset();
    view.supervisor_pid.reset();
    EXPECT_EQ(table_lines(view, {false, 0}).front(),
              "raftkv  3 nodes  no leader  term 7  no supervisor");
    EXPECT_NE(table_lines(view, {false, 0}).back().find("raftkv cluster recover"),
              std::string::npos);
}

TEST(LiveTable, NamesEveryState) {
    struct Row {
        NodeState state;
        bool paused;
        std::optional<NodeRole> role;
        const char* text;
    };
    const Row rows[] = {
        {NodeState::running, false, NodeRole::candidate, "candidate"},
        {NodeState::running, false, NodeRole::pre_candidate, "pre-candidate"},
        {NodeState::running, false, std::nullopt, "no answer"},
        {NodeState::running, true, std::nullopt, "paused"},
        {NodeState::stopping, false, NodeRole::leader, "stopping"},
        {NodeState::stopped, false, std::nullopt, "stopped"},
        {NodeState::given_up, false, std::nullopt, "given up"},
        {NodeState::unknown, false, std::nullopt, "unknown"},
        {NodeState::cut_off, false, NodeRole::follower, "cut off"},
        {NodeState::removed, false, std::nullopt, "removed"},
    };
    for (const Row& row : rows) {
        ClusterView view = three_nodes();
        view.nodes[0].state = row.state;
        view.nodes[0].paused = row.paused;
        view.nodes[0].role = row.role;
        EXPECT_NE(table_lines(view, {false, 0})[3].find(row.text), std::string::npos) << row.text;
    }
}

TEST(LiveTable, ColorsDoNotShiftColumns) {
    auto plain = table_lines(three_nodes(), {false, 0});
    auto colored = table_lines(three_nodes(), {true, 0});
    ASSERT_EQ(plain.size(), colored.size());
    EXPECT_NE(join(plain), join(colored));
    for (std::size_t line = 0; line < plain.size(); ++line) {
        EXPECT_EQ(visible_width(colored[line]), plain[line].size());
    }
}

TEST(LiveTable, WithoutColorThereIsNoEscapeSequence) {
    EXPECT_EQ(join(screen_lines(three_nodes(), {"an event"}, {false, 80}, 24)).find('\x1b'),
              std::string::npos);
}

TEST(LiveTable, NoLineIsWiderThanTheTerminal) {
    for (std::size_t width = 1; width <= 80; ++width) {
        for (const std::string& line :
             screen_lines(three_nodes(), {std::string(200, 'x')}, {true, width}, 24)) {
            ASSERT_LE(visible_width(line), width);
        }
    }
}

TEST(LiveTable, FitsEveryHeight) {
    std::vector<std::string> events(50, "an event");
    for (std::size_t height = 0; height <= 40; ++height) {
        EXPECT_LE(screen_lines(three_nodes(), events, {false, 80}, height).size(), height);
    }
}

TEST(LiveTable, ShowsTheNewestEvents) {
    auto lines = screen_lines(three_nodes(), {"old", "newer", "newest"}, {false, 80}, 11);
    std::string text = join(lines);
    EXPECT_EQ(text.find("old\n"), std::string::npos);
    EXPECT_NE(text.find("newer\nnewest\n"), std::string::npos);
    EXPECT_NE(text.find("Ctrl-C"), std::string::npos);
}

TEST(CutToWidth, TearsNeitherColorsNorLetters) {
    EXPECT_EQ(cut_to_width("plain", 3), "pla");
    EXPECT_EQ(cut_to_width("plain", 5), "plain");
    EXPECT_EQ(cut_to_width("\x1b[31mred\x1b[0m", 2), "\x1b[31mre\x1b[0m");
    EXPECT_EQ(cut_to_width("\x1b[31mred\x1b[0m", 3), "\x1b[31mred\x1b[0m");
    EXPECT_EQ(cut_to_width("äöü", 2), "äö");
    EXPECT_EQ(visible_width("äöü"), 3u);
    EXPECT_EQ(visible_width("\x1b["), 0u) << "an unfinished sequence";
}

}  // namespace
}  // namespace raftkv::cli
