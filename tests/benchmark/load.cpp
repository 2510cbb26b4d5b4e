#include "tests/benchmark/load.hpp"

#include <fmt/format.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <utility>
#include <vector>

namespace raftkv::benchmark {

namespace {

using Clock = std::chrono::steady_clock;
constexpr std::size_t key_bytes = 16;
constexpr auto silence_limit = std::chrono::seconds(15);

double seconds_between(Clock::time_point from, Clock::time_point to) {
    return std::chrono::duration<double>(to - from).count();
}

double cpu_seconds() {
    rusage usage{};
    getrusage(RUSAGE_SELF, &usage);
    auto seconds = [](const timeval& t) {
        return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_usec) / 1e6;
    };
    return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

class Descriptor {
  public:
    explicit Descriptor(int fd) : fd_(fd) {}
    Descriptor(Descriptor&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
    Descriptor& operator=(Descriptor&& other) noexcept {
        std::swap(fd_, other.fd_);
        return *this;
    }
    ~Descriptor() {
        if (fd_ >= 0) {
            close(fd_);
        }
    }
    int get() const { return fd_; }

  private:
    int fd_;
};

Error lost(const std::string& what) {
    return Error{ErrorKind::unavailable, what};
}

Result<Descriptor> connect_to(const std::string& host, std::uint16_t port) {
    addrinfo hints{};
    hints.ai_socktype = SOCK_STREAM;
    addrinfo* found = nullptr;
    if (int error = getaddrinfo(host.c_str(), std::to_string(port).c_str(), &hints, &found)) {
        return lost(fmt::format("cannot resolve {}: {}", host, gai_strerror(error)));
    }
    Result<Descriptor> result = lost(fmt::format("cannot connect to {}:{}", host, port));
    for (const addrinfo* address = found; address != nullptr && !result;
         address = address->ai_next) {
        Descriptor fd(socket(address->ai_family, SOCK_STREAM | SOCK_CLOEXEC, 0));
        if (connect(fd.get(), address->ai_addr, address->ai_addrlen) == 0) {
            int on = 1;
            setsockopt(fd.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
            result = std::move(fd);
        }
    }
    freeaddrinfo(found);
    return result;
}

// Makes the keys of a run, without an allocation for each.
class Keys {
  public:
    explicit Keys(const LoadOptions& options) : options_(options) {
        std::copy_n(options.key_prefix.begin(), std::min(options.key_prefix.size(), key_bytes - 10),
                    text_.begin());
    }

    std::string_view next() {
        std::uint64_t number = count_++;
        if (options_.versions != nullptr) {
            number %= options_.versions->size();
        }
        if (options_.operation == Operation::get) {
            number = number * 7'919'777 % std::max<std::uint64_t>(options_.keys, 1);
        }
        number_ = number;
        std::size_t digits_from = std::min(options_.key_prefix.size(), key_bytes - 10);
        for (std::size_t at = key_bytes; at > digits_from; number /= 10) {
            text_[--at] = static_cast<char>('0' + number % 10);
        }
        return {text_.data(), text_.size()};
    }

    std::uint64_t count() const { return count_; }
    // Of the last key.
    std::uint64_t number() const { return number_; }

  private:
    const LoadOptions& options_;
    std::array<char, key_bytes> text_{};
    std::uint64_t count_ = 0, number_ = 0;
};

struct Connection {
    Descriptor fd;
    std::vector<Clock::time_point> sent{};    // a ring of `pipeline` places
    std::vector<std::uint64_t> numbers{};     // likewise, of the keys
    std::uint64_t requests = 0, replies = 0;  // ever
    std::string in{};                         // the start of a reply
    std::string out{};                        // what the socket did not take yet
    bool waits_to_send = false;
};

class Load {
  public:
    explicit Load(const LoadOptions& options)
        : options_(options),
          keys_(options),
          value_(options.value_bytes, 'v'),
          epoll_(epoll_create1(EPOLL_CLOEXEC)),
          chunk_(256 * 1024) {}

    Result<LoadResult> run() {
        if (auto opened = open_connections(); !opened) {
            return opened.error();
        }
        start_ = Clock::now();
        double cpu_before = cpu_seconds();
        for (Connection& connection : connections_) {
            if (auto sent = refill(connection, start_); !sent) {
                return sent.error();
            }
        }
        while (in_flight_ > 0) {
            if (auto turned = turn(); !turned) {
                return turned.error();
            }
        }
        double cpu = cpu_seconds() - cpu_before;
        return summarize(cpu / seconds_between(start_, Clock::now()));
    }

  private:
    Result<void> open_connections() {
        for (std::size_t i = 0; i < options_.connections; ++i) {
            Result<Descriptor> fd = connect_to(options_.host, options_.port);
            if (!fd) {
                return fd.error();
            }
            connections_.push_back({std::move(*fd)});
            connections_.back().sent.resize(options_.pipeline);
            connections_.back().numbers.resize(options_.pipeline);
        }
        for (std::size_t i = 0; i < connections_.size(); ++i) {
            epoll_event event{};
            event.events = EPOLLIN;
            event.data.u64 = i;
            epoll_ctl(epoll_.get(), EPOLL_CTL_ADD, connections_[i].fd.get(), &event);
        }
        return {};
    }

    Result<void> turn() {
        std::array<epoll_event, 64> events{};
        int limit_ms = static_cast<int>(std::chrono::milliseconds(silence_limit).count());
        int ready = epoll_wait(epoll_.get(), events.data(), events.size(), limit_ms);
        if (ready == 0) {
            return lost(fmt::format("{}:{} did not answer within {} s", options_.host,
                                    options_.port, silence_limit.count()));
        }
        for (int i = 0; i < ready; ++i) {
            const epoll_event& event = events[static_cast<std::size_t>(i)];
            Connection& connection = connections_[event.data.u64];
            Result<void> done = (event.events & (EPOLLIN | EPOLLHUP | EPOLLERR)) != 0
                                    ? take_replies(connection)
                                    : flush(connection);
            if (!done) {
                return done;
            }
        }
        return {};
    }

    Result<void> take_replies(Connection& connection) {
        ssize_t got = recv(connection.fd.get(), chunk_.data(), chunk_.size(), MSG_DONTWAIT);
        if (got <= 0) {
            if (got < 0 && (errno == EAGAIN || errno == EINTR)) {
                return {};
            }
            return lost(fmt::format("{}:{} closed a connection", options_.host, options_.port));
        }
        Clock::time_point now = Clock::now();
        std::string_view input(chunk_.data(), static_cast<std::size_t>(got));
        if (!connection.in.empty()) {
            connection.in += input;
            input = connection.in;
        }
        std::size_t consumed = 0;
        while (true) {
            ReplyCheck check = options_.dialect->check(input.substr(consumed), options_.operation,
                                                       options_.value_bytes);
            if (check.status == ReplyCheck::Status::need_more) {
                break;
            }
            consumed += check.consumed;
            count_reply(connection, check, now);
        }
        std::string rest(input.substr(consumed));  // `input` may be a view of `in`
        connection.in = std::move(rest);
        return refill(connection, now);
    }

    void count_reply(Connection& connection, const ReplyCheck& check, Clock::time_point now) {
        bool good = check.status == ReplyCheck::Status::good;
        std::size_t place = connection.replies++ % options_.pipeline;
        Clock::time_point sent = connection.sent[place];
        if (good && options_.versions != nullptr) {
            (*options_.versions)[connection.numbers[place]] = check.version;
        }
        --in_flight_;
        double since_start = seconds_between(start_, now);
        bool counts = options_.requests > 0 ||
                      (since_start >= options_.warmup_seconds && since_start <= options_.seconds);
        if (counts) {
            bad_ += good ? 0 : 1;
            last_counted_ = now;
            latencies_us_.push_back(static_cast<float>(seconds_between(sent, now) * 1e6));
            if (options_.keep_samples) {
                samples_.push_back({now, latencies_us_.back()});
            }
        }
    }

    bool more_to_send(Clock::time_point now) const {
        return options_.requests > 0 ? keys_.count() < options_.requests
                                     : seconds_between(start_, now) < options_.seconds;
    }

    Result<void> refill(Connection& connection, Clock::time_point now) {
        while (connection.requests - connection.replies < options_.pipeline && more_to_send(now)) {
            append_request(connection.out);
            std::size_t place = connection.requests++ % options_.pipeline;
            connection.sent[place] = now;
            connection.numbers[place] = keys_.number();
            ++in_flight_;
        }
        return connection.out.empty() ? Result<void>() : flush(connection);
    }

    void append_request(std::string& out) {
        std::string_view key = keys_.next();
        if (options_.operation == Operation::get) {
            return options_.dialect->append_get(out, key);
        }
        std::uint64_t version =
            options_.versions != nullptr ? (*options_.versions)[keys_.number()] : 0;
        if (version == 0) {
            return options_.dialect->append_set(out, key, value_);
        }
        options_.dialect->append_overwrite(out, key, version, value_);
    }

    Result<void> flush(Connection& connection) {
        ssize_t sent = send(connection.fd.get(), connection.out.data(), connection.out.size(),
                            MSG_DONTWAIT | MSG_NOSIGNAL);
        if (sent < 0 && errno != EAGAIN && errno != EINTR) {
            return lost(fmt::format("sending to {}:{}: {}", options_.host, options_.port,
                                    std::strerror(errno)));
        }
        connection.out.erase(0, static_cast<std::size_t>(std::max<ssize_t>(sent, 0)));
        if (connection.out.empty() == connection.waits_to_send) {
            connection.waits_to_send = !connection.waits_to_send;
            watch(connection);
        }
        return {};
    }

    void watch(Connection& connection) {
        epoll_event event{};
        event.events = connection.waits_to_send ? EPOLLIN | EPOLLOUT : EPOLLIN;
        event.data.u64 = static_cast<std::uint64_t>(&connection - connections_.data());
        epoll_ctl(epoll_.get(), EPOLL_CTL_MOD, connection.fd.get(), &event);
    }

    LoadResult summarize(double own_cpu) {
        LoadResult result;
        result.replies = latencies_us_.size();
        result.bad_replies = bad_;
        result.keys_written = options_.operation == Operation::set ? keys_.count() : 0;
        result.own_cpu = own_cpu;
        result.samples = std::move(samples_);
        result.seconds = options_.requests > 0 ? seconds_between(start_, last_counted_)
                                               : options_.seconds - options_.warmup_seconds;
        result.per_second = static_cast<double>(result.replies) / std::max(result.seconds, 1e-9);
        if (latencies_us_.empty()) {
            return result;
        }
        std::sort(latencies_us_.begin(), latencies_us_.end());
        auto at = [&](double share) {
            return static_cast<double>(
                latencies_us_[static_cast<std::size_t>(share * double(latencies_us_.size() - 1))]);
        };
        result.p50_us = at(0.5);
        result.p90_us = at(0.9);
        result.p99_us = at(0.99);
        result.max_us = at(1);
        return result;
    }

    const LoadOptions& options_;
    Keys keys_;
    std::string value_;
    Descriptor epoll_;
    std::vector<char> chunk_;
    std::vector<Connection> connections_;
    Clock::time_point start_, last_counted_;
    std::uint64_t in_flight_ = 0, bad_ = 0;
    std::vector<float> latencies_us_;
    std::vector<Sample> samples_;
};

}  // namespace

Result<LoadResult> run_load(const LoadOptions& options) {
    return Load(options).run();
}

}  // namespace raftkv::benchmark
