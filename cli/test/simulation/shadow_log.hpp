#pragma once

#include <cstdint>
#include <vector>

#include "common/checksum.hpp"
#include "common/strong_types.hpp"
#include "node/raft/types.hpp"

namespace raftkv::simulation {

// The sum of a whole log up to an entry: two logs that agree in it agree in everything before.
inline std::uint64_t chain(std::uint64_t before, const raft::Entry& entry) {
    const std::uint64_t facts[3] = {entry.index.value(), entry.term.value(),
                                    static_cast<std::uint64_t>(entry.kind)};
    const std::string_view bytes(reinterpret_cast<const char*>(facts), sizeof(facts));
    return checksum(entry.payload.view(), checksum(bytes, before));
}

// What a log holds, seen from outside: a term and a chain sum for each entry.
class ShadowLog {
  public:
    LogIndex last() const { return LogIndex(entries_.size()); }
    Term term_at(LogIndex index) const {
        return index.value() == 0 ? Term(0) : entries_[index.value() - 1].term;
    }
    // `index` is at most last().
    std::uint64_t sum_at(LogIndex index) const {
        return index.value() == 0 ? 0 : entries_[index.value() - 1].sum;
    }
    bool holds(LogIndex index, std::uint64_t sum) const {
        return index <= last() && sum_at(index) == sum;
    }
    // `entry` is the one after last().
    void append(const raft::Entry& entry) {
        entries_.push_back({entry.term, chain(sum_at(last()), entry)});
    }
    // The same, of an entry that is only known by these.
    void append(Term term, std::uint64_t sum) { entries_.push_back({term, sum}); }
    void truncate_from(LogIndex index) {
        if (index <= last()) entries_.resize(index.value() - 1);
    }
    void clear() { entries_.clear(); }

  private:
    struct Item {
        Term term;
        std::uint64_t sum;
    };
    std::vector<Item> entries_;
};

}  // namespace raftkv::simulation
