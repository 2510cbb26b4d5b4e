#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>

#include "common/strong_types.hpp"

namespace raftkv::test {

// Who has claimed to lead in which term, over a whole run. Raft's election safety (5.2): at most
// one leader a term, ever.
class TermLedger {
  public:
    // Notes a claim. Gives the complaint when another node has claimed the same term before; only
    // the first complaint of a term is given.
    std::optional<std::string> claim(Term term, NodeId leader);

    std::size_t terms() const { return leaders_.size(); }

  private:
    std::map<Term, std::set<NodeId>> leaders_;
};

}  // namespace raftkv::test
