#include "cli/test/verdict/state_dump.hpp"

#include <fmt/format.h>

#include <charconv>
#include <nlohmann/json.hpp>
#include <set>

namespace raftkv::test {
namespace {

using nlohmann::json;

std::uint64_t parse_hash(const std::string& hex) {
    std::uint64_t number = 0;
    const auto [end, error] = std::from_chars(hex.data(), hex.data() + hex.size(), number, 16);
    if (error != std::errc() || end != hex.data() + hex.size()) {
        throw std::invalid_argument("\"" + hex + "\" is no hash");
    }
    return number;
}

StateEntry parse_entry(const json& line) {
    StateEntry entry;
    entry.version = line.at("version").get<std::uint64_t>();
    entry.exptime_s = line.at("exptime").get<std::uint32_t>();
    const json& deadline = line.at("deadline_ms");
    if (!deadline.is_null()) entry.deadline_ms = deadline.get<std::int64_t>();
    entry.numbytes = line.at("numbytes").get<std::uint64_t>();
    entry.fingerprint = parse_hash(line.at("value_hash").get<std::string>());
    return entry;
}

// Takes the next non-empty line off the front.
std::string_view take_line(std::string_view& text) {
    const std::size_t end = text.find('\n');
    const std::string_view line = text.substr(0, end);
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    return line;
}

std::string describe(const std::optional<StateEntry>& entry) {
    if (!entry) return "does not have it";
    return fmt::format("has version {}, exptime {}, deadline {}, {} bytes with hash {:016x}",
                       entry->version, entry->exptime_s,
                       entry->deadline_ms ? std::to_string(*entry->deadline_ms) : "never",
                       entry->numbytes, entry->fingerprint);
}

std::optional<StateEntry> find(const StateDump& state, const std::string& key) {
    const auto found = state.keys.find(key);
    if (found == state.keys.end()) return std::nullopt;
    return found->second;
}

}  // namespace

Result<StateDump> parse_state(NodeId node, std::string_view text) {
    try {
        const json header = json::parse(take_line(text));
        StateDump state;
        state.node = node;
        state.applied = LogIndex(header.at("applied").get<std::uint64_t>());
        state.state_hash = header.at("state_hash").get<std::string>();
        while (!text.empty()) {
            const json line = json::parse(take_line(text));
            state.keys.emplace(line.at("key").get<std::string>(), parse_entry(line));
        }
        if (state.keys.size() != header.at("keys").get<std::size_t>()) {
            throw std::invalid_argument("it has not as many keys as its first line says");
        }
        return state;
    } catch (const std::exception& error) {
        return Error{ErrorKind::failed,
                     fmt::format("node {}'s state cannot be read: {}", node.value(), error.what())};
    }
}

std::vector<std::string> differences(const StateDump& left, const StateDump& right,
                                     std::size_t limit) {
    std::set<std::string> keys;
    for (const auto& [key, entry] : left.keys) keys.insert(key);
    for (const auto& [key, entry] : right.keys) keys.insert(key);

    std::vector<std::string> texts;
    const auto add = [&](std::string text) {
        if (texts.size() < limit) texts.push_back(std::move(text));
    };
    for (const std::string& key : keys) {
        const auto left_entry = find(left, key);
        const auto right_entry = find(right, key);
        if (left_entry == right_entry) continue;
        add(fmt::format("key {}: node {} {}, node {} {}", key, left.node.value(),
                        describe(left_entry), right.node.value(), describe(right_entry)));
    }
    if (left.applied != right.applied) {
        add(fmt::format("node {} has applied {} entries, node {} {}", left.node.value(),
                        left.applied.value(), right.node.value(), right.applied.value()));
    }
    if (texts.empty() && left.state_hash != right.state_hash) {
        add(fmt::format("node {} has state hash {}, node {} {}", left.node.value(), left.state_hash,
                        right.node.value(), right.state_hash));
    }
    return texts;
}

History as_reads(const StateDump& state, const History& history, Instant start, Instant end) {
    Operation read;
    read.op = protocol::Op::getm;
    read.client = observer;
    read.start = start;
    read.end = end;

    History reads;
    std::set<std::string> known;
    for (const Operation& op : history) known.insert(op.key);
    for (const auto& [key, entry] : state.keys) {
        read.key = key;
        read.outcome = Outcome::ok;
        read.fingerprint = entry.fingerprint;
        read.version = entry.version;
        read.exptime_s = entry.exptime_s;
        reads.push_back(read);
        known.erase(key);
    }
    for (const std::string& key : known) {
        read.key = key;
        read.outcome = Outcome::absent;
        read.fingerprint = read.version = read.exptime_s = 0;
        reads.push_back(read);
    }
    return reads;
}

}  // namespace raftkv::test
