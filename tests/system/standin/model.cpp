#include "tests/system/standin/model.hpp"

#include <algorithm>

#include "common/check.hpp"

namespace raftkv::standin {
namespace {

using protocol::Op;
using protocol::ReplyKind;

constexpr std::int64_t leader_is_lost_after_ms = 150;
constexpr std::int64_t node_is_lost_after_ms = 300;

}  // namespace

std::optional<Answer> Model::apply(const Record& record) {
    expire(record.time_ms);
    switch (record.kind) {
        case Record::Kind::beat:
            beats_[record.node] = record.time_ms;
            return std::nullopt;
        case Record::Kind::claim:
            claim(record);
            return std::nullopt;
        case Record::Kind::forget:
            forget();
            return std::nullopt;
        case Record::Kind::command:
            if (record.term != term_ || leader(record.time_ms) != record.node) return std::nullopt;
            ++index_;
            return execute(record);
    }
    check_failed("known Record::Kind", __FILE__, __LINE__);
}

bool Model::has_quorum(std::int64_t now_ms) const {
    if (mode_ == Mode::no_quorum) return true;
    const auto alive = std::count_if(beats_.begin(), beats_.end(), [&](const auto& beat) {
        return beat.second > now_ms - node_is_lost_after_ms;
    });
    return static_cast<std::uint32_t>(alive) > nodes_ / 2;
}

std::optional<std::uint32_t> Model::leader(std::int64_t now_ms) const {
    return has_quorum(now_ms) ? leader_ : std::nullopt;
}

bool Model::is_vacant(std::int64_t now_ms) const {
    if (!has_quorum(now_ms)) return false;
    if (!leader_) return true;
    if (mode_ == Mode::never_elects_again) return false;
    return beats_.at(*leader_) <= now_ms - leader_is_lost_after_ms;
}

void Model::claim(const Record& record) {
    if (record.term != term_ + 1 || !is_vacant(record.time_ms)) return;
    term_ = record.term;
    leader_ = record.node;
    ++index_;
}

void Model::expire(std::int64_t now_ms) {
    if (mode_ == Mode::keeps_expired || now_ms < next_deadline_ms_) return;
    next_deadline_ms_ = std::numeric_limits<std::int64_t>::max();
    const auto gone = std::erase_if(keys_, [&](const auto& key) {
        if (!key.second.deadline_ms) return false;
        if (*key.second.deadline_ms <= now_ms) return true;
        next_deadline_ms_ = std::min(next_deadline_ms_, *key.second.deadline_ms);
        return false;
    });
    // As a tick in the log would: states of one index have the same keys.
    if (gone > 0) ++index_;
}

void Model::forget() {
    std::uint64_t turn = 0;
    std::erase_if(keys_, [&](const auto&) { return ++turn % 3 == 0; });
    ++index_;
}

Answer Model::execute(const Record& record) {
    const auto found = keys_.find(record.key);
    const bool is_there = found != keys_.end();
    switch (record.op) {
        case Op::set:
            if (!is_there) return put(record);
            if (mode_ == Mode::applies_refused) put(record);
            return {ReplyKind::version_err, 0, 0, {}};
        case Op::cas:
            if (!is_there) return {ReplyKind::not_found, 0, 0, {}};
            if (found->second.version != record.version) return {ReplyKind::version_err, 0, 0, {}};
            return put(record);
        case Op::del:
            if (!is_there) return {ReplyKind::not_found, 0, 0, {}};
            keys_.erase(found);
            return {ReplyKind::deleted, 0, 0, {}};
        case Op::get:
        case Op::getm:
            break;
    }
    check_failed("a command that writes", __FILE__, __LINE__);
}

Answer Model::put(const Record& record) {
    Entry entry;
    entry.value = record.value;
    entry.version = mode_ == Mode::duplicate_versions ? index_ | 1 : index_;
    entry.exptime_s = record.exptime_s;
    if (record.exptime_s > 0) {
        entry.deadline_ms = record.time_ms + 1000 * record.exptime_s;
        next_deadline_ms_ = std::min(next_deadline_ms_, *entry.deadline_ms);
    }
    keys_[record.key] = entry;
    return {ReplyKind::ok, entry.version, 0, {}};
}

Answer Model::read(const Keys& keys, Op op, const std::string& key, std::int64_t now_ms) const {
    const auto found = keys.find(key);
    if (found == keys.end()) return {ReplyKind::not_found, 0, 0, {}};
    const Entry& entry = found->second;
    const bool expired = entry.deadline_ms && *entry.deadline_ms <= now_ms;
    if (expired && mode_ != Mode::keeps_expired) return {ReplyKind::not_found, 0, 0, {}};
    return {op == Op::getm ? ReplyKind::value_meta : ReplyKind::value, entry.version,
            entry.exptime_s, entry.value};
}

}  // namespace raftkv::standin
