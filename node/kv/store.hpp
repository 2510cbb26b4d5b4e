#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "common/strong_types.hpp"
#include "node/kv/store_reader.hpp"

namespace raftkv::kv {

enum class Status : std::uint8_t { stored, deleted, exists, version_mismatch, not_found, ticked };

struct Outcome {
    Status status = Status::ticked;
    std::uint64_t version = 0;  // stored: the version given
};

// A key that is there. The views are valid until the next apply.
struct Item {
    std::string_view key;
    std::string_view value;
    std::uint64_t version = 0;    // index of the log entry that wrote the value
    std::uint32_t exptime_s = 0;  // as it was given; 0 is never
    std::optional<ClusterMs> deadline;
};

struct StoreState;

// The replicated state machine: the same commands in the same order give the same state on every
// replica, byte for byte. It reads no clock; time comes with the commands (docs/how-it-works.md,
// "Time"): its clock is the largest stamp applied so far, and a key is there while deadline >
// clock.
class Store {
  public:
    Store();
    explicit Store(std::unique_ptr<StoreState> state);  // what a StoreLoader has built
    // Frees each key, which takes a while when there are millions: on any thread that has it.
    ~Store();
    Store(Store&&) noexcept;
    Store& operator=(Store&&) noexcept;

    // `index` must be greater than that of any earlier call. `bytes` are a command
    // that kv::encode made; anything else in a committed entry is a broken invariant.
    Outcome apply(LogIndex index, std::string_view bytes);

    // The live item, by the state machine's clock, or by a later one: as if a tick of then had
    // come.
    std::optional<Item> find(std::string_view key, ClusterMs not_before = ClusterMs(0)) const;

    // The index of the latest apply; 0 when there was none.
    LogIndex last_applied() const;
    ClusterMs clock() const;
    // When the next key runs out; nothing when none has an end. It is not after clock() while keys
    // past their end wait to be removed.
    std::optional<ClusterMs> earliest_deadline() const;
    // Whether keys past their end wait to be removed. Each apply removes a few, as many as keep up
    // with what comes; when many ran out together their owner has more removed, now and then.
    bool has_past_end() const;
    // Removes so many at most, the earliest first, and says how many it did. Nobody sees that.
    std::size_t remove_past_end(std::size_t limit);

    // Live keys and keys that are past their end but not yet removed.
    std::size_t size() const;
    // Bytes of keys, values and the records that hold them.
    std::size_t bytes() const;
    // Depends on the set of live items and the clock alone: equal on replicas that applied the
    // same entries. Kept up with each change, it costs nothing to ask for; but nothing is at hand
    // while keys past their end wait to be removed.
    std::optional<std::uint64_t> state_hash_at_hand() const;
    // The same, and at hand always: takes time for each key that waits to be removed. For tools and
    // tests; a node that serves may not have that time.
    std::uint64_t state_hash() const;

    // Every live item, in no particular order; `visit` must not apply anything.
    void for_each(const std::function<void(const Item&)>& visit) const;

    // A snapshot is the state as it is at begin_snapshot(), read out in chunks while more is
    // applied; snapshot.hpp has the bytes, and StoreLoader makes a store of them. The chunks depend
    // on the live items, the clock and last_applied() alone: equal, one by one, on all replicas.
    // One at a time. `chunk_bytes` must be the same on all of them.
    void begin_snapshot(std::size_t chunk_bytes = 64 * 1024);
    // Appends the next chunk: so many bytes and at most one item more. False: there is none left,
    // and the snapshot has ended. True with nothing appended: ask again, there was much to pass
    // over. Takes well under a millisecond at some million keys.
    bool read_snapshot(std::string& chunk);
    // Bytes of the items in a snapshot that is begun now; keys that are past their end and not yet
    // removed are counted, too.
    std::size_t snapshot_bytes() const;
    // Gives a snapshot up, if there is one.
    void end_snapshot();
    bool has_snapshot() const;
    // What is held beside bytes() because a snapshot still has to read it: overwritten and removed
    // since it was begun. After end_snapshot() the rest is freed little by little, with each apply.
    std::size_t snapshot_kept_bytes() const;

    // Reads the state as it is now for somebody else, beside a snapshot: any number of readers at a
    // time, each with what it has to keep.
    StoreReader read_out() const;

  private:
    std::shared_ptr<StoreState> state_;  // readers have weak pointers
};

}  // namespace raftkv::kv
