#include "node/storage/entry_walk.hpp"

#include <algorithm>
#include <utility>

namespace raftkv::storage {

namespace {

// A record, the `position`th of the log, that voids entries before it from an index on.
struct Cut {
    std::uint64_t position = 0;
    LogIndex from;
};

class Walk {
  public:
    Walk(Disk& disk, const LogFiles& files) : disk_(disk), files_(files) {}

    Result<void> find_cuts() {
        return each_record([this](const RecordReader& reader, std::uint64_t position) {
            const Record& record = reader.record();
            if (record.kind == RecordKind::truncate) {
                cuts_.push_back({position, record.index});
            } else if (record.kind == RecordKind::commit) {
                walk_.commit = std::max(walk_.commit, record.index);
            } else if (record.kind == RecordKind::snapshot) {
                walk_.commit = std::max(walk_.commit, record.index);
                if (record.voids_log) {
                    cuts_.push_back({position, LogIndex(0)});
                }
            }
        });
    }

    Result<void> visit(const EntryRange& range,
                       const std::function<void(const raft::Entry&, bool)>& visit) {
        // From which index on entries before each cut are void, also by later ones.
        for (std::size_t i = cuts_.size(); i-- > 1;) {
            cuts_[i - 1].from = std::min(cuts_[i - 1].from, cuts_[i].from);
        }
        walk_.damages.clear();
        auto cut = cuts_.begin();
        return each_record([&](const RecordReader& reader, std::uint64_t position) {
            const Record& record = reader.record();
            while (cut != cuts_.end() && cut->position <= position) {
                ++cut;
            }
            if (record.kind == RecordKind::entry && record.index >= range.from &&
                record.index <= range.to && (cut == cuts_.end() || record.index < cut->from)) {
                visit({record.index, record.term, record.entry_kind, reader.payload()},
                      record.index <= walk_.commit);
            }
        });
    }

    EntryWalk take() { return std::move(walk_); }

  private:
    Result<void> each_record(
        const std::function<void(const RecordReader&, std::uint64_t position)>& record) {
        std::uint64_t position = 0;
        for (const SegmentName& name : files_.segments) {
            const bool last = &name == &files_.segments.back();
            auto look = look_at_segment(
                disk_, name, last, [&](const RecordReader& reader) { record(reader, ++position); });
            if (!look) {
                return look.error();
            }
            if (look->header && !look->damage) {
                walk_.commit = std::max(walk_.commit, look->header->commit);
            }
            if (look->damage) {
                walk_.damages.push_back(std::move(*look->damage));
            }
        }
        return {};
    }

    Disk& disk_;
    const LogFiles& files_;
    std::vector<Cut> cuts_;
    EntryWalk walk_;
};

}  // namespace

Result<EntryWalk> walk_entries(
    Disk& disk, const LogFiles& files, const EntryRange& range,
    const std::function<void(const raft::Entry& entry, bool committed)>& visit) {
    Walk walk(disk, files);
    if (auto found = walk.find_cuts(); !found) {
        return found.error();
    }
    if (auto visited = walk.visit(range, visit); !visited) {
        return visited.error();
    }
    return walk.take();
}

}  // namespace raftkv::storage
