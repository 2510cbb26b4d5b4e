#include "cli/test/chaos/disturbance.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "cli/test/chaos/injector.hpp"
#include "cli/test/chaos/load.hpp"
#include "cli/test/client_crew.hpp"

namespace raftkv::chaos {
namespace {

using std::chrono::steady_clock;

constexpr Millis client_timeout{2'000};
constexpr Millis between_looks{20};
constexpr Millis between_shows{200};
// More than a node has left in the file of its log and the one that it has reserved.
constexpr std::int64_t enough_to_fill = 9 << 20;

double seconds_between(Instant from, Instant to) {
    return std::chrono::duration<double>(to - from).count();
}

std::string joined(const std::vector<std::string>& texts) {
    std::string all;
    for (const std::string& text : texts) all += (all.empty() ? "" : "; ") + text;
    return all;
}

bool fills_disks(Kind kind) {
    return kind == Kind::fill_disk || kind == Kind::fill_disks;
}

// Tells how the run goes: on a terminal what is the case, elsewhere what has changed.
class Commentary {
  public:
    Commentary(Stand& stand, const Load& load, Instant begin)
        : stand_(stand), load_(load), begin_(begin), shown_at_(begin) {}

    void look(const Injector& injector, Instant now) {
        if (stand_.progress.on_terminal()) {
            if (now - shown_at_ >= between_shows) show(injector.under_way(), now);
        } else {
            tell_changes(injector, now);
        }
        const auto second = static_cast<std::int64_t>(seconds_between(begin_, now));
        for (; ticked_ < std::min<std::int64_t>(second, stand_.settings.seconds); ++ticked_) {
            stand_.progress.tick();
        }
    }

  private:
    void show(const std::vector<std::string>& under_way, Instant now) {
        const auto turns = load_.turns();
        const double rate =
            static_cast<double>(turns - shown_turns_) / seconds_between(shown_at_, now);
        shown_turns_ = turns;
        shown_at_ = now;
        const auto leader = stand_.roles.leader();
        stand_.progress.live(
            fmt::format("{:.0f} s, {:.0f} turns/s, {}; {}", seconds_between(begin_, now), rate,
                        leader ? fmt::format("node {} leads", leader->value()) : "nobody leads",
                        under_way.empty() ? "all is well" : joined(under_way)));
    }

    void tell_changes(const Injector& injector, Instant now) {
        const auto& records = injector.records();
        for (; told_ < records.size(); ++told_) {
            const FaultRecord& fault = records[told_];
            say(now, fault.problem.empty() ? fault.text
                                           : fmt::format("{}: {}", fault.text, fault.problem));
        }
        const auto under_way = injector.under_way();
        for (const std::string& text : last_) {
            const bool goes_on =
                std::find(under_way.begin(), under_way.end(), text) != under_way.end();
            if (!goes_on) say(now, "over: " + text);
        }
        last_ = under_way;
        const auto leader = stand_.roles.leader();
        if (leader && leader != leader_) say(now, fmt::format("node {} leads", leader->value()));
        if (leader) leader_ = leader;
    }

    void say(Instant now, const std::string& text) {
        stand_.progress.live(fmt::format("{:.1f} s: {}", seconds_between(begin_, now), text));
    }

    Stand& stand_;
    const Load& load_;
    Instant begin_;
    Instant shown_at_;
    std::uint64_t shown_turns_ = 0;
    std::int64_t ticked_ = 0;
    std::size_t told_ = 0;
    std::vector<std::string> last_;
    std::optional<NodeId> leader_;
};

ScheduleSettings schedule_settings(const Settings& settings) {
    ScheduleSettings schedule;
    schedule.seed = settings.seed;
    schedule.families = settings.families;
    schedule.nodes = settings.nodes;
    schedule.length = std::chrono::seconds(settings.seconds);
    schedule.every = settings.every;
    return schedule;
}

Result<void> inject(Stand& stand, Injector& injector, Load& load, Instant begin) {
    Commentary commentary(stand, load, begin);
    const Instant end = begin + std::chrono::seconds(stand.settings.seconds);
    for (Instant now = begin; now < end; now = steady_clock::now()) {
        const std::size_t before = injector.records().size();
        if (auto done = injector.advance(now); !done) return done;
        for (std::size_t i = before; i < injector.records().size(); ++i) {
            if (fills_disks(injector.records()[i].plan.kind)) load.fill(enough_to_fill);
        }
        commentary.look(injector, steady_clock::now());
        if (auto fine = stand.watch.check(); !fine) return fine;
        const Instant next = std::min(injector.next().value_or(end), end);
        const auto left = std::chrono::ceil<Millis>(next - steady_clock::now());
        const auto pause = std::clamp(left, Millis(0), between_looks);
        if (auto waited = stand.interrupt.pause_for(pause); !waited) return waited;
    }
    return {};
}

bool members_change(const Settings& settings) {
    const std::vector<Family> families = schedule_settings(settings).families;
    return std::find(families.begin(), families.end(), Family::membership) != families.end();
}

// Until all members vote, and they and nobody else run.
Result<void> settle_members(Stand& stand, Injector& injector) {
    const Instant deadline = steady_clock::now() + recovery_limit;
    for (;;) {
        if (auto fine = stand.watch.check(); !fine) return fine;
        if (auto done = injector.advance(steady_clock::now()); !done) return done;
        const auto missing = injector.settle_members();
        if (!missing) return missing.error();
        if (missing->empty()) return {};
        if (steady_clock::now() >= deadline)
            return Error{ErrorKind::failed,
                         fmt::format("the members are not as they were to be within {} s: {}",
                                     recovery_limit.count() / 1000, *missing)};
        if (auto waited = stand.interrupt.pause_for(between_looks); !waited) return waited;
    }
}

Result<void> recover(Stand& stand, Injector& injector) {
    stand.progress.step("all faults are lifted, and all nodes catch up");
    if (auto healed = injector.heal(steady_clock::now()); !healed) return healed;
    if (members_change(stand.settings)) {
        if (auto settled = settle_members(stand, injector); !settled) return settled;
    }
    if (auto leader = stand.watch.wait_for_leader(recovery_limit); !leader) return leader.error();
    for (NodeId node : stand.cluster.running()) {
        if (auto level = stand.watch.wait_until_caught_up(node, recovery_limit); !level) {
            return level;
        }
    }
    return {};
}

}  // namespace

Result<void> disturb(Stand& stand) {
    stand.progress.step(
        fmt::format("{} clients work while things go wrong", stand.settings.clients));
    Load load(stand.settings.seed, stand.cluster.all());
    test::ClientCrew crew(stand.cluster.config());
    const Instant begin = steady_clock::now();
    stand.report.from = begin;
    crew.start(stand.next_clients(stand.settings.clients, client_timeout), load.work());
    Injector injector(stand.cluster, stand.roles, make_schedule(schedule_settings(stand.settings)),
                      begin);
    auto done = inject(stand, injector, load, begin);
    if (done) done = recover(stand, injector);
    load.stop();
    if (!done) {
        crew.cancel();
        // Nor is anybody to wait for what an order came to.
        stand.cluster.kill_all();
    }
    const auto worked = crew.join();
    stand.report.to = steady_clock::now();
    stand.report.faults = injector.records();
    stand.collect(crew.take_history());
    // What happened to the cluster explains what happened to its clients.
    if (done) done = stand.watch.check();
    return done ? worked : done;
}

}  // namespace raftkv::chaos
