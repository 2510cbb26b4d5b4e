#include <charconv>

#include "cli/bench/load/dialect.hpp"

namespace raftkv::bench {
namespace {

using Status = Answer::Status;

constexpr std::size_t longest_line = 512;

void append_number(std::string& out, std::size_t number) {
    char text[24];
    out.append(text, std::to_chars(text, text + sizeof(text), number).ptr);
}

// The first line with its end; empty when it is not all there.
std::string_view line_of(std::string_view input) {
    const std::size_t end = input.substr(0, longest_line).find('\n');
    return end == std::string_view::npos ? std::string_view() : input.substr(0, end + 1);
}

Answer without_line(std::string_view input) {
    return {.status = input.size() < longest_line ? Status::need_more : Status::malformed};
}

Answer complete(std::size_t consumed, Outcome outcome) {
    return {.status = Status::complete, .consumed = consumed, .outcome = outcome};
}

class RedisDialect : public Dialect {
  public:
    void append(std::string& out, Verb verb, std::string_view key, std::string_view value,
                std::uint64_t) const override {
        out += writes(verb) ? "*3\r\n$3\r\nSET\r\n" : "*2\r\n$3\r\nGET\r\n";
        append_bulk(out, key);
        if (writes(verb)) append_bulk(out, value);
    }

    Answer read(std::string_view input, Verb verb, std::size_t value_bytes) const override {
        const std::string_view line = line_of(input);
        if (line.empty()) return without_line(input);
        if (line.front() == '-') return complete(line.size(), Outcome::refused);
        if (writes(verb)) {
            if (line != "+OK\r\n") return {.status = Status::malformed};
            return complete(line.size(), Outcome::done);
        }
        if (line == "$-1\r\n") return complete(line.size(), Outcome::missing);
        std::size_t length = 0;
        const char* end = line.data() + line.size() - 2;
        if (line.front() != '$' || std::from_chars(line.data() + 1, end, length).ptr != end) {
            return {.status = Status::malformed};
        }
        const std::size_t total = line.size() + length + 2;
        if (input.size() < total) return {};
        return complete(total, length == value_bytes ? Outcome::done : Outcome::wrong_value);
    }

  private:
    static void append_bulk(std::string& out, std::string_view bytes) {
        out += '$';
        append_number(out, bytes.size());
        out.append("\r\n").append(bytes).append("\r\n");
    }
};

class MemcachedDialect : public Dialect {
  public:
    void append(std::string& out, Verb verb, std::string_view key, std::string_view value,
                std::uint64_t) const override {
        if (!writes(verb)) {
            out.append("get ").append(key).append("\r\n");
            return;
        }
        out.append("set ").append(key).append(" 0 0 ");
        append_number(out, value.size());
        out.append("\r\n").append(value).append("\r\n");
    }

    Answer read(std::string_view input, Verb verb, std::size_t value_bytes) const override {
        const std::string_view line = line_of(input);
        if (line.empty()) return without_line(input);
        if (writes(verb)) {
            return complete(line.size(), line == "STORED\r\n" ? Outcome::done : Outcome::refused);
        }
        if (line == "END\r\n") return complete(line.size(), Outcome::missing);
        if (!line.starts_with("VALUE ")) return complete(line.size(), Outcome::refused);
        // VALUE <key> <flags> <bytes>\r\n<value>\r\nEND\r\n
        std::size_t length = 0;
        const std::size_t blank = line.rfind(' ');
        const char* end = line.data() + line.size() - 2;
        if (std::from_chars(line.data() + blank + 1, end, length).ptr != end) {
            return {.status = Status::malformed};
        }
        const std::size_t total = line.size() + length + 7;
        if (input.size() < total) return {};
        if (input.substr(total - 7, 7) != "\r\nEND\r\n") return {.status = Status::malformed};
        return complete(total, length == value_bytes ? Outcome::done : Outcome::wrong_value);
    }
};

}  // namespace

const Dialect& redis_dialect() {
    static const RedisDialect dialect;
    return dialect;
}

const Dialect& memcached_dialect() {
    static const MemcachedDialect dialect;
    return dialect;
}

}  // namespace raftkv::bench
