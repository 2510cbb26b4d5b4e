#include "node/server/faults/fault_control.hpp"

#include <sys/stat.h>

#include <boost/asio/buffer.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/write.hpp>
#include <cerrno>
#include <chrono>
#include <functional>
#include <system_error>
#include <utility>

#include "common/faults/control_socket.hpp"
#include "common/log.hpp"
#include "common/private_files.hpp"
#include "common/socket_path.hpp"
#include "node/server/faults/fault_commands.hpp"

namespace raftkv::server {
namespace {

namespace asio = boost::asio;
using asio::local::stream_protocol;
using boost::system::error_code;
using std::chrono::milliseconds;

constexpr int most_sessions = 16;
// Of a client that says nothing, or does not read its answer.
constexpr std::chrono::seconds patience{60};
// How exactly faults end and messages arrive, while there are any.
constexpr milliseconds pace{1};
// Out of descriptors: trying again at once would only spin.
constexpr milliseconds accept_pause{100};

using Answer = std::function<std::string(std::string_view line)>;

// One client. Lives as long as something is under way on it, and holds one line and one answer: it
// reads on only when the answer has gone.
class Session : public std::enable_shared_from_this<Session> {
  public:
    Session(stream_protocol::socket socket, Answer answer, std::shared_ptr<void> place)
        : socket_(std::move(socket)),
          patience_(socket_.get_executor()),
          answer_(std::move(answer)),
          place_(std::move(place)) {}

    void read() {
        patience_.expires_after(patience);
        patience_.async_wait([self = shared_from_this()](const error_code& error) {
            if (!error) self->close();
        });
        asio::async_read_until(
            socket_, asio::dynamic_buffer(received_, longest_fault_line), '\n',
            [self = shared_from_this()](const error_code& error, std::size_t size) {
                self->on_read(error, size);
            });
    }

  private:
    void on_read(const error_code& error, std::size_t size) {
        if (error == asio::error::not_found) return write("error the line has no end\n", true);
        if (error) return close();
        std::string line = received_.substr(0, size - 1);
        received_.erase(0, size);
        write(answer_(line), false);
    }

    void write(std::string answer, bool last) {
        answered_ = std::move(answer);
        asio::async_write(socket_, asio::buffer(answered_),
                          [self = shared_from_this(), last](const error_code& error, std::size_t) {
                              if (error || last) return self->close();
                              self->read();
                          });
    }

    void close() {
        patience_.cancel();
        error_code ignored;
        socket_.close(ignored);
    }

    stream_protocol::socket socket_;
    asio::steady_timer patience_;
    const Answer answer_;
    const std::shared_ptr<void> place_;  // given back when this session goes
    std::string received_;
    std::string answered_;
};

}  // namespace

struct FaultControl::Impl : std::enable_shared_from_this<Impl> {
    Impl(asio::io_context& io, std::filesystem::path file_in, Faults& faults_in)
        : acceptor(io), pause(io), timer(io), file(std::move(file_in)), faults(faults_in) {}

    void open();
    void accept();
    std::string answer(std::string_view line);
    void advance();
    void close();

    stream_protocol::acceptor acceptor;
    asio::steady_timer pause, timer;
    const std::filesystem::path file;
    Faults& faults;
    std::shared_ptr<void> places = std::make_shared<int>(0);  // each session holds a reference
    bool advancing = false;                                   // the timer runs
    bool closed = false;                                      // `faults` may be gone
};

void FaultControl::Impl::open() {
    std::filesystem::remove(file);
    SocketPath path(file);
    acceptor.open();
    // Before it has a name, so that there is no moment in which others could connect.
    if (::fchmod(acceptor.native_handle(), 0600) != 0)
        throw std::system_error(errno, std::generic_category(), "fchmod");
    acceptor.bind(stream_protocol::endpoint(path.text()));
    acceptor.listen();
}

void FaultControl::Impl::accept() {
    acceptor.async_accept(
        [self = shared_from_this()](const error_code& error, stream_protocol::socket socket) {
            if (self->closed) return;
            if (error) {
                self->pause.expires_after(accept_pause);
                return self->pause.async_wait([self](const error_code& stopped) {
                    if (!stopped && !self->closed) self->accept();
                });
            }
            if (self->places.use_count() <= most_sessions) {
                auto answer = [self](std::string_view line) { return self->answer(line); };
                std::make_shared<Session>(std::move(socket), answer, self->places)->read();
            }
            self->accept();
        });
}

std::string FaultControl::Impl::answer(std::string_view line) {
    if (closed) return "error this node ends\n";
    std::string text = answer_fault_line(line, faults);
    if (!advancing) advance();
    return text;
}

void FaultControl::Impl::advance() {
    advancing = faults.advance();
    if (!advancing) return;
    timer.expires_after(pace);
    timer.async_wait([self = shared_from_this()](const error_code& error) {
        if (!error && !self->closed) self->advance();
    });
}

void FaultControl::Impl::close() {
    closed = true;
    error_code ignored;
    acceptor.close(ignored);
    pause.cancel();
    timer.cancel();
    std::error_code gone;
    std::filesystem::remove(file, gone);
}

Result<std::unique_ptr<FaultControl>> FaultControl::open(asio::io_context& io,
                                                         const std::filesystem::path& folder,
                                                         Faults& faults) {
    auto file = folder / fault_socket_name;
    if (auto safe = check_socket_folder(folder); !safe) return safe.error();
    try {
        auto impl = std::make_shared<Impl>(io, file, faults);
        impl->open();
        impl->accept();
        log::info("allows faults: they are told over " + file.string());
        return std::unique_ptr<FaultControl>(new FaultControl(std::move(impl)));
    } catch (const std::exception& error) {
        return Error{ErrorKind::io, "cannot open " + file.string() + ": " + error.what()};
    }
}

FaultControl::FaultControl(std::shared_ptr<Impl> impl) : impl_(std::move(impl)) {}
FaultControl::~FaultControl() {
    impl_->close();
}

}  // namespace raftkv::server
