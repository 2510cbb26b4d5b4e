#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace raftkv::storage {

constexpr std::uint64_t sector_bytes = 512;

// Sectors of a file, as runs. Cheap for a file that grows at its end.
class SectorSet {
  public:
    struct Run {
        std::uint64_t first;
        std::uint64_t end;
    };

    void add(Run run) {
        if (!runs_.empty() && run.first <= runs_.back().end && run.first >= runs_.back().first) {
            runs_.back().end = std::max(runs_.back().end, run.end);
            return;
        }
        tidy_ = runs_.empty() || (tidy_ && run.first > runs_.back().end);
        runs_.push_back(run);
    }
    void add(const SectorSet& other) {
        for (const Run& run : other.runs_) {
            add(run);
        }
    }
    // All sectors that the bytes [from, to) touch.
    void add_bytes(std::uint64_t from, std::uint64_t to) {
        if (from < to) {
            add(Run{from / sector_bytes, (to + sector_bytes - 1) / sector_bytes});
        }
    }
    void clear() { runs_.clear(); }
    bool empty() const { return runs_.empty(); }

    // Ascending, without overlap.
    const std::vector<Run>& runs() {
        if (!tidy_) {
            tidy();
        }
        return runs_;
    }

  private:
    void tidy() {
        std::sort(runs_.begin(), runs_.end(),
                  [](const Run& a, const Run& b) { return a.first < b.first; });
        std::size_t kept = 0;
        for (const Run& run : runs_) {
            if (kept > 0 && run.first <= runs_[kept - 1].end) {
                runs_[kept - 1].end = std::max(runs_[kept - 1].end, run.end);
            } else {
                runs_[kept++] = run;
            }
        }
        runs_.resize(kept);
        tidy_ = true;
    }

    std::vector<Run> runs_;
    bool tidy_ = true;
};

}  // namespace raftkv::storage
