#include <fmt/format.h>

#include <algorithm>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/http/buffer_body.hpp>
#include <boost/beast/http/empty_body.hpp>
#include <boost/beast/http/message.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/write.hpp>
#include <exception>
#include <functional>
#include <utility>

#include "cli/admin/admin_client.hpp"
#include "cli/admin/http_stream.hpp"

namespace raftkv::cli {

namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;
using boost::system::error_code;
using std::chrono::milliseconds;

constexpr std::size_t piece_bytes = 128 << 10;
constexpr std::size_t shown_of_a_refusal = 500;
constexpr std::size_t largest_answer_to_an_order = 1 << 20;

struct Target {
    http::verb method;
    const std::string& host;
    std::uint16_t port;
    const std::string& path;
};

std::string text(const Target& target) {
    return fmt::format("{} http://{}:{}{}", std::string(http::to_string(target.method)),
                       target.host, target.port, target.path);
}

// One request and its answer. Only asynchronous operations of a tcp_stream keep its deadline, so
// each step is started and the event loop run until it is done.
class Exchange {
  public:
    // `limit` holds for the whole of it, or for each step of its own.
    enum class Limit { whole, step };

    Exchange(milliseconds limit, Limit of) : socket_(context_), limit_(limit), of_(of) {
        socket_.expires_after(limit_);
        piece_.resize(piece_bytes);
    }

    void limit_body(std::size_t bytes) { parser_.body_limit(bytes); }
    void let_body_be_long() { parser_.body_limit(boost::none); }

    // Up to the header of the answer.
    error_code ask(const Target& target) {
        error_code ec = connect(target.host, target.port);
        if (!ec) ec = send(target);
        if (!ec) ec = read_header();
        return ec;
    }

    bool is_done() const { return parser_.is_done(); }
    unsigned code() { return parser_.get().result_int(); }

    // The next piece of the body; may be empty.
    error_code read(std::string_view& piece) {
        auto& body = parser_.get().body();
        body.data = piece_.data();
        body.size = piece_.size();
        begin_step();
        http::async_read(socket_, buffer_, parser_, done());
        const error_code ec = run();
        piece = std::string_view(piece_).substr(0, piece_.size() - body.size);
        return ec == http::error::need_buffer ? error_code() : ec;
    }

  private:
    error_code connect(const std::string& host, std::uint16_t port) {
        error_code ec;
        asio::ip::tcp::resolver resolver(context_);
        auto addresses = resolver.resolve(host, std::to_string(port), ec);
        if (ec) return ec;
        begin_step();
        socket_.async_connect(addresses,
                              [this](error_code result, const auto&) { outcome_ = result; });
        return run();
    }

    error_code send(const Target& target) {
        http::request<http::empty_body> request(target.method, target.path, 11);
        request.set(http::field::host, target.host);
        request.set(http::field::connection, "close");
        begin_step();
        http::async_write(socket_, request, done());
        return run();
    }

    error_code read_header() {
        begin_step();
        http::async_read_header(socket_, buffer_, parser_, done());
        return run();
    }

    void begin_step() {
        if (of_ == Limit::step) socket_.expires_after(limit_);
    }

    std::function<void(error_code, std::size_t)> done() {
        return [this](error_code result, std::size_t) { outcome_ = result; };
    }

    error_code run() {
        context_.restart();
        context_.run();
        return outcome_;
    }

    asio::io_context context_;
    beast::tcp_stream socket_;
    const milliseconds limit_;
    const Limit of_;
    error_code outcome_;
    beast::flat_buffer buffer_;
    http::response_parser<http::buffer_body> parser_;
    std::string piece_;
};

Error failed(const Target& target, const std::string& reason) {
    return {ErrorKind::unavailable, fmt::format("{}: {}", text(target), reason)};
}

Result<HttpReply> exchange(const Target& target, milliseconds timeout, std::size_t body_limit) {
    try {
        Exchange talk(timeout, Exchange::Limit::whole);
        talk.limit_body(body_limit);
        HttpReply reply;
        error_code ec = talk.ask(target);
        while (!ec && !talk.is_done()) {
            std::string_view piece;
            ec = talk.read(piece);
            reply.body += piece;
        }
        if (ec == beast::error::timeout)
            return failed(target, fmt::format("no answer within {} ms", timeout.count()));
        if (ec) return failed(target, ec.message());
        reply.code = static_cast<int>(talk.code());
        return reply;
    } catch (const std::exception& error) {
        return failed(target, error.what());
    }
}

// What the node says instead of what was asked for.
Error refusal(const Target& target, Exchange& talk) {
    std::string said;
    error_code ec;
    while (!ec && !talk.is_done() && said.size() < shown_of_a_refusal) {
        std::string_view piece;
        ec = talk.read(piece);
        said += piece;
    }
    said.resize(std::min(said.size(), shown_of_a_refusal));
    while (said.ends_with('\n')) said.pop_back();
    return {ErrorKind::failed,
            fmt::format("{}: HTTP code {}: {}", text(target), talk.code(), said)};
}

}  // namespace

Result<HttpReply> http_get(const std::string& host, std::uint16_t port, const std::string& target,
                           milliseconds timeout, std::size_t body_limit) {
    return exchange({http::verb::get, host, port, target}, timeout, body_limit);
}

Result<HttpReply> http_post(const std::string& host, std::uint16_t port, const std::string& target,
                            milliseconds timeout) {
    return exchange({http::verb::post, host, port, target}, timeout, largest_answer_to_an_order);
}

Result<void> http_get_stream(const std::string& host, std::uint16_t port, const std::string& path,
                             milliseconds silence, const TakePiece& take) {
    const Target target{http::verb::get, host, port, path};
    auto broke_off = [&](const error_code& ec) {
        if (ec == beast::error::timeout)
            return failed(target, fmt::format("nothing came for {} ms", silence.count()));
        if (ec == http::error::partial_message) return failed(target, "it was cut off");
        return failed(target, ec.message());
    };
    try {
        Exchange talk(silence, Exchange::Limit::step);
        talk.let_body_be_long();
        if (auto ec = talk.ask(target)) return broke_off(ec);
        if (talk.code() != 200) return refusal(target, talk);
        while (!talk.is_done()) {
            std::string_view piece;
            const error_code ec = talk.read(piece);
            if (auto taken = take(piece); !taken) return taken;
            if (ec) return broke_off(ec);
        }
        return {};
    } catch (const std::exception& error) {
        return failed(target, error.what());
    }
}

}  // namespace raftkv::cli
