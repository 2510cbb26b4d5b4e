#include "node/kv/snapshot.hpp"

namespace raftkv::kv::snapshot {
namespace {

// By the header's clock, which is the largest stamp of all, and past which an item has its end.
bool is_possible(const Item& item, const Header& header) {
    const Command& set = item.command;
    if (item.version == 0 || item.version > header.applied.value()) return false;
    if (set.value.size() > max_value_bytes || set.key.size() > max_key_bytes) return false;
    if (set.exptime_s == 0) return true;
    return set.stamp >= ClusterMs(0) && set.stamp <= header.clock &&
           deadline_of(set) > header.clock;
}

}  // namespace

void put_header(const Header& header, std::string& out) {
    put(out, format);
    put(out, header.applied.value());
    put(out, header.clock.value());
}

void put_item(const Record& record, std::string& out) {
    put(out, static_cast<std::uint8_t>(record.key_size));
    put(out, record.version);
    put(out, record.exptime_s);
    if (record.has_end()) {
        put(out, expiry_of(record).deadline.value() - life_ms(record.exptime_s));
    }
    put(out, static_cast<std::uint32_t>(record.value_size));
    out.append(record.key());
    out.append(record.value());
}

void put_footer(const Footer& footer, std::string& out) {
    put(out, std::uint8_t{0});
    put(out, footer.items);
    put(out, footer.state_hash);
}

std::optional<Header> take_header(ByteReader& reader) {
    const auto version = reader.take<std::uint32_t>();
    const LogIndex applied(reader.take<std::uint64_t>());
    const ClusterMs clock(reader.take<std::int64_t>());
    if (!reader.ok() || version != format) return {};
    if (clock < ClusterMs(0) || clock > max_stamp) return {};
    return Header{applied, clock};
}

std::optional<Item> take_item(ByteReader& reader, std::uint8_t key_bytes, const Header& header) {
    Item item;
    item.command.op = CommandOp::set;
    item.version = reader.take<std::uint64_t>();
    item.command.exptime_s = reader.take<std::uint32_t>();
    if (item.command.exptime_s != 0) {
        item.command.stamp = ClusterMs(reader.take<std::int64_t>());
    }
    const auto value_bytes = reader.take<std::uint32_t>();
    item.command.key = reader.take_bytes(key_bytes);
    item.command.value = reader.take_bytes(value_bytes);
    if (!reader.ok() || !is_possible(item, header)) return {};
    return item;
}

std::optional<Footer> take_footer(ByteReader& reader) {
    Footer footer;
    footer.items = reader.take<std::uint64_t>();
    footer.state_hash = reader.take<std::uint64_t>();
    if (!reader.ok()) return {};
    return footer;
}

}  // namespace raftkv::kv::snapshot
