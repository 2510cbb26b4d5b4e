#include "cli/test/scenarios/workload.hpp"

#include <fmt/format.h>

#include <utility>

namespace raftkv::test {
namespace {

constexpr std::uint64_t shared_keys = 8;
// Keeps the state small enough to be read out whole at the end.
constexpr std::size_t most_own_keys = 400;
constexpr std::uint64_t longest_exptime_s = 3;
constexpr std::size_t most_resting_keys = 8;
constexpr std::uint32_t resting_exptime_s = 1;
// After a change of leader the cluster's clock may lag for as long as there was no leader.
constexpr std::chrono::milliseconds rest_after_end{1000};

Result<void> only_error(const Result<Operation>& done) {
    return done ? Result<void>{} : Result<void>{done.error()};
}

}  // namespace

Workload::Workload(RecordingClient& client, std::uint32_t number, std::uint64_t seed,
                   std::vector<NodeId> nodes)
    : client_(client), number_(number), random_(seed), nodes_(std::move(nodes)) {}

Result<void> Workload::turn() {
    struct Choice {
        std::uint64_t weight;
        Result<void> (Workload::*act)();
    };
    static constexpr Choice choices[] = {
        {18, &Workload::create_own},         {16, &Workload::replace_own},
        {4, &Workload::replace_own_wrongly}, {12, &Workload::read_own},
        {8, &Workload::remove_own},          {10, &Workload::create_shared},
        {10, &Workload::replace_shared},     {12, &Workload::read_shared},
        {4, &Workload::remove_shared},       {6, &Workload::read_at_some_node},
        {4, &Workload::rest_or_look},
    };
    std::uint64_t total = 0;
    for (const Choice& choice : choices) total += choice.weight;
    std::uint64_t drawn = below(total);
    for (const Choice& choice : choices) {
        if (drawn < choice.weight) return (this->*choice.act)();
        drawn -= choice.weight;
    }
    return {};
}

std::string Workload::shared_key() {
    return fmt::format("shared.{}", below(shared_keys));
}

std::string Workload::any_key() {
    if (own_.empty() || below(2) == 0) return shared_key();
    return own_[below(own_.size())].name;
}

std::uint32_t Workload::some_exptime() {
    if (below(4) != 0) return 0;
    return static_cast<std::uint32_t>(1 + below(longest_exptime_s));
}

std::size_t Workload::some_size() {
    return below(1000) == 0 ? 16 * 1024 + below(16 * 1024) : 16 + below(200);
}

Result<void> Workload::create_own() {
    if (own_.size() >= most_own_keys) return remove_own();
    const std::string key = fmt::format("own.{}.{}", number_, created_++);
    const auto made = client_.set(key, some_exptime(), some_size());
    if (!made) return made.error();
    // A write that may have happened is kept, too: whatever is done to it next is judged.
    own_.push_back({key, made->version});
    return {};
}

Result<void> Workload::replace_own() {
    if (own_.empty()) return create_own();
    OwnKey& own = own_[below(own_.size())];
    const auto replaced = client_.cas(own.name, own.version, some_exptime(), some_size());
    if (!replaced) return replaced.error();
    if (replaced->outcome == Outcome::ok) own.version = replaced->version;
    return {};
}

// A version that this key certainly does not have: the one before was given to something else.
Result<void> Workload::replace_own_wrongly() {
    if (own_.empty()) return create_own();
    const OwnKey& own = own_[below(own_.size())];
    const std::uint64_t wrong = own.version > 1 ? own.version - 1 : 1;
    return only_error(client_.cas(own.name, wrong, 0, some_size()));
}

Result<void> Workload::read_own() {
    if (own_.empty()) return create_own();
    OwnKey& own = own_[below(own_.size())];
    if (below(2) == 0) return only_error(client_.get(own.name));
    const auto read = client_.getm(own.name);
    if (!read) return read.error();
    if (read->outcome == Outcome::ok) own.version = read->version;
    return {};
}

Result<void> Workload::remove_own() {
    if (own_.empty()) return create_own();
    std::swap(own_[below(own_.size())], own_.back());
    const auto removed = client_.del(own_.back().name);
    own_.pop_back();
    return only_error(removed);
}

Result<void> Workload::create_shared() {
    return only_error(client_.set(shared_key(), some_exptime(), some_size()));
}

Result<void> Workload::replace_shared() {
    const std::string key = shared_key();
    const auto read = client_.getm(key);
    if (!read) return read.error();
    if (read->outcome != Outcome::ok) return {};
    return only_error(client_.cas(key, read->version, some_exptime(), some_size()));
}

Result<void> Workload::read_shared() {
    const std::string key = shared_key();
    return only_error(below(2) == 0 ? client_.get(key) : client_.getm(key));
}

Result<void> Workload::remove_shared() {
    return only_error(client_.del(shared_key()));
}

Result<void> Workload::rest_or_look() {
    const auto now = std::chrono::steady_clock::now();
    if (!resting_.empty() && resting_.front().over <= now) {
        const std::string key = std::move(resting_.front().name);
        resting_.pop_front();
        return only_error(client_.get(key));
    }
    if (resting_.size() >= most_resting_keys) return read_own();
    const std::string key = fmt::format("resting.{}.{}", number_, created_++);
    const auto made = client_.set(key, resting_exptime_s, some_size());
    if (!made) return made.error();
    const auto rest = std::chrono::seconds(resting_exptime_s) + rest_after_end;
    resting_.push_back({key, std::chrono::steady_clock::now() + rest});
    return {};
}

Result<void> Workload::read_at_some_node() {
    return only_error(client_.getm_at(nodes_[below(nodes_.size())], any_key()));
}

}  // namespace raftkv::test
