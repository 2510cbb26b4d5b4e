#pragma once

#include <compare>
#include <cstddef>
#include <cstdint>
#include <functional>

namespace raftkv {

// A number that means one thing and cannot be passed where another is meant. Arithmetic is
// limited to what has a meaning for positions and amounts: plus and minus of a plain count.
template <class Tag, class Rep>
class Strong {
  public:
    using Representation = Rep;

    constexpr Strong() = default;
    constexpr explicit Strong(Rep value) : value_(value) {}

    constexpr Rep value() const { return value_; }
    constexpr auto operator<=>(const Strong&) const = default;

    constexpr Strong operator+(Rep count) const { return Strong(value_ + count); }
    constexpr Strong operator-(Rep count) const { return Strong(value_ - count); }
    // The distance between two of a kind.
    constexpr Rep operator-(Strong other) const { return value_ - other.value_; }
    constexpr Strong& operator++() {
        ++value_;
        return *this;
    }

  private:
    Rep value_{};
};

// The `Id` of a server in config.json.
using NodeId = Strong<struct NodeIdTag, std::uint32_t>;
// A Raft term; 0 is before the first election.
using Term = Strong<struct TermTag, std::uint64_t>;
// A position in the replicated log; the first entry is 1, and 0 is "before the log".
using LogIndex = Strong<struct LogIndexTag, std::uint64_t>;

// Points in time, in milliseconds. Three clocks that must not be mixed:
// a process' monotonic clock; the wall clock (since 1970); the clock of the replicated state
// machine, which moves only by stamps in the log (docs/how-it-works.md, "Time").
using MonotonicMs = Strong<struct MonotonicMsTag, std::int64_t>;
using WallMs = Strong<struct WallMsTag, std::int64_t>;
using ClusterMs = Strong<struct ClusterMsTag, std::int64_t>;

struct StrongHash {
    template <class Tag, class Rep>
    std::size_t operator()(Strong<Tag, Rep> value) const {
        return std::hash<Rep>()(value.value());
    }
};

}  // namespace raftkv
