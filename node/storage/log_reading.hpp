#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/result.hpp"
#include "node/storage/disk.hpp"
#include "node/storage/record.hpp"
#include "node/storage/replay.hpp"
#include "node/storage/segment.hpp"
#include "node/storage/state_sink.hpp"
#include "node/storage/wal.hpp"

namespace raftkv::storage {

// What to do about a log that can't be read to its end. Nothing brings it back, and a node that
// forgot what it has acknowledged must not go on under its name.
std::string anew_advice(NodeId id);

// One pass over the segments of a log, which changes nothing: each must follow the one before, and
// each record what came before it. Damage is kind corrupt, with file, offset and entry.
class LogReading {
  public:
    // `last` is how the last segment is opened. See Replay about `sink` and `snapshot`.
    LogReading(Disk& disk, const Identity& identity, OpenMode last, StateSink* sink,
               LogIndex snapshot)
        : disk_(disk), identity_(identity), last_mode_(last), replay_(sink, snapshot) {}

    Result<void> run(const std::vector<SegmentName>& names);

    const Replay& replay() const { return replay_; }
    const std::vector<Segment>& segments() const { return segments_; }
    // Of the last segment: an open file, where its good records end, the sum of the last one, and
    // whether that says that all before it is durable.
    File& last_file() { return *last_file_; }
    std::unique_ptr<File> take_last_file() { return std::move(last_file_); }
    std::uint64_t end() const { return end_; }
    std::uint64_t last_sum() const { return last_sum_; }
    bool marked() const { return marked_; }

    // Damage, with its place.
    Error damage(const std::string& name, std::uint64_t offset, std::string_view what) const;

  private:
    Result<void> take_segment(const SegmentName& name, bool last);
    Result<SegmentHeader> read_header(const SegmentName& name, File& file);
    Result<void> check_chain(const SegmentHeader& header, const SegmentName& name);
    Result<void> check_state(const SegmentHeader& header, const SegmentName& name) const;
    Result<void> take_records(File& file, const Segment& segment);

    Disk& disk_;
    const Identity& identity_;
    const OpenMode last_mode_;
    Replay replay_;
    std::vector<Segment> segments_;
    std::unique_ptr<File> last_file_;
    std::uint64_t end_ = 0;
    std::uint64_t last_sum_ = 0;
    bool marked_ = true;
};

}  // namespace raftkv::storage
