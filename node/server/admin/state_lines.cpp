#include <fmt/format.h>

#include <iterator>

#include "common/checksum.hpp"
#include "node/server/admin/report_text.hpp"

namespace raftkv::server {
namespace {

// A key is printable ASCII without blanks, so these are the only bytes that JSON wants escaped.
std::string escape(std::string_view key) {
    std::string escaped;
    for (char c : key) {
        if (c == '"' || c == '\\') escaped += '\\';
        escaped += c;
    }
    return escaped;
}

void append_item(const kv::Item& item, std::string& out) {
    std::string deadline = item.deadline ? std::to_string(item.deadline->value()) : "null";
    fmt::format_to(std::back_inserter(out),
                   "{{\"key\":\"{}\",\"version\":{},\"exptime\":{},\"deadline_ms\":{},"
                   "\"numbytes\":{},\"value_hash\":\"{:016x}\"}}\n",
                   escape(item.key), item.version, item.exptime_s, deadline, item.value.size(),
                   checksum(item.value));
}

}  // namespace

std::string state_lines(const kv::Store& store, LogIndex applied) {
    std::string lines;
    std::size_t keys = 0;
    store.for_each([&](const kv::Item& item) {
        ++keys;
        append_item(item, lines);
    });
    return fmt::format(
               "{{\"applied\":{},\"clock_ms\":{},\"keys\":{},\"state_hash\":\"{:016x}\"}}\n",
               applied.value(), store.clock().value(), keys, store.state_hash()) +
           lines;
}

}  // namespace raftkv::server
