#include "tests/benchmark/dialect.hpp"

#include <charconv>

#include "common/protocol/parser.hpp"
#include "common/protocol/request.hpp"

namespace raftkv::benchmark {

namespace {

using Status = ReplyCheck::Status;

class RaftkvDialect : public Dialect {
  public:
    void append_set(std::string& out, std::string_view key, std::string_view value) const override {
        protocol::Request request;
        request.op = protocol::Op::set;
        request.key = key;
        request.value = value;
        protocol::format(request, out);
    }

    void append_overwrite(std::string& out, std::string_view key, std::uint64_t version,
                          std::string_view value) const override {
        protocol::Request request;
        request.op = protocol::Op::cas;
        request.key = key;
        request.version = version;
        request.value = value;
        protocol::format(request, out);
    }

    void append_get(std::string& out, std::string_view key) const override {
        protocol::Request request;
        request.key = key;
        protocol::format(request, out);
    }

    ReplyCheck check(std::string_view input, Operation operation,
                     std::size_t value_bytes) const override {
        bool set = operation == Operation::set;
        protocol::ParsedReply parsed =
            protocol::parse_reply(input, set ? protocol::Op::set : protocol::Op::get);
        switch (parsed.status) {
            case protocol::ParsedReply::Status::need_more:
                return {};
            case protocol::ParsedReply::Status::malformed:
                return {Status::bad, input.size()};
            case protocol::ParsedReply::Status::reply:
                break;
        }
        bool good = set ? parsed.reply.kind == protocol::ReplyKind::ok
                        : parsed.reply.kind == protocol::ReplyKind::value &&
                              parsed.reply.value.size() == value_bytes;
        return {good ? Status::good : Status::bad, parsed.consumed, parsed.reply.version};
    }
};

class RespDialect : public Dialect {
  public:
    void append_set(std::string& out, std::string_view key, std::string_view value) const override {
        out += "*3\r\n$3\r\nSET\r\n";
        append_bulk(out, key);
        append_bulk(out, value);
    }

    void append_overwrite(std::string& out, std::string_view key, std::uint64_t,
                          std::string_view value) const override {
        append_set(out, key, value);
    }

    void append_get(std::string& out, std::string_view key) const override {
        out += "*2\r\n$3\r\nGET\r\n";
        append_bulk(out, key);
    }

    ReplyCheck check(std::string_view input, Operation operation,
                     std::size_t value_bytes) const override {
        std::size_t end = input.find('\n');
        if (end == std::string_view::npos) {
            return {};
        }
        std::string_view line = input.substr(0, end + 1);
        if (operation == Operation::set) {
            return {line == "+OK\r\n" ? Status::good : Status::bad, line.size()};
        }
        std::size_t length = 0;
        if (line[0] != '$' ||
            std::from_chars(line.data() + 1, line.data() + line.size(), length).ec != std::errc()) {
            return {Status::bad, line.size()};
        }
        std::size_t total = line.size() + length + 2;
        if (input.size() < total) {
            return {};
        }
        return {length == value_bytes ? Status::good : Status::bad, total};
    }

  private:
    static void append_bulk(std::string& out, std::string_view bytes) {
        char length[24];
        char* end = std::to_chars(length, length + sizeof(length), bytes.size()).ptr;
        out += '$';
        out.append(length, end);
        out += "\r\n";
        out += bytes;
        out += "\r\n";
    }
};

}  // namespace

std::unique_ptr<Dialect> make_raftkv_dialect() {
    return std::make_unique<RaftkvDialect>();
}
std::unique_ptr<Dialect> make_resp_dialect() {
    return std::make_unique<RespDialect>();
}

}  // namespace raftkv::benchmark
