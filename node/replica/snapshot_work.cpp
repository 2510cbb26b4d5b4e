#include "node/replica/snapshot_work.hpp"

#include <algorithm>
#include <utility>

#include "node/replica/store_sink.hpp"
#include "node/storage/snapshot_format.hpp"

namespace raftkv::replica {
namespace {

template <class... Handlers>
struct Overloaded : Handlers... {
    using Handlers::operator()...;
};
template <class... Handlers>
Overloaded(Handlers...) -> Overloaded<Handlers...>;

// The device is full: this snapshot comes to nothing, and the node goes on.
bool is_bearable(const Error& error) {
    return error.kind == ErrorKind::no_space;
}

Result<bool> exists(storage::Disk& disk, const std::string& name) {
    auto names = disk.list();
    if (!names) return names.error();
    return std::find(names->begin(), names->end(), name) != names->end();
}

}  // namespace

void tell(Replica& replica, SnapshotAnswer answer) {
    std::visit(
        Overloaded{
            [&](const SnapshotWritten& written) { replica.snapshot_written(written.info); },
            [&](const SnapshotFailed&) { replica.snapshot_failed(); },
            [&](const SnapshotStored& stored) { replica.snapshot_stored(stored.id, stored.bytes); },
            [&](const SnapshotLost& lost) { replica.snapshot_lost(lost.id); },
            [&](SnapshotReceived& received) {
                replica.snapshot_received(received.info, std::move(received.loaded));
            },
            [&](SnapshotFetched& fetched) {
                replica.snapshot_fetched(fetched.fetch, std::move(fetched.bytes));
            },
            [&](const SnapshotUnreadable& unreadable) {
                replica.snapshot_unreadable(unreadable.fetch);
            }},
        answer);
}

Result<void> SnapshotWork::carry_out(SnapshotTask task, std::vector<SnapshotAnswer>& answers) {
    return std::visit(
        Overloaded{[&](const BeginSnapshot& task_) { return begin(task_, answers); },
                   [&](const AddToSnapshot& task_) { return add(task_.chunk, answers); },
                   [&](const EndSnapshot&) { return end(answers); },
                   [&](const GiveUpSnapshot&) {
                       writer_.reset();
                       return Result<void>();
                   },
                   [&](const raft::SnapshotPiece& piece) { return store(piece, answers); },
                   [&](const raft::SnapshotFetch& wanted) { return fetch(wanted, answers); },
                   [&](const DiscardSnapshot& task_) {
                       // It may have been cleared away as older than another.
                       (void)disk_.remove(storage::snapshot_name(task_.id.index));
                       return Result<void>();
                   },
                   [&](const BelongTo& task_) {
                       cluster_id_ = task_.cluster;
                       return Result<void>();
                   },
                   [](const kv::Store&) { return Result<void>(); }},
        task);
}

// --- our own

Result<void> SnapshotWork::failed(const Error& error, std::vector<SnapshotAnswer>& answers) {
    writer_.reset();
    if (!is_bearable(error)) return error;
    answers.push_back(SnapshotFailed{error.message});
    return {};
}

Result<void> SnapshotWork::begin(const BeginSnapshot& task, std::vector<SnapshotAnswer>& answers) {
    taken_ = task.id;
    receiver_.reset();  // nobody takes one while another comes in: that one came to nothing
    auto created = storage::SnapshotWriter::create(disk_, {cluster_id_, task.id, task.members});
    if (!created) return failed(created.error(), answers);
    writer_ = std::move(*created);
    return {};
}

Result<void> SnapshotWork::add(const std::string& chunk, std::vector<SnapshotAnswer>& answers) {
    if (!writer_) return {};  // it failed, and that was said
    if (auto added = writer_->add(chunk); !added) return failed(added.error(), answers);
    return {};
}

Result<void> SnapshotWork::end(std::vector<SnapshotAnswer>& answers) {
    if (!writer_) return {};
    auto bytes = writer_->finish();
    if (!bytes) return failed(bytes.error(), answers);
    writer_.reset();
    reader_.reset();  // an older one need not take space any longer
    answers.push_back(SnapshotWritten{{taken_, *bytes}});
    return {};
}

// --- those of others

Result<void> SnapshotWork::store(const raft::SnapshotPiece& piece,
                                 std::vector<SnapshotAnswer>& answers) {
    Result<void> done = receive(piece);
    if (done && receiver_->offset() == piece.snapshot.bytes)
        done = complete(piece.snapshot, answers);
    else if (done)
        answers.push_back(SnapshotStored{piece.snapshot.id, receiver_->offset()});
    if (done) return {};
    receiver_.reset();
    const ErrorKind kind = done.error().kind;
    // What came was damaged or out of order, or there is no space: it can be sent again.
    if (kind == ErrorKind::io || kind == ErrorKind::usage) return done;
    answers.push_back(SnapshotLost{piece.snapshot.id, done.error().message});
    return {};
}

Result<void> SnapshotWork::receive(const raft::SnapshotPiece& piece) {
    if (piece.offset == 0) {
        receiver_.reset();
        auto created = storage::SnapshotReceiver::create(disk_, piece.snapshot.id);
        if (!created) return created.error();
        receiver_ = std::move(*created);
        incoming_ = piece.snapshot.id;
    }
    if (!receiver_ || incoming_ != piece.snapshot.id)
        return Error{ErrorKind::failed, "its beginning is missing"};
    return receiver_->append(piece.offset, piece.bytes.view());
}

Result<void> SnapshotWork::complete(const raft::SnapshotInfo& info,
                                    std::vector<SnapshotAnswer>& answers) {
    auto bytes = receiver_->finish(cluster_id_);
    if (!bytes) return bytes.error();
    receiver_.reset();
    reader_.reset();
    auto loaded = load(info.id.index);
    if (!loaded) {
        if (auto removed = disk_.remove(storage::snapshot_name(info.id.index)); !removed)
            return removed;
        return loaded.error();
    }
    answers.push_back(SnapshotStored{info.id, *bytes});
    answers.push_back(SnapshotReceived{info, std::move(*loaded)});
    return {};
}

Result<LoadedSnapshot> SnapshotWork::load(LogIndex index) {
    auto reader = storage::SnapshotReader::open(disk_, index);
    if (!reader) return reader.error();
    StoreSink sink;
    for (;;) {
        auto chunk = (*reader)->next();
        if (!chunk) return chunk.error();
        const storage::SnapshotMeta& meta = (*reader)->meta();
        auto taken =
            *chunk ? sink.snapshot_chunk(**chunk) : sink.snapshot_end(meta.id, meta.members);
        if (!taken) return taken.error();
        if (!*chunk) break;
    }
    LoadedSnapshot loaded;
    loaded.store = std::move(sink.store());
    if (sink.members()) loaded.members = sink.members()->members;
    return loaded;
}

Result<void> SnapshotWork::fetch(const raft::SnapshotFetch& wanted,
                                 std::vector<SnapshotAnswer>& answers) {
    auto bytes = read_verified(wanted);
    if (!bytes) {
        reader_.reset();
        if (bytes.error().kind != ErrorKind::corrupt) return bytes.error();
        answers.push_back(SnapshotUnreadable{wanted, bytes.error().message});
        return {};
    }
    auto block = std::make_shared<const std::string>(std::move(*bytes));
    const std::string_view view = *block;
    answers.push_back(SnapshotFetched{wanted, SharedBytes(std::move(block), view)});
    return {};
}

// A piece of the file, once all up to its end is verified: what is damaged would be refused by
// whoever gets it, and asked for again for ever. What is sent once more is verified once more.
Result<std::string> SnapshotWork::read_verified(const raft::SnapshotFetch& wanted) {
    const std::string name = storage::snapshot_name(wanted.id.index);
    if (!reader_ || reader_->meta().id != wanted.id || wanted.offset < verified_) {
        reader_.reset();
        verified_ = 0;
        auto there = exists(disk_, name);
        if (!there) return there.error();
        if (!*there) return Error{ErrorKind::corrupt, disk_.path_of(name) + " is missing"};
        auto opened = storage::SnapshotReader::open(disk_, wanted.id.index);
        if (!opened) return opened.error();
        reader_ = std::move(*opened);
        if (reader_->meta().id != wanted.id)
            return Error{ErrorKind::corrupt, disk_.path_of(name) + " is of another term"};
    }
    const std::uint64_t end = wanted.offset + wanted.max_bytes;
    for (bool more = true; more && reader_->offset() < end;) {
        auto chunk = reader_->next();
        if (!chunk) return chunk.error();
        more = chunk->has_value();
    }
    verified_ = end;
    return reader_->read_raw(wanted.offset, wanted.max_bytes);
}

}  // namespace raftkv::replica
