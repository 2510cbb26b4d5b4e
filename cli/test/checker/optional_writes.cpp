#include "cli/test/checker/optional_writes.hpp"

#include <map>
#include <tuple>

namespace raftkv::test {

using protocol::Op;

OptionalWrites::OptionalWrites(const std::vector<KeyOperation>& operations)
    : operations_(operations) {
    std::map<std::tuple<Op, std::uint32_t, std::uint64_t>, std::uint32_t> known;
    for (std::uint32_t i = 0; i < operations.size(); ++i) {
        if (!operations[i].may_be_left_out) continue;
        const Operation& op = operations[i].op();
        const auto number = static_cast<std::uint32_t>(kinds_.size());
        const auto [kind, is_new] =
            known.emplace(std::tuple(op.op, op.exptime_s, op.expected), number);
        if (is_new) {
            kinds_.emplace_back();
            if (op.op == Op::set) sets_.push_back(number);
            if (op.op == Op::cas) cas_[op.expected].push_back(number);
            if (op.op == Op::del) deletes_.push_back(number);
        }
        kinds_[kind->second].operations.push_back(i);
        kind_of_.emplace(i, kind->second);
    }
}

void OptionalWrites::candidates(KeyState state, Instant deadline,
                                std::vector<std::uint32_t>& found) const {
    if (!state.is_there()) {
        for (const std::uint32_t kind : sets_) add_first(kind, deadline, found);
        return;
    }
    for (const std::uint32_t kind : deletes_) add_first(kind, deadline, found);
    const auto cas = cas_.find(state.version);
    if (cas == cas_.end()) return;
    for (const std::uint32_t kind : cas->second) add_first(kind, deadline, found);
}

void OptionalWrites::add_first(std::uint32_t kind, Instant deadline,
                               std::vector<std::uint32_t>& found) const {
    const Kind& it = kinds_[kind];
    if (it.taken == it.operations.size()) return;
    const std::uint32_t first = it.operations[it.taken];
    if (operations_[first].from <= deadline) found.push_back(first);
}

}  // namespace raftkv::test
