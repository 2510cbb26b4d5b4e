#include "cli/cluster/backup/fetch_backup.hpp"

#include <fmt/format.h>

#include <nlohmann/json.hpp>
#include <string_view>
#include <thread>

#include "cli/admin/admin_client.hpp"
#include "cli/admin/http_stream.hpp"
#include "cli/admin/node_answers.hpp"
#include "cli/admin/order_reply.hpp"
#include "cli/cluster/backup/backup_file.hpp"
#include "cli/cluster/dump/progress.hpp"
#include "common/printable.hpp"

namespace raftkv::cli::backup {

namespace {

using std::chrono::steady_clock;

constexpr std::chrono::milliseconds pause{20};

Error interrupted() {
    return {ErrorKind::interrupted, "interrupted"};
}

// What the node says of snapshots that it could not take.
struct Failures {
    std::uint64_t count = 0;
    std::string last;
};

// None of a node that does not tell.
Failures failures_of(const Fetch& fetch) {
    constexpr std::size_t largest_status = 1 << 20;
    const auto reply = http_get(fetch.source.admin_host, fetch.source.admin_port, "/status",
                                fetch.patience, largest_status);
    if (!reply) return {};
    const auto status = nlohmann::json::parse(reply->body, nullptr, false);
    const auto snapshot = status.is_object() ? status.find("snapshot") : status.end();
    if (snapshot == status.end() || !snapshot->is_object()) return {};
    const auto count = snapshot->find("failures");
    const auto last = snapshot->find("last_failure");
    const bool told = count != snapshot->end() && count->is_number_unsigned() &&
                      last != snapshot->end() && last->is_string();
    if (!told) return {};
    return {count->get<std::uint64_t>(), printable_line(last->get<std::string>())};
}

Result<LogIndex> order_snapshot(const Fetch& fetch) {
    const NodeAnswer there = ask_node(fetch.source, fetch.patience);
    if (!there.status) return Error{ErrorKind::unavailable, there.reason};
    auto reply =
        http_post(fetch.source.admin_host, fetch.source.admin_port, "/snapshot", fetch.patience);
    if (!reply) return reply.error();
    if (reply->code != 200) {
        return Error{ErrorKind::failed, fmt::format("node {} gives no backup: {}",
                                                    fetch.source.id.value(), reason_in(*reply))};
    }
    const auto body = nlohmann::json::parse(reply->body, nullptr, false);
    if (!body.is_object() || !body.contains("index") || !body["index"].is_number_unsigned())
        return Error{ErrorKind::failed,
                     "the node's answer is none: " + printable_line(reply->body)};
    return LogIndex(body["index"].get<std::uint64_t>());
}

// Gives the size of the file.
Result<std::uint64_t> wait_for_snapshot(const Fetch& fetch, LogIndex wanted,
                                        const Failures& before) {
    auto deadline = steady_clock::now() + fetch.patience;
    while (true) {
        auto status =
            fetch_status(fetch.source.admin_host, fetch.source.admin_port, fetch.patience);
        if (!status) return status.error();
        const SnapshotStatus& snapshot = status->snapshot;
        if (snapshot.index >= wanted) return snapshot.bytes;
        if (fetch.interrupted()) return interrupted();
        if (snapshot.taking || snapshot.incoming) {
            deadline = steady_clock::now() + fetch.patience;
        } else if (const Failures now = failures_of(fetch); now.count > before.count) {
            return Error{ErrorKind::failed, fmt::format("node {} could not take a snapshot: {}",
                                                        fetch.source.id.value(), now.last)};
        } else if (steady_clock::now() >= deadline) {
            break;
        }
        std::this_thread::sleep_for(pause);
    }
    return Error{
        ErrorKind::failed,
        fmt::format("node {} took no snapshot within {:.3g} s: its log says why",
                    fetch.source.id.value(), static_cast<double>(fetch.patience.count()) / 1000)};
}

Result<std::uint64_t> download(const Fetch& fetch, std::uint64_t size, dump::NewFile& file) {
    dump::Progress progress("backup", size >> 10, "KiB");
    std::uint64_t bytes = 0;
    auto streamed = http_get_stream(fetch.source.admin_host, fetch.source.admin_port, "/snapshot",
                                    fetch.patience, [&](std::string_view piece) -> Result<void> {
                                        if (fetch.interrupted()) return interrupted();
                                        bytes += piece.size();
                                        progress.show(bytes >> 10);
                                        return file.write(piece);
                                    });
    return streamed ? Result<std::uint64_t>(bytes) : streamed.error();
}

}  // namespace

Result<Fetched> fetch_backup(const Fetch& fetch, dump::NewFile& file,
                             const std::filesystem::path& part) {
    const Failures before = failures_of(fetch);
    auto wanted = order_snapshot(fetch);
    if (!wanted) return wanted.error();
    auto size = wait_for_snapshot(fetch, *wanted, before);
    if (!size) return size.error();
    auto bytes = download(fetch, *size, file);
    if (!bytes) return bytes.error();
    auto backup = open_backup(part);
    if (!backup) return backup.error();
    dump::Progress progress("verify", *bytes >> 10, "KiB");
    auto verified = verify_backup(*backup->reader, [&](std::uint64_t so_far) -> Result<void> {
        progress.show(so_far >> 10);
        return fetch.interrupted() ? interrupted() : Result<void>();
    });
    if (!verified) return verified.error();
    const storage::SnapshotMeta& meta = backup->reader->meta();
    if (meta.id.index >= *wanted) return Fetched{meta, *bytes};
    return Error{ErrorKind::failed,
                 fmt::format("node {} gave an older snapshot than was asked for: of entry {}, and "
                             "not of {}",
                             fetch.source.id.value(), meta.id.index.value(), wanted->value())};
}

}  // namespace raftkv::cli::backup
