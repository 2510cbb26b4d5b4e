#include "node/server/admin/admin_connection.hpp"

#include <fmt/format.h>
#include <sys/socket.h>

#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/thread_pool.hpp>
#include <boost/beast/http/empty_body.hpp>
#include <boost/beast/http/parser.hpp>
#include <cerrno>
#include <chrono>
#include <functional>
#include <list>
#include <optional>
#include <string>
#include <utility>

#include "common/log.hpp"
#include "node/server/admin/admin_routes.hpp"
#include "node/server/admin/asked_host.hpp"
#include "node/server/admin/dump_lines.hpp"

namespace raftkv::server {
namespace {

namespace http = boost::beast::http;
using boost::asio::posix::stream_descriptor;
using boost::system::error_code;

// Asio's and Beast's own operations on whole messages are compiled anew for each kind of message
// and handler, in tens of seconds. These have one type each, and a socket needs only to be waited
// for.
using OnReady = std::function<void(const error_code&)>;
using Task = std::function<void()>;

constexpr int max_dumps = 1;      // each may hold a share of the store's memory
constexpr int max_snapshots = 1;  // while it is sent, one that is replaced keeps its space
constexpr std::size_t piece_bytes = 256 << 10;
constexpr std::size_t sent_in_a_turn = 64 << 10;
constexpr std::size_t max_header_bytes = 8192;
constexpr std::size_t max_input_bytes = max_header_bytes * 2;

// One connection; lives as long as something is under way on it.
class Connection : public std::enable_shared_from_this<Connection> {
  public:
    Connection(int fd, const AdminShared& shared)
        : socket_(shared.io, fd), timer_(shared.io), shared_(shared), counts_(shared.counts) {
        ++counts_->connections;
    }
    ~Connection() {
        stop_waiting();
        if (counted_) --counts_->connections;
        if (dump_) --counts_->dumps;
        if (snapshot_) --counts_->snapshots;
    }

    // The next request, which may be here already.
    void read(std::chrono::milliseconds patience) {
        head_only_ = false;
        parser_.emplace();
        parser_->header_limit(max_header_bytes);
        parser_->body_limit(0);
        parser_->eager(true);
        begin_step(patience);
        begin_to_wait();
        parse();
    }

  private:
    using Next = void (Connection::*)();

    void begin_to_wait() {
        stop_waiting();
        place_ = counts_->waiting.insert(counts_->waiting.end(), [weak = weak_from_this()] {
            if (const auto self = weak.lock()) self->make_room();
        });
    }
    void stop_waiting() {
        if (place_) counts_->waiting.erase(*std::exchange(place_, std::nullopt));
    }
    // What is under way on the socket comes to nothing, and gives the connection up a little later.
    void make_room() {
        stop_waiting();
        counted_ = false;
        --counts_->connections;
        error_code ignored;
        socket_.close(ignored);
    }

    // Whoever takes longer for a step is cut off.
    void begin_step(std::chrono::milliseconds patience) {
        timer_.expires_after(patience);
        timer_.async_wait(OnReady([weak = weak_from_this(), step = ++step_](const error_code&) {
            const auto self = weak.lock();
            error_code ignored;
            if (self && self->step_ == step) self->socket_.close(ignored);
        }));
    }
    void end_step() { ++step_; }

    void wait(stream_descriptor::wait_type what, Next next) {
        socket_.async_wait(what,
                           OnReady([self = shared_from_this(), next](const error_code& error) {
                               if (!error) ((*self).*next)();
                           }));
    }

    void receive() {
        char bytes[max_input_bytes];
        const ssize_t count =
            ::recv(socket_.native_handle(), bytes, sizeof bytes - input_.size(), 0);
        if (count > 0) {
            input_.append(bytes, static_cast<std::size_t>(count));
            return parse();
        }
        if (count < 0 && (errno == EAGAIN || errno == EINTR)) wait_for_more();
    }

    void wait_for_more() { wait(stream_descriptor::wait_read, &Connection::receive); }

    void parse() {
        error_code error = http::error::need_more;
        if (!input_.empty()) input_.erase(0, parser_->put({input_.data(), input_.size()}, error));
        const bool more = error ? error == http::error::need_more : !parser_->is_done();
        if (more && input_.size() < max_input_bytes) return wait_for_more();
        end_step();
        stop_waiting();
        if (!error) return handle();
        keep_alive_ = false;
        if (more || error == http::error::body_limit || error == http::error::header_limit)
            return reply({413, "text/plain", "the request is too large\n"});
        reply({400, "text/plain", "this is no HTTP request\n"});
    }

    void handle() {
        const auto& request = parser_->get();
        const std::string_view target = request.target();
        keep_alive_ = request.keep_alive();
        head_only_ = request.method() == http::verb::head;
        if (auto refusal = refuse_browser()) return reply(std::move(*refusal));
        const bool reads = head_only_ || request.method() == http::verb::get;
        const auto form = dump_form_of(target);
        if (reads && form) return begin_dump(*form);
        if (reads && target == snapshot_path) return begin_snapshot();
        if (request.method() != http::verb::post)
            return reply(answer(request.method_string(), target, shared_.source));
        if (target == snapshot_path) return reply(order_snapshot());
        shared_.orders.order(target, [self = shared_from_this()](AdminAnswer answer) {
            self->reply(std::move(answer));
        });
    }

    // A page in somebody's browser can send requests to this machine, and says where it is from;
    // one whose host name is made to mean this machine may read the answers, too, and says that
    // name.
    std::optional<AdminAnswer> refuse_browser() const {
        constexpr unsigned http_1_1 = 11;
        const auto& request = parser_->get();
        if (request.count(http::field::origin) > 0)
            return AdminAnswer{403, "text/plain", "web pages are not served\n"};
        const std::size_t hosts = request.count(http::field::host);
        if (hosts > 1 || (hosts == 0 && request.version() >= http_1_1))
            return AdminAnswer{400, "text/plain", "give one Host\n"};
        if (hosts == 0 || may_ask(request[http::field::host], shared_.source.host_names()))
            return std::nullopt;
        return AdminAnswer{
            403, "text/plain",
            "the Host of the request is no name of this node: ask it by an address, as "
            "localhost, or by a host name of config.json or of a member\n"};
    }

    // Sends all of `bytes`; `next` is called in another turn of the event loop.
    void write(std::string bytes, Next next) {
        output_ = std::move(bytes);
        sent_ = 0;
        next_ = next;
        begin_step(shared_.patience.request);
        wait(stream_descriptor::wait_write, &Connection::send);
    }

    void send() {
        const auto slice = std::string_view(output_).substr(sent_, sent_in_a_turn);
        const ssize_t count =
            ::send(socket_.native_handle(), slice.data(), slice.size(), MSG_NOSIGNAL);
        if (count < 0 && errno != EAGAIN && errno != EINTR) return;
        if (count > 0) sent_ += static_cast<std::size_t>(count);
        if (sent_ < output_.size()) return wait(stream_descriptor::wait_write, &Connection::send);
        end_step();
        (this->*next_)();
    }

    // `extra` are the lines that say how long the body is, or how its end is known.
    std::string head(unsigned status, std::string_view content_type, std::string_view extra) const {
        return fmt::format("HTTP/1.1 {} {}\r\nContent-Type: {}\r\n{}{}\r\n", status,
                           std::string_view(http::obsolete_reason(http::int_to_status(status))),
                           content_type, keep_alive_ ? "" : "Connection: close\r\n", extra);
    }

    static std::string length(std::uint64_t bytes) {
        return fmt::format("Content-Length: {}\r\n", bytes);
    }

    void reply(AdminAnswer answer) {
        constexpr unsigned no_content = 204;  // which has no length either
        std::string extra = answer.status == no_content ? "" : length(answer.body.size());
        if (!answer.allow.empty()) extra += fmt::format("Allow: {}\r\n", answer.allow);
        if (head_only_) answer.body.clear();
        answer.body.insert(0, head(answer.status, answer.content_type, extra));
        write(std::move(answer.body), &Connection::end_answer);
    }

    void end_answer() {
        if (keep_alive_) return read(shared_.patience.idle);
        ::shutdown(socket_.native_handle(), SHUT_WR);
    }

    // A body of any length, made while it is sent, in a chunk for each piece. Its end is marked; so
    // one that was cut off is known as such.
    void begin_dump(DumpForm form) {
        keep_alive_ = false;
        if (counts_->dumps >= max_dumps)
            return reply({503, "text/plain", "another dump is under way; try again later\n"});
        const kv::Store& store = shared_.source.store();
        if (form == DumpForm::hashes && !store.state_hash_at_hand())
            return reply({503, "text/plain",
                          "many keys have just run out, and are being removed; try again in some "
                          "seconds\n"});
        std::string begun = head(200, "application/x-ndjson", "Transfer-Encoding: chunked\r\n");
        if (head_only_) return write(std::move(begun), &Connection::end_answer);
        ++counts_->dumps;
        dump_.emplace(store, form, shared_.source.cluster_time());
        write(std::move(begun), &Connection::go_on_with_dump);
    }

    void go_on_with_dump() {
        std::string lines;
        const DumpLines::Outcome outcome = dump_->next(lines);
        if (outcome == DumpLines::Outcome::end) return write("0\r\n\r\n", &Connection::end_answer);
        // An empty chunk would be the end.
        if (!lines.empty()) lines = fmt::format("{:x}\r\n{}\r\n", lines.size(), lines);
        write(std::move(lines), outcome == DumpLines::Outcome::cut ? &Connection::break_off
                                                                   : &Connection::go_on_with_dump);
    }

    void break_off() {}

    AdminAnswer order_snapshot() {
        auto index = shared_.snapshots.order_snapshot();
        if (!index) return {409, "text/plain", index.error().message + "\n"};
        return {200, "application/json", fmt::format("{{\"index\":{}}}\n", index->value())};
    }

    // A file that is there. A reader that is slow holds nobody up, and takes no memory.
    void begin_snapshot() {
        keep_alive_ = false;
        if (counts_->snapshots >= max_snapshots)
            return reply({503, "text/plain", "another one fetches a snapshot\n"});
        auto opened = shared_.snapshots.open_snapshot();
        if (!opened) {
            const bool none = opened.error().kind == ErrorKind::failed;
            return reply({none ? 404u : 500u, "text/plain", opened.error().message + "\n"});
        }
        std::string begun = head(200, "application/octet-stream", length((*opened)->size()));
        if (head_only_) return write(std::move(begun), &Connection::end_answer);
        ++counts_->snapshots;
        snapshot_ = std::move(*opened);
        write(std::move(begun), &Connection::read_snapshot);
    }

    void read_snapshot() {
        if (snapshot_offset_ == snapshot_->size()) return end_answer();
        // The last to hold a connection must be the event loop, so the other thread keeps nothing.
        boost::asio::post(
            shared_.disk, Task([self = shared_from_this()]() mutable {
                Connection& own = *self;
                own.snapshot_piece_ = own.snapshot_->read_raw(own.snapshot_offset_, piece_bytes);
                boost::asio::post(own.shared_.io,
                                  Task([self = std::move(self)] { self->send_snapshot(); }));
            }));
    }

    // Whoever does not get all of it sees that by the length that was announced.
    void send_snapshot() {
        if (!snapshot_piece_.ok() || snapshot_piece_->empty()) {
            log::error("reading a snapshot for a backup: " +
                       (snapshot_piece_ ? "it ends early" : snapshot_piece_.error().message));
            return;
        }
        snapshot_offset_ += snapshot_piece_->size();
        write(std::move(*snapshot_piece_), &Connection::read_snapshot);
    }

    stream_descriptor socket_;
    std::optional<std::list<std::function<void()>>::iterator> place_;  // while it has yet to ask
    bool counted_ = true;
    boost::asio::steady_timer timer_;
    std::uint64_t step_ = 0;  // that the timer is for, if it is under way
    std::string input_;       // not yet understood
    std::optional<http::request_parser<http::empty_body>> parser_;
    std::string output_;  // on its way, from sent_ on
    std::size_t sent_ = 0;
    Next next_ = nullptr;
    bool keep_alive_ = false;
    bool head_only_ = false;  // HEAD: as GET, without the body
    const AdminShared& shared_;
    std::optional<DumpLines> dump_;
    std::unique_ptr<storage::SnapshotReader> snapshot_;
    std::uint64_t snapshot_offset_ = 0;
    Result<std::string> snapshot_piece_ = std::string();
    const std::shared_ptr<AdminCounts> counts_;  // may be the last to hold it
};

}  // namespace

void serve_admin(int fd, const AdminShared& shared) {
    std::make_shared<Connection>(fd, shared)->read(shared.patience.request);
}

}  // namespace raftkv::server
