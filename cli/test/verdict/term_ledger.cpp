#include "cli/test/verdict/term_ledger.hpp"

#include <fmt/format.h>

namespace raftkv::test {

std::optional<std::string> TermLedger::claim(Term term, NodeId leader) {
    std::set<NodeId>& claimants = leaders_[term];
    const bool is_new = claimants.insert(leader).second;
    if (!is_new || claimants.size() != 2) return std::nullopt;
    return fmt::format("two leaders in term {}: node {} and node {}", term.value(),
                       claimants.begin()->value(), claimants.rbegin()->value());
}

}  // namespace raftkv::test
