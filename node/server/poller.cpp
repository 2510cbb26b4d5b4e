#include "node/server/poller.hpp"

#include <sys/epoll.h>
#include <unistd.h>

#include <array>
#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <cerrno>

#include "common/check.hpp"

namespace raftkv::server {
namespace {

constexpr int events_per_round = 256;

epoll_event to_event(Pollable& target, Interest interest) {
    epoll_event event{};
    if (interest.read) event.events |= EPOLLIN;
    if (interest.write) event.events |= EPOLLOUT;
    if (interest.edge) event.events |= EPOLLET;
    event.data.ptr = &target;
    return event;
}

Readiness to_readiness(std::uint32_t events) {
    return {.readable = (events & EPOLLIN) != 0,
            .writable = (events & EPOLLOUT) != 0,
            .hung_up = (events & (EPOLLERR | EPOLLHUP)) != 0};
}

}  // namespace

struct Poller::Impl {
    explicit Impl(boost::asio::io_context& io) : set(io, ::epoll_create1(EPOLL_CLOEXEC)) {
        RAFTKV_CHECK(set.native_handle() >= 0);
        wait();
    }

    void wait() {
        set.async_wait(boost::asio::posix::stream_descriptor::wait_read,
                       [this](const boost::system::error_code& error) {
                           if (error) return;  // the poller is going away
                           dispatch();
                           wait();
                       });
    }

    // What does not fit into one round keeps the set readable and comes with the next.
    void dispatch() {
        int count = ::epoll_wait(set.native_handle(), events.data(), events_per_round, 0);
        for (int i = 0; i < count; ++i) {
            static_cast<Pollable*>(events[i].data.ptr)->on_ready(to_readiness(events[i].events));
        }
    }

    boost::asio::posix::stream_descriptor set;
    std::array<epoll_event, events_per_round> events{};
};

Poller::Poller(boost::asio::io_context& io) : impl_(std::make_unique<Impl>(io)) {}
Poller::~Poller() = default;

bool Poller::add(int fd, Pollable& target, Interest interest) {
    epoll_event event = to_event(target, interest);
    return ::epoll_ctl(impl_->set.native_handle(), EPOLL_CTL_ADD, fd, &event) == 0;
}

void Poller::change(int fd, Pollable& target, Interest interest) {
    epoll_event event = to_event(target, interest);
    RAFTKV_CHECK(::epoll_ctl(impl_->set.native_handle(), EPOLL_CTL_MOD, fd, &event) == 0);
}

void Poller::remove(int fd) {
    RAFTKV_CHECK(::epoll_ctl(impl_->set.native_handle(), EPOLL_CTL_DEL, fd, nullptr) == 0);
}

}  // namespace raftkv::server
