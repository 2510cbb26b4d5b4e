#include "cli/node/entry_line.hpp"

#include <fmt/format.h>

#include <nlohmann/json.hpp>
#include <optional>
#include <string_view>

#include "cli/client/escape.hpp"
#include "cli/command_line/json_text.hpp"
#include "common/base64.hpp"
#include "node/kv/command.hpp"
#include "node/raft/membership.hpp"

namespace raftkv::cli {

namespace {

using nlohmann::ordered_json;

constexpr std::size_t shown_bytes = 60;

std::string_view name_of(kv::CommandOp op) {
    switch (op) {
        case kv::CommandOp::set:
            return "set";
        case kv::CommandOp::cas:
            return "cas";
        case kv::CommandOp::del:
            return "delete";
        case kv::CommandOp::tick:
            return "tick";
    }
    return "";
}

std::string value_text(std::string_view value) {
    std::string text = client::escaped(value.substr(0, shown_bytes));
    return value.size() <= shown_bytes ? fmt::format("\"{}\"", text)
                                       : fmt::format("\"{}\"... ({} bytes)", text, value.size());
}

std::string members_text(const raft::Entry& entry) {
    const auto membership = raft::decode_membership(entry.payload.view());
    if (!membership) return fmt::format("{} bytes that are no members", entry.payload.size());
    std::string text = "members:";
    for (const raft::Member& member : membership->members) {
        text += fmt::format(" {}", member.id.value());
        if (!member.votes()) text += fmt::format(" ({})", raft::name_of(member.kind));
    }
    return text;
}

std::string command_text(const raft::Entry& entry) {
    if (entry.kind == raft::EntryKind::noop) return "a leader's first entry";
    if (entry.kind == raft::EntryKind::members) return members_text(entry);
    const auto command = kv::decode(entry.payload.view());
    if (!command) return fmt::format("{} bytes that are no command", entry.payload.size());
    std::string text(name_of(command->op));
    if (command->op == kv::CommandOp::tick) {
        return text + fmt::format(" to {} ms", command->stamp.value());
    }
    text += fmt::format(" \"{}\"", client::escaped(command->key));
    if (command->op == kv::CommandOp::del) return text;
    if (command->op == kv::CommandOp::cas) text += fmt::format(" version {}", command->version);
    text += " " + value_text(command->value);
    if (command->exptime_s != 0) text += fmt::format(" for {} s", command->exptime_s);
    return text;
}

// As in a dump: bytes that are no text go under another name.
void put_bytes(ordered_json& json, const std::string& name, std::string_view bytes) {
    if (client::is_utf8(bytes)) {
        json[name] = bytes;
    } else {
        json[name + "_base64"] = to_base64(bytes);
    }
}

void put_command(ordered_json& json, const raft::Entry& entry) {
    const auto command = kv::decode(entry.payload.view());
    if (!command) {
        json["kind"] = "unknown";
        json["payload_base64"] = to_base64(entry.payload.view());
        return;
    }
    json["kind"] = name_of(command->op);
    json["stamp_ms"] = command->stamp.value();
    if (command->op == kv::CommandOp::tick) return;
    put_bytes(json, "key", command->key);
    if (command->op == kv::CommandOp::del) return;
    if (command->op == kv::CommandOp::cas) json["version"] = command->version;
    json["exptime"] = command->exptime_s;
    put_bytes(json, "value", command->value);
}

}  // namespace

std::string entry_text(const raft::Entry& entry, bool committed) {
    return fmt::format("{:>10} {:>6}  {}{}\n", entry.index.value(), entry.term.value(),
                       command_text(entry), committed ? "" : "  (not known to be committed)");
}

std::string entry_json(const raft::Entry& entry, bool committed) {
    ordered_json json{
        {"index", entry.index.value()}, {"term", entry.term.value()}, {"committed", committed}};
    if (entry.kind == raft::EntryKind::noop) {
        json["kind"] = "noop";
    } else if (entry.kind == raft::EntryKind::members) {
        json["kind"] = "members";
        ordered_json members = ordered_json::array();
        if (const auto membership = raft::decode_membership(entry.payload.view()))
            for (const raft::Member& member : membership->members)
                members.push_back(
                    {{"id", member.id.value()}, {"kind", raft::name_of(member.kind)}});
        json["members"] = std::move(members);
    } else {
        put_command(json, entry);
    }
    return json_text(json) + "\n";
}

}  // namespace raftkv::cli
