#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "cli/test/simulation/memory_disk.hpp"
#include "common/bytes.hpp"
#include "node/storage/record.hpp"
#include "node/storage/segment.hpp"
#include "node/storage/wal.hpp"
#include "tests/fuzz/sample_log.hpp"
#include "tests/fuzz/targets.hpp"

// The first byte of the input chooses a log, and what is done with it after; then come steps of
// damage to it, a letter and numbers each. What a step says is brought into range, so that few
// inputs do nothing.

namespace raftkv::fuzz {

namespace {

using storage::MemoryDisk;

// The damage to a log.
class Damage {
  public:
    Damage(const SampleLog& log, ByteReader input) : log_(log), input_(input) {
        files_.reserve(log.files.size());
        for (const auto& [name, bytes] : log.files) {
            files_.push_back({name, bytes});
        }
    }

    void run() {
        constexpr int max_steps = 16;
        for (int i = 0; i < max_steps && step(); ++i) {
        }
    }
    const std::vector<MemoryDisk::NamedFile>& files() const { return files_; }
    const std::string& last_segment() { return *find(log_.segments.back()); }
    // No record was made that the log never had.
    bool is_only_damage() const { return only_damage_; }

  private:
    bool step() {
        const char what = input_.take<char>();
        storage::FileBytes& file = find(name_of(input_.take<std::uint8_t>()));
        const auto where = input_.take<std::uint16_t>();
        if (!input_.ok() || file->empty()) {
            return false;
        }
        std::string& bytes = storage::writable(file);
        const std::size_t at = where % bytes.size();
        switch (what) {
            case 'f':  // a bit flips
                bytes[at] = static_cast<char>(bytes[at] ^ 1 << input_.take<std::uint8_t>() % 8);
                break;
            case 'z':  // lost: zeros instead
                std::fill_n(bytes.begin() + static_cast<std::ptrdiff_t>(at),
                            std::min<std::size_t>(input_.take<std::uint16_t>(), bytes.size() - at),
                            '\0');
                break;
            case 'o':  // something else
                overwrite(bytes, at, input_.take_bytes(input_.take<std::uint8_t>()));
                break;
            case 'm':  // misdirected: a sector of the log in another place
                move_sector(bytes, at);
                break;
            case 'c':  // cut
                bytes.resize(at);
                break;
            case 'g':  // grown
                bytes.append(1 + input_.take<std::uint8_t>(), '\0');
                break;
            case 'i':  // the other file of the folder
                change_identity(where);
                break;
            case 'r':  // a record that is right by itself
                forge(bytes, input_.take<std::uint8_t>() % 2 == 0 ? log_.end : at);
                break;
            default:
                return false;
        }
        return input_.ok();
    }

    std::size_t segments() const { return log_.segments.size(); }
    const std::string& name_of(std::size_t which) const {
        which %= segments() + log_.snapshots.size();
        return which < segments() ? log_.segments[which] : log_.snapshots[which - segments()];
    }

    storage::FileBytes& find(std::string_view name) {
        const auto found = std::find_if(files_.begin(), files_.end(),
                                        [&](const auto& file) { return file.name == name; });
        always(found != files_.end(), "the log has this file");
        return found->bytes;
    }
    static void overwrite(std::string& bytes, std::size_t at, std::string_view with) {
        with = with.substr(0, bytes.size() - at);
        bytes.replace(at, with.size(), with);
    }

    void move_sector(std::string& bytes, std::size_t at) {
        constexpr std::size_t header_sectors = storage::header_block_bytes / storage::sector_bytes;
        const std::string& from = *find(log_.segments[input_.take<std::uint8_t>() % segments()]);
        const std::size_t sector = header_sectors + input_.take<std::uint8_t>() % 2;
        if (sector * storage::sector_bytes < from.size()) {
            const std::string moved =
                from.substr(sector * storage::sector_bytes, storage::sector_bytes);
            overwrite(bytes, at / storage::sector_bytes * storage::sector_bytes, moved);
        }
    }

    void change_identity(std::size_t where) {
        std::string& bytes = storage::writable(find("identity"));
        bytes[where % bytes.size()] = static_cast<char>(input_.take<std::uint8_t>());
    }

    // Sums protect from chance, not from a program that is wrong: recovery has to stand any record.
    void forge(std::string& bytes, std::uint64_t at) {
        only_damage_ = false;
        const std::uint64_t offset = at / storage::record_alignment * storage::record_alignment;
        storage::Record record;
        record.kind = static_cast<storage::RecordKind>(1 + input_.take<std::uint8_t>() % 5);
        record.entry_kind = static_cast<raft::EntryKind>(1 + input_.take<std::uint8_t>() % 3);
        record.index = LogIndex(number_near(log_.last_index));
        record.term = Term(number_near(3));
        record.hard_state.term = record.term;
        record.synced = number_near(offset);
        std::string payload;
        if (record.kind == storage::RecordKind::snapshot) {
            record.voids_log = input_.take<std::uint8_t>() % 2 == 0;
            put(payload, number_near(log_.last_index));
        } else if (record.kind == storage::RecordKind::entry) {
            payload = input_.take_bytes(input_.take<std::uint8_t>());
        }
        std::string out;
        storage::encode_header(out, record, payload, {salt_of(bytes), offset});
        out += payload;
        if (offset < bytes.size()) {
            overwrite(bytes, offset, out);
        }
    }

    std::uint64_t salt_of(const std::string& bytes) {
        for (std::size_t i = 0; i < segments(); ++i) {
            if (find(log_.segments[i]).get() == &bytes) {
                return log_.salts[i];
            }
        }
        return 0;
    }

    // Small numbers and those around `middle` matter; and the largest there are.
    std::uint64_t number_near(std::uint64_t middle) {
        const std::uint64_t distance = input_.take<std::uint8_t>() - std::uint64_t{128};
        switch (input_.take<std::uint8_t>() % 3) {
            case 0:
                return middle + distance;
            case 1:
                return distance;
            default:
                return input_.take<std::uint64_t>();
        }
    }

    const SampleLog& log_;
    ByteReader input_;
    std::vector<MemoryDisk::NamedFile> files_;
    bool only_damage_ = true;
};

class SumSink final : public storage::StateSink {
  public:
    void start() override {
        sum = LogSum();
        chunks_.clear();
    }
    Result<void> snapshot_chunk(std::string_view chunk) override {
        chunks_ += chunk;
        return {};
    }
    Result<void> snapshot_end(const raft::SnapshotId& id, std::string_view) override {
        always(chunks_ == chunk_of(id), "a snapshot is what was written");
        sum.take(id, true);
        return {};
    }
    void committed(const raft::Entry& entry) override { sum.take(entry); }

    LogSum sum;

  private:
    std::string chunks_;
};

struct Opened {
    bool ok = false;
    Error error{ErrorKind::failed, ""};
    std::uint64_t state = 0;
    std::uint64_t last_index = 0;
    std::uint64_t commit = 0;
    std::string repaired;
};

// Opens the log and, when `use_it`, goes on with it.
Opened open(MemoryDisk& disk, bool use_it) {
    Opened opened;
    SumSink sink;
    LogSum& sum = sink.sum;
    storage::Recovered recovered;
    auto wal = storage::Wal::open(disk, sample_identity, {sample_segment_bytes}, sink, recovered);
    if (!wal) {
        opened.error = wal.error();
        return opened;
    }
    const raft::Restored& state = recovered.state;
    always(state.commit.value() == sum.last_index(), "committed entries are given, all of them");
    for (const raft::Entry& entry : state.tail) {
        sum.take(entry);
    }
    always(state.last_index.value() == sum.last_index(), "the tail is all the rest");
    sum.take(state.hard_state);
    opened.ok = true;
    opened.repaired = recovered.repaired;
    if (use_it) {
        const raft::Entry entry{state.last_index + 1, Term(1000), raft::EntryKind::command,
                                SharedBytes::copy_of("on")};
        raft::LogWrite write;
        write.entries.push_back(entry);
        always((*wal)->append(write).ok() && (*wal)->sync().ok(), "a log that opens can be used");
        always((*wal)->clean_up().ok(), "a log that opens can be cleaned up");
        sum.take(entry);
    }
    opened.state = sum.value();
    opened.last_index = sum.last_index();
    opened.commit = state.commit.value();
    return opened;
}

// How many records of the log must be there: those before the last segment, and those that an
// intact record of the last segment vouches for.
std::size_t vouched_for(const SampleLog& log, const std::string& last_segment) {
    std::uint64_t synced = 0;
    for (const SampleRecord& record : log.records) {
        if (record.segment + 1 == log.segments.size() && record.offset < last_segment.size() &&
            last_segment.compare(record.offset, record.header.size(), record.header) == 0) {
            synced = std::max(synced, record.synced);
        }
    }
    std::size_t count = 0;
    while (count < log.records.size() && (log.records[count].segment + 1 < log.segments.size() ||
                                          log.records[count].offset < synced)) {
        ++count;
    }
    return count;
}

void check_content(const SampleLog& log, const Opened& opened, const std::string& last_segment) {
    const std::size_t least = vouched_for(log, last_segment);
    auto from = log.states.begin() + static_cast<std::ptrdiff_t>(least);
    always(std::find(from, log.states.end(), opened.state) != log.states.end(),
           "a log says what it said at some time, and what is known to be synced is there");
    always(opened.commit <= log.commit, "nothing is committed that was not");
    if (opened.state != log.states.back()) {
        always(!opened.repaired.empty() || last_segment.find_last_not_of('\0') < log.end,
               "what is cut off is named");
    }
}

}  // namespace

void try_log_recovery(std::string_view input) {
    ByteReader reader(input);
    const auto choice = reader.take<std::uint8_t>();
    const SampleLog& log = sample_logs()[choice % sample_logs().size()];
    Damage damage(log, reader);
    damage.run();

    MemoryDisk disk;
    disk.set_files(damage.files());
    const Opened opened = open(disk, false);
    if (!opened.ok) {
        always(!opened.error.message.empty(), "a refusal has a text");
        always(opened.error.kind == ErrorKind::corrupt, "damage is what is refused");
        always(disk.holds(damage.files()), "a log that is refused is left as it is");
        return;
    }
    if (damage.is_only_damage()) {
        check_content(log, opened, damage.last_segment());
    }
    // More takes more time, which most inputs had better spend on other damage.
    const std::size_t more = choice / sample_logs().size();
    if (more < 2) {
        return;
    }
    const bool use_it = more == 2 && damage.is_only_damage();
    const Opened again = open(disk, use_it);
    always(again.ok && again.repaired.empty(), "a repair is done once");
    if (!use_it) {
        always(again.state == opened.state, "a log says the same when it is opened again");
        return;
    }
    disk.lose_power();
    const Opened last = open(disk, false);
    always(last.ok && last.repaired.empty() && last.state == again.state,
           "what was synced is there after the power was lost");
}

}  // namespace raftkv::fuzz
