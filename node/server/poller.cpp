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
    explicit Impl(boost::asio::io_context& io)
        : set(io, ::epoll_create1(EPOLL_CLOEXEC)), urgent(io, ::epoll_create1(EPOLL_CLOEXEC)) {
        RAFTKV_CHECK(set.native_handle() >= 0 && urgent.native_handle() >= 0);
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

    // What does not fit into one round keeps the set readable and comes with the next; but first
    // what is urgent.
    void dispatch() {
        if (crowded) dispatch_from(urgent);
        crowded = dispatch_from(set) == events_per_round;
    }

    int dispatch_from(boost::asio::posix::stream_descriptor& from) {
        int count = ::epoll_wait(from.native_handle(), events.data(), events_per_round, 0);
        for (int i = 0; i < count; ++i) {
            static_cast<Pollable*>(events[i].data.ptr)->on_ready(to_readiness(events[i].events));
        }
        return count;
    }

    // Of both sets, for what is urgent.
    bool control(int operation, int fd, epoll_event event, bool is_urgent) {
        if (::epoll_ctl(set.native_handle(), operation, fd, &event) != 0) return false;
        return !is_urgent || ::epoll_ctl(urgent.native_handle(), operation, fd, &event) == 0;
    }

    boost::asio::posix::stream_descriptor set, urgent;
    bool crowded = false;
    std::array<epoll_event, events_per_round> events{};
};

Poller::Poller(boost::asio::io_context& io) : impl_(std::make_unique<Impl>(io)) {}
Poller::~Poller() = default;

bool Poller::add(int fd, Pollable& target, Interest interest) {
    if (impl_->control(EPOLL_CTL_ADD, fd, to_event(target, interest), interest.urgent)) return true;
    ::epoll_ctl(impl_->set.native_handle(), EPOLL_CTL_DEL, fd, nullptr);
    return false;
}

void Poller::change(int fd, Pollable& target, Interest interest) {
    RAFTKV_CHECK(impl_->control(EPOLL_CTL_MOD, fd, to_event(target, interest), interest.urgent));
}

void Poller::remove(int fd) {
    RAFTKV_CHECK(::epoll_ctl(impl_->set.native_handle(), EPOLL_CTL_DEL, fd, nullptr) == 0);
    ::epoll_ctl(impl_->urgent.native_handle(), EPOLL_CTL_DEL, fd, nullptr);  // if it is there
}

}  // namespace raftkv::server
