#include <algorithm>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "cli/test/simulation/memory_disk.hpp"
#include "common/bytes.hpp"
#include "common/checksum.hpp"
#include "node/storage/snapshot_reader.hpp"
#include "node/storage/snapshot_receiver.hpp"
#include "node/storage/snapshot_writer.hpp"
#include "tests/fuzz/targets.hpp"

// The first byte says what the rest is: 'f' a file as it is; 'd' steps of damage to a good one,
// since nobody hits its sums by chance; 's' what is in one whose sums are right.

namespace raftkv::fuzz {

namespace {

using storage::MemoryDisk;
using storage::SnapshotMeta;

const SnapshotMeta sample_meta{0x5eed, {LogIndex(9), Term(3)}, "who belongs to the cluster"};

struct Content {
    SnapshotMeta meta;
    std::vector<std::string> chunks;

    bool operator==(const Content&) const = default;
};

std::string file_of(const Content& content) {
    MemoryDisk disk;
    auto writer = storage::SnapshotWriter::create(disk, content.meta);
    always(writer.ok(), "a snapshot can be begun");
    for (const std::string& chunk : content.chunks) {
        always((*writer)->add(chunk).ok(), "a snapshot can be written");
    }
    const auto size = (*writer)->finish();
    always(size.ok(), "a snapshot can be ended");
    std::string bytes = disk.contents(storage::snapshot_name(content.meta.id.index));
    always(bytes.size() == *size, "its size is what was said");
    return bytes;
}

const std::string& sample_file() {
    static const std::string file =
        file_of({sample_meta, {std::string(300, 'a'), "b", std::string(77, 'c')}});
    return file;
}

// Reads all of a file; an error is that of damage, with a place.
Result<Content> read(MemoryDisk& disk, const std::string& name) {
    auto reader = storage::SnapshotReader::open(disk, name);
    if (!reader) return reader.error();
    Content content{(*reader)->meta(), {}};
    for (;;) {
        const std::uint64_t before = (*reader)->offset();
        auto chunk = (*reader)->next();
        if (!chunk) return chunk.error();
        if (!*chunk) return content;
        always((*reader)->offset() > before, "each chunk takes its place");
        content.chunks.emplace_back(**chunk);
    }
}

// As it comes from another server, cut into pieces.
bool is_received(const std::string& bytes, const SnapshotMeta& promised) {
    MemoryDisk disk;
    auto receiver = storage::SnapshotReceiver::create(disk, promised.id);
    always(receiver.ok(), "a snapshot can be received");
    const std::size_t piece = 1 + checksum(bytes) % 500;
    for (std::size_t at = 0; at < bytes.size(); at += piece) {
        always(!(*receiver)->append(at + 1, "x").ok(), "a piece for another place is refused");
        always((*receiver)->append(at, std::string_view(bytes).substr(at, piece)).ok(),
               "what comes is taken");
    }
    const auto size = (*receiver)->finish(promised.cluster_id);
    const std::string name = storage::snapshot_name(promised.id.index);
    if (size) {
        always(*size == bytes.size() && disk.contents(name) == bytes,
               "what is received is what was sent");
    } else {
        always(size.error().kind == ErrorKind::corrupt, "damage is what is refused");
        always(disk.all_contents().empty(), "of what is refused nothing is left");
    }
    return size.ok();
}

void check_file(const std::string& bytes) {
    MemoryDisk disk;
    const MemoryDisk::NamedFile file{"a.backup", std::make_shared<std::string>(bytes)};
    disk.set_files({&file, 1});
    const auto content = read(disk, "a.backup");
    if (!content) {
        always(content.error().kind == ErrorKind::corrupt, "damage is what is wrong");
        always(!content.error().message.empty(), "an error has a text");
        // Which reads it in the same way: now and then is enough.
        if (checksum(bytes) % 8 == 0) {
            always(!is_received(bytes, sample_meta), "who receives it finds the same");
        }
        return;
    }
    std::size_t payload = content->meta.members.size();
    for (const std::string& chunk : content->chunks) payload += chunk.size();
    always(payload < bytes.size(), "what is read is in the file");
    always(file_of(*content) == bytes, "what is understood is written as it was read");
    always(is_received(bytes, content->meta), "who receives it finds the same");
    always(is_received(bytes, sample_meta) == (content->meta.cluster_id == sample_meta.cluster_id &&
                                               content->meta.id == sample_meta.id),
           "no other snapshot is taken for the one that was promised");
}

// A letter and numbers each, brought into range, so that few inputs do nothing.
std::string damaged(ByteReader input) {
    std::string bytes = sample_file();
    constexpr int max_steps = 8;
    for (int i = 0; i < max_steps && !bytes.empty(); ++i) {
        const char what = input.take<char>();
        const std::size_t at = input.take<std::uint16_t>() % bytes.size();
        const std::size_t count = input.take<std::uint8_t>();
        if (!input.ok()) break;
        if (what == 'f') bytes[at] = static_cast<char>(bytes[at] ^ (1 << count % 8));
        if (what == 'c') bytes.resize(at);
        if (what == 'g') bytes.append(count, static_cast<char>(at));
        if (what == 'z') std::fill_n(&bytes[at], std::min(count, bytes.size() - at), '\0');
        if (what == 'm') bytes.replace(at, count, std::string(bytes, at / 2, count));
        if (what == 'r') bytes.erase(at, count);
        if (what == 'o') {
            const std::string_view with = input.take_bytes(count);
            bytes.replace(at, with.size(), with);
        }
    }
    return bytes;
}

Content content_of(ByteReader input) {
    Content content;
    content.meta.cluster_id = input.take<std::uint64_t>();
    content.meta.id.index = LogIndex(input.take<std::uint64_t>());
    content.meta.id.term = Term(input.take<std::uint64_t>());
    content.meta.members = input.take_bytes(input.take<std::uint8_t>());
    while (!input.rest().empty()) {
        const std::size_t wanted = std::max<std::size_t>(1, input.take<std::uint8_t>());
        const std::string_view chunk = input.take_bytes(std::min(wanted, input.rest().size()));
        if (!chunk.empty()) content.chunks.emplace_back(chunk);
    }
    return content;
}

void check_content(const Content& content) {
    const std::string bytes = file_of(content);
    MemoryDisk disk;
    const MemoryDisk::NamedFile file{"a.backup", std::make_shared<std::string>(bytes)};
    disk.set_files({&file, 1});
    const auto found = read(disk, "a.backup");
    always(found.ok() && *found == content, "what is written is read as it was");
    if (checksum(bytes) % 8 == 0) {
        always(is_received(bytes, content.meta), "and so it is when it is sent");
    }
}

}  // namespace

void try_snapshot_files(std::string_view input) {
    if (input.empty()) {
        return;
    }
    const char what = input.front();
    input.remove_prefix(1);
    if (what == 'f') {
        check_file(std::string(input));
    } else if (what == 'd') {
        check_file(damaged(ByteReader(input)));
    } else if (what == 's') {
        check_content(content_of(ByteReader(input)));
    }
}

}  // namespace raftkv::fuzz
