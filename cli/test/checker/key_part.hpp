#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "cli/test/checker/known_versions.hpp"
#include "cli/test/history/history.hpp"

// A history taken apart by keys, each operation with all that can be said of it before any order
// is tried.

namespace raftkv::test {

constexpr std::uint32_t nobody = UINT32_MAX;

// One operation that has, or may have, its place in the order of its key. "Put" is a set or a cas.
struct KeyOperation {
    const Operation* operation = nullptr;
    // It takes effect in this span. `until` is Instant::max() when it may be at any later time.
    Instant from, until;
    std::uint64_t version = 0;      // of a put: as it was told or read; 0 where it never was
    std::uint32_t writer = nobody;  // of a read that found a value: the only put that wrote it
    std::uint32_t readers = 0;      // of a put: the reads whose writer it is
    bool may_be_left_out = false;   // its outcome is unknown, and nobody saw what it wrote

    const Operation& op() const { return *operation; }
};

struct KeyPart {
    std::string_view name;
    std::vector<KeyOperation> operations;  // by start
    // A write of unknown outcome that has its value in common with another one, when somebody read
    // that value: who wrote it cannot be told.
    const Operation* ambiguous = nullptr;
    // Versions alone rule out every order.
    bool is_impossible = false;
};

// What no order can mend, whatever the keys hold.
struct VersionClash {
    enum class Kind : std::uint8_t {
        reused,          // `first` and `second` were given the same version
        backwards,       // `second` began after `first` had a higher version, and got a lower one
        before_written,  // `first` read what `second` had not begun to write
    };
    Kind kind;
    const Operation* first;
    const Operation* second;
    std::uint64_t first_version;
    std::uint64_t second_version;
};

struct Parts {
    std::vector<KeyPart> keys;  // by name
    KnownVersions versions;
    std::optional<VersionClash> clash;
};

// Versions are positions in one log, so the writes of all keys are done in their order. Whatever
// proves that a version had been given proves it for all below; that narrows the spans, across
// keys too. Keeps pointers into the history.
Parts take_apart(const History& history);

}  // namespace raftkv::test
