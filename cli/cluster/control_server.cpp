#include "cli/cluster/control_server.hpp"

#include <fmt/format.h>
#include <sys/stat.h>

#include <boost/asio/buffer.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/write.hpp>
#include <chrono>
#include <string>
#include <system_error>
#include <utility>

#include "common/private_files.hpp"
#include "common/socket_path.hpp"

namespace raftkv::cli {

namespace {

namespace asio = boost::asio;
using boost::system::error_code;
using Socket = asio::local::stream_protocol::socket;

constexpr std::size_t most_unsent = 4 << 20;
constexpr int most_sessions = 64;
// Half a request and then silence must not hold one of the few places for ever.
constexpr std::chrono::seconds request_within{60};

class Session : public ControlSession, public std::enable_shared_from_this<Session> {
  public:
    Session(Socket socket, const ControlServer::Handler& handler, std::shared_ptr<void> place)
        : socket_(std::move(socket)),
          patience_(socket_.get_executor()),
          handler_(handler),
          place_(std::move(place)) {}

    void start() { await_request(); }

    void send(const ControlReply& reply) override {
        if (!open_) return;
        unsent_ += to_line(reply) + "\n";
        if (unsent_.size() > most_unsent) return close();
        busy_ = busy_ && !reply.is_last();
        if (!writing_) write();
        if (!busy_) await_request();
    }

    void when_sent(std::function<void()> then) override {
        if (!writing_) return then();
        when_sent_ = std::move(then);
    }

    bool is_open() const override { return open_; }

  private:
    void await_request() {
        if (!open_ || busy_ || reading_) return;
        reading_ = true;
        patience_.expires_after(request_within);
        patience_.async_wait([self = shared_from_this()](error_code ec) {
            if (!ec) self->close();
        });
        asio::async_read_until(socket_, asio::dynamic_buffer(received_, longest_request_line), '\n',
                               [self = shared_from_this()](error_code ec, std::size_t size) {
                                   self->on_line(ec, size);
                               });
    }

    void on_line(error_code ec, std::size_t size) {
        reading_ = false;
        patience_.cancel();
        // After the end, or a line without end, nothing that makes sense can follow.
        if (ec) return finish();
        std::string line = received_.substr(0, size - 1);
        received_.erase(0, size);
        busy_ = true;
        auto request = parse_request(line);
        if (request) return handler_(shared_from_this(), *request);
        finishing_ = true;
        send(failed_reply(request.error()));
    }

    void write() {
        writing_ = true;
        in_flight_ = std::exchange(unsent_, {});
        asio::async_write(
            socket_, asio::buffer(in_flight_),
            [self = shared_from_this()](error_code ec, std::size_t) { self->on_written(ec); });
    }

    void on_written(error_code ec) {
        writing_ = false;
        if (ec) {
            close();
            return tell_that_all_is_sent();
        }
        if (!unsent_.empty()) return write();
        tell_that_all_is_sent();
        if (finishing_) close();
    }

    void tell_that_all_is_sent() {
        if (when_sent_) std::exchange(when_sent_, nullptr)();
    }

    // Closes once everything is written.
    void finish() {
        finishing_ = true;
        if (!writing_) close();
    }

    void close() {
        if (!std::exchange(open_, false)) return;
        patience_.cancel();
        error_code ignored;
        socket_.close(ignored);
    }

    Socket socket_;
    asio::steady_timer patience_;
    const ControlServer::Handler handler_;
    std::shared_ptr<void> place_;  // given back when this session goes
    std::string received_;
    std::string unsent_;
    std::string in_flight_;
    std::function<void()> when_sent_;
    bool open_ = true;
    bool busy_ = false;  // from a request to its last reply
    bool reading_ = false;
    bool writing_ = false;
    bool finishing_ = false;
};

}  // namespace

class ControlServer::Listener : public std::enable_shared_from_this<Listener> {
  public:
    Listener(asio::io_context& context, std::filesystem::path file, Handler handler)
        : acceptor_(context),
          pause_(context),
          file_(std::move(file)),
          handler_(std::move(handler)) {}

    void open() {
        std::filesystem::remove(file_);
        SocketPath path(file_);
        acceptor_.open();
        acceptor_.bind(asio::local::stream_protocol::endpoint(path.text()));
        // Until it listens nobody can connect.
        if (::chmod(file_.c_str(), 0600) != 0) {
            throw std::system_error(errno, std::generic_category(), "chmod");
        }
        acceptor_.listen();
    }

    void accept() {
        acceptor_.async_accept([self = shared_from_this()](error_code ec, Socket socket) {
            if (ec == asio::error::operation_aborted) return;
            if (ec) return self->accept_later();
            self->take(std::move(socket));
            self->accept();
        });
    }

    void close() {
        error_code ignored;
        acceptor_.close(ignored);
        pause_.cancel();
        std::error_code gone;
        std::filesystem::remove(file_, gone);
    }

  private:
    void take(Socket socket) {
        if (places_.use_count() > most_sessions) return;
        std::make_shared<Session>(std::move(socket), handler_, places_)->start();
    }

    // Out of descriptors: trying again at once would only spin.
    void accept_later() {
        pause_.expires_after(std::chrono::milliseconds(100));
        pause_.async_wait([self = shared_from_this()](error_code ec) {
            if (!ec) self->accept();
        });
    }

    asio::local::stream_protocol::acceptor acceptor_;
    asio::steady_timer pause_;
    std::filesystem::path file_;
    Handler handler_;
    std::shared_ptr<void> places_ = std::make_shared<int>(0);  // each session holds a reference
};

Result<std::unique_ptr<ControlServer>> ControlServer::listen(asio::io_context& context,
                                                             const std::filesystem::path& socket,
                                                             Handler handler) {
    if (auto folder = check_socket_folder(socket.parent_path()); !folder) return folder.error();
    try {
        auto listener = std::make_shared<Listener>(context, socket, std::move(handler));
        listener->open();
        listener->accept();
        return std::unique_ptr<ControlServer>(new ControlServer(std::move(listener)));
    } catch (const std::exception& error) {
        return Error{ErrorKind::io, fmt::format("opening the control socket {}: {}",
                                                socket.string(), error.what())};
    }
}

ControlServer::ControlServer(std::shared_ptr<Listener> listener) : listener_(std::move(listener)) {}
ControlServer::~ControlServer() {
    listener_->close();
}

}  // namespace raftkv::cli
