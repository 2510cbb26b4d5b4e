#include <fmt/format.h>

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/http/empty_body.hpp>
#include <boost/beast/http/message.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/string_body.hpp>
#include <boost/beast/http/write.hpp>
#include <exception>

#include "cli/admin/admin_client.hpp"

namespace raftkv::cli {

namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;
using boost::system::error_code;

// Only asynchronous operations of a tcp_stream keep its deadline, so each step is started and the
// event loop run until it is done.
class Exchange {
  public:
    explicit Exchange(std::chrono::milliseconds timeout) : stream_(context_) {
        stream_.expires_after(timeout);
    }

    error_code connect(const std::string& host, std::uint16_t port) {
        error_code ec;
        asio::ip::tcp::resolver resolver(context_);
        auto addresses = resolver.resolve(host, std::to_string(port), ec);
        if (ec) return ec;
        stream_.async_connect(addresses, [&](error_code result, const auto&) { ec = result; });
        run();
        return ec;
    }

    error_code send(http::verb method, const std::string& host, const std::string& target) {
        http::request<http::empty_body> request(method, target, 11);
        request.set(http::field::host, host);
        request.set(http::field::connection, "close");
        error_code ec;
        http::async_write(stream_, request, [&](error_code result, std::size_t) { ec = result; });
        run();
        return ec;
    }

    error_code receive(std::size_t body_limit, HttpReply& reply) {
        http::response_parser<http::string_body> parser;
        parser.body_limit(body_limit);
        beast::flat_buffer buffer;
        error_code ec;
        http::async_read(stream_, buffer, parser,
                         [&](error_code result, std::size_t) { ec = result; });
        run();
        if (!ec) {
            auto message = parser.release();
            reply.code = static_cast<int>(message.result_int());
            reply.body = std::move(message.body());
        }
        return ec;
    }

  private:
    void run() {
        context_.restart();
        context_.run();
    }

    asio::io_context context_;
    beast::tcp_stream stream_;
};

Result<HttpReply> exchange(http::verb method, const std::string& host, std::uint16_t port,
                           const std::string& target, std::chrono::milliseconds timeout,
                           std::size_t body_limit) {
    auto failed = [&](const std::string& reason) {
        return Error{ErrorKind::unavailable,
                     fmt::format("{} http://{}:{}{}: {}", std::string(http::to_string(method)),
                                 host, port, target, reason)};
    };
    try {
        Exchange talk(timeout);
        HttpReply reply;
        error_code ec = talk.connect(host, port);
        if (!ec) ec = talk.send(method, host, target);
        if (!ec) ec = talk.receive(body_limit, reply);
        if (ec == beast::error::timeout) {
            return failed(fmt::format("no answer within {} ms", timeout.count()));
        }
        if (ec) return failed(ec.message());
        return reply;
    } catch (const std::exception& error) {
        return failed(error.what());
    }
}

}  // namespace

Result<HttpReply> http_get(const std::string& host, std::uint16_t port, const std::string& target,
                           std::chrono::milliseconds timeout, std::size_t body_limit) {
    return exchange(http::verb::get, host, port, target, timeout, body_limit);
}

Result<HttpReply> http_post(const std::string& host, std::uint16_t port, const std::string& target,
                            std::chrono::milliseconds timeout) {
    constexpr std::size_t largest_answer = 1 << 20;
    return exchange(http::verb::post, host, port, target, timeout, largest_answer);
}

}  // namespace raftkv::cli
