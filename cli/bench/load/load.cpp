#include "cli/bench/load/load.hpp"

#include <fmt/format.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <deque>
#include <string_view>
#include <utility>

#include "cli/bench/load/descriptor_limit.hpp"
#include "cli/bench/load/link.hpp"
#include "cli/bench/load/operations.hpp"
#include "cli/bench/load/pace.hpp"
#include "cli/bench/load/tally.hpp"
#include "cli/client/escape.hpp"
#include "cli/socket/socket.hpp"
#include "common/check.hpp"

namespace raftkv::bench {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

constexpr std::int64_t ns_per_ms = 1'000'000;
constexpr std::size_t chunk_bytes = 256 * 1024;
// How long one server may take to accept a connection before the next one is tried.
constexpr milliseconds connects_within{500};
// After a round in which no server accepted one.
constexpr std::int64_t pause_ns = 20 * ns_per_ms;
// How often connections that are silent are looked for, and closed ones opened again.
constexpr std::int64_t round_ns = 20 * ns_per_ms;

std::int64_t steady_ns() {
    return std::chrono::duration_cast<std::chrono::nanoseconds>(
               steady_clock::now().time_since_epoch())
        .count();
}

std::int64_t ns_of(double seconds) {
    return static_cast<std::int64_t>(seconds * 1e9);
}

class Load {
  public:
    Load(const LoadOptions& options, KeySpace& space)
        : options_(options),
          operations_(options.op, space, options.value_bytes),
          epoll_(epoll_create1(EPOLL_CLOEXEC)),
          chunk_(chunk_bytes),
          server_(options.start_at),
          tally_(options) {
        RAFTKV_CHECK(epoll_.get() >= 0 && !options.servers.empty());
    }

    Result<LoadResult> run();

  private:
    static constexpr std::uint64_t cancel_mark = UINT64_MAX;

    Result<void> open_all();
    void begin();
    bool reconnect(Link& link);
    void watch(const Link& link, int operation);
    Result<void> turn();
    Result<int> wait(epoll_event* events, int most);
    Result<void> take_replies(Link& link);
    Error rubbish(const Link& link, std::string_view bytes) const;
    void take(Link& link, const Answer& answer);
    void redirected(Link& link, const Operation& operation, const Answer& answer);
    void lose(Link& link, Outcome outcome);
    void look_round();
    void start_due();
    void fill(Link& link);
    bool start_next(Link& link);
    void flush(Link& link);
    bool may_start() const;
    bool is_over() const;
    std::size_t number_of(const Link& link) const {
        return static_cast<std::size_t>(&link - links_.data());
    }

    const LoadOptions& options_;
    Operations operations_;
    Descriptor epoll_;
    std::vector<char> chunk_;
    std::vector<Link> links_;
    std::size_t server_;  // where the next connection goes
    std::size_t open_ = 0, in_flight_ = 0;
    std::size_t cursor_ = 0;           // the connection that comes next, with a rate
    std::deque<Operation> to_repeat_;  // certainly not done
    Tally tally_;
    Pace pace_;
    std::int64_t now_ns_ = 0, to_ns_ = 0;
    std::int64_t next_round_ns_ = 0, try_again_ns_ = 0, last_open_ns_ = 0;
    Error trouble_{ErrorKind::unavailable, {}};  // why the last connection failed
    bool ended_ = false, stopped_ = false;
};

Result<LoadResult> Load::run() {
    if (auto opened = open_all(); !opened) return opened.error();
    begin();
    while (!is_over()) {
        if (auto turned = turn(); !turned) return turned.error();
    }
    LoadResult result = tally_.finish(now_ns_);
    result.unsent = stopped_ ? 0 : pace_.missed(to_ns_) + to_repeat_.size();
    result.interrupted = stopped_;
    return result;
}

void Load::begin() {
    now_ns_ = last_open_ns_ = steady_ns();
    pace_ = Pace(now_ns_, options_.rate);
    const bool by_time = options_.requests == 0;
    const std::int64_t from_ns = now_ns_ + (by_time ? ns_of(options_.warmup_seconds) : 0);
    to_ns_ = by_time ? from_ns + ns_of(options_.seconds) : INT64_MAX;
    tally_.begin(from_ns, to_ns_);
    if (pace_.is_open_loop()) {
        prctl(PR_SET_TIMERSLACK, 1'000UL);  // ns
    } else {
        for (Link& link : links_) fill(link);
    }
}

Result<void> Load::open_all() {
    now_ns_ = steady_ns();
    raise_descriptor_limit();
    links_.reserve(options_.clients);
    for (std::size_t i = 0; i < options_.clients; ++i) links_.emplace_back(options_.pipeline);
    for (Link& link : links_) {
        for (std::size_t tries = 0; !reconnect(link); ++tries) {
            if (tries >= options_.servers.size()) return trouble_;
        }
    }
    tally_.result().reconnects = 0;
    if (options_.cancel_fd >= 0) {
        epoll_event event{};
        event.events = EPOLLIN;
        event.data.u64 = cancel_mark;
        epoll_ctl(epoll_.get(), EPOLL_CTL_ADD, options_.cancel_fd, &event);
    }
    return {};
}

// False when that server takes none; then the next one is for the next attempt.
bool Load::reconnect(Link& link) {
    const Server& server = options_.servers[server_];
    auto socket = cli::connect_socket(server.host, server.port,
                                      steady_clock::now() + connects_within, options_.cancel_fd);
    if (!socket) {
        trouble_ = socket.error();
        server_ = (server_ + 1) % options_.servers.size();
        return false;
    }
    link.open(std::move(*socket), server_, now_ns_);
    ++open_;
    ++tally_.result().reconnects;
    watch(link, EPOLL_CTL_ADD);
    return true;
}

void Load::watch(const Link& link, int operation) {
    epoll_event event{};
    event.events = link.waits_to_send ? EPOLLIN | EPOLLOUT : EPOLLIN;
    event.data.u64 = number_of(link);
    epoll_ctl(epoll_.get(), operation, link.fd(), &event);
}

bool Load::may_start() const {
    if (stopped_) return false;
    if (options_.requests > 0) return pace_.taken() < options_.requests;
    return pace_.is_open_loop() ? !ended_ && pace_.next_ns() < to_ns_ : now_ns_ < to_ns_;
}

bool Load::is_over() const {
    if (stopped_) return true;
    if (in_flight_ > 0) return false;
    return !may_start() && (to_repeat_.empty() || now_ns_ >= to_ns_);
}

Result<void> Load::turn() {
    epoll_event events[256];
    const auto ready = wait(events, std::size(events));
    if (!ready) return ready.error();
    now_ns_ = steady_ns();
    for (int i = 0; i < *ready; ++i) {
        const epoll_event& event = events[i];
        if (event.data.u64 == cancel_mark) {
            stopped_ = true;
            epoll_ctl(epoll_.get(), EPOLL_CTL_DEL, options_.cancel_fd, nullptr);
            continue;
        }
        Link& link = links_[event.data.u64];
        if (link.is_open() && (event.events & EPOLLOUT) != 0) flush(link);
        if (!link.is_open() || (event.events & ~EPOLLOUT) == 0) continue;
        if (auto taken = take_replies(link); !taken) return taken;
    }
    if (pace_.is_open_loop()) start_due();
    ended_ = now_ns_ >= to_ns_;  // what was due and found no room is not sent any more
    tally_.advance(now_ns_);
    if (now_ns_ >= next_round_ns_) look_round();
    if (open_ > 0) last_open_ns_ = now_ns_;
    if (now_ns_ - last_open_ns_ < options_.timeout.count() * ns_per_ms) return {};
    return Error{
        ErrorKind::unavailable,
        fmt::format("for {:.3g} s no server took a connection: {}",
                    static_cast<double>(options_.timeout.count()) / 1000, trouble_.message)};
}

Result<int> Load::wait(epoll_event* events, int most) {
    std::int64_t until_ns = next_round_ns_;
    // While no connection has room, only an answer changes anything.
    if (pace_.is_open_loop() && may_start() && in_flight_ < open_ * options_.pipeline) {
        until_ns = std::min(until_ns, pace_.next_ns());
    }
    const std::int64_t wait_ns = std::max<std::int64_t>(until_ns - steady_ns(), 0);
    const timespec timeout{wait_ns / 1'000'000'000, wait_ns % 1'000'000'000};
    const int ready = epoll_pwait2(epoll_.get(), events, most, &timeout, nullptr);
    if (ready >= 0 || errno == EINTR) return std::max(ready, 0);
    return Error{ErrorKind::io, fmt::format("waiting for replies: {}", std::strerror(errno))};
}

Result<void> Load::take_replies(Link& link) {
    const Link::Input input = link.read(chunk_, now_ns_);
    if (input.lost) {
        lose(link, Outcome::lost);
        return {};
    }
    std::string_view rest = input.bytes;
    while (!rest.empty()) {
        Answer answer{.status = Answer::Status::malformed};  // where nothing was asked
        if (link.in_flight() > 0) {
            answer = options_.dialect->read(rest, link.first().verb, options_.value_bytes);
        }
        if (answer.status == Answer::Status::need_more) break;
        if (answer.status == Answer::Status::malformed) return rubbish(link, rest);
        rest.remove_prefix(answer.consumed);
        take(link, answer);
    }
    link.consume(input.bytes, input.bytes.size() - rest.size());
    if (link.is_left()) {
        lose(link, Outcome::lost);
    } else {
        fill(link);
    }
    return {};
}

Error Load::rubbish(const Link& link, std::string_view bytes) const {
    const Server& server = options_.servers[link.server()];
    return {ErrorKind::failed, fmt::format("{}:{} says what is no reply: \"{}\"", server.host,
                                           server.port, cli::client::escaped(bytes.substr(0, 60)))};
}

void Load::take(Link& link, const Answer& answer) {
    const Operation operation = link.pop();
    --in_flight_;
    if (answer.outcome == Outcome::redirect) return redirected(link, operation, answer);
    operations_.note(operation, answer);
    tally_.note(operation, answer.outcome, now_ns_);
}

// Whoever is named gets the connections from now on. A name that is not known leaves nothing but
// to ask the next one.
void Load::redirected(Link& link, const Operation& operation, const Answer& answer) {
    ++tally_.result().redirects;
    to_repeat_.push_back(operation);
    link.leave();
    const auto named =
        std::find_if(options_.servers.begin(), options_.servers.end(),
                     [&](const Server& server) { return server.id == answer.leader; });
    if (named != options_.servers.end()) {
        server_ = static_cast<std::size_t>(named - options_.servers.begin());
    } else if (server_ == link.server()) {
        server_ = (server_ + 1) % options_.servers.size();
    }
}

// The connection is over, and with that outcome what is in flight on it.
void Load::lose(Link& link, Outcome outcome) {
    if (link.in_flight() > 0 && server_ == link.server()) {
        server_ = (server_ + 1) % options_.servers.size();
    }
    while (link.in_flight() > 0) {
        const Operation operation = link.pop();
        --in_flight_;
        operations_.note(operation, {.outcome = outcome});
        tally_.note(operation, outcome, now_ns_);
    }
    link.close();
    --open_;
    next_round_ns_ = std::min(next_round_ns_, std::max(now_ns_, try_again_ns_));
}

// Opens again what is closed, and gives up what is silent.
void Load::look_round() {
    next_round_ns_ = now_ns_ + round_ns;
    std::size_t failures = 0;
    for (Link& link : links_) {
        const bool silent = link.in_flight() > 0 &&
                            now_ns_ - link.last_heard_ns() > options_.timeout.count() * ns_per_ms;
        if (link.is_open() && silent) lose(link, Outcome::timed_out);
        if (link.is_open() || is_over() || now_ns_ < try_again_ns_) continue;
        while (!reconnect(link) && ++failures < options_.servers.size()) {
        }
        if (!link.is_open()) {
            try_again_ns_ = now_ns_ + pause_ns;
        } else if (!pace_.is_open_loop()) {
            fill(link);
        }
    }
}

// With a rate: what is due goes to the connections in turn.
void Load::start_due() {
    while (in_flight_ < open_ * options_.pipeline &&
           (!to_repeat_.empty() || (may_start() && pace_.is_due(now_ns_)))) {
        std::size_t looked_at = 0;
        while (!links_[cursor_].has_room() && looked_at++ < links_.size()) {
            cursor_ = (cursor_ + 1) % links_.size();
        }
        Link& link = links_[cursor_];
        cursor_ = (cursor_ + 1) % links_.size();
        if (!start_next(link)) return;
        flush(link);
    }
}

void Load::fill(Link& link) {
    while (start_next(link)) {
    }
    if (link.is_open() && link.has_output() && !link.waits_to_send) flush(link);
}

// False when there is no room, or nothing to start.
bool Load::start_next(Link& link) {
    if (!link.has_room()) return false;
    Operation operation;
    if (!to_repeat_.empty() && !stopped_) {
        operation = to_repeat_.front();
        to_repeat_.pop_front();
    } else if (may_start() && pace_.is_due(now_ns_)) {
        operation = operations_.choose();
        operation.began_ns = pace_.take(now_ns_);
        operation.counts = tally_.counts(operation.began_ns);
    } else {
        return false;
    }
    operations_.append(*options_.dialect, operation, link.out());
    link.push(operation);
    ++in_flight_;
    return true;
}

void Load::flush(Link& link) {
    if (!link.flush()) {
        lose(link, Outcome::lost);
        return;
    }
    if (link.has_output() == link.waits_to_send) return;
    link.waits_to_send = link.has_output();
    watch(link, EPOLL_CTL_MOD);
}

}  // namespace

Result<LoadResult> run_load(const LoadOptions& options, KeySpace& space) {
    return Load(options, space).run();
}

}  // namespace raftkv::bench
