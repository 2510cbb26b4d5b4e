#pragma once

#include <cstdint>
#include <limits>
#include <map>
#include <optional>
#include <string>

#include "common/protocol/reply.hpp"
#include "tests/system/standin/mode.hpp"
#include "tests/system/standin/shared_log.hpp"

namespace raftkv::standin {

struct Entry {
    std::string value;
    std::uint64_t version = 0;
    std::uint32_t exptime_s = 0;
    std::optional<std::int64_t> deadline_ms;
};

using Keys = std::map<std::string, Entry>;

// What a command came to. The value of a read is copied out.
struct Answer {
    protocol::ReplyKind kind = protocol::ReplyKind::internal;
    std::uint64_t version = 0;
    std::uint32_t exptime_s = 0;
    std::string value;
};

// What the records say, in their order. Every node that reads the same records has the same model.
class Model {
  public:
    Model(Mode mode, std::uint32_t nodes) : mode_(mode), nodes_(nodes) {}

    // The answer to a command, or nothing when its sender did not lead.
    std::optional<Answer> apply(const Record& record);

    // From `keys`, which may be an older copy of those below.
    Answer read(const Keys& keys, protocol::Op op, const std::string& key,
                std::int64_t now_ms) const;

    const Keys& keys() const { return keys_; }
    std::uint64_t index() const { return index_; }
    std::uint64_t term() const { return term_; }
    // Who leads, if a majority of the nodes is alive.
    std::optional<std::uint32_t> leader(std::int64_t now_ms) const;
    // Whether a node may try to lead.
    bool is_vacant(std::int64_t now_ms) const;

  private:
    bool has_quorum(std::int64_t now_ms) const;
    void claim(const Record& record);
    Answer execute(const Record& record);
    Answer put(const Record& record);
    void expire(std::int64_t now_ms);
    void forget();

    Mode mode_;
    std::uint32_t nodes_;
    std::map<std::uint32_t, std::int64_t> beats_;
    std::uint64_t index_ = 0;
    std::uint64_t term_ = 0;
    std::optional<std::uint32_t> leader_;
    Keys keys_;
    // No key expires before this.
    std::int64_t next_deadline_ms_ = std::numeric_limits<std::int64_t>::max();
};

}  // namespace raftkv::standin
