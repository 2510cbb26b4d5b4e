// A program that stands in for a node: `standin node <id> --config <file>`. It speaks the client
// protocol and GET /status and /state, and is no replicated store at all: its nodes share a file.
// STANDIN_MODE says in which way it is broken; the scenarios have to find out.

#include <poll.h>

#include <cstdio>
#include <cstdlib>
#include <string>
#include <thread>

#include "common/config.hpp"
#include "common/protocol/parser.hpp"
#include "tests/system/standin/member.hpp"
#include "tests/system/standin/sockets.hpp"

namespace {

using namespace raftkv;
using standin::Member;

void serve_client(Member& member, std::uint32_t max_value_bytes, int socket) {
    protocol::RequestParser parser(max_value_bytes);
    std::string buffer;
    while (standin::receive_some(socket, buffer)) {
        std::string replies;
        for (;;) {
            const auto parsed = parser.next(buffer);
            if (parsed.status == protocol::ParseStatus::request) {
                replies += member.answer(parsed.request);
            } else if (parsed.status != protocol::ParseStatus::need_more) {
                replies += "ERR_CMD_ERR\r\n";
            }
            buffer.erase(0, parsed.consumed);
            if (parsed.status == protocol::ParseStatus::need_more) break;
        }
        if (!standin::send_all(socket, replies)) return;
    }
}

void serve_admin(Member& member, int socket) {
    std::string request;
    while (request.find("\r\n\r\n") == std::string::npos) {
        if (!standin::receive_some(socket, request)) return;
    }
    std::string body;
    if (request.starts_with("GET /status ")) body = member.status_json();
    if (request.starts_with("GET /state ")) body = member.state_lines();
    standin::send_all(
        socket, std::string(body.empty() ? "HTTP/1.1 404 Not Found" : "HTTP/1.1 200 OK") +
                    "\r\nConnection: close\r\nContent-Length: " + std::to_string(body.size()) +
                    "\r\n\r\n" + body);
}

[[noreturn]] void run(standin::Mode mode, NodeId id, const ClusterConfig& config) {
    std::filesystem::create_directories(config.data_path);
    static Member member(mode, id.value(), static_cast<std::uint32_t>(config.servers.size()),
                         config.data_path);
    const ServerConfig server = *config.find(id);
    std::thread([server, limit = config.max_value_bytes] {
        standin::serve_connections(server.client_port,
                                   [&](int socket) { serve_client(member, limit, socket); });
    }).detach();
    std::thread([server] {
        standin::serve_connections(server.admin_port,
                                   [](int socket) { serve_admin(member, socket); });
    }).detach();
    for (;;) {
        member.tick();
        poll(nullptr, 0, 20);
    }
}

}  // namespace

int main(int argc, char** argv) {
    const char* name = std::getenv("STANDIN_MODE");
    const auto mode = standin::parse_mode(name == nullptr ? "sound" : name);
    if (argc != 5 || std::string(argv[1]) != "node" || std::string(argv[3]) != "--config" ||
        !mode) {
        std::fprintf(stderr, "usage: STANDIN_MODE=<mode> standin node <id> --config <file>\n");
        return 64;
    }
    const auto config = load_config(argv[4]);
    if (!config) {
        std::fprintf(stderr, "%s\n", config.error().message.c_str());
        return 64;
    }
    run(*mode, NodeId(static_cast<std::uint32_t>(std::stoul(argv[2]))), *config);
}
