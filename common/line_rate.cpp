#include "common/line_rate.hpp"

#include <algorithm>
#include <utility>

namespace raftkv::log {

namespace {

// The beginning of the line without its numbers.
std::string kind_of(std::string_view line) {
    constexpr std::size_t enough = 60;
    std::string kind;
    for (const char c : line) {
        const bool digit = c >= '0' && c <= '9';
        if (!digit) kind += c;
        if (kind.size() == enough) break;
    }
    return kind;
}

}  // namespace

std::optional<std::uint64_t> LineRate::take(std::string_view line, Time now) {
    std::string kind = kind_of(line);
    // All that do not fit share an allowance.
    if (kinds_.size() >= max_kinds && !kinds_.contains(kind)) kind.clear();
    Allowance& allowance =
        kinds_.try_emplace(std::move(kind), Allowance{now, double(allowed_at_once_), 0})
            .first->second;
    // Wall time steps: then the lines get what they get after a second.
    const std::chrono::duration<double> passed = now - std::exchange(allowance.since, now);
    const double earned = passed.count() < 0 ? 1 : passed.count();
    allowance.left = std::min<double>(allowed_at_once_, allowance.left + earned);
    if (allowance.left < 1) {
        ++allowance.left_out;
        return std::nullopt;
    }
    allowance.left -= 1;
    return std::exchange(allowance.left_out, 0);
}

}  // namespace raftkv::log
