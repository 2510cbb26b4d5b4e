#include "tests/unit/checker/naive_checker.hpp"

#include <algorithm>
#include <map>
#include <set>
#include <tuple>
#include <vector>

namespace raftkv::test {
namespace {

using protocol::Op;

// Half of what separates any two times of the history: room between them.
constexpr std::int64_t tick_ms = 125;

std::int64_t ms_of(Instant instant) {
    return std::chrono::duration_cast<std::chrono::milliseconds>(instant.time_since_epoch())
        .count();
}

struct Entry {
    int put = -1;  // the operation that wrote it; none: absent
    std::uint64_t version = 0;
    std::int64_t stamp_ms = 0;
    auto operator<=>(const Entry&) const = default;
};

struct World {
    std::int64_t now_ms = 0;
    std::set<int> done;
    std::map<std::string, Entry> keys;
    std::uint64_t last_version = 0;
    auto operator<=>(const World&) const = default;
};

class Player {
  public:
    Player(const History& history, const Limits& limits) : history_(history) {
        lag_ms_ = std::chrono::duration_cast<std::chrono::milliseconds>(limits.clock_lag).count();
        World world;
        for (const Operation& op : history) {
            world.now_ms = std::min(world.now_ms, ms_of(op.start));
            last_ms_ = std::max({last_ms_, ms_of(op.start), ms_of(op.end)});
            highest_ = std::max({highest_, op.version, op.expected});
        }
        // Room for writes that nobody knows the versions of.
        highest_ += history.size() + 1;
        start_ = world;
    }

    bool succeeds() { return try_from(start_); }

  private:
    static bool must_be_done(const Operation& op) {
        return op.outcome != Outcome::unknown && op.outcome != Outcome::not_done;
    }

    bool try_from(const World& world) {
        if (!seen_.insert(world).second) return false;
        if (all_done(world)) return true;
        for (int i = 0; i < static_cast<int>(history_.size()); ++i) {
            if (may_happen_now(world, i) && try_operation(world, i)) return true;
        }
        for (const auto& [key, entry] : world.keys) {
            if (try_expiry(world, key, entry)) return true;
        }
        return try_later(world);
    }

    bool all_done(const World& world) const {
        for (int i = 0; i < static_cast<int>(history_.size()); ++i) {
            if (must_be_done(op(i)) && world.done.count(i) == 0) return false;
        }
        return true;
    }

    bool may_happen_now(const World& world, int i) const {
        if (world.done.count(i) != 0 || op(i).outcome == Outcome::not_done) return false;
        if (op(i).outcome == Outcome::unknown && op(i).reads()) return false;
        if (ms_of(op(i).start) > world.now_ms) return false;
        return op(i).outcome == Outcome::unknown || world.now_ms <= ms_of(op(i).end);
    }

    bool try_later(World world) {
        for (int i = 0; i < static_cast<int>(history_.size()); ++i) {
            if (must_be_done(op(i)) && world.done.count(i) == 0 && ms_of(op(i).end) <= world.now_ms)
                return false;
        }
        world.now_ms += tick_ms;
        return world.now_ms <= last_ms_ && try_from(world);
    }

    bool try_expiry(World world, const std::string& key, const Entry& entry) {
        if (entry.put < 0 || op(entry.put).exptime_s == 0) return false;
        const std::int64_t exptime_ms = op(entry.put).exptime_s * 1000;
        const std::int64_t early_ms = std::min(lag_ms_, exptime_ms);
        if (world.now_ms < entry.stamp_ms + exptime_ms - early_ms) return false;
        world.keys[key] = {};
        return try_from(world);
    }

    // A value that is there but should not be: only its expiry can come next.
    bool is_overdue(const World& world, const Entry& entry) const {
        const std::int64_t exptime_ms = op(entry.put).exptime_s * 1000;
        return exptime_ms != 0 && world.now_ms > entry.stamp_ms + exptime_ms + lag_ms_;
    }

    bool try_operation(World world, int i) {
        const Operation& it = op(i);
        const Entry entry = world.keys[it.key];
        const bool is_there = entry.put >= 0;
        if (is_there && is_overdue(world, entry)) return false;
        world.done.insert(i);
        if (it.reads()) return reads_right(it, entry) && try_from(world);

        const bool fits = it.op == Op::set   ? !is_there
                          : it.op == Op::cas ? is_there && entry.version == it.expected
                                             : is_there;
        if (it.outcome == Outcome::absent) return it.op != Op::set && !is_there && try_from(world);
        if (it.outcome == Outcome::conflict)
            return it.op != Op::del && is_there && !fits && try_from(world);
        if (!fits) return false;
        if (it.op == Op::del) {
            world.keys[it.key] = {};
            return try_from(world);
        }
        return try_put(world, i);
    }

    bool reads_right(const Operation& read, const Entry& entry) const {
        if (read.outcome == Outcome::absent) return entry.put < 0;
        if (read.outcome != Outcome::ok || entry.put < 0) return false;
        const Operation& put = op(entry.put);
        if (read.fingerprint != put.fingerprint) return false;
        return read.op == Op::get ||
               (read.version == entry.version && read.exptime_s == put.exptime_s);
    }

    bool try_put(World world, int i) {
        const bool is_told = op(i).outcome == Outcome::ok;
        for (std::uint64_t version = world.last_version + 1; version <= highest_; ++version) {
            if (is_told && version != op(i).version) continue;
            World next = world;
            next.last_version = version;
            for (std::int64_t stamp_ms = ms_of(op(i).start); stamp_ms <= world.now_ms;
                 stamp_ms += tick_ms) {
                next.keys[op(i).key] = {i, version, op(i).exptime_s == 0 ? 0 : stamp_ms};
                if (try_from(next)) return true;
            }
        }
        return false;
    }

    const Operation& op(int i) const { return history_[static_cast<std::size_t>(i)]; }

    const History& history_;
    std::int64_t lag_ms_ = 0;
    std::int64_t last_ms_ = 0;
    std::uint64_t highest_ = 0;
    World start_;
    std::set<World> seen_;
};

}  // namespace

bool is_linearizable_naively(const History& history, const Limits& limits) {
    return Player(history, limits).succeeds();
}

}  // namespace raftkv::test
