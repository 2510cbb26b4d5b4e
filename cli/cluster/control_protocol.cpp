#include "cli/cluster/control_protocol.hpp"
#include "common/printable.hpp"

#include <fmt/format.h>

#include <charconv>
#include <exception>
#include <nlohmann/json.hpp>

namespace raftkv::cli {

namespace {

using Json = nlohmann::ordered_json;

std::string dump(const Json& message) {
    // Texts quote logs, which may hold any bytes.
    return message.dump(-1, ' ', false, Json::error_handler_t::replace);
}

Error bad_request(const std::string& reason) {
    return Error{ErrorKind::usage, "not a request to the supervisor: " + reason};
}

std::optional<ErrorKind> parse_error_kind(const std::string& text) {
    for (ErrorKind kind :
         {ErrorKind::failed, ErrorKind::undecided, ErrorKind::usage, ErrorKind::corrupt,
          ErrorKind::unavailable, ErrorKind::io, ErrorKind::no_space, ErrorKind::interrupted}) {
        if (name_of(kind) == text) return kind;
    }
    return std::nullopt;
}

Json target_to_json(const ControlTarget& target) {
    if (target.kind == ControlTarget::Kind::one) return target.id.value();
    return to_text(target);
}

Result<ControlTarget> target_from_json(const Json& value) {
    if (value.is_string()) return parse_target(value.get_ref<const std::string&>());
    return parse_target(value.dump());
}

}  // namespace

Result<ControlTarget> parse_target(std::string_view text) {
    if (text == "leader") return ControlTarget{ControlTarget::Kind::leader, {}};
    if (text == "all") return ControlTarget{ControlTarget::Kind::all, {}};
    std::uint32_t id = 0;
    auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), id);
    if (text.empty() || error != std::errc() || end != text.data() + text.size()) {
        return Error{ErrorKind::usage,
                     fmt::format("\"{}\" names no node: give its id, leader or all", text)};
    }
    return ControlTarget{ControlTarget::Kind::one, NodeId(id)};
}

std::string to_text(const ControlTarget& target) {
    switch (target.kind) {
        case ControlTarget::Kind::leader:
            return "leader";
        case ControlTarget::Kind::all:
            return "all";
        case ControlTarget::Kind::one:
            break;
    }
    return std::to_string(target.id.value());
}

std::string to_line(const ControlRequest& request) {
    switch (request.verb) {
        case ControlVerb::status:
            return R"({"command":"status"})";
        case ControlVerb::down:
            return R"({"command":"down"})";
        case ControlVerb::node:
            break;
    }
    Json object;
    object["command"] = std::string(name_of(request.command));
    object["node"] = target_to_json(request.target);
    if (request.force) object["force"] = true;
    return dump(object);
}

Result<ControlRequest> parse_request(std::string_view line) {
    try {
        Json object = Json::parse(line);
        auto command = object.at("command").get<std::string>();
        if (command == "status") return ControlRequest{ControlVerb::status};
        if (command == "down") return ControlRequest{ControlVerb::down};
        auto node_command = parse_node_command(command);
        if (!node_command) return bad_request("unknown command \"" + command + "\"");
        auto target = target_from_json(object.at("node"));
        if (!target) return bad_request(target.error().message);
        return ControlRequest{ControlVerb::node, *node_command, *target,
                              object.value("force", false)};
    } catch (const std::exception& error) {
        return bad_request(error.what());
    }
}

ControlReply failed_reply(const Error& error) {
    return {ControlReply::Kind::failed, error.message, error.kind};
}

std::string to_line(const ControlReply& reply) {
    Json object;
    switch (reply.kind) {
        case ControlReply::Kind::progress:
            object["progress"] = reply.text;
            break;
        case ControlReply::Kind::status:
            return R"({"status":)" + reply.text + "}";
        case ControlReply::Kind::done:
            object["done"] = reply.text;
            break;
        case ControlReply::Kind::failed:
            object["failed"] = {{"kind", std::string(name_of(reply.error))},
                                {"message", reply.text}};
            break;
    }
    return dump(object);
}

Result<ControlReply> parse_reply(std::string_view line) {
    using Kind = ControlReply::Kind;
    try {
        Json object = Json::parse(line);
        if (auto found = object.find("status"); found != object.end()) {
            return ControlReply{Kind::status, dump(*found)};
        }
        if (auto found = object.find("failed"); found != object.end()) {
            auto kind = parse_error_kind(found->at("kind").get<std::string>());
            return ControlReply{Kind::failed,
                                printable_text(found->at("message").get<std::string>()),
                                kind.value_or(ErrorKind::failed)};
        }
        if (auto found = object.find("progress"); found != object.end()) {
            return ControlReply{Kind::progress, printable_text(found->get<std::string>())};
        }
        return ControlReply{Kind::done, printable_text(object.at("done").get<std::string>())};
    } catch (const std::exception& error) {
        return Error{ErrorKind::failed, fmt::format("the supervisor's answer makes no sense: {}",
                                                    printable_line(error.what()))};
    }
}

}  // namespace raftkv::cli
