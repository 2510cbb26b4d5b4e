#include "cli/cluster/status_poller.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <chrono>
#include <condition_variable>
#include <mutex>
#include <stop_token>
#include <thread>

namespace raftkv::cli {

namespace {

constexpr std::chrono::milliseconds every{200};
constexpr std::chrono::milliseconds answer_within{500};

}  // namespace

struct StatusPoller::Thread {
    Thread(boost::asio::io_context& context, const ServerConfig& server, std::size_t index,
           const OnStatus& on_status)
        : thread([&context, server, index, on_status](const std::stop_token& stop) {
              poll(context, server, index, on_status, stop);
          }) {}

    static void poll(boost::asio::io_context& context, const ServerConfig& server,
                     std::size_t index, const OnStatus& on_status, const std::stop_token& stop) {
        std::mutex mutex;
        std::condition_variable_any stopped;
        while (!stop.stop_requested()) {
            auto status = fetch_status(server.admin_host, server.admin_port, answer_within);
            // Somebody else's node may answer on that port.
            std::optional<NodeStatus> answer;
            if (status && status->id == server.id) answer = *status;
            boost::asio::post(context, [on_status, index, answer = std::move(answer)]() mutable {
                on_status(index, std::move(answer));
            });
            std::unique_lock lock(mutex);
            stopped.wait_for(lock, stop, every, [] { return false; });
        }
    }

    std::jthread thread;
};

StatusPoller::StatusPoller(boost::asio::io_context& context,
                           const std::vector<ServerConfig>& servers, const OnStatus& on_status) {
    for (std::size_t index = 0; index < servers.size(); ++index) {
        threads_.push_back(std::make_unique<Thread>(context, servers[index], index, on_status));
    }
}

StatusPoller::~StatusPoller() {
    // All at once, then one after the other.
    for (auto& thread : threads_) thread->thread.request_stop();
}

}  // namespace raftkv::cli
