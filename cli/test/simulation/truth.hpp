#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string_view>
#include <tuple>
#include <vector>

#include "cli/test/simulation/counters.hpp"
#include "cli/test/simulation/model.hpp"
#include "cli/test/simulation/plan.hpp"
#include "cli/test/simulation/shadow_log.hpp"
#include "common/strong_types.hpp"
#include "node/kv/store.hpp"
#include "node/raft/membership.hpp"
#include "node/raft/types.hpp"

// What only an onlooker who sees all nodes at once can know: who led when, what each entry was,
// what is committed, what was ever told to a client. Each function takes a fact and throws Broken
// when it contradicts those before. Constant time each, but for committed entries.

namespace raftkv::simulation {

// How far the cluster's clock may be off, in the weather of a plan.
struct ClockBounds {
    bool known = true;  // false: where wall clocks that are wrong may have to decide
    std::int64_t error_ms = 500;
    std::int64_t rate_percent = 0;  // and so much of all the time that has passed

    std::int64_t at(Micros now) const { return error_ms + now / 1000 * rate_percent / 100; }
};
ClockBounds clock_bounds_of(const Plan& plan);

class Truth {
  public:
    Truth(const Plan& plan, Counters& counters)
        : counters_(counters), clock_(clock_bounds_of(plan)) {}

    // A node is about to put an entry behind this log. The first to do so made it.
    void appended(std::uint32_t node, const raft::Entry& entry, const ShadowLog& log, Micros now);
    // Whoever has another data folder is another voter.
    void voted(std::uint32_t node, std::uint64_t folder, Term term, std::uint32_t candidate);
    void leads(std::uint32_t node, Term term, const ShadowLog& log);
    // A node of this term says that its log is committed up to `index`.
    void committed(std::uint32_t node, Term term, const ShadowLog& log, LogIndex index);
    // A node's state machine has this state after `index`.
    void applied(std::uint32_t node, LogIndex index, std::uint64_t state_hash);

    // A node has a snapshot whose file has this sum: it is of what is committed, and the same
    // everywhere.
    void snapshot(std::uint32_t node, const raft::SnapshotId& id, std::uint64_t sum);

    // What a node found on its disk.
    void recovered(std::uint32_t node, const ShadowLog& log) const;

    // A value that certainly was not written: no log may ever commit it.
    void refused(std::uint64_t fingerprint);
    // Something that rests on this index was told to a client.
    void told(LogIndex index) { told_ = std::max(told_, index); }
    LogIndex told() const { return told_; }

    LogIndex commit() const { return LogIndex(canon_.size()); }
    std::uint64_t sum_at(LogIndex index) const {
        return index.value() == 0 ? 0 : canon_[index.value() - 1].sum;
    }
    Term term_at(LogIndex index) const {
        return index.value() == 0 ? Term(0) : canon_[index.value() - 1].term;
    }
    // The committed log up to `index`, which is at most commit().
    ShadowLog log_up_to(LogIndex index) const;
    // Who belonged to the cluster then; `first` while no entry says so.
    raft::MembershipAt members_at(LogIndex index, const raft::Membership& first) const;
    Model& model() { return model_; }
    const Model& model() const { return model_; }
    // A key was found, or not, by a reader of everything up to `index`: it lives for its exptime in
    // true time.
    void judge_life(std::string_view key, bool found, LogIndex index, Micros now) const;
    bool has_stamps() const { return has_stamps_; }
    Term newest_term() const { return leaders_.empty() ? Term(0) : leaders_.rbegin()->first; }

  private:
    struct Made {
        Term term;
        std::uint64_t sum;
        Micros at;
        raft::EntryKind kind;
        SharedBytes payload;
    };
    struct Canonical {
        Term term;
        std::uint64_t sum;
        Term committed_in;  // never falls from one entry to the next
    };

    void extend(const Made& made, Term committed_in);
    void judge_stamp(ClusterMs stamp, const Made& made);
    void judge_clock(std::int64_t error_ms, const Made& made);
    const Made* find(LogIndex index, std::uint64_t sum) const;

    Counters& counters_;
    std::map<Term, std::uint32_t> leaders_;
    std::map<std::tuple<std::uint32_t, std::uint64_t, Term>, std::uint32_t> votes_;
    std::vector<raft::MembershipAt> members_;  // committed, ascending
    std::vector<std::vector<Made>> made_;      // of each index, one for each term
    std::vector<Canonical> canon_;
    std::vector<std::uint64_t> state_hashes_;
    std::map<LogIndex, std::uint64_t> snapshots_;
    Model model_;
    kv::Store store_;
    std::set<std::uint64_t> refused_;
    std::set<std::uint64_t> written_;
    LogIndex told_;
    ClockBounds clock_;
    ClusterMs last_stamp_;
    bool has_stamps_ = false;
    std::int64_t least_error_ms_ = 0, most_error_ms_ = 0;  // of all stamps
};

}  // namespace raftkv::simulation
