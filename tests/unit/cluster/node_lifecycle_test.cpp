#include "cli/cluster/node_lifecycle.hpp"

#include <gtest/gtest.h>

#include <random>

namespace raftkv::cli {
namespace {

constexpr double middle = 0.5;

MonotonicMs at(std::int64_t ms) {
    return MonotonicMs(ms);
}
ChildEnd exit_with(int code) {
    return {false, code, false};
}
ChildEnd killed() {
    return {true, 9, false};
}

using Actions = NodeActions;
using enum NodeAction;

class Lifecycle : public testing::Test {
  protected:
    Actions ask(NodeCommand command, std::int64_t ms) {
        auto actions = node.request(command, at(ms));
        EXPECT_TRUE(actions.ok()) << (actions.ok() ? "" : actions.error().message);
        return actions ? *actions : Actions{};
    }
    void run() {
        ASSERT_EQ(ask(NodeCommand::start, 0), Actions{spawn});
        node.spawned(at(0));
    }

    NodeLifecycle node;
};

TEST_F(Lifecycle, StartsStoppedAndSpawnsOnce) {
    EXPECT_EQ(node.state(), NodeState::stopped);
    run();
    EXPECT_EQ(node.state(), NodeState::running);
    EXPECT_EQ(ask(NodeCommand::start, 1), Actions{}) << "it runs already";
    EXPECT_EQ(node.restarts(), 0u);
}

TEST_F(Lifecycle, DeathThatNobodyAskedForIsFollowedByARestart) {
    run();
    EXPECT_EQ(node.ended(killed(), at(500), middle), Actions{});
    EXPECT_EQ(node.state(), NodeState::restarting);
    ASSERT_TRUE(node.next_tick());
    EXPECT_EQ(*node.next_tick(), at(600));
    EXPECT_EQ(node.tick(at(599)), Actions{});
    EXPECT_EQ(node.tick(at(600)), Actions{spawn});
    EXPECT_EQ(node.restarts(), 1u);
    EXPECT_EQ(node.deaths(), 1u);
}

TEST_F(Lifecycle, EvenAnExitWithZeroIsADeathWhenNobodyAsked) {
    run();
    node.ended(exit_with(0), at(500), middle);
    EXPECT_EQ(node.state(), NodeState::restarting);
}

TEST_F(Lifecycle, WrongConfigurationAndCorruptDataAreNotRetried) {
    for (int code : {64, 65}) {
        NodeLifecycle fresh;
        ASSERT_TRUE(fresh.request(NodeCommand::start, at(0)).ok());
        fresh.spawned(at(0));
        EXPECT_EQ(fresh.ended(exit_with(code), at(5), middle), Actions{});
        EXPECT_EQ(fresh.state(), NodeState::given_up) << code;
        EXPECT_FALSE(fresh.next_tick());
    }
}

TEST_F(Lifecycle, SignalsAreNotMistakenForExitCodes) {
    run();
    node.ended(ChildEnd{true, 64, false}, at(5), middle);
    EXPECT_EQ(node.state(), NodeState::restarting);
}

TEST_F(Lifecycle, ACrashLoopIsGivenUpAndAStartTriesAgain) {
    run();
    for (int death = 1; death <= 5; ++death) {
        node.ended(exit_with(1), at(death * 10'000), middle);
        if (death < 5) {
            ASSERT_EQ(node.state(), NodeState::restarting);
            ASSERT_EQ(node.tick(at(death * 10'000 + 5'000)), Actions{spawn});
            node.spawned(at(death * 10'000 + 5'000));
        }
    }
    EXPECT_EQ(node.state(), NodeState::given_up);
    EXPECT_EQ(ask(NodeCommand::start, 60'000), Actions{spawn});
    node.spawned(at(60'000));
    node.ended(exit_with(1), at(60'001), middle);
    EXPECT_EQ(node.state(), NodeState::restarting) << "the five deaths are forgotten";
}

TEST_F(Lifecycle, StopTerminatesAndTheNodeStaysDown) {
    run();
    EXPECT_EQ(ask(NodeCommand::stop, 10), Actions{terminate});
    EXPECT_EQ(node.state(), NodeState::stopping);
    EXPECT_EQ(node.ended(exit_with(0), at(20), middle), Actions{});
    EXPECT_EQ(node.state(), NodeState::stopped);
    EXPECT_FALSE(node.next_tick());
    EXPECT_EQ(node.deaths(), 0u);
}

TEST_F(Lifecycle, OneThatIgnoresSigtermIsKilled) {
    run();
    ask(NodeCommand::stop, 10);
    EXPECT_EQ(node.tick(at(5'009)), Actions{});
    EXPECT_EQ(node.tick(at(5'010)), Actions{kill});
}

TEST_F(Lifecycle, KilledOnRequestStaysDown) {
    run();
    EXPECT_EQ(ask(NodeCommand::kill, 10), Actions{kill});
    node.ended(killed(), at(11), middle);
    EXPECT_EQ(node.state(), NodeState::stopped);
}

TEST_F(Lifecycle, KillBeatsAStopUnderWay) {
    run();
    ask(NodeCommand::stop, 10);
    EXPECT_EQ(ask(NodeCommand::kill, 11), Actions{kill});
}

TEST_F(Lifecycle, RestartStopsAndStartsAgain) {
    run();
    EXPECT_EQ(ask(NodeCommand::restart, 10), Actions{terminate});
    EXPECT_EQ(node.ended(exit_with(0), at(20), middle), Actions{spawn});
    EXPECT_EQ(node.state(), NodeState::running);
    EXPECT_EQ(node.restarts(), 1u);
}

TEST_F(Lifecycle, AStopAfterARestartWins) {
    run();
    ask(NodeCommand::restart, 10);
    ask(NodeCommand::stop, 11);
    EXPECT_EQ(node.ended(exit_with(0), at(20), middle), Actions{});
    EXPECT_EQ(node.state(), NodeState::stopped);
}

TEST_F(Lifecycle, AStartWhileItStopsHappensAfterTheEnd) {
    run();
    ask(NodeCommand::stop, 10);
    EXPECT_EQ(ask(NodeCommand::start, 11), Actions{});
    EXPECT_EQ(node.ended(exit_with(0), at(20), middle), Actions{spawn});
}

// The request and the crash meet: the process is dead already, and nobody knows yet.
TEST_F(Lifecycle, ARestartThatRacesACrashStartsItExactlyOnce) {
    run();
    ask(NodeCommand::restart, 10);
    EXPECT_EQ(node.ended(killed(), at(10), middle), Actions{spawn});
    EXPECT_EQ(node.tick(at(100'000)), Actions{}) << "no second start is left over";
}

TEST_F(Lifecycle, AStopWhileItWaitsForItsRestartCancelsThat) {
    run();
    node.ended(killed(), at(10), middle);
    EXPECT_EQ(ask(NodeCommand::stop, 20), Actions{});
    EXPECT_EQ(node.tick(at(100'000)), Actions{});
    EXPECT_EQ(node.state(), NodeState::stopped);
}

TEST_F(Lifecycle, AKillWhileItWaitsForItsRestartCancelsThatToo) {
    run();
    node.ended(killed(), at(10), middle);
    EXPECT_EQ(ask(NodeCommand::kill, 20), Actions{});
    EXPECT_EQ(node.state(), NodeState::stopped);
}

TEST_F(Lifecycle, AStartDoesNotWaitForTheBackoff) {
    run();
    node.ended(killed(), at(10), middle);
    EXPECT_EQ(ask(NodeCommand::start, 20), Actions{spawn});
    node.spawned(at(20));
    EXPECT_EQ(node.tick(at(100'000)), Actions{}) << "the restart that was due is not";
}

TEST_F(Lifecycle, PauseAndResume) {
    run();
    EXPECT_EQ(ask(NodeCommand::pause, 10), Actions{pause});
    EXPECT_TRUE(node.paused());
    EXPECT_EQ(ask(NodeCommand::pause, 11), Actions{});
    EXPECT_EQ(ask(NodeCommand::resume, 12), Actions{resume});
    EXPECT_FALSE(node.paused());
}

TEST_F(Lifecycle, APausedNodeIsWokenToBeStopped) {
    run();
    ask(NodeCommand::pause, 10);
    EXPECT_EQ(ask(NodeCommand::stop, 11), (Actions{terminate, resume}));
    EXPECT_FALSE(node.paused());
}

TEST_F(Lifecycle, WhatDoesNotRunCannotBeKilledPausedOrResumed) {
    for (NodeCommand command : {NodeCommand::kill, NodeCommand::pause, NodeCommand::resume}) {
        auto refused = node.request(command, at(0));
        ASSERT_FALSE(refused.ok()) << name_of(command);
        EXPECT_EQ(refused.error().kind, ErrorKind::failed);
    }
}

TEST_F(Lifecycle, StoppingWhatIsStoppedIsFine) {
    EXPECT_EQ(ask(NodeCommand::stop, 0), Actions{});
    EXPECT_EQ(node.state(), NodeState::stopped);
}

// Commands and crashes in any order. What must hold: never two processes, signals only to one that
// is there, and in the end the last word of the user.
TEST(LifecycleStorm, AnyOrderOfCommandsAndCrashesLeavesOneProcessOrNone) {
    std::mt19937 random(20240117);
    constexpr std::array commands{NodeCommand::start,   NodeCommand::stop,  NodeCommand::kill,
                                  NodeCommand::restart, NodeCommand::pause, NodeCommand::resume};
    for (int round = 0; round < 300; ++round) {
        NodeLifecycle node;
        bool process = false;
        std::int64_t now = 0;
        auto carry_out = [&](const Actions& actions) {
            for (NodeAction action : actions) {
                if (action != spawn) {
                    ASSERT_TRUE(process) << "a signal to nobody";
                    continue;
                }
                ASSERT_FALSE(process) << "a second process";
                process = true;
                node.spawned(at(now));
            }
        };
        for (int step = 0; step < 200; ++step) {
            now += static_cast<std::int64_t>(random() % 3'000);
            std::uint32_t dice = random() % 10;
            if (dice < 6) {
                auto actions = node.request(commands[dice], at(now));
                if (actions) carry_out(*actions);
            } else if (dice < 8 && process) {
                process = false;
                carry_out(node.ended(random() % 2 ? killed() : exit_with(1), at(now), middle));
            } else {
                carry_out(node.tick(at(now)));
            }
            ASSERT_EQ(node.has_process(), process);
        }
        auto last = node.request(round % 2 ? NodeCommand::start : NodeCommand::stop, at(now));
        ASSERT_TRUE(last.ok());
        carry_out(*last);
        if (process && node.state() == NodeState::stopping) {
            process = false;
            carry_out(node.ended(killed(), at(now), middle));
        }
        carry_out(node.tick(at(now + 20'000)));
        EXPECT_EQ(process, round % 2 == 1);
    }
}

TEST(LifecycleNames, GoBothWays) {
    for (NodeState state : {NodeState::stopped, NodeState::running, NodeState::stopping,
                            NodeState::restarting, NodeState::given_up}) {
        EXPECT_EQ(parse_node_state(name_of(state)), state);
    }
    EXPECT_EQ(parse_node_state("sleeping"), std::nullopt);
    EXPECT_EQ(parse_node_command("explode"), std::nullopt);
}

}  // namespace
}  // namespace raftkv::cli
