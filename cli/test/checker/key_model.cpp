#include "cli/test/checker/key_model.hpp"

#include "common/check.hpp"

namespace raftkv::test {

using protocol::Op;

bool KeyModel::changes(const KeyOperation& it) {
    const Outcome outcome = it.op().outcome;
    return !it.op().reads() && (outcome == Outcome::ok || outcome == Outcome::unknown);
}

// A value whose time was certainly over when the operation began is not what it met. At the very
// instant of the deadline either may come first.
bool KeyModel::finds_value(const KeyOperation& it, KeyState state) const {
    return state.is_there() && it.op().start <= state.expiry.latest;
}

bool KeyModel::shows(const Operation& read, KeyState state) const {
    const Operation& put = operations_[state.writer].op();
    if (read.fingerprint != put.fingerprint) return false;
    if (read.op == Op::get) return true;
    return read.version == state.version && read.exptime_s == put.exptime_s;
}

bool KeyModel::is_right(const KeyOperation& it, KeyState state) const {
    const Operation& op = it.op();
    if (op.outcome == Outcome::absent) return op.op != Op::set && !state.is_there();
    if (!finds_value(it, state)) return false;
    if (op.outcome == Outcome::ok) return shows(op, state);
    // Refused for what is there.
    if (op.op == Op::cas) return op.expected != state.version;
    return op.op == Op::set;
}

bool KeyModel::can_change(const KeyOperation& it, KeyState state) const {
    switch (it.op().op) {
        case Op::set:
            return !state.is_there();
        case Op::cas:
            return finds_value(it, state) && it.op().expected == state.version;
        case Op::del:
            return finds_value(it, state);
        case Op::get:
        case Op::getm:
            break;
    }
    check_failed("an operation that changes something", __FILE__, __LINE__);
}

// Its time runs from some instant after the write was sent and before it was done.
KeyState KeyModel::after_put(std::uint32_t put, std::uint64_t version, Instant deadline) const {
    const Operation& op = operations_[put].op();
    return {put, version, expiry_window(op.exptime_s, op.start, deadline, limits_)};
}

}  // namespace raftkv::test
