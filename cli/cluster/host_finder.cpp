#include "cli/cluster/host_finder.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <chrono>
#include <condition_variable>
#include <future>
#include <map>
#include <mutex>
#include <stop_token>
#include <thread>
#include <utility>
#include <vector>

namespace raftkv::cli {

namespace {

constexpr std::chrono::milliseconds asked_every{1000};

}  // namespace

struct HostFinder::Impl {
    Impl(boost::asio::io_context& io, OnFound call)
        : context(io),
          on_found(std::move(call)),
          thread([this](const std::stop_token& stop) { look_up(stop); }) {}

    // All names at the same time.
    void look_up(const std::stop_token& stop) {
        std::unique_lock lock(mutex);
        while (!stop.stop_requested()) {
            changed.wait(lock, stop, [this] { return !hosts.empty(); });
            std::vector<std::pair<NodeId, std::future<Whereabouts>>> asked;
            for (const auto& [id, host] : hosts)
                asked.emplace_back(id, std::async(std::launch::async, whereabouts_of, host));
            lock.unlock();
            for (auto& [id, answer] : asked) take(id, answer.get());
            lock.lock();
            changed.wait_for(lock, stop, asked_every, [] { return false; });
        }
    }

    void take(NodeId id, const Whereabouts& where) {
        if (!where.is_known) return;
        std::lock_guard lock(mutex);
        if (hosts.erase(id) == 0) return;
        boost::asio::post(context, [call = on_found, id, where] { call(id, where); });
    }

    boost::asio::io_context& context;
    const OnFound on_found;
    std::mutex mutex;
    std::condition_variable_any changed;
    std::map<NodeId, std::string> hosts;
    std::jthread thread;  // the last member: it uses the others
};

HostFinder::HostFinder(boost::asio::io_context& context, OnFound on_found)
    : impl_(std::make_unique<Impl>(context, std::move(on_found))) {}

HostFinder::~HostFinder() = default;

void HostFinder::add(NodeId id, const std::string& host) {
    std::lock_guard lock(impl_->mutex);
    impl_->hosts[id] = host;
    impl_->changed.notify_all();
}

void HostFinder::remove(NodeId id) {
    std::lock_guard lock(impl_->mutex);
    impl_->hosts.erase(id);
}

}  // namespace raftkv::cli
