#include "tests/unit/client/fake_node.hpp"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cstddef>
#include <utility>

#include "common/check.hpp"
#include "common/protocol/parser.hpp"

namespace raftkv::test {

namespace {

constexpr std::uint32_t max_value_bytes = 1 << 20;

Descriptor listen_on_free_port(std::uint16_t& port) {
    Descriptor socket(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    auto* plain = reinterpret_cast<sockaddr*>(&address);
    RAFTKV_CHECK(::bind(socket.get(), plain, size) == 0);
    RAFTKV_CHECK(::listen(socket.get(), 100) == 0);
    RAFTKV_CHECK(::getsockname(socket.get(), plain, &size) == 0);
    port = ntohs(address.sin_port);
    return socket;
}

std::string as_text(const protocol::Request& request) {
    std::string text(protocol::name_of(request.op));
    text += " " + std::string(request.key);
    if (request.op == protocol::Op::cas) text += " " + std::to_string(request.version);
    if (!request.value.empty()) text += " " + std::string(request.value);
    return text;
}

}  // namespace

std::optional<std::string> FakeSession::next() {
    protocol::RequestParser parser(max_value_bytes);
    while (true) {
        const auto parsed = parser.next(received_);
        if (parsed.status == protocol::ParseStatus::request) {
            std::string text = as_text(parsed.request);
            received_.erase(0, parsed.consumed);
            return text;
        }
        received_.erase(0, parsed.consumed);
        if (parsed.status != protocol::ParseStatus::need_more) return "?";
        char bytes[4096];
        const ssize_t count = ::recv(socket_.get(), bytes, sizeof bytes, 0);
        if (count <= 0) return std::nullopt;
        received_.append(bytes, static_cast<std::size_t>(count));
    }
}

void FakeSession::say(std::string_view bytes) {
    while (!bytes.empty()) {
        const ssize_t count = ::send(socket_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
        if (count < 0) return;
        bytes.remove_prefix(static_cast<std::size_t>(count));
    }
}

void FakeSession::say_slowly(std::string_view bytes) {
    const int on = 1;
    ::setsockopt(socket_.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    for (const char byte : bytes) {
        say(std::string_view(&byte, 1));
        std::this_thread::yield();
    }
}

void FakeSession::reset() {
    const linger at_once{1, 0};
    ::setsockopt(socket_.get(), SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
    socket_ = Descriptor();
}

void FakeSession::hang_up() {
    ::shutdown(socket_.get(), SHUT_RDWR);
}

void FakeSession::stay_silent() {
    char bytes[4096];
    while (::recv(socket_.get(), bytes, sizeof bytes, 0) > 0) {
    }
}

FakeNode::FakeNode(Script script) : script_(std::move(script)) {
    listener_ = listen_on_free_port(port_);
    acceptor_ = std::thread([this] { accept_all(); });
}

FakeNode::~FakeNode() {
    {
        const std::lock_guard lock(mutex_);
        ending_ = true;
        ::shutdown(listener_.get(), SHUT_RDWR);
        for (FakeSession& session : sessions_) ::shutdown(session.fd(), SHUT_RDWR);
    }
    acceptor_.join();
    for (std::thread& thread : threads_) thread.join();
}

void FakeNode::accept_all() {
    while (true) {
        const int fd = ::accept4(listener_.get(), nullptr, nullptr, SOCK_CLOEXEC);
        if (fd < 0) return;
        const std::lock_guard lock(mutex_);
        FakeSession& session = sessions_.emplace_back(fd);
        if (ending_) return;
        ++connections_;
        threads_.emplace_back([this, &session] {
            script_(session);
            ::shutdown(session.fd(), SHUT_RDWR);
        });
    }
}

void Transcript::add(std::string line) {
    const std::lock_guard lock(mutex_);
    lines_.push_back(std::move(line));
}

std::vector<std::string> Transcript::lines() const {
    const std::lock_guard lock(mutex_);
    return lines_;
}

int Transcript::count(std::string_view line) const {
    const auto all = lines();
    return static_cast<int>(std::count(all.begin(), all.end(), line));
}

FakeNode::Script answering(std::function<std::string(const std::string&)> answer) {
    return [answer = std::move(answer)](FakeSession& session) {
        while (const auto command = session.next()) session.say(answer(*command));
    };
}

std::vector<std::uint16_t> dead_ports(std::size_t count) {
    std::vector<std::uint16_t> ports(count);
    std::vector<Descriptor> held;  // until all are found, so that none is found twice
    for (std::uint16_t& port : ports) held.push_back(listen_on_free_port(port));
    return ports;
}

std::uint16_t dead_port() {
    return dead_ports(1).front();
}

std::string FakeStore::answer(const std::string& command) {
    const std::lock_guard lock(mutex_);
    // "name key rest": the rest of a cas is "version value".
    const std::size_t key_at = command.find(' ');
    if (key_at == std::string::npos) return "ERR_CMD_ERR\r\n";
    const std::string name = command.substr(0, key_at);
    const std::size_t rest_at = std::min(command.find(' ', key_at + 1), command.size());
    const std::string key = command.substr(key_at + 1, rest_at - key_at - 1);
    std::string rest = command.substr(std::min(rest_at + 1, command.size()));
    const auto found = values_.find(key);
    const bool exists = found != values_.end();
    if (name == "set") {
        if (exists) return "ERR_VERSION\r\n";
        values_[key] = {++index_, rest};
        return "OK " + std::to_string(index_) + "\r\n";
    }
    if (!exists) return "ERR_NOT_FOUND\r\n";
    Value& value = found->second;
    const std::string size = std::to_string(value.bytes.size());
    if (name == "get") return "VALUE " + size + "\r\n" + value.bytes + "\r\n";
    if (name == "getm") {
        return "VALUE " + std::to_string(value.version) + " 0 " + size + "\r\n" + value.bytes +
               "\r\n";
    }
    if (name == "delete") {
        ++index_;
        values_.erase(found);
        return "DELETED\r\n";
    }
    const std::size_t value_at = rest.find(' ');
    if (rest.substr(0, value_at) != std::to_string(value.version)) return "ERR_VERSION\r\n";
    value = {++index_, rest.substr(value_at + 1)};
    return "OK " + std::to_string(index_) + "\r\n";
}

}  // namespace raftkv::test
