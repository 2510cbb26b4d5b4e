#include "cli/test/checker/known_versions.hpp"

#include <algorithm>
#include <utility>

namespace raftkv::test {

KnownVersions::KnownVersions(std::vector<std::uint64_t> versions) : versions_(std::move(versions)) {
    std::sort(versions_.begin(), versions_.end());
    versions_.erase(std::unique(versions_.begin(), versions_.end()), versions_.end());
    run_end_ = versions_;
    for (std::size_t i = versions_.size(); i-- > 1;) {
        if (versions_[i - 1] + 1 == versions_[i]) run_end_[i - 1] = run_end_[i];
    }
}

bool KnownVersions::contains(std::uint64_t version) const {
    return std::binary_search(versions_.begin(), versions_.end(), version);
}

std::uint64_t KnownVersions::next_free(std::uint64_t version) const {
    const std::uint64_t next = version + 1;
    const auto found = std::lower_bound(versions_.begin(), versions_.end(), next);
    if (found == versions_.end() || *found != next) return next;
    return run_end_[static_cast<std::size_t>(found - versions_.begin())] + 1;
}

}  // namespace raftkv::test
