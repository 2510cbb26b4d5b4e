#include "node/server/admin/admin_server.hpp"

#include <fmt/format.h>
#include <sys/socket.h>
#include <unistd.h>

#include <boost/asio/buffer.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/thread_pool.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/http/chunk_encode.hpp>
#include <boost/beast/http/empty_body.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/serializer.hpp>
#include <boost/beast/http/string_body.hpp>
#include <boost/beast/http/write.hpp>
#include <chrono>
#include <optional>
#include <utility>

#include "common/log.hpp"
#include "node/server/admin/admin_routes.hpp"
#include "node/server/admin/dump_lines.hpp"
#include "node/server/listener.hpp"

namespace raftkv::server {
namespace {

namespace beast = boost::beast;
namespace http = boost::beast::http;
using boost::asio::ip::tcp;
using boost::system::error_code;

constexpr int max_connections = 64;
constexpr int max_dumps = 1;      // each may hold a share of the store's memory
constexpr int max_snapshots = 1;  // while it is sent, one that is replaced keeps its space
constexpr std::size_t piece_bytes = 256 << 10;
constexpr std::size_t max_header_bytes = 8192;

tcp protocol_of(int fd) {
    sockaddr_storage address{};
    socklen_t size = sizeof(address);
    ::getsockname(fd, reinterpret_cast<sockaddr*>(&address), &size);
    return address.ss_family == AF_INET6 ? tcp::v6() : tcp::v4();
}

// Of all connections.
struct Counts {
    int connections = 0;
    int dumps = 0;
    int snapshots = 0;
};

// What all connections share; outlives them.
struct Shared {
    const ReportSource& source;
    AdminOrders& orders;
    SnapshotSource& snapshots;
    boost::asio::thread_pool& disk;  // for what may wait for the disk
    const AdminPatience patience;
};

// One connection; lives as long as something is under way on it.
class Connection : public std::enable_shared_from_this<Connection> {
  public:
    Connection(boost::asio::io_context& io, int fd, const Shared& shared,
               std::shared_ptr<Counts> counts)
        : stream_(tcp::socket(io, protocol_of(fd), fd)),
          shared_(shared),
          counts_(std::move(counts)) {
        ++counts_->connections;
    }
    ~Connection() {
        --counts_->connections;
        if (dump_) --counts_->dumps;
        if (snapshot_) --counts_->snapshots;
    }

    void read(std::chrono::milliseconds timeout) {
        parser_.emplace();
        parser_->header_limit(max_header_bytes);
        parser_->body_limit(0);
        stream_.expires_after(timeout);
        http::async_read(stream_, buffer_, *parser_,
                         [self = shared_from_this()](const error_code& error, std::size_t) {
                             self->on_read(error);
                         });
    }

  private:
    void on_read(const error_code& error) {
        if (error == http::error::body_limit || error == http::error::header_limit) {
            return reply({413, "text/plain", "the request is too large\n"}, false);
        }
        if (error.category() == http::make_error_code(http::error::bad_method).category() &&
            error != http::error::end_of_stream && error != http::error::partial_message) {
            return reply({400, "text/plain", "this is no HTTP request\n"}, false);
        }
        if (error) return;
        const auto& request = parser_->get();
        std::string_view method = request.method_string();
        std::string_view target = request.target();
        bool keep_alive = request.keep_alive();
        if (request.method() == http::verb::get && is_dump(target)) return begin_dump();
        if (request.method() == http::verb::get && target == snapshot_path) return begin_snapshot();
        if (request.method() != http::verb::post)
            return reply(answer(method, target, shared_.source), keep_alive);
        // A page in somebody's browser can send a POST to this machine, and says where it is from.
        if (request.count(http::field::origin) > 0)
            return reply({403, "text/plain", "web pages may not give orders\n"}, keep_alive);
        if (target == snapshot_path) return reply(order_snapshot(), keep_alive);
        shared_.orders.order(target, [self = shared_from_this(), keep_alive](AdminAnswer answer) {
            self->reply(std::move(answer), keep_alive);
        });
    }

    void reply(AdminAnswer answer, bool keep_alive) {
        response_ = {};
        response_.result(answer.status);
        response_.set(http::field::content_type, answer.content_type);
        if (answer.status == 405) response_.set(http::field::allow, "GET, POST");
        response_.body() = std::move(answer.body);
        response_.keep_alive(keep_alive);
        response_.prepare_payload();
        stream_.expires_after(shared_.patience.request);
        http::async_write(stream_, response_,
                          [self = shared_from_this()](const error_code& error, std::size_t) {
                              self->on_written(error);
                          });
    }

    void on_written(const error_code& error) {
        if (error) return;
        if (!dump_ && !snapshot_ && response_.keep_alive()) return read(shared_.patience.idle);
        error_code ignored;
        stream_.socket().shutdown(tcp::socket::shutdown_send, ignored);
    }

    // A body of any length, made while it is sent, in a chunk for each piece. Its end is marked; so
    // one that was cut off is known as such.
    void begin_dump() {
        if (counts_->dumps >= max_dumps)
            return reply({503, "text/plain", "another dump is under way\n"}, false);
        ++counts_->dumps;
        dump_.emplace(shared_.source.store());
        head_.chunked(true);
        write_head("application/x-ndjson", [](Connection& own) { own.go_on_with_dump(); });
    }

    void write_head(const char* content_type, void (*then)(Connection&)) {
        head_.set(http::field::content_type, content_type);
        head_.keep_alive(false);
        head_serializer_.emplace(head_);
        stream_.expires_after(shared_.patience.request);
        http::async_write_header(
            stream_, *head_serializer_,
            [self = shared_from_this(), then](const error_code& error, std::size_t) {
                if (!error) then(*self);
            });
    }

    void go_on_with_dump() {
        dump_lines_.clear();
        const DumpLines::Outcome outcome = dump_->next(dump_lines_);
        if (outcome == DumpLines::Outcome::end) return end_dump();
        if (dump_lines_.empty())
            return boost::asio::post(stream_.get_executor(),
                                     [self = shared_from_this()] { self->go_on_with_dump(); });
        stream_.expires_after(shared_.patience.request);
        boost::asio::async_write(
            stream_, http::make_chunk(boost::asio::buffer(dump_lines_)),
            [self = shared_from_this(), outcome](const error_code& error, std::size_t) {
                if (!error && outcome == DumpLines::Outcome::more) self->go_on_with_dump();
            });
    }

    void end_dump() {
        boost::asio::async_write(stream_, http::make_chunk_last(),
                                 [self = shared_from_this()](const error_code& error, std::size_t) {
                                     self->on_written(error);
                                 });
    }

    AdminAnswer order_snapshot() {
        auto index = shared_.snapshots.order_snapshot();
        if (!index) return {409, "text/plain", index.error().message + "\n"};
        return {200, "application/json", fmt::format("{{\"index\":{}}}\n", index->value())};
    }

    // A file that is there. A reader that is slow holds nobody up, and takes no memory.
    void begin_snapshot() {
        if (counts_->snapshots >= max_snapshots)
            return reply({503, "text/plain", "another one fetches a snapshot\n"}, false);
        auto opened = shared_.snapshots.open_snapshot();
        if (!opened) {
            const bool none = opened.error().kind == ErrorKind::failed;
            return reply({none ? 404u : 500u, "text/plain", opened.error().message + "\n"}, false);
        }
        ++counts_->snapshots;
        snapshot_ = std::move(*opened);
        head_.content_length(snapshot_->size());
        write_head("application/octet-stream", [](Connection& own) { own.read_snapshot(); });
    }

    void read_snapshot() {
        if (snapshot_offset_ == snapshot_->size()) return on_written({});
        boost::asio::post(shared_.disk, [self = shared_from_this()]() mutable {
            Connection& own = *self;
            own.snapshot_piece_ = own.snapshot_->read_raw(own.snapshot_offset_, piece_bytes);
            boost::asio::post(own.stream_.get_executor(),
                              [self = std::move(self)] { self->write_snapshot(); });
        });
    }

    // Whoever does not get all of it sees that by the length that was announced.
    void write_snapshot() {
        if (!snapshot_piece_.ok() || snapshot_piece_->empty()) {
            log::error("reading a snapshot for a backup: " +
                       (snapshot_piece_ ? "it ends early" : snapshot_piece_.error().message));
            return;
        }
        stream_.expires_after(shared_.patience.request);
        boost::asio::async_write(
            stream_, boost::asio::buffer(*snapshot_piece_),
            [self = shared_from_this()](const error_code& error, std::size_t bytes) {
                self->snapshot_offset_ += bytes;
                if (!error) self->read_snapshot();
            });
    }

    beast::tcp_stream stream_;
    beast::flat_buffer buffer_{max_header_bytes * 2};
    std::optional<http::request_parser<http::empty_body>> parser_;
    http::response<http::string_body> response_;
    const Shared& shared_;
    std::optional<DumpLines> dump_;
    std::string dump_lines_;  // on their way
    std::unique_ptr<storage::SnapshotReader> snapshot_;
    std::uint64_t snapshot_offset_ = 0;
    Result<std::string> snapshot_piece_ = std::string();  // on its way
    // Of a body that is made while it is sent.
    http::response<http::empty_body> head_;
    std::optional<http::response_serializer<http::empty_body>> head_serializer_;
    const std::shared_ptr<Counts> counts_;  // may be the last to hold it
};

}  // namespace

struct AdminServer::Impl {
    Impl(boost::asio::io_context& io_in, const ReportSource& source, AdminOrders& orders,
         SnapshotSource& snapshots, const AdminPatience& patience)
        : io(io_in), shared{source, orders, snapshots, disk, patience} {}

    void accept(int fd) {
        if (counts->connections >= max_connections) {
            ::close(fd);
            return;
        }
        std::make_shared<Connection>(io, fd, shared, counts)->read(shared.patience.request);
    }

    boost::asio::io_context& io;
    boost::asio::thread_pool disk{1};
    const Shared shared;
    const std::shared_ptr<Counts> counts = std::make_shared<Counts>();
    std::unique_ptr<Listener> listener;
};

AdminServer::AdminServer(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
AdminServer::~AdminServer() = default;

Result<std::unique_ptr<AdminServer>> AdminServer::open(boost::asio::io_context& io,
                                                       const std::string& host, std::uint16_t port,
                                                       const ReportSource& source,
                                                       AdminOrders& orders,
                                                       SnapshotSource& snapshots,
                                                       const AdminPatience& patience) {
    auto impl = std::make_unique<Impl>(io, source, orders, snapshots, patience);
    auto listener = Listener::open(io, host, port, "AdminPort",
                                   [raw = impl.get()](int fd) { raw->accept(fd); });
    if (!listener.ok()) return listener.error();
    impl->listener = std::move(listener).value();
    return std::unique_ptr<AdminServer>(new AdminServer(std::move(impl)));
}

Result<void> AdminServer::start() {
    return impl_->listener->start();
}

void AdminServer::stop() {
    impl_->listener->stop();
}

}  // namespace raftkv::server
