#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "common/config.hpp"
#include "common/result.hpp"

namespace raftkv::cli::dump {

// The moment that a dump shows, as the node told it.
struct DumpHead {
    std::uint64_t applied = 0;
    std::uint64_t keys_at_most = 0;
};

struct DumpSummary {
    std::uint64_t applied = 0;
    std::uint64_t keys = 0;
    std::string state_hash;  // 16 hex digits
};

// Cuts the answer to GET /dump into lines and sees whether all of it came: it begins with the
// moment and ends with the number of keys. Untrusted bytes.
class DumpChecker {
  public:
    // Takes the line of an item, with its line end.
    using TakeLine = std::function<Result<void>(std::string_view)>;

    explicit DumpChecker(TakeLine take) : take_(std::move(take)) {}

    Result<void> add(std::string_view piece);
    // After the last piece.
    Result<DumpSummary> finish() const;

    const DumpHead& head() const { return head_; }
    std::uint64_t items() const { return items_; }

  private:
    Result<void> add_line(std::string_view line);

    TakeLine take_;
    std::string rest_;  // of a line that is not complete
    DumpHead head_;
    bool has_head_ = false;
    std::uint64_t items_ = 0;
    std::optional<DumpSummary> summary_;
};

// From the node's admin port. `checker` may be asked how far it is while pieces arrive.
Result<DumpSummary> fetch_dump(const ServerConfig& node, std::chrono::milliseconds silence,
                               DumpChecker& checker);

}  // namespace raftkv::cli::dump
