#include "tests/system/standin/shared_log.hpp"

#include <fcntl.h>
#include <unistd.h>

#include "common/bytes.hpp"
#include "common/check.hpp"
#include "common/checksum.hpp"

namespace raftkv::standin {
namespace {

constexpr std::uint32_t magic = 0x4e49'4453;
constexpr std::size_t header_bytes = 4 + 4 + 8;

std::string encode(const Record& record) {
    std::string body;
    put(body, static_cast<std::uint8_t>(record.kind));
    put(body, record.node);
    put(body, record.term);
    put(body, record.time_ms);
    put(body, record.nonce);
    put(body, static_cast<std::uint8_t>(record.op));
    put(body, record.exptime_s);
    put(body, record.version);
    put(body, static_cast<std::uint32_t>(record.key.size()));
    body += record.key + record.value;

    std::string bytes;
    put(bytes, magic);
    put(bytes, static_cast<std::uint32_t>(body.size()));
    put(bytes, checksum(body));
    return bytes + body;
}

Record decode(std::string_view body) {
    ByteReader reader(body);
    Record record;
    record.kind = static_cast<Record::Kind>(reader.take<std::uint8_t>());
    record.node = reader.take<std::uint32_t>();
    record.term = reader.take<std::uint64_t>();
    record.time_ms = reader.take<std::int64_t>();
    record.nonce = reader.take<std::uint64_t>();
    record.op = static_cast<protocol::Op>(reader.take<std::uint8_t>());
    record.exptime_s = reader.take<std::uint32_t>();
    record.version = reader.take<std::uint64_t>();
    record.key = reader.take_bytes(reader.take<std::uint32_t>());
    record.value = reader.rest();
    return record;
}

enum class Found { record, cut_short, nothing_yet };

Found look_for_record(std::string_view bytes, std::string_view& body) {
    if (bytes.size() < header_bytes) return Found::nothing_yet;
    ByteReader header(bytes);
    if (header.take<std::uint32_t>() != magic) return Found::cut_short;
    const auto length = header.take<std::uint32_t>();
    const auto sum = header.take<std::uint64_t>();
    if (header.rest().size() < length) return Found::nothing_yet;
    body = header.take_bytes(length);
    return checksum(body) == sum ? Found::record : Found::cut_short;
}

}  // namespace

SharedLog::SharedLog(const std::filesystem::path& file)
    : fd_(open(file.c_str(), O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0644)) {
    RAFTKV_CHECK(fd_ >= 0);
}

SharedLog::~SharedLog() {
    close(fd_);
}

void SharedLog::append(const Record& record) {
    const std::string bytes = encode(record);
    RAFTKV_CHECK(write(fd_, bytes.data(), bytes.size()) == static_cast<ssize_t>(bytes.size()));
    appended_ = lseek(fd_, 0, SEEK_CUR);
}

void SharedLog::load() {
    char block[1 << 16];
    for (;;) {
        const ssize_t got = pread(fd_, block, sizeof(block), loaded_);
        RAFTKV_CHECK(got >= 0);
        unread_.append(block, static_cast<std::size_t>(got));
        loaded_ += got;
        if (got < static_cast<ssize_t>(sizeof(block))) return;
    }
}

void SharedLog::read_new(const std::function<void(const Record&)>& take) {
    load();
    std::size_t at = 0;
    for (;;) {
        std::string_view body;
        Found found = look_for_record(std::string_view(unread_).substr(at), body);
        const auto position = loaded_ - static_cast<std::int64_t>(unread_.size() - at);
        // Everything before this node's own record has been written whole or never will be.
        if (found == Found::nothing_yet && position < appended_) found = Found::cut_short;
        if (found == Found::nothing_yet) break;
        if (found == Found::record) take(decode(body));
        at += found == Found::record ? header_bytes + body.size() : 1;
    }
    unread_.erase(0, at);
}

}  // namespace raftkv::standin
