#include "cli/node/verify_report.hpp"
#include "cli/command_line/json_text.hpp"

#include <fmt/format.h>

#include <iterator>
#include <nlohmann/json.hpp>
#include <vector>

#include "node/storage/record.hpp"

namespace raftkv::cli {

namespace {

using nlohmann::ordered_json;
using storage::Damage;
using storage::FolderLook;
using storage::RecordKind;
using storage::SegmentLook;
using storage::SnapshotLook;

std::uint64_t count(const SegmentLook& segment, RecordKind kind) {
    return segment.records.at(static_cast<std::size_t>(kind));
}

std::string size_text(std::uint64_t bytes) {
    constexpr std::uint64_t mib = 1u << 20;
    return bytes < mib ? fmt::format("{} bytes", bytes)
                       : fmt::format("{:.1f} MiB", static_cast<double>(bytes) / mib);
}

std::vector<Damage> damages(const FolderLook& look) {
    std::vector<Damage> found;
    for (const SegmentLook& segment : look.segments) {
        if (segment.damage) found.push_back(*segment.damage);
    }
    for (const SnapshotLook& snapshot : look.snapshots) {
        if (snapshot.damage) found.push_back(*snapshot.damage);
    }
    return found;
}

bool counts(const FolderLook& look, const SnapshotLook& snapshot) {
    return look.state.snapshot && look.state.snapshot->id.index == snapshot.index;
}

std::string identity_text(const FolderLook& look) {
    if (!look.identity) return "nothing says whose it is";
    return fmt::format("node {} of cluster {:016x}, format {}", look.identity->node_id,
                       look.identity->cluster_id, look.identity->format);
}

std::string segment_text(const SegmentLook& segment) {
    std::string text = fmt::format("  {}  {}, records up to offset {}: ", segment.name.name,
                                   size_text(segment.bytes), segment.end);
    text += segment.first_entry
                ? fmt::format("{} entries ({} to {})", count(segment, RecordKind::entry),
                              segment.first_entry->value(), segment.last_entry.value())
                : "no entries";
    const std::uint64_t others = segment.records_in_all() - count(segment, RecordKind::entry);
    text += fmt::format(", {} others\n", others);
    return text;
}

std::string snapshot_text(const FolderLook& look, const SnapshotLook& snapshot) {
    std::string text = fmt::format("  {}  {}", snapshot.name, size_text(snapshot.bytes));
    if (snapshot.meta) {
        text +=
            fmt::format(", after entry {} of term {}, {} chunks", snapshot.meta->id.index.value(),
                        snapshot.meta->id.term.value(), snapshot.totals.chunks);
    }
    if (!look.refusal) text += counts(look, snapshot) ? ", counts" : ", does not count";
    return text + "\n";
}

std::string state_text(const FolderLook& look, const VerifiedState& state) {
    const raft::Restored& log = look.state;
    std::string text = fmt::format(
        "term      {}, {}\n", log.hard_state.term.value(),
        log.hard_state.vote ? fmt::format("voted for node {}", log.hard_state.vote->value())
                            : "no vote");
    text +=
        log.last_index < log.first_index
            ? fmt::format("entries   none; the next is {}\n", log.first_index.value())
            : fmt::format("entries   {} to {}\n", log.first_index.value(), log.last_index.value());
    text += fmt::format("commit    {}\n", log.commit.value());
    text += fmt::format("state     {} keys after entry {}, hash {:016x}\n", state.keys,
                        log.commit.value(), state.hash);
    return text;
}

ordered_json json_of(const SegmentLook& segment) {
    ordered_json json{{"file", segment.name.name},
                      {"sequence", segment.name.sequence},
                      {"bytes", segment.bytes},
                      {"end", segment.end}};
    constexpr const char* names[] = {"", "entries", "terms", "truncations", "commits", "snapshots"};
    for (std::size_t kind = 1; kind < std::size(names); ++kind) {
        json[names[kind]] = segment.records.at(kind);
    }
    if (segment.first_entry) {
        json["first_entry"] = segment.first_entry->value();
        json["last_entry"] = segment.last_entry.value();
    }
    json["torn_bytes"] = segment.torn_bytes;
    return json;
}

ordered_json json_of(const FolderLook& look, const SnapshotLook& snapshot) {
    ordered_json json{
        {"file", snapshot.name}, {"bytes", snapshot.bytes}, {"index", snapshot.index.value()}};
    if (snapshot.meta) json["term"] = snapshot.meta->id.term.value();
    json["chunks"] = snapshot.totals.chunks;
    json["counts"] = counts(look, snapshot);
    return json;
}

}  // namespace

std::string verify_text(const std::string& folder, const FolderLook& look,
                        const VerifiedState& state) {
    std::string text = fmt::format("folder    {}: {}\n", folder, identity_text(look));
    text += fmt::format("segments  {}\n", look.segments.size());
    for (const SegmentLook& segment : look.segments) text += segment_text(segment);
    text += fmt::format("snapshots {}\n", look.snapshots.size());
    for (const SnapshotLook& snapshot : look.snapshots) text += snapshot_text(look, snapshot);
    if (!look.refusal) text += state_text(look, state);
    for (const std::string& name : look.files.leftovers) {
        text += fmt::format("note      {} was never finished; the next start removes it\n", name);
    }
    for (const std::string& name : look.files.torn_copies) {
        text += fmt::format("note      {} is a copy of what a crash left behind\n", name);
    }
    if (!look.repair.empty()) text += fmt::format("note      {}\n", look.repair);
    for (const Damage& damage : damages(look)) {
        text +=
            fmt::format("DAMAGED   {} at offset {}: {}\n", damage.file, damage.offset, damage.what);
    }
    text += look.refusal ? "verdict   no node will start from this\n"
                         : "verdict   good: a node can start from this\n";
    return text;
}

std::string verify_json(const std::string& folder, const FolderLook& look,
                        const VerifiedState& state) {
    ordered_json json{{"folder", folder}, {"good", !look.refusal}};
    if (look.identity) {
        json["node"] = look.identity->node_id;
        json["cluster"] = fmt::format("{:016x}", look.identity->cluster_id);
        json["format"] = look.identity->format;
    }
    json["segments"] = ordered_json::array();
    for (const SegmentLook& segment : look.segments) json["segments"].push_back(json_of(segment));
    json["snapshots"] = ordered_json::array();
    for (const SnapshotLook& snapshot : look.snapshots) {
        json["snapshots"].push_back(json_of(look, snapshot));
    }
    if (!look.refusal) {
        const raft::Restored& log = look.state;
        json["term"] = log.hard_state.term.value();
        json["vote"] = log.hard_state.vote ? ordered_json(log.hard_state.vote->value()) : nullptr;
        json["first_index"] = log.first_index.value();
        json["last_index"] = log.last_index.value();
        json["commit"] = log.commit.value();
        json["keys"] = state.keys;
        json["state_hash"] = fmt::format("{:016x}", state.hash);
    }
    json["leftovers"] = look.files.leftovers;
    json["repair"] = look.repair;
    json["damage"] = ordered_json::array();
    for (const Damage& damage : damages(look)) {
        json["damage"].push_back(
            {{"file", damage.file}, {"offset", damage.offset}, {"what", damage.what}});
    }
    if (look.refusal) json["refusal"] = look.refusal->message;
    return json_text(json) + "\n";
}

std::string verify_text(const std::string& file, const storage::SnapshotMeta& meta,
                        std::uint64_t bytes, const VerifiedState& state) {
    std::string text = fmt::format("backup    {}: {}, of cluster {:016x}\n", file, size_text(bytes),
                                   meta.cluster_id);
    text += fmt::format("state     {} keys after entry {} of term {}, hash {:016x}\n", state.keys,
                        meta.id.index.value(), meta.id.term.value(), state.hash);
    return text + "verdict   good: a cluster can be restored from this\n";
}

std::string verify_json(const std::string& file, const storage::SnapshotMeta& meta,
                        std::uint64_t bytes, const VerifiedState& state) {
    const ordered_json json{{"backup", file},
                            {"good", true},
                            {"cluster", fmt::format("{:016x}", meta.cluster_id)},
                            {"index", meta.id.index.value()},
                            {"term", meta.id.term.value()},
                            {"bytes", bytes},
                            {"keys", state.keys},
                            {"state_hash", fmt::format("{:016x}", state.hash)}};
    return json_text(json) + "\n";
}

}  // namespace raftkv::cli
