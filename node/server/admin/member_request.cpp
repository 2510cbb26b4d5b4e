#include "node/server/admin/member_request.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <map>
#include <optional>
#include <string>
#include <utility>

namespace raftkv::server {
namespace {

using Parameters = std::map<std::string_view, std::string_view>;

constexpr std::size_t longest_host = 255;
// Beside a server's id and host: by default clients are served on a port, and HTTP so much above.
constexpr std::uint32_t admin_port_distance = 100;

Error wrong(std::string text) {
    return Error{ErrorKind::usage, std::move(text)};
}

Result<Parameters> parse_query(std::string_view query) {
    Parameters parameters;
    while (!query.empty()) {
        const std::string_view part = query.substr(0, query.find('&'));
        query.remove_prefix(std::min(query.size(), part.size() + 1));
        const std::size_t equals = part.find('=');
        if (equals == std::string_view::npos) return wrong("parameters look like id=3&host=db-3");
        if (!parameters.emplace(part.substr(0, equals), part.substr(equals + 1)).second)
            return wrong(fmt::format("{} is given twice", part.substr(0, equals)));
    }
    return parameters;
}

// Takes parameters out one by one; what is left at the end is known to nobody. The first thing that
// is wrong is remembered.
class Reader {
  public:
    explicit Reader(Parameters parameters) : parameters_(std::move(parameters)) {}

    std::optional<std::string_view> take(std::string_view key) {
        const auto found = parameters_.find(key);
        if (found == parameters_.end()) return std::nullopt;
        const std::string_view value = found->second;
        parameters_.erase(found);
        return value;
    }

    std::uint32_t number(std::string_view key, std::uint32_t least, std::uint32_t most,
                         std::optional<std::uint32_t> otherwise = std::nullopt) {
        const auto text = take(key);
        if (!text && otherwise) return *otherwise;
        if (!text) return fail(fmt::format("{}= is missing", key));
        std::uint32_t value = 0;
        const char* end = text->data() + text->size();
        const auto [stop, error] = std::from_chars(text->data(), end, value);
        const bool valid = error == std::errc() && stop == end && value >= least && value <= most;
        return valid ? value : fail(fmt::format("{} is a number from {} to {}", key, least, most));
    }

    bool flag(std::string_view key) { return number(key, 0, 1, 0) == 1; }

    std::string host(std::string_view key, std::optional<std::string> otherwise = std::nullopt) {
        const auto text = take(key);
        if (!text && otherwise) return *otherwise;
        const bool valid = text && !text->empty() && text->size() <= longest_host &&
                           std::all_of(text->begin(), text->end(), [](char c) {
                               return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                                      (c >= '0' && c <= '9') || c == '.' || c == '-' || c == '_' ||
                                      c == ':';
                           });
        if (!valid) fail(fmt::format("{}= is to be the name or the address of a machine", key));
        return valid ? std::string(*text) : std::string();
    }

    Result<void> end() {
        if (error_) return *error_;
        if (parameters_.empty()) return {};
        return wrong(fmt::format("there is no parameter {}", parameters_.begin()->first));
    }

  private:
    std::uint32_t fail(std::string text) {
        if (!error_) error_ = wrong(std::move(text));
        return 0;
    }

    Parameters parameters_;
    std::optional<Error> error_;
};

NodeId read_id(Reader& reader, std::string_view key) {
    // The largest number is not an id: elsewhere it stands for an unknown one.
    return NodeId(reader.number(key, 0, UINT32_MAX - 1));
}

raft::MemberAddress read_address(Reader& reader) {
    raft::MemberAddress address;
    address.host = reader.host("host");
    const std::uint32_t client_port = reader.number("client_port", 1, UINT16_MAX);
    address.client_port = static_cast<std::uint16_t>(client_port);
    address.log_port = static_cast<std::uint16_t>(reader.number("log_port", 1, UINT16_MAX));
    const std::uint32_t beside =
        std::min<std::uint32_t>(client_port + admin_port_distance, UINT16_MAX);
    address.admin_port =
        static_cast<std::uint16_t>(reader.number("admin_port", 1, UINT16_MAX, beside));
    address.admin_host = reader.host("admin_host", "localhost");
    return address;
}

raft::AddMember read_add(Reader& reader) {
    raft::AddMember add;
    add.id = read_id(reader, "id");
    add.address = read_address(reader);
    add.learner = reader.flag("learner");
    return add;
}

}  // namespace

Result<raft::MemberChange> parse_member_request(std::string_view target) {
    constexpr std::string_view prefix = "/members/";
    target.remove_prefix(std::min(prefix.size(), target.size()));
    const std::string_view verb = target.substr(0, target.find('?'));
    target.remove_prefix(std::min(verb.size() + 1, target.size()));
    auto parameters = parse_query(target);
    if (!parameters) return parameters.error();
    Reader reader(std::move(*parameters));
    std::optional<raft::MemberChange> change;
    if (verb == "add") {
        change = read_add(reader);
    } else if (verb == "remove") {
        const NodeId id = read_id(reader, "id");
        change = raft::RemoveMember{id, reader.flag("force")};
    } else if (verb == "promote") {
        change = raft::PromoteMember{read_id(reader, "id")};
    } else if (verb == "move") {
        const NodeId id = read_id(reader, "id");
        change = raft::MoveMember{id, read_address(reader)};
    } else if (verb == "replace") {
        const NodeId old = read_id(reader, "old");
        change = raft::ReplaceMember{old, read_add(reader)};
    } else {
        return wrong("there are /members/add, remove, promote, replace and move");
    }
    if (auto right = reader.end(); !right) return right.error();
    return std::move(*change);
}

}  // namespace raftkv::server
