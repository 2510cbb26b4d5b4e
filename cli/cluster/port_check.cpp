#include "cli/cluster/port_check.hpp"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <chrono>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <sstream>
#include <utility>

#include "cli/socket/socket.hpp"

namespace raftkv::cli {

namespace {

// Who wants to know whether a node can listen does not wait for a name server that is not there:
// the node itself waits.
constexpr std::chrono::milliseconds found_within{1000};

Result<std::vector<HostAddress>> resolve(const std::string& host, std::uint16_t port) {
    return resolve_host(host, port, std::chrono::steady_clock::now() + found_within);
}

// 0, or the errno of why one cannot listen there.
int try_listen(const HostAddress& address) {
    const int family = address.storage.ss_family;
    int descriptor = ::socket(family, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (descriptor < 0) return errno;
    int on = 1;
    ::setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (family == AF_INET6) {
        ::setsockopt(descriptor, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof on);
    }
    int error = 0;
    // Two sockets may share a bound address; only listening tells.
    const auto* name = reinterpret_cast<const sockaddr*>(&address.storage);
    if (::bind(descriptor, name, address.size) != 0 || ::listen(descriptor, 1) != 0) {
        error = errno;
    }
    ::close(descriptor);
    return error;
}

std::string text_of(const HostAddress& address) {
    char text[INET6_ADDRSTRLEN] = "";
    const auto* storage = &address.storage;
    if (storage->ss_family == AF_INET6)
        ::inet_ntop(AF_INET6, &reinterpret_cast<const sockaddr_in6*>(storage)->sin6_addr, text,
                    sizeof text);
    else
        ::inet_ntop(AF_INET, &reinterpret_cast<const sockaddr_in*>(storage)->sin_addr, text,
                    sizeof text);
    return text;
}

std::string read_text(const std::filesystem::path& file) {
    std::ifstream in(file, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
}

std::optional<std::uint64_t> parse_number(std::string_view text, int base) {
    std::uint64_t number = 0;
    auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number, base);
    if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
    return number;
}

// Whether one of the process' descriptors is one of these sockets.
bool holds_any(const std::filesystem::path& process, const std::vector<std::uint64_t>& inodes) {
    std::error_code ec;
    for (auto entry = std::filesystem::directory_iterator(process / "fd", ec);
         !ec && entry != std::filesystem::directory_iterator(); entry.increment(ec)) {
        std::string link = std::filesystem::read_symlink(entry->path(), ec).string();
        ec.clear();
        if (!link.starts_with("socket:[") || !link.ends_with("]")) continue;
        auto inode = parse_number(std::string_view(link).substr(8, link.size() - 9), 10);
        if (inode && std::find(inodes.begin(), inodes.end(), *inode) != inodes.end()) return true;
    }
    return false;
}

std::string port_taken(const ServerConfig& server, std::uint16_t port, std::string_view what,
                       int error) {
    std::string message = fmt::format("node {} cannot listen on its {} port {}: {}",
                                      server.id.value(), what, port, std::strerror(error));
    const std::string how = fmt::format(
        " in config.json, or, if it was added to the cluster, with \"raftkv cluster move {}\"",
        server.id.value());
    if (error != EADDRINUSE) return message + "; its address can be changed" + how;
    auto holders = port_holders(port);
    message += holders.empty() ? "; the process that holds it cannot be seen by this user"
                               : fmt::format("; it is held by {}", fmt::join(holders, ", "));
    return message + ". End that process, or give the node another port" + how;
}

}  // namespace

Whereabouts whereabouts_of(const std::string& host) {
    Whereabouts found;
    const auto addresses = resolve(host, 0);
    if (!addresses) {
        found.trouble = addresses.error().message;
        return found;
    }
    found.is_known = true;
    for (const HostAddress& address : *addresses) {
        if (try_listen(address) != 0) continue;
        found.here = true;
        const std::string text = text_of(address);
        if (!is_loopback_host(text)) found.loopback_only = false;
        found.address = text;
    }
    found.loopback_only = found.loopback_only && found.here && !is_loopback_host(host);
    return found;
}

bool is_this_machine(const std::string& host) {
    return whereabouts_of(host).here;
}

Result<void> check_ports(const ServerConfig& server) {
    struct Port {
        const std::string& host;
        std::uint16_t number;
        std::string_view what;
    };
    const Port ports[] = {{server.host, server.client_port, "client"},
                          {server.host, server.log_port, "log"},
                          {server.admin_host, server.admin_port, "admin"}};
    for (const Port& port : ports) {
        const auto addresses = resolve(port.host, port.number);
        if (!addresses) continue;  // the node waits for the name
        for (const HostAddress& address : *addresses) {
            int error = try_listen(address);
            // A name may have addresses that this machine lacks, as ::1 where IPv6 is off.
            if (error == 0 || error == EADDRNOTAVAIL || error == EAFNOSUPPORT) continue;
            return Error{ErrorKind::usage, port_taken(server, port.number, port.what, error)};
        }
    }
    return {};
}

std::vector<std::uint64_t> listening_inodes(std::string_view table, std::uint16_t port) {
    constexpr std::string_view listen_state = "0A";
    std::vector<std::uint64_t> inodes;
    std::istringstream lines{std::string(table)};
    std::string line;
    while (std::getline(lines, line)) {
        std::istringstream fields(line);
        std::vector<std::string> words{std::istream_iterator<std::string>(fields), {}};
        // sl local remote state queues timer retransmits uid timeout inode
        if (words.size() < 10 || words[3] != listen_state) continue;
        std::size_t colon = words[1].rfind(':');
        if (colon == std::string::npos) continue;
        if (parse_number(std::string_view(words[1]).substr(colon + 1), 16) != port) continue;
        if (auto inode = parse_number(words[9], 10)) inodes.push_back(*inode);
    }
    return inodes;
}

std::vector<std::string> port_holders(std::uint16_t port) {
    auto inodes = listening_inodes(read_text("/proc/net/tcp"), port);
    auto more = listening_inodes(read_text("/proc/net/tcp6"), port);
    inodes.insert(inodes.end(), more.begin(), more.end());
    std::vector<std::string> holders;
    if (inodes.empty()) return holders;
    std::error_code ec;
    for (const auto& entry : std::filesystem::directory_iterator("/proc", ec)) {
        std::string name = entry.path().filename().string();
        if (!parse_number(name, 10) || !holds_any(entry.path(), inodes)) continue;
        std::string program = read_text(entry.path() / "comm");
        while (!program.empty() && program.back() == '\n') program.pop_back();
        holders.push_back(fmt::format("{} (pid {})", program, name));
    }
    return holders;
}

}  // namespace raftkv::cli
