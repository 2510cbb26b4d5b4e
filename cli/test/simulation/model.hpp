#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "cli/test/simulation/plan.hpp"
#include "common/strong_types.hpp"
#include "node/kv/command.hpp"
#include "node/kv/store.hpp"

// What the committed log means, worked out a second time, as plainly as can be: by this the
// answers of replicas are judged. It remembers every state there ever was.

namespace raftkv::simulation {

struct KeyState {
    LogIndex from;  // the entry that made it so
    bool present = false;
    std::uint64_t version = 0;
    std::uint32_t exptime_s = 0;
    std::optional<ClusterMs> deadline;
    Micros ends = 0;                // in true time, when it has an end
    std::uint64_t fingerprint = 0;  // of the value
};

struct WriteResult {
    LogIndex index;
    kv::CommandOp op = kv::CommandOp::set;
    kv::Status status = kv::Status::ticked;
    std::uint64_t fingerprint = 0;  // of the value that was to be written
    std::uint64_t expected = 0;     // cas
    bool claimed = false;           // a client was told
};

class Model {
  public:
    // Commands in the order of the log, made by their leaders at such a time.
    void apply(LogIndex index, const kv::Command& command, Micros made_at);
    // An entry that is no command.
    void skip(LogIndex index);

    LogIndex last() const { return LogIndex(clocks_.size()); }
    ClusterMs clock_at(LogIndex index) const {
        return index.value() == 0 ? ClusterMs(0) : clocks_[index.value() - 1];
    }
    // The key as it is once `index` is applied; nothing when it is not there, or past its end.
    std::optional<KeyState> find(std::string_view key, LogIndex index) const;
    // What was last known of the key then, whether it is there or not; nothing if nothing was.
    const KeyState* last_state(std::string_view key, LogIndex index) const;
    // Results of writes to a key, ascending.
    std::vector<WriteResult>& results(std::string_view key) {
        return keys_[std::string(key)].results;
    }
    // Keys that are there once everything is applied.
    std::vector<std::pair<std::string, KeyState>> live() const;

  private:
    struct Key {
        std::vector<KeyState> states;
        std::vector<WriteResult> results;
    };
    std::map<std::string, Key, std::less<>> keys_;
    std::vector<ClusterMs> clocks_;
};

}  // namespace raftkv::simulation
