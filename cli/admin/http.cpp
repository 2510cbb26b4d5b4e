#include <arpa/inet.h>
#include <fmt/format.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <algorithm>
#include <boost/beast/http/buffer_body.hpp>
#include <boost/beast/http/parser.hpp>
#include <cstdint>
#include <utility>

#include "cli/admin/admin_client.hpp"
#include "cli/admin/http_stream.hpp"
#include "cli/socket/socket.hpp"
#include "common/printable.hpp"

namespace raftkv::cli {

namespace {

namespace http = boost::beast::http;
using boost::system::error_code;
using std::chrono::milliseconds;
using std::chrono::steady_clock;

// Of bytes that are only understood with those that follow, like half a line of a header.
constexpr std::size_t most_kept = 16 << 10;
constexpr std::size_t shown_of_a_refusal = 500;
constexpr std::size_t largest_answer_to_an_order = 1 << 20;
constexpr int never_cancelled = -1;

// A node answers to each of its addresses, but to those names alone that it knows. An address of
// version 6 stands in brackets.
std::string address_of_peer(const Descriptor& socket) {
    sockaddr_storage address{};
    socklen_t size = sizeof address;
    ::getpeername(socket.get(), reinterpret_cast<sockaddr*>(&address), &size);
    char text[INET6_ADDRSTRLEN] = "localhost";
    if (address.ss_family == AF_INET6) {
        ::inet_ntop(AF_INET6, &reinterpret_cast<sockaddr_in6*>(&address)->sin6_addr, text,
                    sizeof text);
        return fmt::format("[{}]", text);
    }
    if (address.ss_family == AF_INET)
        ::inet_ntop(AF_INET, &reinterpret_cast<sockaddr_in*>(&address)->sin_addr, text,
                    sizeof text);
    return text;
}

struct Target {
    std::string_view method;
    const std::string& host;
    std::uint16_t port;
    const std::string& path;
};

// One request and its answer.
class Exchange {
  public:
    // `limit` holds for the whole of it, or for each step of its own.
    enum class Limit { whole, step };

    Exchange(const Target& target, milliseconds limit, Limit of)
        : target_(target), limit_(limit), of_(of), deadline_(steady_clock::now() + limit) {
        parser_.eager(true);
        parser_.body_limit(boost::none);
    }

    void limit_body(std::size_t bytes) { parser_.body_limit(bytes); }

    // Up to the header of the answer.
    Result<void> ask() {
        auto socket = connect_socket(target_.host, target_.port, deadline_, never_cancelled);
        if (!socket) return socket.error();
        socket_ = std::move(*socket);
        begin_step();
        const std::string request =
            fmt::format("{} {} HTTP/1.1\r\nHost: {}:{}\r\nConnection: close\r\n\r\n",
                        target_.method, target_.path, address_of_peer(socket_), target_.port);
        std::size_t sent = 0;
        auto done = send_all(socket_, request, deadline_, never_cancelled, sent);
        if (!done) return failed(done.error().message);
        while (!parser_.is_header_done())
            if (auto read = read_some(); !read) return read;
        return {};
    }

    unsigned code() { return parser_.get().result_int(); }

    // All of the body, once the header is there.
    Result<void> read_body(const TakePiece& take) {
        while (true) {
            if (auto taken = take(piece_); !taken || parser_.is_done()) return taken;
            if (auto read = read_some(); !read) return read;
        }
    }

    // What the node says instead of what was asked for.
    Error refusal() {
        std::string said;
        const auto all = read_body([&](std::string_view piece) -> Result<void> {
            said += piece;
            if (said.size() < shown_of_a_refusal) return {};
            return Error{ErrorKind::failed, "enough was said"};
        });
        if (!all) said.resize(std::min(said.size(), shown_of_a_refusal));
        while (said.ends_with('\n')) said.pop_back();
        return {ErrorKind::failed,
                fmt::format("{}: HTTP code {}: {}", text(), code(), printable_text(said))};
    }

  private:
    std::string text() const {
        return fmt::format("{} http://{}:{}{}", target_.method, target_.host, target_.port,
                           target_.path);
    }

    Error failed(std::string_view reason) const {
        if (steady_clock::now() < deadline_)
            return {ErrorKind::unavailable, fmt::format("{}: {}", text(), reason)};
        const auto late = of_ == Limit::step ? "nothing came for" : "no answer within";
        return {ErrorKind::unavailable, fmt::format("{}: {} {} ms", text(), late, limit_.count())};
    }

    void begin_step() {
        if (of_ == Limit::step) deadline_ = steady_clock::now() + limit_;
    }

    // Takes more of the answer; what that has of the body is piece_.
    Result<void> read_some() {
        piece_.clear();
        begin_step();
        const auto count = receive_some(socket_, input_, deadline_, never_cancelled);
        if (!count) return failed(count.error().message);
        error_code ec;
        if (*count > 0) {
            parse(ec);
        } else if (parser_.got_some()) {
            parser_.put_eof(ec);
        } else {
            ec = http::error::end_of_stream;
        }
        if (ec == http::error::partial_message) return failed("it was cut off");
        return ec ? failed(ec.message()) : Result<void>();
    }

    void parse(error_code& ec) {
        piece_.resize(input_.size());
        auto& body = parser_.get().body();
        body.data = piece_.data();
        body.size = piece_.size();
        input_.erase(0, parser_.put({input_.data(), input_.size()}, ec));
        piece_.resize(piece_.size() - body.size);
        if (ec == http::error::need_more)
            ec = input_.size() > most_kept ? http::error::header_limit : error_code();
    }

    const Target target_;
    const milliseconds limit_;
    const Limit of_;
    Deadline deadline_;
    Descriptor socket_;
    std::string input_;  // not yet understood
    http::response_parser<http::buffer_body> parser_;
    std::string piece_;
};

Result<HttpReply> exchange(const Target& target, milliseconds timeout, std::size_t body_limit) {
    Exchange talk(target, timeout, Exchange::Limit::whole);
    talk.limit_body(body_limit);
    if (auto asked = talk.ask(); !asked) return asked.error();
    HttpReply reply;
    auto read = talk.read_body([&](std::string_view piece) -> Result<void> {
        reply.body += piece;
        return {};
    });
    if (!read) return read.error();
    reply.code = static_cast<int>(talk.code());
    return reply;
}

}  // namespace

Result<HttpReply> http_get(const std::string& host, std::uint16_t port, const std::string& target,
                           milliseconds timeout, std::size_t body_limit) {
    return exchange({"GET", host, port, target}, timeout, body_limit);
}

Result<HttpReply> http_post(const std::string& host, std::uint16_t port, const std::string& target,
                            milliseconds timeout) {
    return exchange({"POST", host, port, target}, timeout, largest_answer_to_an_order);
}

Result<void> http_get_stream(const std::string& host, std::uint16_t port, const std::string& path,
                             milliseconds silence, const TakePiece& take) {
    Exchange talk({"GET", host, port, path}, silence, Exchange::Limit::step);
    if (auto asked = talk.ask(); !asked) return asked;
    if (talk.code() != 200) return talk.refusal();
    return talk.read_body(take);
}

}  // namespace raftkv::cli
