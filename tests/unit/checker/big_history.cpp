#include "tests/unit/checker/big_history.hpp"

#include <algorithm>
#include <map>
#include <vector>

namespace raftkv::test {
namespace {

using protocol::Op;
using std::chrono::microseconds;

// Each command is done at one instant between its start and its end, in the order of these
// instants; one without an answer may be done later, or never.
class BigStore {
  public:
    BigStore(const BigShape& shape, std::uint64_t seed) : shape_(shape), random_(seed) {}

    History run() {
        for (std::uint32_t client = 0; client < shape_.clients; ++client) plan(client);
        std::sort(plans_.begin(), plans_.end(),
                  [](const Plan& a, const Plan& b) { return a.effect_us < b.effect_us; });
        History history;
        history.reserve(plans_.size());
        for (Plan& plan : plans_) {
            execute(plan);
            history.push_back(std::move(plan.operation));
        }
        return history;
    }

  private:
    struct Plan {
        Operation operation;
        std::int64_t effect_us = 0;
        bool answered = true;
    };
    struct Entry {
        std::uint64_t version = 0;
        std::uint64_t fingerprint = 0;
        std::uint32_t exptime_s = 0;
        std::int64_t ends_us = 0;
    };

    std::uint32_t below(std::uint32_t limit) {
        return static_cast<std::uint32_t>(random_() % limit);
    }

    void plan(std::uint32_t client) {
        std::int64_t now_us = below(1000);
        for (std::size_t i = client; i < shape_.operations; i += shape_.clients) {
            Plan plan;
            Operation& op = plan.operation;
            const std::uint32_t number = below(shape_.keys);
            const bool is_plain = number % 10 == 0;
            op.client = client;
            constexpr Op kinds[] = {Op::set, Op::cas, Op::cas, Op::get, Op::getm, Op::del};
            op.op = kinds[below(is_plain ? 5 : 6)];
            op.key = "key" + std::to_string(number);
            if (op.puts()) op.fingerprint = ++values_;
            if (op.puts() && !is_plain && below(8) == 0) op.exptime_s = 1 + below(3);
            plan.answered = op.reads() || is_plain || below(100) >= shape_.unknown_percent;
            const std::int64_t took_us = 200 + below(4000);
            op.start = Instant(microseconds(now_us));
            op.end = Instant(microseconds(now_us + took_us));
            plan.effect_us = now_us + below(static_cast<std::uint32_t>(took_us));
            if (!plan.answered) plan.effect_us += below(2) * below(100'000);
            now_us += took_us + below(6000);
            plans_.push_back(std::move(plan));
        }
    }

    void execute(Plan& plan) {
        Operation& op = plan.operation;
        auto found = keys_.find(op.key);
        if (found != keys_.end() && found->second.ends_us <= plan.effect_us) {
            keys_.erase(found);
            found = keys_.end();
        }
        ++index_;
        // Of the guesses at a version two thirds are right.
        if (op.op == Op::cas) {
            const std::uint64_t newest = newest_[op.key];
            op.expected = below(3) != 0 || newest < 2 ? newest : newest - 1;
        }
        const bool never_happens = !plan.answered && below(2) == 0;
        if (!never_happens) op.outcome = apply(op, found, plan.effect_us);
        if (!plan.answered) {
            op.outcome = Outcome::unknown;
            op.version = 0;
        }
    }

    Outcome apply(Operation& op, std::map<std::string, Entry>::iterator found,
                  std::int64_t now_us) {
        const bool is_there = found != keys_.end();
        if (op.op == Op::set && is_there) return Outcome::conflict;
        if (op.op != Op::set && !is_there) return Outcome::absent;
        if (op.op == Op::cas && found->second.version != op.expected) return Outcome::conflict;
        if (op.op == Op::del) keys_.erase(found);
        if (op.puts()) put(op, now_us);
        if (op.reads()) {
            op.fingerprint = found->second.fingerprint;
            op.exptime_s = op.op == Op::getm ? found->second.exptime_s : 0;
            op.version = op.op == Op::getm ? found->second.version : 0;
        }
        return Outcome::ok;
    }

    void put(Operation& op, std::int64_t now_us) {
        op.version = newest_[op.key] = index_;
        const std::int64_t ends_us =
            op.exptime_s == 0 ? INT64_MAX : now_us + std::int64_t{op.exptime_s} * 1'000'000;
        keys_[op.key] = {index_, op.fingerprint, op.exptime_s, ends_us};
    }

    BigShape shape_;
    std::mt19937_64 random_;
    std::uint64_t values_ = 0;
    std::uint64_t index_ = 1;
    std::vector<Plan> plans_;
    std::map<std::string, Entry> keys_;
    std::map<std::string, std::uint64_t> newest_;
};

std::vector<const Operation*> puts_of(const History& history, const std::string& key) {
    std::vector<const Operation*> puts;
    for (const Operation& op : history) {
        if (op.key == key && op.puts() && op.outcome == Outcome::ok) puts.push_back(&op);
    }
    return puts;
}

bool is_plain(const Operation& op) {
    return op.key.back() == '0';
}

void show(Operation& read, const Operation& put) {
    read.outcome = Outcome::ok;
    read.fingerprint = put.fingerprint;
    read.version = read.op == Op::getm ? put.version : 0;
    read.exptime_s = read.op == Op::getm ? put.exptime_s : 0;
}

// Tries the operations from a random one on, until `plant` gives true.
template <class Plant>
Planted somewhere(History& history, std::mt19937_64& random, const Plant& plant) {
    const std::size_t first = random() % history.size();
    for (std::size_t i = 0; i < history.size(); ++i) {
        Operation& op = history[(first + i) % history.size()];
        if (plant(op)) return op.key;
    }
    return std::nullopt;
}

// The two puts of the key that were over before the read, the newest last.
std::vector<const Operation*> two_puts_before(const History& history, const Operation& read) {
    std::vector<const Operation*> before;
    for (const Operation* put : puts_of(history, read.key)) {
        if (put->end < read.start) before.push_back(put);
    }
    if (before.size() > 2) before.erase(before.begin(), before.end() - 2);
    return before;
}

// Whether all writes of the key that began before `until` were over before `from`, and told so.
bool is_quiet(const History& history, const std::string& key, Instant from, Instant until) {
    return std::all_of(history.begin(), history.end(), [&](const Operation& op) {
        if (op.key != key || !op.puts() || op.start > until) return true;
        return op.outcome != Outcome::unknown && op.end < from;
    });
}

}  // namespace

History correct_big_history(const BigShape& shape, std::uint64_t seed) {
    return BigStore(shape, seed).run();
}

Planted plant_stale_read(History& history, std::mt19937_64& random) {
    return somewhere(history, random, [&](Operation& op) {
        if (op.op != Op::getm || op.outcome != Outcome::ok) return false;
        const auto puts = two_puts_before(history, op);
        if (puts.size() < 2) return false;
        show(op, *puts.front());
        return true;
    });
}

Planted plant_lost_write(History& history, std::mt19937_64& random) {
    return somewhere(history, random, [&](Operation& op) {
        if (!op.reads() || !is_plain(op) || two_puts_before(history, op).empty()) return false;
        op.outcome = Outcome::absent;
        op.fingerprint = op.version = op.exptime_s = 0;
        return true;
    });
}

// A cas is done twice, or two are done to the same version: what was refused is said to be done.
Planted plant_double_apply(History& history, std::mt19937_64& random) {
    return somewhere(history, random, [&](Operation& op) {
        if (op.op != Op::cas || !is_plain(op) || op.outcome != Outcome::conflict) return false;
        const auto puts = two_puts_before(history, op);
        if (puts.size() < 2 || op.expected >= puts.back()->version) return false;
        op.outcome = Outcome::ok;
        // Its own place in the log, which was given to nothing else.
        op.version = static_cast<std::uint64_t>(&op - history.data()) + 2;
        return true;
    });
}

Planted plant_undeleted_key(History& history, std::mt19937_64& random) {
    return somewhere(history, random, [&](Operation& op) {
        if (op.op != Op::getm || op.outcome != Outcome::absent) return false;
        const auto puts = two_puts_before(history, op);
        if (puts.empty()) return false;
        const auto deleted = std::find_if(history.begin(), history.end(), [&](const Operation& it) {
            return it.key == op.key && it.op == Op::del && it.outcome == Outcome::ok &&
                   it.end < op.start && is_quiet(history, op.key, it.start, op.end);
        });
        if (deleted == history.end()) return false;
        show(op, *puts.back());
        return true;
    });
}

Planted plant_unexpired_key(History& history, std::mt19937_64& random) {
    return somewhere(history, random, [&](Operation& op) {
        if (op.op != Op::getm || op.outcome != Outcome::absent) return false;
        const auto puts = two_puts_before(history, op);
        if (puts.empty() || puts.back()->exptime_s == 0) return false;
        const Instant over = puts.back()->end + std::chrono::seconds(puts.back()->exptime_s);
        if (op.start <= over) return false;
        show(op, *puts.back());
        return true;
    });
}

Planted plant_reused_version(History& history, std::mt19937_64& random) {
    return somewhere(history, random, [&](Operation& op) {
        if (!op.puts() || op.outcome != Outcome::ok) return false;
        for (const Operation& other : history) {
            const bool is_near = other.start < op.end && op.start < other.end;
            if (other.puts() && other.outcome == Outcome::ok && other.key != op.key && is_near) {
                op.version = other.version;
                return true;
            }
        }
        return false;
    });
}

Planted plant_old_value_with_new_version(History& history, std::mt19937_64& random) {
    return somewhere(history, random, [&](Operation& op) {
        if (op.op != Op::getm || op.outcome != Outcome::ok) return false;
        const auto puts = two_puts_before(history, op);
        if (puts.size() < 2) return false;
        show(op, *puts.front());
        op.version = puts.back()->version;
        return true;
    });
}

}  // namespace raftkv::test
