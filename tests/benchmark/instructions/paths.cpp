#include "tests/benchmark/instructions/paths.hpp"

#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <memory>
#include <string>

#include "common/check.hpp"
#include "common/protocol/parser.hpp"
#include "common/protocol/reply.hpp"
#include "node/kv/command.hpp"
#include "node/kv/store.hpp"
#include "node/storage/posix_disk.hpp"
#include "node/storage/state_sink.hpp"
#include "node/storage/wal.hpp"
#include "node/wire/peer_codec.hpp"
#include "tests/benchmark/instructions/trio.hpp"

namespace raftkv::benchmark {

namespace {

// As many commands as a turn of a busy node takes, with values of 64 bytes; and so many keys are
// there before it begins. A set wants a new one.
constexpr std::uint64_t batch = 16;
constexpr std::uint64_t keys = 4096;
const std::string value(64, 'v');

std::string key_of(std::uint64_t number) {
    const std::string digits = std::to_string(number);
    return "key-" + std::string(12 - digits.size(), '0') + digits;
}

protocol::Request set_of(const std::string& key) {
    protocol::Request request;
    request.op = protocol::Op::set;
    request.key = key;
    request.value = value;
    return request;
}

void parse(std::uint64_t operations) {
    std::string bytes;
    for (std::uint64_t i = 0; i < batch; ++i) protocol::format(set_of(key_of(i)), bytes);
    protocol::RequestParser parser(1u << 20);
    for (std::uint64_t done = 0; done < operations;) {
        std::string_view rest = bytes;
        while (!rest.empty()) {
            const protocol::ParsedRequest parsed = parser.next(rest);
            rest.remove_prefix(parsed.consumed);
            if (parsed.status == protocol::ParseStatus::request) ++done;
        }
    }
}

void reply(std::uint64_t operations) {
    std::string bytes;
    protocol::Reply stored;
    stored.kind = protocol::ReplyKind::ok;
    for (std::uint64_t i = 0; i < operations; ++i) {
        if (i % batch == 0) bytes.clear();
        stored.version = i;
        protocol::format(stored, bytes);
    }
}

std::vector<raft::Entry> entries_from(std::uint64_t first) {
    std::string block;
    std::vector<std::size_t> ends;
    for (std::uint64_t i = 0; i < batch; ++i) {
        kv::encode({kv::CommandOp::set, ClusterMs(1), 0, 0, key_of(i), value}, block);
        ends.push_back(block.size());
    }
    const auto shared = std::make_shared<const std::string>(std::move(block));
    std::vector<raft::Entry> entries;
    std::size_t start = 0;
    for (std::uint64_t i = 0; i < batch; ++i) {
        const auto bytes = std::string_view(*shared).substr(start, ends[i] - start);
        entries.push_back(
            {LogIndex(first + i), Term(1), raft::EntryKind::command, SharedBytes(shared, bytes)});
        start = ends[i];
    }
    return entries;
}

void message(std::uint64_t operations) {
    const raft::Message request{
        Term(1), raft::AppendRequest{LogIndex(0), Term(0), LogIndex(0), entries_from(1)}};
    std::string bytes;
    for (std::uint64_t done = 0; done < operations; done += batch) {
        bytes.clear();
        wire::encode_frame(request, bytes);
        RAFTKV_CHECK(wire::parse_frame(bytes, false).consumed == bytes.size());
    }
}

class NoState final : public storage::StateSink {
  public:
    void start() override {}
    Result<void> snapshot_chunk(std::string_view) override { return {}; }
    Result<void> snapshot_end(const raft::SnapshotId&, std::string_view) override { return {}; }
    void committed(const raft::Entry&) override {}
};

// The log itself; writing and syncing are the system's.
void append(std::uint64_t operations) {
    std::string folder = (std::filesystem::temp_directory_path() / "raftkv-XXXXXX").string();
    RAFTKV_CHECK(::mkdtemp(folder.data()) != nullptr);
    {
        auto disk = storage::open_posix_disk(folder);
        RAFTKV_CHECK(disk.ok());
        NoState sink;
        storage::Recovered recovered;
        auto wal = storage::Wal::open(**disk, {1, 1, NodeId(0), 1}, {}, sink, recovered);
        RAFTKV_CHECK(wal.ok());
        std::vector<raft::Entry> entries = entries_from(1);
        for (std::uint64_t done = 0; done < operations; done += batch) {
            for (std::uint64_t i = 0; i < batch; ++i) entries[i].index = LogIndex(done + i + 1);
            raft::LogWrite write;
            write.sequence = done + 1;
            write.entries = entries;
            write.commit = LogIndex(done);
            while ((*wal)->wants_segment()) RAFTKV_CHECK((*wal)->prepare_segment().ok());
            RAFTKV_CHECK((*wal)->append(write).ok());
            RAFTKV_CHECK((*wal)->sync().ok());
        }
    }
    std::filesystem::remove_all(folder);
}

void apply(std::uint64_t operations) {
    kv::Store store;
    std::string command;
    for (std::uint64_t i = 0; i < keys + operations; ++i) {
        command.clear();
        kv::encode({kv::CommandOp::set, ClusterMs(1), 0, 0, key_of(i), value}, command);
        RAFTKV_CHECK(store.apply(LogIndex(i + 1), command).status == kv::Status::stored);
    }
}

void fill(Trio& trio, std::uint64_t count) {
    for (std::uint64_t i = 0; i < count; ++i) {
        const std::string key = key_of(i);
        trio.submit(set_of(key));
        if (i % batch == batch - 1) trio.settle();
    }
    RAFTKV_CHECK(trio.answered() == count);
}

void write(std::uint64_t operations) {
    Trio trio;
    fill(trio, keys + operations);
}

void read(std::uint64_t operations) {
    Trio trio;
    fill(trio, keys);
    for (std::uint64_t i = 0; i < operations; ++i) {
        const std::string key = key_of(i % keys);
        protocol::Request request;
        request.op = protocol::Op::get;
        request.key = key;
        trio.submit(request);
        if (i % batch == batch - 1) trio.settle();
    }
}

}  // namespace

const std::vector<Path>& paths() {
    static const std::vector<Path> all = {
        {"parse", "a set of a client, from bytes", parse},
        {"reply", "the reply to a set, to bytes", reply},
        {"message", "an entry in a message to a follower, to bytes and back", message},
        {"append", "an entry into the log", append},
        {"apply", "a set, by the state machine", apply},
        {"write", "a set, by all of three replicas", write},
        {"read", "a get, by all of three replicas", read},
    };
    return all;
}

const Path* find_path(const std::string& name) {
    const auto found = std::find_if(paths().begin(), paths().end(),
                                    [&](const Path& path) { return path.name == name; });
    return found == paths().end() ? nullptr : &*found;
}

}  // namespace raftkv::benchmark
