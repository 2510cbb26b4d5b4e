#include "cli/cluster/members_poller.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <mutex>
#include <stop_token>
#include <thread>
#include <utility>

namespace raftkv::cli {

namespace {

constexpr std::chrono::milliseconds members_every{300};
constexpr std::chrono::milliseconds members_answer_within{500};

}  // namespace

struct MembersPoller::Impl {
    Impl(boost::asio::io_context& io, std::vector<ServerConfig> to_ask, OnMembers call)
        : context(io),
          servers(std::move(to_ask)),
          on_members(std::move(call)),
          thread([this](const std::stop_token& stop) { poll(stop); }) {}

    // One node after the other until one answers; the next time that one is asked first.
    void poll(const std::stop_token& stop) {
        std::size_t next = 0;
        std::unique_lock lock(mutex);
        while (!stop.stop_requested()) {
            if (next >= servers.size()) next = 0;
            const ServerConfig server = servers[next];
            lock.unlock();
            auto view = fetch_members_of(server, members_answer_within);
            const bool answered = view.ok();
            // One that begins with an empty folder knows the first members, and itself not.
            const bool is_sure = answered && view->committed && view->find(view->answered_by);
            if (answered)
                boost::asio::post(context, [call = on_members, known = std::move(*view)]() mutable {
                    call(std::move(known));
                });
            lock.lock();
            // Who does not know for sure may not be the one to ask.
            if (!is_sure) ++next;
            stopped.wait_for(lock, stop, members_every, [] { return false; });
        }
    }

    boost::asio::io_context& context;
    std::mutex mutex;
    std::condition_variable_any stopped;
    std::vector<ServerConfig> servers;
    const OnMembers on_members;
    std::jthread thread;  // the last member: it uses the others
};

MembersPoller::MembersPoller(boost::asio::io_context& context, std::vector<ServerConfig> servers,
                             OnMembers on_members)
    : impl_(std::make_unique<Impl>(context, std::move(servers), std::move(on_members))) {}

MembersPoller::~MembersPoller() = default;

void MembersPoller::set_servers(std::vector<ServerConfig> servers) {
    if (servers.empty()) return;
    std::lock_guard lock(impl_->mutex);
    impl_->servers = std::move(servers);
}

}  // namespace raftkv::cli
