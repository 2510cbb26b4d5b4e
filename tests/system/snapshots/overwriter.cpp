#include "tests/system/snapshots/overwriter.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "tests/system/faults/bed.hpp"

namespace raftkv::system_test {

using protocol::ReplyKind;

Overwriter::Overwriter(const ClusterConfig& config, std::size_t keys, std::size_t value_bytes)
    : client_(config, std::chrono::seconds(10)), value_bytes_(value_bytes) {
    for (std::size_t i = 0; i < keys; ++i) keys_.push_back({fmt::format("k{}", i)});
}

bool Overwriter::write() {
    Key& key = keys_[turns_ % keys_.size()];
    if (!key.version && !look(key)) return false;
    const std::string value = fmt::format("{:0{}}", turns_++, value_bytes_);
    protocol::Request request = set_of(key.name, value);
    if (*key.version != 0) {
        request.op = protocol::Op::cas;
        request.version = *key.version;
    }
    const auto reply = client_.call(request);
    if (reply && reply->kind == ReplyKind::ok) {
        key.version = reply->version;
        key.possible = {value};
        ++acknowledged_;
        return true;
    }
    key.version = std::nullopt;
    key.possible.push_back(value);
    return false;
}

bool Overwriter::look(Key& key) {
    protocol::Request request = get_of(key.name);
    request.op = protocol::Op::getm;
    const auto reply = client_.call(request);
    if (!reply || (reply->kind != ReplyKind::value_meta && reply->kind != ReplyKind::not_found))
        return false;
    key.version = reply->version;
    return true;
}

void Overwriter::write_bytes(std::uint64_t bytes) {
    const std::uint64_t until = acknowledged_ + bytes / value_bytes_;
    EXPECT_TRUE(comes_true([&] {
        while (acknowledged_ < until) {
            if (!write()) return false;
        }
        return true;
    })) << "writes are not acknowledged";
}

void Overwriter::expect_nothing_lost() {
    for (const Key& key : keys_) {
        if (key.possible.empty()) continue;
        const auto reply = client_.call(get_of(key.name));
        ASSERT_TRUE(reply.ok()) << key.name << ": " << reply.error().message;
        const auto& values = key.possible;
        const bool known = std::find(values.begin(), values.end(), reply->value) != values.end();
        // A key whose first write was left in doubt may be missing.
        const bool may_be_missing = !key.version && values.size() == 1;
        ASSERT_TRUE(known || (may_be_missing && reply->kind == ReplyKind::not_found))
            << key.name << " holds \"" << reply->value.substr(0, 40) << "\"";
    }
}

}  // namespace raftkv::system_test
