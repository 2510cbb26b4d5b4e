#include "node/kv/command.hpp"

#include "common/bytes.hpp"
#include "common/check.hpp"

namespace raftkv::kv {
namespace {

void put_key(std::string& out, std::string_view key) {
    RAFTKV_CHECK(!key.empty() && key.size() <= max_key_bytes);
    put(out, static_cast<std::uint8_t>(key.size()));
    out.append(key);
}

bool take_key(ByteReader& reader, Command& command) {
    const auto size = reader.take<std::uint8_t>();
    command.key = reader.take_bytes(size);
    return reader.ok() && size > 0 && size <= max_key_bytes;
}

// What follows the stamp.
bool take_fields(ByteReader& reader, Command& command) {
    switch (command.op) {
        case CommandOp::set:
        case CommandOp::cas:
            command.exptime_s = reader.take<std::uint32_t>();
            if (command.op == CommandOp::cas) command.version = reader.take<std::uint64_t>();
            if (!take_key(reader, command)) return false;
            command.value = reader.take_bytes(reader.rest().size());
            return command.value.size() <= max_value_bytes;
        case CommandOp::del:
            return take_key(reader, command) && reader.done();
        case CommandOp::tick:
            return reader.done();
    }
    return false;
}

}  // namespace

void encode(const Command& command, std::string& out) {
    RAFTKV_CHECK(command.stamp >= ClusterMs(0) && command.stamp <= max_stamp);
    RAFTKV_CHECK(command.value.size() <= max_value_bytes);
    put(out, static_cast<std::uint8_t>(command.op));
    put(out, command.stamp.value());
    if (command.op == CommandOp::tick) return;
    if (command.op != CommandOp::del) put(out, command.exptime_s);
    if (command.op == CommandOp::cas) put(out, command.version);
    put_key(out, command.key);
    if (command.op != CommandOp::del) out.append(command.value);
}

std::optional<Command> decode(std::string_view bytes) {
    ByteReader reader(bytes);
    Command command;
    command.op = static_cast<CommandOp>(reader.take<std::uint8_t>());
    command.stamp = ClusterMs(reader.take<std::int64_t>());
    if (!reader.ok() || command.stamp < ClusterMs(0) || command.stamp > max_stamp) return {};
    if (!take_fields(reader, command)) return {};
    return command;
}

}  // namespace raftkv::kv
