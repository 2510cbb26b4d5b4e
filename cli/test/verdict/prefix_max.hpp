#pragma once

#include <algorithm>
#include <optional>
#include <utility>
#include <vector>

namespace raftkv::test {

// Answers "the largest value among everything positioned before x" in logarithmic time. Fill with
// add(), then seal() once, then ask.
template <class Position, class Value>
class PrefixMax {
  public:
    void add(Position position, Value value) {
        items_.emplace_back(std::move(position), std::move(value));
    }

    void seal() {
        std::sort(items_.begin(), items_.end());
        for (std::size_t i = 1; i < items_.size(); ++i) {
            items_[i].second = std::max(items_[i].second, items_[i - 1].second);
        }
    }

    // Strictly before `limit`; nothing when there is none.
    std::optional<Value> before(const Position& limit) const {
        auto first_at_or_after = std::partition_point(
            items_.begin(), items_.end(), [&](const auto& item) { return item.first < limit; });
        if (first_at_or_after == items_.begin()) return std::nullopt;
        return std::prev(first_at_or_after)->second;
    }

  private:
    std::vector<std::pair<Position, Value>> items_;
};

}  // namespace raftkv::test
