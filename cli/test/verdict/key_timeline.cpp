#include "cli/test/verdict/key_timeline.hpp"

#include <algorithm>

namespace raftkv::test {

ExpiryWindow expiry_window(const Operation& put, const Limits& limits) {
    const Instant until = put.outcome == Outcome::ok ? put.end : Instant::max();
    return expiry_window(put.exptime_s, put.start, until, limits);
}

KeyTimeline::KeyTimeline(std::vector<const Operation*> operations, const Limits& limits)
    : operations_(std::move(operations)), limits_(limits) {
    for (const Operation* op : operations_) {
        if (op->puts()) index_put(*op);
        if (op->op == protocol::Op::del) index_delete(*op);
        if (op->reads() && op->outcome == Outcome::ok) index_read(*op);
    }
    seal();
}

void KeyTimeline::index_put(const Operation& put) {
    writers_.emplace(put.fingerprint, &put);
    if (put.outcome == Outcome::unknown) {
        first_unknown_put_ = std::min(first_unknown_put_, put.start);
        first_unknown_expiry_ =
            std::min(first_unknown_expiry_, expiry_window(put, limits_).earliest);
    }
    if (put.outcome != Outcome::ok) return;
    by_version_.push_back({put.version, &put});
    by_start_.emplace_back(put.start, &put);
    ended_puts_.add(put.end, {put.version, &put});
    ended_put_starts_.add(put.end, {put.start, &put});
    started_puts_.add(put.start, put.version);
    proofs_.add(put.end, {put.version, &put});
}

void KeyTimeline::index_read(const Operation& read) {
    Sighting& sighting = sightings_[read.fingerprint];
    sighting.first = std::min(sighting.first, read.end);
    if (sighting.version == 0) sighting.version = read.version;
}

void KeyTimeline::index_delete(const Operation& del) {
    if (del.outcome == Outcome::ok) {
        ended_delete_starts_.add(del.end, {del.start, &del});
        started_delete_ends_.add(del.start, del.end);
    }
    if (del.outcome == Outcome::unknown) started_delete_ends_.add(del.start, Instant::max());
}

void KeyTimeline::seal() {
    // A plain get proves the version of the value that it showed, once that is known.
    for (const Operation* op : operations_) {
        if (!op->reads() || op->outcome != Outcome::ok) continue;
        const Operation* writer = writer_of(op->fingerprint);
        if (writer != nullptr) proofs_.add(op->end, {version_of(*writer), op});
    }
    proofs_.seal();
    ended_puts_.seal();
    ended_put_starts_.seal();
    started_puts_.seal();
    ended_delete_starts_.seal();
    started_delete_ends_.seal();

    std::sort(by_version_.begin(), by_version_.end());
    earliest_expiry_from_.resize(by_version_.size());
    Instant earliest = Instant::max();
    for (std::size_t i = by_version_.size(); i-- > 0;) {
        earliest = std::min(earliest, expiry_window(*by_version_[i].by, limits_).earliest);
        earliest_expiry_from_[i] = earliest;
    }
    std::sort(by_start_.begin(), by_start_.end());
    Instant latest = Instant::min();
    for (const auto& [start, put] : by_start_) {
        latest = std::max(latest, put->end);
        latest_end_up_to_.push_back(latest);
    }
}

const Operation* KeyTimeline::writer_of(std::uint64_t fingerprint) const {
    const auto found = writers_.find(fingerprint);
    return found == writers_.end() ? nullptr : found->second;
}

const Operation* KeyTimeline::put_with(std::uint64_t version) const {
    const auto found = std::partition_point(by_version_.begin(), by_version_.end(),
                                            [&](const Proof& p) { return p.version < version; });
    return found != by_version_.end() && found->version == version ? found->by : nullptr;
}

const Operation* KeyTimeline::next_put_after(std::uint64_t version) const {
    const auto found = std::partition_point(by_version_.begin(), by_version_.end(),
                                            [&](const Proof& p) { return p.version <= version; });
    return found == by_version_.end() ? nullptr : found->by;
}

std::uint64_t KeyTimeline::version_of(const Operation& put) const {
    if (put.outcome == Outcome::ok) return put.version;
    const auto seen = sightings_.find(put.fingerprint);
    return seen == sightings_.end() ? 0 : seen->second.version;
}

Instant KeyTimeline::done_by(const Operation& put) const {
    const auto seen = sightings_.find(put.fingerprint);
    const Instant seen_at = seen == sightings_.end() ? Instant::max() : seen->second.first;
    return put.outcome == Outcome::ok ? std::min(put.end, seen_at) : seen_at;
}

KeyTimeline::Proof KeyTimeline::newest_proof_before(Instant when) const {
    return proofs_.before(when).value_or(Proof{});
}

const Operation* KeyTimeline::newest_put_before(Instant when) const {
    return ended_puts_.before(when).value_or(Proof{}).by;
}

const Operation* KeyTimeline::last_put_before(Instant when) const {
    const auto found = ended_put_starts_.before(when);
    return found ? found->second : nullptr;
}

const Operation* KeyTimeline::delete_between(const Operation& put, Instant when) const {
    const auto last = ended_delete_starts_.before(when);
    return last && last->first > done_by(put) ? last->second : nullptr;
}

bool KeyTimeline::expired_by(const Operation& put, Instant when) const {
    return expiry_window(put, limits_).latest <= when;
}

bool KeyTimeline::can_be_gone(const Operation& put, Instant until) const {
    const auto delete_end = started_delete_ends_.before(until);
    if (delete_end && *delete_end > put.start) return true;
    if (first_unknown_expiry_ < until) return true;
    const auto from = std::partition_point(
        by_version_.begin(), by_version_.end(),
        [version = version_of(put)](const Proof& p) { return p.version < version; });
    if (from == by_version_.end()) return false;
    return earliest_expiry_from_[static_cast<std::size_t>(from - by_version_.begin())] < until;
}

bool KeyTimeline::certainly_gone(const Operation& put, Instant when) const {
    return expired_by(put, when) || delete_between(put, when) != nullptr;
}

bool KeyTimeline::can_be_present(Instant from, Instant until) const {
    if (first_unknown_put_ < until) return true;
    const auto last_delete = ended_delete_starts_.before(from);
    const auto end = std::partition_point(by_start_.begin(), by_start_.end(),
                                          [&](const Timed& put) { return put.first < until; });
    for (auto i = static_cast<std::size_t>(end - by_start_.begin()); i-- > 0;) {
        // No put this early outlasted the last delete.
        if (last_delete && latest_end_up_to_[i] < last_delete->first) return false;
        if (!certainly_gone(*by_start_[i].second, from)) return true;
    }
    return false;
}

bool KeyTimeline::can_be_replaced(std::uint64_t version, Instant until) const {
    if (first_unknown_put_ < until) return true;
    const auto newest = started_puts_.before(until);
    return newest && *newest > version;
}

}  // namespace raftkv::test
