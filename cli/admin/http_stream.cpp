#include "cli/admin/http_stream.hpp"

#include <fmt/format.h>

#include <array>
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

namespace raftkv::cli {

namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;
using boost::system::error_code;

constexpr std::size_t piece_bytes = 128 << 10;
constexpr std::size_t shown_of_a_refusal = 500;

// As in http_exchange.cpp, each step is started and the event loop run until it is done.
class Stream {
  public:
    explicit Stream(std::chrono::milliseconds silence)
        : socket_(context_), silence_(silence), piece_(piece_bytes, '\0') {
        parser_.body_limit(boost::none);
    }

    error_code connect(const std::string& host, std::uint16_t port) {
        error_code ec;
        asio::ip::tcp::resolver resolver(context_);
        auto addresses = resolver.resolve(host, std::to_string(port), ec);
        if (ec) return ec;
        socket_.expires_after(silence_);
        socket_.async_connect(addresses, [&](error_code result, const auto&) { ec = result; });
        return run(ec);
    }

    error_code ask(const std::string& host, const std::string& target) {
        http::request<http::empty_body> request(http::verb::get, target, 11);
        request.set(http::field::host, host);
        request.set(http::field::connection, "close");
        error_code ec;
        socket_.expires_after(silence_);
        http::async_write(socket_, request, [&](error_code result, std::size_t) { ec = result; });
        return run(ec);
    }

    error_code read_header() {
        error_code ec;
        socket_.expires_after(silence_);
        http::async_read_header(socket_, buffer_, parser_,
                                [&](error_code result, std::size_t) { ec = result; });
        return run(ec);
    }

    bool is_done() const { return parser_.is_done(); }
    unsigned code() { return parser_.get().result_int(); }

    // The next piece of the body; may be empty.
    error_code read(std::string_view& piece) {
        auto& body = parser_.get().body();
        body.data = piece_.data();
        body.size = piece_.size();
        error_code ec;
        socket_.expires_after(silence_);
        http::async_read(socket_, buffer_, parser_,
                         [&](error_code result, std::size_t) { ec = result; });
        run(ec);
        piece = std::string_view(piece_).substr(0, piece_.size() - body.size);
        return ec == http::error::need_buffer ? error_code() : ec;
    }

  private:
    error_code run(const error_code& outcome) {
        context_.restart();
        context_.run();
        return outcome;
    }

    asio::io_context context_;
    beast::tcp_stream socket_;
    const std::chrono::milliseconds silence_;
    beast::flat_buffer buffer_;
    http::response_parser<http::buffer_body> parser_;
    std::string piece_;
};

}  // namespace

Result<void> http_get_stream(const std::string& host, std::uint16_t port, const std::string& target,
                             std::chrono::milliseconds silence, const TakePiece& take) {
    const std::string what = fmt::format("GET http://{}:{}{}", host, port, target);
    auto failed = [&](const error_code& ec) {
        const std::string reason =
            ec == beast::error::timeout
                ? fmt::format("nothing came for {} ms", silence.count())
                : (ec == http::error::partial_message ? "it was cut off" : ec.message());
        return Error{ErrorKind::unavailable, fmt::format("{}: {}", what, reason)};
    };
    try {
        Stream stream(silence);
        if (auto ec = stream.connect(host, port)) return failed(ec);
        if (auto ec = stream.ask(host, target)) return failed(ec);
        if (auto ec = stream.read_header()) return failed(ec);
        std::string refusal;
        while (!stream.is_done()) {
            std::string_view piece;
            const error_code ec = stream.read(piece);
            if (stream.code() != 200) {
                refusal += piece.substr(0, shown_of_a_refusal);
                if (ec || refusal.size() >= shown_of_a_refusal) break;
                continue;
            }
            if (auto taken = take(piece); !taken) return taken;
            if (ec) return failed(ec);
        }
        if (stream.code() == 200) return {};
        while (refusal.ends_with('\n')) refusal.pop_back();
        return Error{ErrorKind::failed,
                     fmt::format("{}: HTTP code {}: {}", what, stream.code(), refusal)};
    } catch (const std::exception& error) {
        return Error{ErrorKind::unavailable, fmt::format("{}: {}", what, error.what())};
    }
}

}  // namespace raftkv::cli
