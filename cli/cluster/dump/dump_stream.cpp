#include "cli/cluster/dump/dump_stream.hpp"

#include <fmt/format.h>

#include <exception>
#include <nlohmann/json.hpp>
#include <stdexcept>

#include "cli/admin/http_stream.hpp"
#include "common/printable.hpp"

namespace raftkv::cli::dump {

namespace {

using nlohmann::json;

// The largest value, each byte of it escaped, is far below.
constexpr std::size_t longest_line = std::size_t{128} << 20;

Error no_dump(const std::string& what) {
    return Error{ErrorKind::failed, "the node's answer is no dump: " + what};
}

std::uint64_t count(const json& object, const char* name) {
    const json& field = object.at(name);
    if (!field.is_number_unsigned()) throw std::invalid_argument(printable_line(field.dump()));
    return field.get<std::uint64_t>();
}

bool is_item(std::string_view line) {
    return line.starts_with("{\"key\":\"") && line.ends_with("}\n");
}

}  // namespace

Result<void> DumpChecker::add(std::string_view piece) {
    while (!piece.empty()) {
        const std::size_t end = piece.find('\n');
        if (end == std::string_view::npos) {
            if (rest_.size() + piece.size() > longest_line) return no_dump("a line without end");
            rest_ += piece;
            return {};
        }
        std::string_view line = piece.substr(0, end + 1);
        piece.remove_prefix(end + 1);
        if (rest_.empty()) {
            if (auto added = add_line(line); !added) return added;
            continue;
        }
        rest_ += line;
        if (auto added = add_line(rest_); !added) return added;
        rest_.clear();
    }
    return {};
}

Result<void> DumpChecker::add_line(std::string_view line) {
    if (summary_) return no_dump("it goes on after its end");
    if (has_head_ && is_item(line)) {
        ++items_;
        return take_(line);
    }
    try {
        const json object = json::parse(line);
        if (object.contains("error")) {
            return Error{ErrorKind::failed,
                         fmt::format("the node gave up: {}; try again",
                                     printable_text(object["error"].get<std::string>()))};
        }
        if (!has_head_) {
            if (count(object, "dump") != 1) return no_dump("it is of a version not known here");
            head_ = {count(object, "applied"), count(object, "keys_at_most")};
            has_head_ = true;
        } else {
            summary_ = DumpSummary{head_.applied, count(object, "keys"),
                                   printable_line(object.at("state_hash").get<std::string>())};
        }
    } catch (const std::exception&) {
        return no_dump(fmt::format("a line \"{}\"", printable_line(line.substr(0, 60))));
    }
    return {};
}

Result<DumpSummary> DumpChecker::finish() const {
    if (!summary_ || !rest_.empty()) return no_dump("its end is missing");
    if (summary_->keys != items_) {
        return no_dump(
            fmt::format("it says that it has {} keys and has {}", summary_->keys, items_));
    }
    return *summary_;
}

Result<DumpSummary> fetch_dump(const ServerConfig& node, std::chrono::milliseconds silence,
                               DumpChecker& checker) {
    auto fetched = http_get_stream(node.admin_host, node.admin_port, "/dump", silence,
                                   [&](std::string_view piece) { return checker.add(piece); });
    if (!fetched) return fetched.error();
    return checker.finish();
}

}  // namespace raftkv::cli::dump
