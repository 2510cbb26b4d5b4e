#include "node/server/admin/dump_lines.hpp"

#include <fmt/format.h>

#include <iterator>
#include <nlohmann/json.hpp>
#include <string_view>

#include "common/base64.hpp"
#include "common/bytes.hpp"
#include "common/check.hpp"
#include "common/checksum.hpp"

namespace raftkv::server {
namespace {

using nlohmann::json;

// What is overwritten while a dump is read is held twice. A reader that is slow, or a store that
// changes all the time, must not double the memory.
constexpr std::size_t kept_bytes_free = 4u << 20;
constexpr std::size_t kept_share_of_live = 5;

std::string value_field(std::string_view value) {
    try {
        return "\"value\":" + json(value).dump();
    } catch (const json::type_error&) {  // it is no UTF-8
        return fmt::format("\"value_base64\":\"{}\"", to_base64(value));
    }
}

void append_hashes(const kv::snapshot::Item& item, std::string& lines) {
    const kv::Command& set = item.command;
    const std::string deadline =
        set.exptime_s != 0 ? std::to_string(kv::deadline_of(set).value()) : "null";
    fmt::format_to(std::back_inserter(lines),
                   "{{\"key\":{},\"version\":{},\"exptime\":{},\"deadline_ms\":{},"
                   "\"numbytes\":{},\"value_hash\":\"{:016x}\"}}\n",
                   json(set.key).dump(), item.version, set.exptime_s, deadline, set.value.size(),
                   checksum(set.value));
}

void append_error(const char* why, std::string& lines) {
    lines += json{{"error", why}}.dump() + "\n";
}

}  // namespace

DumpLines::DumpLines(const kv::Store& store, DumpForm form, ClusterMs time)
    : store_(store),
      form_(form),
      time_(time),
      keys_at_most_(store.size()),
      reader_(store.read_out()),
      state_hash_(store.state_hash_at_hand().value_or(0)) {
    RAFTKV_CHECK(form == DumpForm::values || store.state_hash_at_hand().has_value());
}

DumpLines::Outcome DumpLines::next(std::string& lines) {
    if (reader_.kept_bytes() > store_.bytes() / kept_share_of_live + kept_bytes_free) {
        append_error("too much was overwritten while the keys were read", lines);
        return Outcome::cut;
    }
    chunk_.clear();
    switch (reader_.read(chunk_)) {
        case kv::StoreReader::Outcome::end:
            return Outcome::end;
        case kv::StoreReader::Outcome::store_is_gone:
            append_error("the node has just replaced all of its keys by those of another", lines);
            return Outcome::cut;
        case kv::StoreReader::Outcome::more:
            append_lines(lines);
            return Outcome::more;
    }
    check_failed("known Outcome", __FILE__, __LINE__);
}

void DumpLines::append_header(std::string& lines) const {
    const std::uint64_t applied = header_->applied.value();
    if (form_ == DumpForm::values)
        fmt::format_to(std::back_inserter(lines),
                       "{{\"dump\":1,\"applied\":{},\"clock_ms\":{},\"keys_at_most\":{}}}\n",
                       applied, time_.value(), keys_at_most_);
    else
        fmt::format_to(
            std::back_inserter(lines),
            "{{\"applied\":{},\"clock_ms\":{},\"keys\":{},\"state_hash\":\"{:016x}\"}}\n", applied,
            header_->clock.value(), keys_at_most_, state_hash_);
}

// A key whose end has come, and is not in the log yet, is left out.
void DumpLines::append_item(const kv::snapshot::Item& item, std::string& lines) {
    const kv::Command& set = item.command;
    const std::int64_t left_ms = kv::deadline_of(set) - time_;
    if (set.exptime_s != 0 && left_ms <= 0) return;
    ++keys_;
    fmt::format_to(std::back_inserter(lines), "{{\"key\":{},{},\"version\":{},\"exptime\":{}",
                   json(set.key).dump(), value_field(set.value), item.version, set.exptime_s);
    if (set.exptime_s != 0)
        fmt::format_to(std::back_inserter(lines), ",\"remaining\":{}", (left_ms + 999) / 1000);
    lines += "}\n";
}

void DumpLines::append_lines(std::string& lines) {
    ByteReader reader(chunk_);
    if (!header_ && !chunk_.empty()) {
        header_ = kv::snapshot::take_header(reader);
        RAFTKV_CHECK(header_.has_value());
        append_header(lines);
    }
    while (!reader.rest().empty()) {
        const auto key_bytes = reader.take<std::uint8_t>();
        if (key_bytes != 0) {
            const auto item = kv::snapshot::take_item(reader, key_bytes, *header_);
            RAFTKV_CHECK(item.has_value());
            if (form_ == DumpForm::values)
                append_item(*item, lines);
            else
                append_hashes(*item, lines);
            continue;
        }
        const auto footer = kv::snapshot::take_footer(reader);
        RAFTKV_CHECK(footer.has_value());
        if (form_ == DumpForm::hashes) return;
        fmt::format_to(std::back_inserter(lines), "{{\"keys\":{},\"state_hash\":\"{:016x}\"}}\n",
                       keys_, footer->state_hash);
    }
}

}  // namespace raftkv::server
