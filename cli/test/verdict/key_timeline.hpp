#pragma once

#include <cstdint>
#include <optional>
#include <unordered_map>
#include <utility>
#include <vector>

#include "cli/test/history/expiry.hpp"
#include "cli/test/history/history.hpp"
#include "cli/test/verdict/prefix_max.hpp"

namespace raftkv::test {

// When the value that it wrote may end.
ExpiryWindow expiry_window(const Operation& put, const Limits& limits);

// One key's part of a history, indexed for the questions that the rules ask. Keeps pointers into
// the operations that it was made of. "Put" is a set or a cas. Functions that find an operation
// give nullptr when there is none.
class KeyTimeline {
  public:
    KeyTimeline(std::vector<const Operation*> operations, const Limits& limits);

    const std::vector<const Operation*>& operations() const { return operations_; }

    // The put of this value, whatever came of it.
    const Operation* writer_of(std::uint64_t fingerprint) const;
    // The acknowledged put that was given this version.
    const Operation* put_with(std::uint64_t version) const;
    // The acknowledged put with the smallest version above this one.
    const Operation* next_put_after(std::uint64_t version) const;

    // The version of a put: the acknowledged one, or else what a getm showed; 0 when never seen.
    std::uint64_t version_of(const Operation& put) const;
    // From when on it is certain that the put was done: acknowledged, or its value seen.
    Instant done_by(const Operation& put) const;

    struct Proof {
        std::uint64_t version = 0;
        const Operation* by = nullptr;
        auto operator<=>(const Proof&) const = default;
    };
    // The newest version that was acknowledged or read before `when`.
    Proof newest_proof_before(Instant when) const;
    // Of the acknowledged puts that were over before `when`: the one with the newest version, and
    // the one that began last.
    const Operation* newest_put_before(Instant when) const;
    const Operation* last_put_before(Instant when) const;

    // The acknowledged delete that certainly came after the put and before `when`.
    const Operation* delete_between(const Operation& put, Instant when) const;
    // Whether the put's time was certainly over at `when`.
    bool expired_by(const Operation& put, Instant when) const;

    // Whether a delete or an expiry that may have come before `until` can have removed what the
    // put wrote, or a later value that replaced it.
    bool can_be_gone(const Operation& put, Instant until) const;
    // Whether any value can have been there at some time from `from` to `until`.
    bool can_be_present(Instant from, Instant until) const;
    // Whether a newer value than this version can have been written before `until`.
    bool can_be_replaced(std::uint64_t version, Instant until) const;

  private:
    using Timed = std::pair<Instant, const Operation*>;

    void index_put(const Operation& put);
    void index_read(const Operation& read);
    void index_delete(const Operation& del);
    void seal();
    bool certainly_gone(const Operation& put, Instant when) const;

    std::vector<const Operation*> operations_;
    Limits limits_;

    struct Sighting {
        std::uint64_t version = 0;
        Instant first = Instant::max();
    };
    std::unordered_map<std::uint64_t, const Operation*> writers_;  // by fingerprint
    std::unordered_map<std::uint64_t, Sighting> sightings_;        // by fingerprint

    // Acknowledged puts by version, and beside each the earliest expiry from there to the end.
    std::vector<Proof> by_version_;
    std::vector<Instant> earliest_expiry_from_;
    // Acknowledged puts by start, and beside each the latest end up to there.
    std::vector<Timed> by_start_;
    std::vector<Instant> latest_end_up_to_;

    PrefixMax<Instant, Proof> proofs_;                 // by end
    PrefixMax<Instant, Proof> ended_puts_;             // by end, acknowledged
    PrefixMax<Instant, Timed> ended_put_starts_;       // by end, acknowledged
    PrefixMax<Instant, std::uint64_t> started_puts_;   // by start, acknowledged
    PrefixMax<Instant, Timed> ended_delete_starts_;    // by end, acknowledged
    PrefixMax<Instant, Instant> started_delete_ends_;  // by start; unknown ones never end
    Instant first_unknown_put_ = Instant::max();       // start
    Instant first_unknown_expiry_ = Instant::max();
};

}  // namespace raftkv::test
