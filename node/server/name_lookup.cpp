#include "node/server/name_lookup.hpp"

#include <arpa/inet.h>
#include <netdb.h>

#include <algorithm>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <condition_variable>
#include <cstring>
#include <mutex>
#include <system_error>
#include <thread>
#include <utility>

#include "common/log.hpp"

namespace raftkv::server {
namespace {

constexpr std::chrono::seconds first_interval{10};
constexpr std::chrono::seconds longest_interval{600};

Result<Endpoints> look_up(const std::string& host, std::uint16_t port, bool passive) {
    addrinfo hints{};
    hints.ai_family = AF_UNSPEC;
    hints.ai_socktype = SOCK_STREAM;
    hints.ai_flags = AI_NUMERICSERV | (passive ? AI_PASSIVE : 0);
    addrinfo* list = nullptr;
    const int code = ::getaddrinfo(host.c_str(), std::to_string(port).c_str(), &hints, &list);
    if (code != 0) return Error{ErrorKind::unavailable, ::gai_strerror(code)};
    Endpoints endpoints;
    for (const addrinfo* item = list; item != nullptr; item = item->ai_next) {
        boost::asio::ip::tcp::endpoint endpoint;
        if (item->ai_addrlen > endpoint.capacity()) continue;
        std::memcpy(endpoint.data(), item->ai_addr, item->ai_addrlen);
        endpoint.resize(item->ai_addrlen);
        endpoints.push_back(endpoint);
    }
    ::freeaddrinfo(list);
    return endpoints;
}

bool answered_without_network(const std::string& host) {
    in6_addr ignored{};
    return host == "localhost" || ::inet_pton(AF_INET, host.c_str(), &ignored) == 1 ||
           ::inet_pton(AF_INET6, host.c_str(), &ignored) == 1;
}

}  // namespace

struct NameLookup::State : std::enable_shared_from_this<NameLookup::State> {
    State(boost::asio::io_context& io_in, std::string host_in, std::uint16_t port_in,
          bool passive_in)
        : host(std::move(host_in)), port(port_in), passive(passive_in), io(&io_in) {}

    void start() {
        {
            std::lock_guard lock(mutex);
            if (under_way) return;
            under_way = true;
        }
        if (answered_without_network(host)) return finish(look_up(host, port, passive));
        try {
            std::thread([self = shared_from_this()] {
                self->finish(look_up(self->host, self->port, self->passive));
            }).detach();
        } catch (const std::system_error& error) {
            finish(Error{ErrorKind::unavailable, error.what()});
        }
    }

    void finish(Result<Endpoints> result) {
        std::lock_guard lock(mutex);
        under_way = false;
        found = std::move(result);
        done.notify_all();
        if (io == nullptr) return;
        boost::asio::post(*io, [weak = weak_from_this()] {
            if (const auto self = weak.lock()) self->hand_over();
        });
    }

    void hand_over() {
        OnFound call;
        std::optional<Result<Endpoints>> result;
        {
            std::lock_guard lock(mutex);
            if (io == nullptr || !found) return;
            call = std::exchange(on_found, nullptr);
            if (!call) return;
            result = std::exchange(found, std::nullopt);
        }
        call(std::move(*result));
    }

    const std::string host;
    const std::uint16_t port;
    const bool passive;
    std::mutex mutex;
    std::condition_variable done;
    boost::asio::io_context* io;  // nothing: nobody waits any more
    OnFound on_found;
    bool under_way = false;
    std::optional<Result<Endpoints>> found;
};

NameLookup::NameLookup(boost::asio::io_context& io, std::string host, std::uint16_t port,
                       bool passive)
    : state_(std::make_shared<State>(io, std::move(host), port, passive)) {}

NameLookup::~NameLookup() {
    std::lock_guard lock(state_->mutex);
    state_->io = nullptr;
    state_->on_found = nullptr;
}

void NameLookup::begin(OnFound on_found) {
    {
        std::lock_guard lock(state_->mutex);
        state_->on_found = std::move(on_found);
        if (!state_->under_way) state_->found.reset();
    }
    state_->start();
}

std::optional<Result<Endpoints>> NameLookup::wait(std::chrono::milliseconds timeout) {
    state_->start();
    std::unique_lock lock(state_->mutex);
    if (!state_->done.wait_for(lock, timeout, [&] { return state_->found.has_value(); }))
        return std::nullopt;
    return std::exchange(state_->found, std::nullopt);
}

void NameReports::failed(const std::string& reason) {
    const auto now = std::chrono::steady_clock::now();
    if (interval_.count() > 0 && now < next_) return;
    interval_ = std::clamp(interval_ * 3, first_interval, longest_interval);
    next_ = now + interval_;
    log::warn(
        "the host name \"" + host_ + "\" does not resolve (" + reason +
        "): trying again, without end; correct the name in config.json, /etc/hosts or the name "
        "server if this stays");
}

void NameReports::found() {
    if (interval_.count() > 0) log::info("the host name \"" + host_ + "\" resolves now");
    interval_ = std::chrono::seconds(0);
}

}  // namespace raftkv::server
