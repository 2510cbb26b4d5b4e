#include "cli/cluster/status_poller.hpp"

#include <atomic>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <chrono>
#include <condition_variable>
#include <mutex>
#include <stop_token>
#include <thread>

namespace raftkv::cli {

namespace {

constexpr std::chrono::milliseconds status_every{200};
constexpr std::chrono::milliseconds status_answer_within{500};

}  // namespace

struct StatusPoller::Thread {
    Thread(boost::asio::io_context& context, const ServerConfig& server, const OnStatus& on_status)
        : id(server.id), thread([this, &context, server, on_status](const std::stop_token& stop) {
              poll(context, server, on_status, stop);
              ended = true;
          }) {}

    static void poll(boost::asio::io_context& context, const ServerConfig& server,
                     const OnStatus& on_status, const std::stop_token& stop) {
        std::mutex mutex;
        std::condition_variable_any stopped;
        while (!stop.stop_requested()) {
            auto status = fetch_status(server.admin_host, server.admin_port, status_answer_within);
            // Somebody else's node may answer on that port.
            std::optional<NodeStatus> answer;
            if (status && status->id == server.id) answer = *status;
            if (stop.stop_requested()) return;
            boost::asio::post(context,
                              [on_status, id = server.id, answer = std::move(answer)]() mutable {
                                  on_status(id, std::move(answer));
                              });
            std::unique_lock lock(mutex);
            stopped.wait_for(lock, stop, status_every, [] { return false; });
        }
    }

    const NodeId id;
    std::atomic<bool> ended = false;
    std::jthread thread;  // the last member: it uses the others
};

StatusPoller::StatusPoller(boost::asio::io_context& context, const OnStatus& on_status)
    : context_(context), on_status_(on_status) {}

void StatusPoller::add(const ServerConfig& server) {
    threads_.push_back(std::make_unique<Thread>(context_, server, on_status_));
}

// Nobody waits here for one that is asking: it is destroyed with the poller, or when that is quick.
void StatusPoller::remove(NodeId id) {
    std::erase_if(ending_, [](const auto& thread) { return thread->ended.load(); });
    for (auto& thread : threads_) {
        if (thread->id != id) continue;
        thread->thread.request_stop();
        ending_.push_back(std::move(thread));
    }
    std::erase(threads_, nullptr);
}

StatusPoller::~StatusPoller() {
    // All at once, then one after the other.
    for (auto& thread : threads_) thread->thread.request_stop();
}

}  // namespace raftkv::cli
