#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <random>

#include "cli/test/scenarios/stage.hpp"
#include "tests/benchmark/goals/rows.hpp"

namespace raftkv::benchmark {
namespace {

using std::chrono::milliseconds;

constexpr std::uint32_t kills = 20;
// For every client to be at work again before the next one.
constexpr milliseconds between_kills{300};

Result<void> kill_leader(test::Stage& stage, std::vector<test::Instant>& killed) {
    const auto leader = stage.watch.wait_for_leader(test::leader_limit);
    if (!leader) return leader.error();
    if (auto waited = stage.interrupt.pause_for(between_kills); !waited) return waited;
    killed.push_back(std::chrono::steady_clock::now());
    stage.cluster.kill(*leader);
    if (auto next = stage.watch.wait_for_leader(test::leader_limit); !next) return next.error();
    if (auto started = stage.cluster.start(*leader); !started) return started;
    return stage.watch.wait_until_caught_up(*leader, test::catch_up_limit);
}

// When each was killed.
Result<std::vector<test::Instant>> kill_leaders(const Bed& bed, test::Stage& stage) {
    std::vector<test::Instant> killed;
    auto done = test::while_clients_write(stage, [&]() -> Result<void> {
        while (killed.size() < kills) {
            bed.say(fmt::format("{} of {} leaders were killed", killed.size(), kills));
            if (auto one = kill_leader(stage, killed); !one) return one;
        }
        return stage.interrupt.pause_for(between_kills);
    });
    if (!done) return done.error();
    return killed;
}

// All keys are read, at every node, and every answer that a client got has to be explained.
Result<void> look_for_losses(const Bed& bed, test::Stage& stage) {
    bed.say("the history of all clients is judged");
    if (auto read = test::read_everything(stage); !read) return read;
    return test::compare_states(stage);
}

void add_losses(const test::Stage& stage, const Result<void>& judged, Line& line) {
    const auto acknowledged = std::count_if(
        stage.history.begin(), stage.history.end(),
        [](const test::Operation& op) { return !op.reads() && op.outcome == test::Outcome::ok; });
    if (judged) {
        line.samples = {0};
        line.note = fmt::format("{} were acknowledged", acknowledged);
    } else if (judged.error().kind == ErrorKind::failed) {
        line.samples = {1};
        line.note = judged.error().message;
    } else {
        line.missing = judged.error().message;
    }
}

}  // namespace

std::vector<Goal> leader_goals() {
    const std::string load = "leader killed under load: until a write is acknowledged";
    return {{load, Bound::under, 30, "ms", "", 0},
            {load + fmt::format(", worst of {}", kills), Bound::under, 100, "ms", "", 0, true},
            {"leader killed under load: acknowledged writes that are lost", Bound::at_most, 0, "",
             "", 0}};
}

Result<void> measure_leader(const Bed& bed, std::vector<Line>& lines) {
    auto cluster = bed.start(3);
    if (!cluster) return cluster.error();
    test::Settings settings;
    settings.nodes = 3;
    // What there is to say is said here.
    test::Progress progress({[](const std::string&) {}, [] { return std::size_t{0}; }});
    test::ClusterWatch watch(cluster->own(), bed.interrupt);
    test::Stage stage{settings, bed.interrupt,
                      progress, cluster->own(),
                      watch,    std::mt19937_64(std::random_device()()),
                      {},       {},
                      0};
    const auto killed = kill_leaders(bed, stage);
    if (!killed) return killed.error();
    lines[0].samples = lines[1].samples = test::times_until_served(stage.history, *killed);
    const auto judged = look_for_losses(bed, stage);
    if (bed.interrupt.requested()) return Error{ErrorKind::interrupted, "interrupted"};
    add_losses(stage, judged, lines[2]);
    return {};
}

}  // namespace raftkv::benchmark
