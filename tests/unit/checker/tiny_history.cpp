#include "tests/unit/checker/tiny_history.hpp"

#include <algorithm>
#include <map>

#include "cli/test/history/operation_text.hpp"

namespace raftkv::test {
namespace {

using protocol::Op;
using std::chrono::milliseconds;

constexpr milliseconds tick{250};

class TinyStore {
  public:
    TinyStore(const TinyShape& shape, std::mt19937_64& random) : shape_(shape), random_(random) {}

    History run() {
        std::vector<int> effects;
        for (int i = 0; i < shape_.operations; ++i) effects.push_back(below(14));
        std::sort(effects.begin(), effects.end());
        History history;
        for (int effect : effects) history.push_back(perform(effect));
        std::shuffle(history.begin(), history.end(), random_);
        return history;
    }

  private:
    struct Entry {
        Operation put;
        int ends = 0;
    };

    int below(int limit) { return static_cast<int>(random_() % static_cast<unsigned>(limit)); }

    Operation plan(int effect) {
        Operation op;
        op.client = next_++;
        const Op kinds[] = {Op::set, Op::set, Op::cas, Op::cas, Op::del, Op::get, Op::getm};
        op.op = kinds[below(7)];
        op.key = std::string(1, static_cast<char>('a' + below(shape_.keys)));
        op.start = Instant(tick * std::max(0, effect - below(5)));
        op.end = Instant(tick * (effect + below(5)));
        if (op.puts()) {
            op.fingerprint = 100 + op.client;
            op.exptime_s = shape_.with_expiry && below(2) == 0 ? 1 : 0;
        }
        if (op.op == Op::cas) {
            const auto last = newest_.find(op.key);
            op.expected = last == newest_.end() ? 1 : last->second;
            if (below(4) == 0) op.expected = static_cast<std::uint64_t>(1 + below(8));
        }
        return op;
    }

    Operation perform(int effect) {
        Operation op = plan(effect);
        const bool is_lost = !op.reads() && below(4) == 0;
        if (is_lost && below(2) == 0) {
            op.outcome = Outcome::unknown;
            return op;
        }
        apply(op, effect);
        if (is_lost) {
            op.outcome = Outcome::unknown;
            op.version = 0;
            // The client may have given up before it happened.
            op.end = std::max(op.start, op.end - tick * below(6));
        }
        return op;
    }

    void apply(Operation& op, int effect) {
        auto found = keys_.find(op.key);
        if (found != keys_.end() && found->second.ends <= effect) {
            keys_.erase(found);
            found = keys_.end();
        }
        version_ += static_cast<std::uint64_t>(1 + below(2));
        const bool is_there = found != keys_.end();
        if (op.op == Op::set ? is_there : !is_there) {
            op.outcome = op.op == Op::set ? Outcome::conflict : Outcome::absent;
            return;
        }
        op.outcome = Outcome::ok;
        if (op.op == Op::cas && found->second.put.version != op.expected) {
            op.outcome = Outcome::conflict;
        } else if (op.puts()) {
            op.version = newest_[op.key] = version_;
            keys_[op.key] = {op, op.exptime_s == 0 ? 1000 : effect + 4};
        } else if (op.op == Op::del) {
            keys_.erase(found);
        } else {
            op.fingerprint = found->second.put.fingerprint;
            if (op.op == Op::get) return;
            op.version = found->second.put.version;
            op.exptime_s = found->second.put.exptime_s;
        }
    }

    TinyShape shape_;
    std::mt19937_64& random_;
    std::uint32_t next_ = 0;
    std::uint64_t version_ = 0;
    std::map<std::string, Entry> keys_;
    std::map<std::string, std::uint64_t> newest_;
};

}  // namespace

History correct_tiny_history(const TinyShape& shape, std::mt19937_64& random) {
    return TinyStore(shape, random).run();
}

void tamper(History& history, std::mt19937_64& random) {
    const auto below = [&](std::uint64_t limit) { return random() % limit; };
    Operation& op = history[below(history.size())];
    const Operation& other = history[below(history.size())];
    switch (below(6)) {
        case 0:
            if (op.reads()) op.fingerprint = other.fingerprint;
            if (op.version != 0 && other.version != 0) op.version = other.version;
            break;
        case 1:
            if (op.version != 0) op.version += below(2) == 0 ? 1 : op.version > 1 ? -1 : 2;
            break;
        case 2:
            op.outcome = op.outcome == Outcome::ok ? Outcome::absent : Outcome::ok;
            if (op.outcome == Outcome::ok && op.puts()) op.version = 1 + below(12);
            break;
        case 3:
            op.outcome = op.op == protocol::Op::cas || op.op == protocol::Op::set
                             ? Outcome::conflict
                             : op.outcome;
            break;
        case 4: {
            const auto length = op.end - op.start;
            op.start = Instant(tick * static_cast<int>(below(14)));
            op.end = op.start + length;
            break;
        }
        default:
            op.end = op.start;
    }
}

std::string text_of(const History& history) {
    std::string text;
    for (const Operation& op : history) text += line_of(op, Instant()) + "\n";
    return text;
}

}  // namespace raftkv::test
