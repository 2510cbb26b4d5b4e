// Random weather, deaths and partitions over whole replicas; then the promises are looked at.
#include <gtest/gtest.h>

#include <map>
#include <set>
#include <string>
#include <vector>

#include "tests/unit/replica/world.hpp"

namespace raftkv::replica {
namespace {

using protocol::ReplyKind;

constexpr int keys = 4;

// One client, one command at a time on each key; so each answer has few explanations.
struct KeyHistory {
    std::uint64_t command = 0;  // under way; 0 when none
    protocol::Op op = protocol::Op::get;
    std::string value;                    // written by the command under way
    std::set<std::string> may_be = {""};  // what a read may find; "" is nothing
    std::uint64_t known_version = 0;
};

class Storm {
  public:
    Storm(std::uint32_t servers, std::uint64_t seed) : world_(servers, seed), random_(seed * 77) {}

    void run(int steps) {
        world_.weather = {unsigned(random_() % 15), unsigned(random_() % 10),
                          unsigned(random_() % 20), 5 + unsigned(random_() % 95)};
        for (int step = 0; step < steps; ++step) {
            disturb();
            for (int key = 0; key < keys; ++key) advance(key);
            world_.step();
            if (testing::Test::HasFatalFailure()) return;
        }
        calm_down();
    }

    int answered() const { return answered_; }

  private:
    void disturb() {
        const std::uint32_t id = random_() % world_.size();
        switch (random_() % 160) {
            case 0:
                if (world_.process(id).alive()) world_.kill(id);
                break;
            case 1:
                for (std::uint32_t all = 0; all < world_.size(); ++all)
                    if (random_() % 4 == 0 && world_.process(all).alive()) world_.kill(all);
                break;
            case 2:
                world_.cut(id, true);
                break;
            case 3:
            case 4:
                world_.cut(id, false);
                break;
            case 5:
                world_.jump_all_wall_clocks(std::int64_t(random_() % 20'000) - 10'000);
                break;
            case 6:
                if (world_.process(id).alive())
                    world_.replica(id).transfer_leadership(std::nullopt);
                break;
            default:
                if (random_() % 20 == 0 && !world_.process(id).alive()) world_.restart(id);
        }
    }

    void advance(int key) {
        KeyHistory& history = histories_[key];
        if (history.command != 0) {
            const HeardReply* reply = world_.heard(history.command);
            if (reply) {
                explain(key, history, *reply);
                history.command = 0;
            } else if (random_() % 200 == 0) {
                give_up(history);
            }
            return;
        }
        const std::uint32_t id = random_() % world_.size();
        if (world_.process(id).alive()) send(id, key, history);
    }

    void send(std::uint32_t server, int key, KeyHistory& history) {
        const std::string name = "key" + std::to_string(key);
        history.value = "v" + std::to_string(++values_);
        switch (random_() % 5) {
            case 0:
                history.op = protocol::Op::set;
                break;
            case 1:
                history.op = protocol::Op::cas;
                break;
            case 2:
                history.op = protocol::Op::del;
                break;
            default:
                history.op = protocol::Op::getm;
                break;
        }
        const protocol::Request request{history.op, name, history.value, 0, history.known_version};
        history.command = world_.send(server, request);
    }

    // The answer never came, or says that nobody knows: it may be done now, later or never.
    void give_up(KeyHistory& history) {
        if (history.op == protocol::Op::set || history.op == protocol::Op::cas)
            history.may_be.insert(history.value);
        if (history.op == protocol::Op::del) history.may_be.insert("");
        if (history.op != protocol::Op::getm) uncertain_.insert(&history);
        history.command = 0;
    }

    void explain(int key, KeyHistory& history, const HeardReply& reply) {
        const std::string name = "key" + std::to_string(key);
        // Once something unknown is in flight for a key, it may take effect at any later time.
        const bool certain = !uncertain_.contains(&history);
        switch (reply.kind) {
            case ReplyKind::internal:
                give_up(history);
                return;
            case ReplyKind::redirect:
                return;  // certainly not done
            case ReplyKind::ok:
                ASSERT_GT(reply.version, highest_version_[name]) << "versions only rise";
                ASSERT_TRUE(versions_.insert(reply.version).second) << "versions are unique";
                highest_version_[name] = history.known_version = reply.version;
                settle(history, history.value);
                break;
            case ReplyKind::deleted:
                settle(history, "");
                break;
            case ReplyKind::not_found:
                ASSERT_TRUE(history.may_be.contains("")) << name << " is lost";
                if (certain) settle(history, "");
                break;
            case ReplyKind::version_err:
                break;
            case ReplyKind::value_meta:
                ASSERT_TRUE(history.may_be.contains(reply.value))
                    << name << " has " << reply.value << ", which it cannot have";
                ASSERT_GE(reply.version, highest_version_[name]) << "a stale read";
                highest_version_[name] = history.known_version = reply.version;
                if (certain) settle(history, reply.value);
                break;
            default:
                FAIL() << "an answer that fits no command";
        }
        ++answered_;
    }

    // From now on only this value can be read, unless something unknown is still about.
    void settle(KeyHistory& history, const std::string& value) {
        if (!uncertain_.contains(&history)) history.may_be.clear();
        history.may_be.insert(value);
    }

    void calm_down() {
        world_.weather = {};
        for (auto& [key, history] : histories_)
            if (history.command != 0) give_up(history);
        for (std::uint32_t id = 0; id < world_.size(); ++id) {
            world_.cut(id, false);
            if (!world_.process(id).alive()) world_.restart(id);
        }
        for (int i = 0; i < 400; ++i)
            world_.step();  // 2 s: whoever still believes in itself yields
        const std::uint32_t leader = world_.leader();
        ASSERT_EQ(world_.ask(set("end", "end")).kind, ReplyKind::ok);
        ASSERT_TRUE(world_.until([&] {
            const Status a = world_.replica(leader).status();
            for (std::uint32_t id = 0; id < world_.size(); ++id) {
                const Status b = world_.replica(id).status();
                if (b.applied != a.last_index || b.state != a.state) return false;
            }
            return true;
        })) << "the replicas do not become equal";
        for (int key = 0; key < keys; ++key) {
            const HeardReply reply = world_.ask(getm("key" + std::to_string(key)));
            const std::string found = reply.kind == ReplyKind::value_meta ? reply.value : "";
            EXPECT_TRUE(histories_[key].may_be.contains(found)) << "key" << key << ": " << found;
        }
    }

    World world_;
    std::mt19937_64 random_;
    std::map<int, KeyHistory> histories_;
    std::set<const KeyHistory*> uncertain_;
    std::map<std::string, std::uint64_t> highest_version_;
    std::set<std::uint64_t> versions_;
    std::uint64_t values_ = 0;
    int answered_ = 0;
};

class StormTest : public testing::TestWithParam<std::uint32_t> {};

TEST_P(StormTest, NothingAcknowledgedIsLostAndNoReadIsStale) {
    int answered = 0;
    for (std::uint64_t seed = 1; seed <= 60; ++seed) {
        SCOPED_TRACE("seed " + std::to_string(seed));
        Storm storm(GetParam(), seed);
        storm.run(1500);
        answered += storm.answered();
        if (HasFailure()) return;
    }
    EXPECT_GT(answered, 60 * 100) << "a storm in which nothing gets through proves nothing";
}

INSTANTIATE_TEST_SUITE_P(Servers, StormTest, testing::Values(1u, 2u, 3u, 5u));

}  // namespace
}  // namespace raftkv::replica
