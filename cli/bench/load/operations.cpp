#include "cli/bench/load/operations.hpp"

#include <algorithm>

#include "common/check.hpp"

namespace raftkv::bench {

Operations::Operations(Op op, KeySpace& space, std::size_t value_bytes)
    : op_(op),
      space_(space),
      picker_(std::max<std::uint64_t>(space.keys, 1), space.distribution),
      value_(value_bytes, 'v') {
    RAFTKV_CHECK(space.prefix.size() == KeySpace::prefix_bytes);
    std::copy(space.prefix.begin(), space.prefix.end(), text_.begin());
}

Operation Operations::choose() {
    Operation operation;
    if (op_ == Op::set) {
        operation.key = space_.first_new++;
        return operation;
    }
    operation.key = picker_.next(random_);
    const bool reads = op_ == Op::get || (op_ == Op::mixed && (random_.next() >> 63) != 0);
    if (reads || operation.key >= space_.versions.size()) {
        operation.verb = reads ? Verb::get : Verb::cas;
        return operation;
    }
    operation.version = space_.versions[operation.key];
    operation.verb = operation.version == 0 ? Verb::getm : Verb::cas;
    return operation;
}

void Operations::append(const Dialect& dialect, const Operation& operation, std::string& out) {
    dialect.append(out, operation.verb, text_of(operation.key), value_, operation.version);
}

void Operations::note(const Operation& operation, const Answer& answer) {
    if (operation.verb == Verb::get || operation.key >= space_.versions.size()) return;
    std::uint64_t& known = space_.versions[operation.key];
    if (answer.outcome == Outcome::done) {
        known = std::max(known, answer.version);
    } else if (answer.outcome != Outcome::redirect && known == operation.version) {
        known = 0;  // somebody's write is there, and nobody here knows which
    }
}

std::string_view Operations::text_of(std::uint64_t key) {
    for (std::size_t at = KeySpace::key_bytes; at > KeySpace::prefix_bytes; key /= 10) {
        text_[--at] = static_cast<char>('0' + key % 10);
    }
    return {text_.data(), text_.size()};
}

}  // namespace raftkv::bench
