#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

// The two protocols that the load generator speaks. Both are cheap: no copy, no allocation.

namespace raftkv::benchmark {

enum class Operation { set, get };

struct ReplyCheck {
    enum class Status { need_more, good, bad };
    Status status = Status::need_more;
    std::size_t consumed = 0;
    std::uint64_t version = 0;  // that a set gave, where there are versions
};

class Dialect {
  public:
    virtual ~Dialect() = default;
    virtual void append_set(std::string& out, std::string_view key,
                            std::string_view value) const = 0;
    // Sets a key that is there: `version` is what the last set of it gave.
    virtual void append_overwrite(std::string& out, std::string_view key, std::uint64_t version,
                                  std::string_view value) const = 0;
    virtual void append_get(std::string& out, std::string_view key) const = 0;
    // The first reply in `input`. Good is a set that was done, or a get with a value of
    // `value_bytes`.
    virtual ReplyCheck check(std::string_view input, Operation operation,
                             std::size_t value_bytes) const = 0;
};

std::unique_ptr<Dialect> make_raftkv_dialect();
// Redis.
std::unique_ptr<Dialect> make_resp_dialect();

}  // namespace raftkv::benchmark
